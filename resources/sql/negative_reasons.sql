create view negative_reasons as
with faulty as (
    select outcome, reasons
    from hard_negatives
    where outcome <> 'accepted'
),
each as (
    select outcome, unnest(list_distinct(reasons)) as reason
    from faulty
)
select reason, count(*) as attempts, count(*) filter (outcome = 'rejected') as given_up,
    attempts / (select count(*) from faulty) as share
from each
group by reason
order by attempts desc, reason;

comment on view negative_reasons is
    'what is wrong with attempts at hard negatives: per reason their number, how many of them were the last attempt of a negative that was rejected, and their share of all faulty attempts, in [0, 1]; one attempt may have several reasons, so shares may add up to more than 1';
