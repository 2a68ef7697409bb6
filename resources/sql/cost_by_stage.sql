create view cost_by_stage as
with accepted as (
    select count(distinct instance_id) as n
    from verdicts_in_force
    where outcome = 'accepted'
)
select stage, model,
    sum(items) as items,
    sum(seconds) as seconds,
    sum(load_seconds) / nullif(sum(seconds), 0) as load_share,
    sum(seconds) / nullif(sum(items), 0) as seconds_per_item,
    sum(seconds) / nullif(any_value(accepted.n), 0) as seconds_per_accepted,
    max(peak_memory_mb) as peak_memory_mb,
    sum(tokens_in) as tokens_in,
    sum(tokens_out) as tokens_out,
    count(distinct run_id) as runs
from usage, accepted
where category is null and answer_id is null
group by all
order by seconds desc;

comment on view cost_by_stage is
    'what each stage cost, per model, over all runs: seconds are wall time, load_share is the part of them spent opening the model, seconds_per_accepted divides by all accepted instances of the project; rows of usage that name one category or one answer are left out, since they are contained in the stage''s own. What scenes drawn from layouts cost apiece is in cost_per_scene';
