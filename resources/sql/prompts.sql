create table prompts (
    prompt_id     text      not null,
    category      text      not null,
    round         integer   not null check (round >= 0),
    "index"       integer   not null check ("index" >= 0),
    text          text      not null,
    negative      text      not null,
    slots         text      not null,
    n_tokens      integer   not null check (n_tokens >= 0),
    agent_version text      not null,
    origin        text      not null check (origin in ('agent', 'baseline', 'rethink')),
    parent_id     text,
    lint          text[]    not null,
    seed          bigint    not null check (seed >= 0),
    run_id        text      not null,
    created_at    timestamp not null
);

comment on table prompts is 'prompts, each of which describes exactly one object';
comment on column prompts.prompt_id is 'hash of the recipe';
comment on column prompts.category is 'partition key';
comment on column prompts.round is 'top-up round';
comment on column prompts."index" is 'within the category, over all rounds';
comment on column prompts.text is 'the prompt';
comment on column prompts.negative is 'the negative prompt; empty for none';
comment on column prompts.slots is 'JSON object: slot name -> value';
comment on column prompts.n_tokens is 'CLIP tokens, or the estimate where no tokenizer is present';
comment on column prompts.agent_version is 'of the system prompt that was used';
comment on column prompts.origin is 'agent, baseline (the fixed sentence), or rethink (rewritten from what was generated)';
comment on column prompts.parent_id is 'prompt_id that this one replaces';
comment on column prompts.lint is 'named reasons for which earlier attempts at this prompt were refused';
comment on column prompts.seed is 'of its sampling';
comment on column prompts.run_id is 'the Dagster run that appended the row';
comment on column prompts.created_at is 'when it was made, UTC; never used for order';
