create table quarantine (
    quarantine_id text      not null,
    stage         text      not null,
    category      text,
    item          text      not null,
    reason        text      not null,
    detail        text      not null,
    raw           text      not null check (len(raw) <= 2000),
    run_id        text      not null,
    created_at    timestamp not null
);

comment on table quarantine is 'items of outside material that could not be used: annotations, pictures, model answers';
comment on column quarantine.quarantine_id is 'hash of the recipe';
comment on column quarantine.stage is 'that met it';
comment on column quarantine.category is 'partition key, where it has one';
comment on column quarantine.item is 'what it is: an annotation, a path, an instance';
comment on column quarantine.reason is 'a code';
comment on column quarantine.detail is 'what was seen, and what would be accepted';
comment on column quarantine.raw is 'the offending text, cut to 2,000 characters';
comment on column quarantine.run_id is 'the Dagster run that appended the row';
comment on column quarantine.created_at is 'when it was made, UTC; never used for order';
