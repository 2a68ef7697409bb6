create table reference_instances (
    reference_id      text      not null,
    category          text      not null,
    "index"           integer   not null check ("index" >= 0),
    annotation_id     bigint    not null,
    image_id          bigint    not null,
    photograph        text      not null,
    photograph_width  integer   not null check (photograph_width > 0),
    photograph_height integer   not null check (photograph_height > 0),
    x                 double    not null check (x >= 0 and isfinite(x)),
    y                 double    not null check (y >= 0 and isfinite(y)),
    w                 double    not null check (w > 0 and isfinite(w)),
    h                 double    not null check (h > 0 and isfinite(h)),
    area_px           bigint    not null check (area_px > 0),
    fill              double    not null check (fill > 0 and fill <= 1),
    image             text      not null,
    run_id            text      not null,
    created_at        timestamp not null
);

comment on table reference_instances is 'real, usable instances of the user''s own data, cut out by their masks';
comment on column reference_instances.reference_id is 'hash of the recipe';
comment on column reference_instances.category is 'partition key';
comment on column reference_instances."index" is 'within the category, in the order they were cut out: best first';
comment on column reference_instances.annotation_id is 'id in the user''s annotation file';
comment on column reference_instances.image_id is 'id in the user''s annotation file';
comment on column reference_instances.photograph is 'path below the user''s image folder';
comment on column reference_instances.photograph_width is 'px';
comment on column reference_instances.photograph_height is 'px';
comment on column reference_instances.x is 'left edge of the mask''s box in the photograph, px';
comment on column reference_instances.y is 'top edge of the mask''s box in the photograph, px';
comment on column reference_instances.w is 'width of the mask''s box, px';
comment on column reference_instances.h is 'height of the mask''s box, px';
comment on column reference_instances.area_px is 'pixels of the mask';
comment on column reference_instances.fill is 'mask area / box area, in (0, 1]';
comment on column reference_instances.image is 'the cut-out, a tight RGBA crop: path relative to the home';
comment on column reference_instances.run_id is 'the Dagster run that appended the row';
comment on column reference_instances.created_at is 'when it was made, UTC; never used for order';
