create table validation_images (
    validation_image_id text      not null,
    path                text      not null,
    phash               text      not null,
    run_id              text      not null,
    created_at          timestamp not null
);

comment on table validation_images is 'pictures that the user validates on: they and their near-duplicates are no source and no background';
comment on column validation_images.validation_image_id is 'hash of the recipe';
comment on column validation_images.path is 'below the user''s folder of validation images';
comment on column validation_images.phash is '64-bit perceptual hash, 16 hex digits';
comment on column validation_images.run_id is 'the Dagster run that appended the row';
comment on column validation_images.created_at is 'when it was made, UTC; never used for order';
