create table agent_prompts (
    agent_prompt_id   text not null,
    agent             text not null check (agent in ('prompt', 'judge')),
    version           text not null,
    text              text not null,
    written_by       text not null check (written_by in ('shipped', 'person', 'textgrad')),
    refinement        integer not null check (refinement >= 0),
    step              integer not null check (step >= 0),
    parent_version    text,
    minibatch         text[] not null,
    criticism         text[] not null,
    pairs             integer not null check (pairs >= 0),
    score_parent      double check (score_parent between 0 and 1),
    score             double check (score between 0 and 1),
    difference_low    double check (difference_low between -1 and 1),
    difference_high   double check (difference_high between -1 and 1),
    diversity_parent  double check (diversity_parent between 0 and 1),
    diversity         double check (diversity between 0 and 1),
    accepted          boolean not null,
    reason            text not null,
    calls             integer not null check (calls >= 0),
    run_id            text not null,
    created_at        timestamp not null
);

comment on table agent_prompts is 'versions of the agents'' system prompts: each step of TextGrad with its criticism and scores, accepted or not';
comment on column agent_prompts.agent_prompt_id is 'hash of the recipe';
comment on column agent_prompts.agent is 'prompt (it writes prompts) or judge (it validates pictures)';
comment on column agent_prompts.version is '12 hex digits of the hash of the text; prompts.agent_version and verdicts.judge_version name it';
comment on column agent_prompts.text is 'the whole system prompt';
comment on column agent_prompts.written_by is 'where it comes from';
comment on column agent_prompts.refinement is 'counts the refinements of the agent, from 1; 0: shipped or written by a person';
comment on column agent_prompts.step is 'within the refinement, from 1; 0: what it began with';
comment on column agent_prompts.parent_version is 'the version that it was rewritten from';
comment on column agent_prompts.minibatch is 'what the criticised work was about: categories, or golden labels';
comment on column agent_prompts.criticism is 'what the critic said of the parent';
comment on column agent_prompts.pairs is 'items on which parent and rewrite were compared';
comment on column agent_prompts.score_parent is 'of the parent on those items; prompt: 0.7 validated yield + 0.3 diversity; judge: F0.5 against golden labels';
comment on column agent_prompts.score is 'of the rewrite on the same items';
comment on column agent_prompts.difference_low is 'lower end of the 95 % interval of score - score_parent, paired bootstrap';
comment on column agent_prompts.difference_high is 'upper end of it';
comment on column agent_prompts.diversity_parent is 'slot entropy and embedding distance, prompt agent only';
comment on column agent_prompts.diversity is 'of the rewrite';
comment on column agent_prompts.accepted is 'whether it replaced its parent';
comment on column agent_prompts.reason is 'why it was accepted or refused';
comment on column agent_prompts.calls is 'questions asked of models for this step';
comment on column agent_prompts.run_id is 'the Dagster run that appended the row';
comment on column agent_prompts.created_at is 'when it was made, UTC; never used for order';
