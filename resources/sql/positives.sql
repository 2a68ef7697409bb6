create table positives (
    positive_id  text      not null,
    category     text      not null,
    kind         text      not null check (kind in ('instance', 'scene', 'real')),
    subject_id   text      not null,
    image        text      not null,
    asked_of     text      not null,
    outcome      text      not null check (outcome in ('accepted', 'refused')),
    caption      text      check (caption <> ''),
    nouns        text[]    not null,
    attributes   text      not null,
    n_attributes integer   not null check (n_attributes >= 0),
    n_words      integer   not null check (n_words >= 0),
    requested    text      not null,
    faults       text[]    not null,
    model        text      not null,
    revision     text      not null,
    seed         bigint    not null check (seed >= 0),
    run_id       text      not null,
    created_at   timestamp not null,
    check ((outcome = 'accepted') = (caption is not null)),
    check (outcome <> 'accepted' or (n_attributes >= 1 and n_words between 10 and 25 and len(nouns) > 0 and image <> '')),
    check (outcome <> 'refused' or len(faults) > 0)
);

comment on table positives is 'captions of accepted pictures: what hard negatives differ from; or why a picture has none';
comment on column positives.positive_id is 'hash of the recipe';
comment on column positives.category is 'partition key of the category that the picture was made for; of a real one: of its reference instance';
comment on column positives.kind is 'instance, a cut-out on a plain ground; scene, a finished scene; real, part of one of your photographs';
comment on column positives.subject_id is 'of instances, scenes or reference_instances';
comment on column positives.image is 'the picture as the vision model saw it, path relative to the home; empty of a refused one: it is gone';
comment on column positives.asked_of is 'digest of profile and chat settings: a picture that was refused is shown to another model again';
comment on column positives.outcome is 'accepted, or refused: no attempt brought a caption that can be accepted';
comment on column positives.caption is 'one sentence of 10 to 25 words; null: refused';
comment on column positives.nouns is 'what its attributes may be said of, lower case';
comment on column positives.attributes is 'JSON: [{type, value, noun, word}] in the caption''s order; word is the value as the caption has it; type is colour, material, pattern or transparency';
comment on column positives.n_attributes is 'how many those are: at least 1 of an accepted caption';
comment on column positives.n_words is 'of the caption';
comment on column positives.requested is 'JSON: {complete, things: [{name, requested: {type: value}}]}: what it is known to hold and what the generator was asked for, nothing of real ones; complete: nothing of its categories stands in it beyond these things';
comment on column positives.faults is 'codes of what was wrong with earlier attempts, in order';
comment on column positives.model is 'the vision model that described';
comment on column positives.revision is 'of the model';
comment on column positives.seed is 'of the question';
comment on column positives.run_id is 'the Dagster run that appended the row';
comment on column positives.created_at is 'when it was made, UTC; never used for order';
