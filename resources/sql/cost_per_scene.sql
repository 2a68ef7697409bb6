create view cost_per_scene as
with stages(stage, position) as (
    values ('scene_graphs', 1), ('layouts', 2), ('layout_scenes', 3), ('question_answers', 4)
),
accepted as (
    select count(*) as scenes
    from layout_scenes
    where outcome = 'kept'
),
worked as (
    select stage, sum(seconds) as seconds, sum(tokens_in) as tokens_in, sum(tokens_out) as tokens_out
    from usage
    where category is null and answer_id is null
    group by stage
),
called as (
    select stage, count(*) as calls
    from usage
    where answer_id is not null
    group by stage
)
select s.stage, coalesce(w.seconds, 0) as seconds, coalesce(c.calls, 0) as calls,
    coalesce(w.tokens_in, 0) as tokens_in, coalesce(w.tokens_out, 0) as tokens_out, a.scenes as scenes_kept,
    coalesce(w.seconds, 0) / nullif(a.scenes, 0) as seconds_per_scene,
    coalesce(c.calls, 0) / nullif(a.scenes, 0) as calls_per_scene,
    coalesce(w.tokens_in, 0) / nullif(a.scenes, 0) as tokens_in_per_scene,
    coalesce(w.tokens_out, 0) / nullif(a.scenes, 0) as tokens_out_per_scene
from stages as s
cross join accepted as a
left join worked as w using (stage)
left join called as c using (stage)
order by s.position;

comment on view cost_per_scene is
    'what each stage that draws scenes from layouts cost over all runs: seconds of wall time, calls of language models, tokens of their questions and answers, and each of these divided by the scenes that were kept, those of refused layouts and pictures included; null while none was kept. Calls and tokens are those that were really made: an answer that was on record costs nothing';
