create table layout_pool (
    pair_id    text      not null,
    generation integer   not null check (generation >= 1),
    subject    text      not null,
    object     text      not null,
    relation   text      not null check (relation <> ''),
    subject_x  double    not null check (isfinite(subject_x)),
    subject_y  double    not null check (isfinite(subject_y)),
    subject_w  double    not null check (subject_w > 0 and isfinite(subject_w)),
    subject_h  double    not null check (subject_h > 0 and isfinite(subject_h)),
    object_x   double    not null check (isfinite(object_x)),
    object_y   double    not null check (isfinite(object_y)),
    object_w   double    not null check (object_w > 0 and isfinite(object_w)),
    object_h   double    not null check (object_h > 0 and isfinite(object_h)),
    image      text      not null,
    source     text      not null,
    run_id     text      not null,
    created_at timestamp not null
);

comment on table layout_pool is 'pairs of real objects of one image and how they stand to one another: what CLIS-L compares layouts with; the newest generation is in force. Boxes are as the source has them, so some reach a little beyond their picture';
comment on column layout_pool.pair_id is 'hash of the recipe';
comment on column layout_pool.generation is 'of the pool, from 1; layouts.pool_generation names the one that a layout was compared with';
comment on column layout_pool.subject is 'key of a category; of a name in a relation file that is none, the key that it would have';
comment on column layout_pool.object is 'likewise: the subject is (relation) the object';
comment on column layout_pool.relation is 'how the subject stands to the object: left of, right of, above, below and others';
comment on column layout_pool.subject_x is 'left edge of the subject''s box, share of the picture''s width';
comment on column layout_pool.subject_y is 'top edge of the subject''s box, share of the picture''s height';
comment on column layout_pool.subject_w is 'width of the subject''s box, share of the picture''s width';
comment on column layout_pool.subject_h is 'height of the subject''s box, share of the picture''s height';
comment on column layout_pool.object_x is 'left edge of the object''s box, share of the picture''s width';
comment on column layout_pool.object_y is 'top edge of the object''s box, share of the picture''s height';
comment on column layout_pool.object_w is 'width of the object''s box, share of the picture''s width';
comment on column layout_pool.object_h is 'height of the object''s box, share of the picture''s height';
comment on column layout_pool.image is 'path below the user''s image folder, or the image id of a relation file';
comment on column layout_pool.source is 'annotations (the user''s own), or the name of the relation file';
comment on column layout_pool.run_id is 'the Dagster run that appended the row';
comment on column layout_pool.created_at is 'when it was made, UTC; never used for order';
