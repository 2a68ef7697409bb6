create view layout_lineage as
select e.dataset, e.exported_image_id, e.exported_annotation_id,
    a.annotation_id, a.category, a.node_id, a.x, a.y, a.w, a.h, a.area_px, a.iscrowd,
    s.scene_id, s.category as scene_category, s.image as scene_image, s.not_exhaustive,
    i.layout_image_id, i.seed, i.model, i.revision,
    c.clis_i, c.whole, c.local_mean, c.local_worst, c.worst_node, k.segmenter, k.detector,
    l.layout_id, l.clis_l, l.worst_pair, l.worst_percentile, l.outcome as layout_outcome, l.origin as layout_origin,
    l.boxes,
    g.graph_id, g.caption, g.origin as graph_origin, g.objects_from, g.image_id as training_image_id,
    a.run_id
from annotations as a
left join exports as e on e.annotation_id = a.annotation_id
left join scenes as s on s.scene_id = a.scene_id
left join layout_images as i on i.layout_image_id = s.layout_image_id
left join image_scores as c on c.layout_image_id = i.layout_image_id
left join layout_scenes as k on k.scene_id = s.scene_id
left join layouts as l on l.layout_id = i.layout_id
left join scene_graphs as g on g.graph_id = l.graph_id
where a.node_id is not null;

comment on view layout_lineage is
    'from an object that was drawn with its scene from a layout, exported or not, back to the picture (its seed and model), what was scored of it (CLIS-I, 0 to 100), its masks, the layout (raw CLIS-L, 0 to 100, and the boxes: JSON, node id -> [x, y, w, h] as shares of the picture) and the scene graph with the training image whose objects it took over; dataset is null where it was not exported. Pasted and real objects are in instance_lineage';
