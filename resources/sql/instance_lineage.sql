create view instance_lineage as
select e.dataset, e.exported_image_id, e.exported_annotation_id,
    a.annotation_id, a.category, a.x, a.y, a.w, a.h, a.area_px, a.visible_share, a.z, a.blend, a.node_id,
    coalesce(a.source_annotation_id, e.source_annotation_id) as source_annotation_id,
    s.scene_id, s.image as scene_image, s.seed as scene_seed, b.kind as background_kind, b.path as background_path,
    i.instance_id, i.source, i.seed, i.model, i.revision, i.settings, i.image as instance_image,
    v.outcome, v.stage as decided_by, v.judge, v.judge_version, v.explanation, v.cutout, v.mask_threshold,
    p.prompt_id, p.text as prompt, p.origin as prompt_origin,
    r.reference_id, r.photograph, r.image_id as photograph_image_id, r.annotation_id as photograph_annotation_id,
    a.run_id
from annotations as a
full join exports as e on e.annotation_id = a.annotation_id
left join scenes as s on s.scene_id = a.scene_id
left join backgrounds as b on b.background_id = s.background_id
left join instances as i on i.instance_id = a.instance_id
left join verdicts_in_force as v on v.instance_id = i.instance_id
left join prompts as p on p.prompt_id = i.prompt_id
left join reference_instances as r on r.reference_id = i.reference_id;

comment on view instance_lineage is
    'from an annotation, exported or not, back to its scene, background, instance, verdict and either prompt or source photograph; dataset is null where it was not exported, annotation_id where the export took a real annotation over unchanged. Objects drawn with their scene from a layout are here too, without background, instance and verdict: they have a node_id, and their own way back is layout_lineage';
