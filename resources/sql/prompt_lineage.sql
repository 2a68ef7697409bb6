create view prompt_lineage as
with recursive chain as (
    select prompt_id, prompt_id as ancestor_id, 0 as generation
    from prompts
    union all
    select c.prompt_id, p.parent_id, c.generation + 1
    from chain as c
    join prompts as p on p.prompt_id = c.ancestor_id
    where p.parent_id is not null and c.generation < 100
),
outcomes as (
    select i.prompt_id,
        count(*) as generated,
        count(*) filter (v.outcome = 'accepted') as accepted,
        count(*) filter (v.outcome = 'rejected') as rejected
    from instances as i
    left join verdicts as v using (instance_id)
    where i.prompt_id is not null
    group by all
)
select c.prompt_id, c.generation, a.prompt_id as ancestor_id, a.category, a.round, a.origin, a.agent_version, a.text,
    coalesce(o.generated, 0) as generated, coalesce(o.accepted, 0) as accepted, coalesce(o.rejected, 0) as rejected
from chain as c
join prompts as a on a.prompt_id = c.ancestor_id
left join outcomes as o on o.prompt_id = a.prompt_id
order by c.prompt_id, c.generation;

comment on view prompt_lineage is
    'each prompt (generation 0) with the prompts it was rewritten from (1, 2, ... back to the first), and how many candidates each of them drew, had accepted and had rejected';
