create table layout_scenes (
    layout_scene_id text      not null,
    layout_id       text      not null,
    category        text      not null,
    layout_image_id text,
    scene_id        text,
    outcome         text      not null check (outcome in ('kept', 'rejected', 'error')),
    reasons         text[]    not null,
    explanation     text      not null,
    clis_i          double    check (clis_i between 0 and 100),
    n_objects       integer   not null check (n_objects >= 0),
    dropped         text      not null,
    extraneous      text[]    not null,
    segmenter       text      not null,
    detector        text      not null,
    run_id          text      not null,
    created_at      timestamp not null,
    check ((outcome = 'kept') = (scene_id is not null)),
    check (outcome <> 'kept' or (layout_image_id is not null and clis_i is not null)),
    check (outcome <> 'rejected' or len(reasons) > 0)
);

comment on table layout_scenes is 'what became of a layout''s pictures: the one that was kept as a scene, or why none was';
comment on column layout_scenes.layout_scene_id is 'hash of the recipe';
comment on column layout_scenes.layout_id is 'of layouts';
comment on column layout_scenes.category is 'partition key of the graph';
comment on column layout_scenes.layout_image_id is 'the best of the pictures; null: there is none';
comment on column layout_scenes.scene_id is 'of scenes, when kept';
comment on column layout_scenes.outcome is 'kept, rejected, or error: nothing was decided';
comment on column layout_scenes.reasons is 'codes for which it was rejected';
comment on column layout_scenes.explanation is 'a sentence for people';
comment on column layout_scenes.clis_i is 'of the best picture, 0 to 100; null: there is none, or nothing said of it could be read';
comment on column layout_scenes.n_objects is 'objects annotated, regions to ignore not counted';
comment on column layout_scenes.dropped is 'JSON object: node id -> why it has no mask of its own';
comment on column layout_scenes.extraneous is 'keys of categories seen outside all boxes';
comment on column layout_scenes.segmenter is 'model@revision that made the masks; empty where it came to none';
comment on column layout_scenes.detector is 'model@revision that searched for what stands outside the boxes; empty: nothing was searched';
comment on column layout_scenes.run_id is 'the Dagster run that appended the row';
comment on column layout_scenes.created_at is 'when it was made, UTC; never used for order';
