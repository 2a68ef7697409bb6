create table exports (
    export_id              text      not null,
    dataset                text      not null,
    category               text      not null,
    exported_image_id      bigint    not null check (exported_image_id >= 1),
    exported_annotation_id bigint    not null check (exported_annotation_id >= 1),
    annotation_id          text,
    source_annotation_id   bigint,
    run_id                 text      not null,
    created_at             timestamp not null,
    check (annotation_id is not null or source_annotation_id is not null)
);

comment on table exports is 'which annotation of which exported set is which row here: the way back from a trainer''s file';
comment on column exports.export_id is 'hash of the recipe';
comment on column exports.dataset is 'the exported set and its version, 12 hex digits of its manifest''s hash: training@…, or the format of an export: yolo@…';
comment on column exports.category is 'partition key of the annotation';
comment on column exports.exported_image_id is 'image id in the exported file';
comment on column exports.exported_annotation_id is 'annotation id in the exported file';
comment on column exports.annotation_id is 'row of annotations; null for a real annotation taken over unchanged';
comment on column exports.source_annotation_id is 'id in the user''s annotation file, for real annotations';
comment on column exports.run_id is 'the Dagster run that appended the row';
comment on column exports.created_at is 'when it was made, UTC; never used for order';
