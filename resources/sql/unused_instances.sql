create view unused_instances as
with left_out as (
    from not_selected
    qualify row_number() over (partition by instance_id order by target desc) = 1
),
unplaced as (
    select distinct item from quarantine where stage = 'composite_scenes'
)
select v.category, v.instance_id, v.source, v.round, v."index",
    case
        when u.item is not null then 'unplaced'
        when s.category is null then 'retired'
        when n.target >= s.target then 'not_selected'
        else 'waiting'
    end as why,
    n.target, n.needed, n.rank, n."of", n.s_txt, n.s_img, v.cutout
from verdicts_in_force as v
left join left_out as n on n.instance_id = v.instance_id
left join unplaced as u on u.item = 'scene for ' || v.instance_id
left join category_stats as s on s.category = v.category
where v.outcome = 'accepted' and not exists (from scenes as c where c.instance_id = v.instance_id)
order by v.category, v.round, v.source, v."index";

comment on view unused_instances is
    'valid instances without a scene of their own, and why: unplaced (no scene could hold it), not_selected (its category has enough and better ones; target to s_img as in the table of that name), retired (its category left the list), or waiting for the next run; cutout is a path relative to the home';
