create table backgrounds (
    background_id text      not null,
    generation    integer   not null check (generation >= 1),
    kind          text      not null check (kind in ('yours', 'training', 'drawn')),
    path          text      not null,
    width         integer   not null check (width > 0),
    height        integer   not null check (height > 0),
    image_id      bigint,
    phash         text      not null,
    screened      text      not null check (screened in ('annotated', 'detector', 'drawn', 'unscreened')),
    screen        text,
    run_id        text      not null,
    created_at    timestamp not null,
    check (kind <> 'training' or image_id is not null),
    check ((screened = 'detector') = (screen is not null))
);

comment on table backgrounds is 'pictures that scenes may be composed on, one row per generation of the list; new scenes stand on the newest generation';
comment on column backgrounds.background_id is 'hash of the recipe (generation, kind, path and picture)';
comment on column backgrounds.generation is 'of the list of backgrounds, from 1; a scene names the row that was in force when it was composed';
comment on column backgrounds.kind is 'yours, training (a real training image), or drawn by genval';
comment on column backgrounds.path is 'below the user''s folder of that kind; below the home for drawn ones';
comment on column backgrounds.width is 'px';
comment on column backgrounds.height is 'px';
comment on column backgrounds.image_id is 'id in the user''s annotation file, for training images';
comment on column backgrounds.phash is '64-bit perceptual hash, 16 hex digits';
comment on column backgrounds.screened is 'annotated (its objects are known), detector (searched, none found), drawn (nothing countable in it), or unscreened';
comment on column backgrounds.screen is 'of a search by a detector: its fingerprint, and digests of the categories'' names and of the pixels; the same text is the same search. Null: none looked';
comment on column backgrounds.run_id is 'the Dagster run that appended the row';
comment on column backgrounds.created_at is 'when it was made, UTC; never used for order';
