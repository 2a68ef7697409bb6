create table scenes (
    scene_id        text      not null,
    category        text      not null,
    round           integer   not null check (round >= 0),
    "index"         integer   not null check ("index" >= 0),
    instance_id     text,
    background_id   text,
    canvas          text      not null check (canvas in ('yours', 'training', 'drawn', 'layout')),
    image_id        bigint,
    image           text      not null,
    width           integer   not null check (width > 0),
    height          integer   not null check (height > 0),
    n_pasted        integer   not null check (n_pasted >= 0),
    n_dropped       integer   not null check (n_dropped >= 0),
    n_real          integer   not null check (n_real >= 0),
    seed            bigint    not null check (seed >= 0),
    settings        text      not null,
    layout_image_id text,
    not_exhaustive  text[],
    run_id          text      not null,
    created_at      timestamp not null,
    check ((instance_id is null) = (layout_image_id is not null)),
    check ((background_id is null) = (layout_image_id is not null)),
    check ((canvas = 'layout') = (layout_image_id is not null)),
    check (layout_image_id is null or image_id is null)
);

comment on table scenes is 'pictures with annotated objects: composed ones, and ones drawn as a whole from layouts (these have a layout_image_id)';
comment on column scenes.scene_id is 'hash of the recipe';
comment on column scenes.category is 'partition key of the category it was made for';
comment on column scenes.round is 'top-up round';
comment on column scenes."index" is 'within the category, over all rounds; of a layout: that of its graph';
comment on column scenes.instance_id is 'the primary object; null: drawn as a whole from a layout';
comment on column scenes.background_id is 'what it was composed on; null: drawn as a whole from a layout';
comment on column scenes.canvas is 'kind of that background: yours, training or drawn; layout: drawn as a whole';
comment on column scenes.image_id is 'id in the user''s annotation file of the training image that was pasted onto';
comment on column scenes.image is 'path relative to the home';
comment on column scenes.width is 'px';
comment on column scenes.height is 'px';
comment on column scenes.n_pasted is 'objects painted; of a layout: objects with a mask';
comment on column scenes.n_dropped is 'objects left out because too little of them would have been visible';
comment on column scenes.n_real is 'annotations of the training image that remain';
comment on column scenes.seed is 'of the arrangement';
comment on column scenes.settings is 'JSON of what else shaped it';
comment on column scenes.layout_image_id is 'the picture that it is, of layout_images; null: composed';
comment on column scenes.not_exhaustive is 'keys of categories that are seen in it and not annotated everywhere; null and empty: none';
comment on column scenes.run_id is 'the Dagster run that appended the row';
comment on column scenes.created_at is 'when it was made, UTC; never used for order';
