create view clis_by_category as
with named as (
    select category, max_by(name, generation) as name
    from categories
    group by category
),
graphs as (
    select category, count(*) as graphs,
        count(*) filter (origin = 'agent') as graphs_agent,
        count(*) filter (origin = 'baseline') as graphs_baseline
    from scene_graphs
    group by category
),
laid_out as (
    select category,
        count(*) filter (outcome = 'kept') as layouts_kept,
        count(*) filter (outcome = 'flagged') as layouts_flagged,
        count(*) filter (outcome = 'rejected') as layouts_rejected,
        count(*) filter (origin = 'solver') as layouts_solver,
        avg(clis_l) as mean_clis_l,
        count(*) filter (n_relations > 0 and clis_l is null) / nullif(count(*) filter (n_relations > 0), 0)
            as no_evidence_share
    from layouts
    group by category
),
drawn as (
    select category, count(*) as pictures
    from layout_images
    where image is not null
    group by category
),
decided as (
    select category, avg(clis_i) as mean_clis_i,
        count(*) filter (outcome = 'kept') as scenes_kept,
        count(*) filter (outcome = 'rejected') as scenes_rejected
    from layout_scenes
    where outcome <> 'error'
    group by category
),
ignored as (
    select s.category, count(a.annotation_id) / count(distinct s.scene_id) as mean_ignored
    from scenes as s
    left join annotations as a on a.scene_id = s.scene_id and a.iscrowd = 1
    where s.layout_image_id is not null
    group by s.category
)
select g.category, n.name, g.graphs, g.graphs_agent, g.graphs_baseline,
    coalesce(l.layouts_kept, 0) as layouts_kept, coalesce(l.layouts_flagged, 0) as layouts_flagged,
    coalesce(l.layouts_rejected, 0) as layouts_rejected, coalesce(l.layouts_solver, 0) as layouts_solver,
    l.mean_clis_l, l.no_evidence_share, coalesce(p.pictures, 0) as pictures, d.mean_clis_i,
    coalesce(d.scenes_kept, 0) as scenes_kept, coalesce(d.scenes_rejected, 0) as scenes_rejected,
    d.scenes_kept / nullif(d.scenes_kept + d.scenes_rejected, 0) as kept_share, i.mean_ignored
from graphs as g
left join named as n using (category)
left join laid_out as l using (category)
left join drawn as p using (category)
left join decided as d using (category)
left join ignored as i using (category)
order by g.category;

comment on view clis_by_category is
    'how far the scene graphs of each category came: graphs by who wrote them, layouts by outcome (kept and flagged ones are drawn) and how many the solver made, the mean raw CLIS-L (0 to 100) of those with evidence and the share of those without among those with relations, in [0, 1], pictures drawn, the mean CLIS-I (0 to 100) of the best picture of each layout, scenes kept, layouts of which no picture was kept, kept_share = scenes kept / layouts drawn and decided, in [0, 1], and the mean number of regions to ignore per kept scene; null where there is nothing to divide by, or no evidence';
