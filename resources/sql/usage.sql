create table usage (
    usage_id       text      not null,
    stage          text      not null,
    category       text,
    model          text      not null,
    items          bigint    not null check (items >= 0),
    seconds        double    not null check (seconds >= 0 and isfinite(seconds)),
    load_seconds   double    not null check (load_seconds >= 0 and isfinite(load_seconds)),
    peak_memory_mb double    check (peak_memory_mb >= 0 and isfinite(peak_memory_mb)),
    tokens_in      bigint    not null check (tokens_in >= 0),
    tokens_out     bigint    not null check (tokens_out >= 0),
    attempt        integer   not null check (attempt >= 0),
    answer_id      text,
    device_peak_mb double    check (device_peak_mb >= 0 and isfinite(device_peak_mb)),
    run_id         text      not null,
    created_at     timestamp not null
);

comment on table usage is 'what the stages of a run cost, and each call of a language model within them';
comment on column usage.usage_id is 'hash of the recipe';
comment on column usage.stage is 'of the chain';
comment on column usage.category is 'partition key; null: the stage over all categories of the run';
comment on column usage.model is 'that was open; empty for none';
comment on column usage.items is 'pictures, prompts or rows the stage made';
comment on column usage.seconds is 'wall time, opening the model included';
comment on column usage.load_seconds is 'of those seconds, spent opening the model';
comment on column usage.peak_memory_mb is 'most memory of the process so far, MB (2^20 bytes)';
comment on column usage.tokens_in is 'of model requests';
comment on column usage.tokens_out is 'of model answers';
comment on column usage.attempt is 'of a call: 2 and 3 are asked with what was wrong with the answer before';
comment on column usage.answer_id is 'the row is one call of a language model, contained in the row of its stage; null: the row of a stage';
comment on column usage.device_peak_mb is 'most memory that models held on their device at once, MB (2^20 bytes); null where they ran on none';
comment on column usage.run_id is 'the Dagster run that appended the row';
comment on column usage.created_at is 'when it was made, UTC; never used for order';
