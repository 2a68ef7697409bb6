create table layout_images (
    layout_image_id text      not null,
    layout_id       text      not null,
    category        text      not null,
    "index"         integer   not null check ("index" >= 0),
    image           text,
    width           integer   check (width > 0),
    height          integer   check (height > 0),
    error           text      not null,
    model           text      not null,
    revision        text      not null,
    seed            bigint    not null check (seed >= 0),
    run_id          text      not null,
    created_at      timestamp not null,
    check ((image is null) = (error <> '')),
    check ((image is null) = (width is null)),
    check ((image is null) = (height is null))
);

comment on table layout_images is 'the pictures drawn of layouts, several of each; which one is kept, if any, is in layout_scenes. genval gc removes the files of the others some time after that';
comment on column layout_images.layout_image_id is 'hash of the recipe';
comment on column layout_images.layout_id is 'of layouts';
comment on column layout_images.category is 'partition key of the graph';
comment on column layout_images."index" is 'among the pictures of its layout';
comment on column layout_images.image is 'path relative to the home; null: it could not be drawn';
comment on column layout_images.width is 'px';
comment on column layout_images.height is 'px';
comment on column layout_images.error is 'why it could not be drawn; empty where it was';
comment on column layout_images.model is 'that drew it';
comment on column layout_images.revision is 'of the model';
comment on column layout_images.seed is 'of the picture';
comment on column layout_images.run_id is 'the Dagster run that appended the row';
comment on column layout_images.created_at is 'when it was made, UTC; never used for order';
