create table painted_backgrounds (
    painted_background_id text      not null,
    "index"               integer   not null check ("index" >= 0),
    prompt                text      not null,
    negative              text      not null,
    seed                  bigint    not null check (seed >= 0),
    model                 text      not null,
    revision              text      not null,
    fingerprint           text      not null,
    image                 text      not null,
    width                 integer   not null check (width > 0),
    height                integer   not null check (height > 0),
    run_id                text      not null,
    created_at            timestamp not null
);

comment on table painted_backgrounds is 'backgrounds that the profile''s painter painted; which of them scenes may stand on is in backgrounds (kind drawn)';
comment on column painted_backgrounds.painted_background_id is 'hash of the recipe (fingerprint, prompt, negative prompt and the seed it was asked with): the same work is the same row';
comment on column painted_backgrounds."index" is 'of the project''s painted backgrounds, from 0; another painter paints it anew';
comment on column painted_backgrounds.prompt is 'what was asked for; the offline painter paints its own places in turn, whatever it says';
comment on column painted_backgrounds.negative is 'what should not be in it';
comment on column painted_backgrounds.seed is 'of its painting, used in the end: black and broken pictures are painted again with another';
comment on column painted_backgrounds.model is 'what painted it';
comment on column painted_backgrounds.revision is 'of the model';
comment on column painted_backgrounds.fingerprint is 'model, revision and settings that shape its pixels';
comment on column painted_backgrounds.image is 'path relative to the home: backgrounds.path of kind drawn';
comment on column painted_backgrounds.width is 'px';
comment on column painted_backgrounds.height is 'px';
comment on column painted_backgrounds.run_id is 'the Dagster run that appended the row';
comment on column painted_backgrounds.created_at is 'when it was made, UTC; never used for order';
