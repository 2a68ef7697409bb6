create view cost_per_negative as
with captioned as (
    select count(*) as captions
    from positives
    where outcome = 'accepted'
),
accepted as (
    select count(*) as negatives
    from hard_negatives
    semi join negative_lists using (negative_list_id)
    where outcome = 'accepted' and level <> 'trivial'
),
worked as (
    select coalesce(sum(seconds), 0) as seconds, coalesce(sum(tokens_in), 0) as tokens_in,
        coalesce(sum(tokens_out), 0) as tokens_out
    from usage
    where stage = 'hard_negatives' and category is null and answer_id is null
),
called as (
    select count(*) as calls
    from usage
    where stage = 'hard_negatives' and answer_id is not null
),
paid(per, items, position) as (
    select 'negative', negatives, 1 from accepted
    union all
    select 'caption', captions, 2 from captioned
)
select p.per, p.items, w.seconds / nullif(p.items, 0) as seconds, c.calls / nullif(p.items, 0) as calls,
    w.tokens_in / nullif(p.items, 0) as tokens_in, w.tokens_out / nullif(p.items, 0) as tokens_out
from paid as p
cross join worked as w
cross join called as c
order by p.position;

comment on view cost_per_negative is
    'what one accepted hard negative costs (trivial ones not counted), and one accepted caption with all of its negatives: seconds of wall time, calls of language models, tokens of their questions and answers, over all runs, what was refused and rejected included; null while there is none. Calls and tokens are those that were really made: an answer that was on record costs nothing';
