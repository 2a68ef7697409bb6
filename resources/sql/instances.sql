create table instances (
    instance_id  text      not null,
    category     text      not null,
    source       text      not null check (source in ('cutout', 'variation', 'layer_diffusion', 'offline')),
    round        integer   not null check (round >= 0),
    "index"      integer   not null check ("index" >= 0),
    prompt_id    text,
    reference_id text,
    seed         bigint    not null check (seed >= 0),
    model        text      not null,
    revision     text      not null,
    settings     text      not null,
    image        text      not null,
    width        integer   not null check (width > 0),
    height       integer   not null check (height > 0),
    frame_width  integer   not null check (frame_width > 0),
    frame_height integer   not null check (frame_height > 0),
    frame_x      integer   not null,
    frame_y      integer   not null,
    latent       text,
    measured     text,
    run_id       text      not null,
    created_at   timestamp not null
);

comment on table instances is 'candidates: RGBA pictures that should each hold one object of their category; what became of one is in verdicts';
comment on column instances.instance_id is 'hash of the recipe: the same work is the same row';
comment on column instances.category is 'partition key';
comment on column instances.source is 'cutout and variation start from a real instance; layer_diffusion and offline are drawn from a prompt';
comment on column instances.round is 'top-up round';
comment on column instances."index" is 'within (category, source), over all rounds';
comment on column instances.prompt_id is 'what it was drawn from';
comment on column instances.reference_id is 'the real instance it was made of';
comment on column instances.seed is 'of its drawing; 0 is a seed like any other';
comment on column instances.model is 'what drew it';
comment on column instances.revision is 'of the model';
comment on column instances.settings is 'JSON of what else shaped it';
comment on column instances.image is 'tight RGBA crop of everything with alpha > 0: path relative to the home';
comment on column instances.width is 'of the crop, px';
comment on column instances.height is 'of the crop, px';
comment on column instances.frame_width is 'of the frame it was drawn in, px';
comment on column instances.frame_height is 'of the frame it was drawn in, px';
comment on column instances.frame_x is 'left edge of the crop in that frame, px';
comment on column instances.frame_y is 'top edge of the crop in that frame, px';
comment on column instances.latent is 'what the final picture of an accepted candidate is decoded of: path relative to the home; null where the picture is final; gc removes the file once there is a verdict';
comment on column instances.measured is 'JSON: how a variation relates to its source: iou of the masks, phash_distance in bits of 64, similarity (cosine of embeddings)';
comment on column instances.run_id is 'the Dagster run that appended the row';
comment on column instances.created_at is 'when it was made, UTC; never used for order';
