create view image_records as
with described as ( -- a person who overrules a verdict describes nothing
    select instance_id, seen, record, differs, judge, judge_version
    from verdicts
    where record is not null
    qualify row_number() over (partition by instance_id order by created_at desc, verdict_id) = 1
)
select i.category, i.instance_id, i.source, i.round, i."index", p.prompt_id, p.text as prompt, p.slots as requested,
    d.seen, d.record, d.differs, v.cutout, d.judge, d.judge_version
from verdicts_in_force as v
join described as d on d.instance_id = v.instance_id
join instances as i on i.instance_id = v.instance_id
join prompts as p on p.prompt_id = i.prompt_id
where v.outcome = 'accepted' and len(d.differs) > 0
order by i.category, i.source, i."index";

comment on view image_records is
    'pictures that are valid but not as their prompt says, and were kept with a corrected record: what the prompt requested, what the vision model saw and the record that is in force (JSON objects: slot -> value), and the slots in which they differ; cutout is a path relative to the home';
