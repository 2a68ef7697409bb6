create table golden_judgements (
    golden_judgement_id  text not null,
    golden_label_id      text not null,
    instance_id          text not null,
    category             text not null,
    stage                text not null check (stage in ('gate', 'vlm')),
    outcome              text not null check (outcome in ('accepted', 'rejected', 'error')),
    reasons              text[] not null,
    judge                text not null,
    judge_version        text not null,
    run_id               text not null,
    created_at           timestamp not null
);

comment on table golden_judgements is 'what each version of the validation agent says of the candidates with golden labels';
comment on column golden_judgements.golden_judgement_id is 'hash of the recipe';
comment on column golden_judgements.golden_label_id is 'the label';
comment on column golden_judgements.instance_id is 'the candidate';
comment on column golden_judgements.category is 'partition key';
comment on column golden_judgements.stage is 'where it was decided';
comment on column golden_judgements.outcome is 'as in verdicts';
comment on column golden_judgements.reasons is 'codes as in verdicts';
comment on column golden_judgements.judge is 'the gate, or the model';
comment on column golden_judgements.judge_version is 'of the gate, or of the system prompt';
comment on column golden_judgements.run_id is 'the Dagster run that appended the row';
comment on column golden_judgements.created_at is 'when it was made, UTC; never used for order';
