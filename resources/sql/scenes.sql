create table scenes (
    scene_id      text      not null,
    category      text      not null,
    round         integer   not null check (round >= 0),
    "index"       integer   not null check ("index" >= 0),
    instance_id   text      not null,
    background_id text      not null,
    canvas        text      not null check (canvas in ('yours', 'training', 'drawn')),
    image_id      bigint,
    image         text      not null,
    width         integer   not null check (width > 0),
    height        integer   not null check (height > 0),
    n_pasted      integer   not null check (n_pasted >= 0),
    n_dropped     integer   not null check (n_dropped >= 0),
    n_real        integer   not null check (n_real >= 0),
    seed          bigint    not null check (seed >= 0),
    settings      text      not null,
    run_id        text      not null,
    created_at    timestamp not null
);

comment on table scenes is 'composed pictures';
comment on column scenes.scene_id is 'hash of the recipe';
comment on column scenes.category is 'partition key of the category it was composed for';
comment on column scenes.round is 'top-up round';
comment on column scenes."index" is 'within the category, over all rounds';
comment on column scenes.instance_id is 'the primary object';
comment on column scenes.background_id is 'what it was composed on';
comment on column scenes.canvas is 'kind of that background: yours, training or drawn';
comment on column scenes.image_id is 'id in the user''s annotation file of the training image that was pasted onto';
comment on column scenes.image is 'path relative to the home';
comment on column scenes.width is 'px';
comment on column scenes.height is 'px';
comment on column scenes.n_pasted is 'objects painted';
comment on column scenes.n_dropped is 'objects left out because too little of them would have been visible';
comment on column scenes.n_real is 'annotations of the training image that remain';
comment on column scenes.seed is 'of the arrangement';
comment on column scenes.settings is 'JSON of what else shaped it';
comment on column scenes.run_id is 'the Dagster run that appended the row';
comment on column scenes.created_at is 'when it was made, UTC; never used for order';
