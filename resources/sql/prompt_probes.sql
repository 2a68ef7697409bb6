create table prompt_probes (
    prompt_probe_id  text not null,
    category         text not null,
    round            integer not null check (round >= 0),
    "index"          integer not null check ("index" >= 0),
    parent_id        text not null,
    text             text not null,
    slots            text not null,
    kept             text[] not null,
    missing          text[] not null,
    extra            text[] not null,
    pairs            integer not null check (pairs >= 0),
    parent_good      integer not null check (parent_good between 0 and pairs),
    good             integer not null check (good between 0 and pairs),
    p_better         double not null check (p_better between 0 and 1),
    accepted         boolean not null,
    reason           text not null,
    run_id           text not null,
    created_at       timestamp not null
);

comment on table prompt_probes is 'prompts rethought by what they drew: rewrites compared with their parents on the same seeds';
comment on column prompt_probes.prompt_probe_id is 'hash of the recipe';
comment on column prompt_probes.category is 'partition key';
comment on column prompt_probes.round is 'in which it was probed';
comment on column prompt_probes."index" is 'of the prompt that would take the new text';
comment on column prompt_probes.parent_id is 'the prompt that was rethought';
comment on column prompt_probes.text is 'the rewrite';
comment on column prompt_probes.slots is 'JSON object: slot -> value of the rewrite';
comment on column prompt_probes.kept is 'slots of the parent that its pictures show';
comment on column prompt_probes.missing is 'slots that they do not show';
comment on column prompt_probes.extra is 'reason codes of what they show and should not';
comment on column prompt_probes.pairs is 'pictures drawn with each of the two, on the same seeds';
comment on column prompt_probes.parent_good is 'of the parent''s pictures: valid, and as the prompt says';
comment on column prompt_probes.good is 'of the rewrite''s pictures';
comment on column prompt_probes.p_better is 'probability that the rewrite draws more good pictures';
comment on column prompt_probes.accepted is 'whether it replaced its parent';
comment on column prompt_probes.reason is 'why';
comment on column prompt_probes.run_id is 'the Dagster run that appended the row';
comment on column prompt_probes.created_at is 'when it was made, UTC; never used for order';
