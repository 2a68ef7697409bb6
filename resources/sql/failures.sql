create table failures (
    failure_id text      not null,
    stage      text      not null,
    category   text      not null,
    error      text      not null,
    trace      text      not null,
    run_id     text      not null,
    created_at timestamp not null
);

comment on table failures is 'categories that a stage could not finish; the others went on';
comment on column failures.failure_id is 'hash of the recipe';
comment on column failures.stage is 'that failed';
comment on column failures.category is 'partition key';
comment on column failures.error is 'type and message';
comment on column failures.trace is 'where it happened';
comment on column failures.run_id is 'the Dagster run that appended the row';
comment on column failures.created_at is 'when it was made, UTC; never used for order';
