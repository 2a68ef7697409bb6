create table answers (
    answer_id   text not null,
    stage       text not null,
    category    text,
    attempt     integer not null check (attempt >= 1),
    model       text not null,
    revision    text not null,
    text        text not null,
    tokens_in   bigint not null check (tokens_in >= 0),
    tokens_out  bigint not null check (tokens_out >= 0),
    seconds     double not null check (seconds >= 0 and isfinite(seconds)),
    run_id      text not null,
    created_at  timestamp not null
);

comment on table answers is 'raw answers of language models by the content of the question: the same question is not asked twice';
comment on column answers.answer_id is 'hash of model, system prompt, question, pictures, schema, seed and temperature';
comment on column answers.stage is 'that asked';
comment on column answers.category is 'partition key it was asked for; null: none';
comment on column answers.attempt is '1: the question as it was first put; 2, 3: with what was wrong with the answer before';
comment on column answers.model is 'that answered';
comment on column answers.revision is 'of the model';
comment on column answers.text is 'the raw answer, as it came';
comment on column answers.tokens_in is 'of the question';
comment on column answers.tokens_out is 'of the answer';
comment on column answers.seconds is 'until it came';
comment on column answers.run_id is 'the Dagster run that appended the row';
comment on column answers.created_at is 'when it was made, UTC; never used for order';
