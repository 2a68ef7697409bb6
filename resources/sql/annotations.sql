create table annotations (
    annotation_id        text      not null,
    scene_id             text      not null,
    category             text      not null,
    scene_category       text      not null,
    round                integer   not null check (round >= 0),
    instance_id          text,
    source_annotation_id bigint,
    x                    double    not null check (x >= 0 and isfinite(x)),
    y                    double    not null check (y >= 0 and isfinite(y)),
    w                    double    not null check (w > 0 and isfinite(w)),
    h                    double    not null check (h > 0 and isfinite(h)),
    area_px              bigint    not null check (area_px > 0),
    segmentation         text      not null,
    amodal               text,
    z                    integer   not null check (z >= -1),
    visible_share        double    check (visible_share between 0 and 1),
    iscrowd              integer   not null check (iscrowd in (0, 1)),
    blend                text      check (blend in ('none', 'reinhard', 'poisson', 'feathered')),
    node_id              text,
    run_id               text      not null,
    created_at           timestamp not null,
    check (instance_id is not null or source_annotation_id is not null or node_id is not null),
    check (node_id is null or (instance_id is null and source_annotation_id is null)),
    check ((visible_share is null) = (node_id is not null))
);

comment on table annotations is 'the objects of scenes: pasted ones, real ones that are still there, and those drawn with the whole scene from a layout (these have a node_id)';
comment on column annotations.annotation_id is 'hash of the recipe';
comment on column annotations.scene_id is 'the scene';
comment on column annotations.category is 'partition key of the object';
comment on column annotations.scene_category is 'partition key of the category that the scene was made for';
comment on column annotations.round is 'top-up round of the scene';
comment on column annotations.instance_id is 'the pasted instance; null for all other objects';
comment on column annotations.source_annotation_id is 'id in the user''s annotation file, for real objects';
comment on column annotations.x is 'left edge of the visible mask''s box, px';
comment on column annotations.y is 'top edge of the visible mask''s box, px';
comment on column annotations.w is 'width of the visible mask''s box, px';
comment on column annotations.h is 'height of the visible mask''s box, px';
comment on column annotations.area_px is 'pixels of the visible mask';
comment on column annotations.segmentation is 'visible mask: counts of a COCO compressed RLE whose size is the scene''s [height, width]';
comment on column annotations.amodal is 'the same for the whole object, hidden parts within the picture included; pasted objects';
comment on column annotations.z is '0 is the back; real objects are -1';
comment on column annotations.visible_share is 'visible / amodal area, in [0, 1]; for real objects of what was visible before; null for objects of a layout: what hides them is unknown';
comment on column annotations.iscrowd is '1: a region that training ignores';
comment on column annotations.blend is 'how the object was blended: none, reinhard, poisson or feathered; pasted objects';
comment on column annotations.node_id is 'the node of its scene''s graph, for objects drawn from a layout';
comment on column annotations.run_id is 'the Dagster run that appended the row';
comment on column annotations.created_at is 'when it was made, UTC; never used for order';
