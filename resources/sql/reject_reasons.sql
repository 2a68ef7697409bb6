create view reject_reasons as
with reasons as (
    select category, source, stage, unnest(reasons) as reason
    from verdicts_in_force
    where outcome = 'rejected'
),
rejected as (
    select category, source, count(*) as n
    from verdicts_in_force
    where outcome = 'rejected'
    group by all
)
select r.category, r.source, r.stage, r.reason, count(*) as candidates, count(*) / any_value(j.n) as share
from reasons as r
join rejected as j using (category, source)
group by all
order by r.category, r.source, candidates desc, r.reason;

comment on view reject_reasons is
    'why candidates were rejected: per category, source and reason, their number and their share of the rejected ones of that category and source, in [0, 1]; one candidate may have several reasons, so shares may add up to more than 1';
