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
        count(*) filter (v.outcome = 'rejected') as rejected,
        count(*) filter (v.outcome = 'accepted' and len(v.differs) > 0) as differing
    from instances as i
    left join verdicts_in_force as v using (instance_id)
    where i.prompt_id is not null
    group by all
),
accepting as (
    select category, "index", parent_id, text, kept, missing, extra, pairs, parent_good, good, p_better
    from prompt_probes
    where accepted
    qualify row_number() over (partition by category, "index", parent_id, text order by round, prompt_probe_id) = 1
),
refusals as (
    select parent_id, count(*) as n
    from prompt_probes
    where not accepted
    group by all
)
select c.prompt_id, c.generation, a.prompt_id as ancestor_id, a.category, a.round, a.origin, a.agent_version, a.text,
    coalesce(o.generated, 0) as generated, coalesce(o.accepted, 0) as accepted, coalesce(o.rejected, 0) as rejected,
    coalesce(o.differing, 0) as differing, a.slots,
    p.text as parent_text, p.slots as parent_slots, b.kept, b.missing, b.extra,
    b.pairs, b.parent_good, b.good, b.p_better, coalesce(r.n, 0) as refused_rewrites
from chain as c
join prompts as a on a.prompt_id = c.ancestor_id
left join outcomes as o on o.prompt_id = a.prompt_id
left join prompts as p on p.prompt_id = a.parent_id
left join accepting as b
    on b.category = a.category and b."index" = a."index" and b.parent_id = a.parent_id and b.text = a.text
left join refusals as r on r.parent_id = a.prompt_id
order by c.prompt_id, c.generation;

comment on view prompt_lineage is
    'each prompt (generation 0) with the prompts it was rewritten from (1, 2, ... back to the first), and how many candidates each of them drew, had accepted, had rejected, and had accepted though they differ from its words. Where one is a rewrite: the text and slots (JSON object: slot -> value) of its parent, the parent''s slots that pictures show (kept) or do not (missing), reason codes of what they show and should not (extra), and the probe that accepted it: pairs of pictures on equal seeds, how many of the parent''s and of its own were good, and the probability that it draws more good ones, in [0, 1]. refused_rewrites counts the rewrites of it that a probe refused; their texts are in prompt_probes';
