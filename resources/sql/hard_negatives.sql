create table hard_negatives (
    negative_id       text      not null,
    negative_list_id  text      not null,
    positive_id       text      not null,
    category          text      not null,
    "index"           integer   not null check ("index" >= 0),
    attempt           integer   not null check (attempt >= 0),
    sentence          text      not null check (sentence <> ''),
    level             text      check (level in ('hard', 'medium', 'easy', 'trivial')),
    changes           text      not null,
    n_changes         integer   not null check (n_changes >= 0),
    outcome           text      not null check (outcome in ('accepted', 'corrected', 'rejected')),
    reasons           text[]    not null,
    explanation       text      not null,
    confirmed_by      text[]    not null check (list_has_all(['requested', 'vision'], confirmed_by)),
    other_positive_id text,
    model             text      not null,
    revision          text      not null,
    run_id            text      not null,
    created_at        timestamp not null,
    check ((outcome = 'accepted') = (len(reasons) = 0)),
    check (outcome <> 'accepted' or (level is not null and len(confirmed_by) > 0)),
    check (
        outcome <> 'accepted'
        or n_changes = case level when 'hard' then 1 when 'medium' then 2 when 'easy' then 3 else 0 end
    ),
    check ((level is not distinct from 'trivial') = (other_positive_id is not null))
);

comment on table hard_negatives is 'sentences that are almost a caption and false of its picture, all attempts; only accepted ones are exported';
comment on column hard_negatives.negative_id is 'hash of the recipe';
comment on column hard_negatives.negative_list_id is 'of negative_lists; a run that was stopped may leave sentences whose list has no row: they count nowhere';
comment on column hard_negatives.positive_id is 'of positives: the caption that it is a negative of';
comment on column hard_negatives.category is 'partition key of the caption';
comment on column hard_negatives."index" is 'of the negative within its list, from 0; its corrections share it';
comment on column hard_negatives.attempt is '0: as it was written; from 1: corrections';
comment on column hard_negatives.sentence is 'as it was written';
comment on column hard_negatives.level is 'hard, medium or easy: one, two or three attributes exchanged; trivial: the caption of another picture; null: none of these';
comment on column hard_negatives.changes is 'JSON: [{type, origin, target, noun}], told by code from the two sentences; [] of trivial ones';
comment on column hard_negatives.n_changes is 'how many those are';
comment on column hard_negatives.outcome is 'accepted; corrected: the next attempt stands in its place; rejected: given up after the last correction';
comment on column hard_negatives.reasons is 'codes of what is wrong with it; empty when accepted';
comment on column hard_negatives.explanation is 'the same in words, as they went back to the model';
comment on column hard_negatives.confirmed_by is 'what says that it is false of the picture: requested (of the generator), vision (the model looked)';
comment on column hard_negatives.other_positive_id is 'of a trivial one: of positives, whose caption it is';
comment on column hard_negatives.model is 'that wrote it';
comment on column hard_negatives.revision is 'of the model';
comment on column hard_negatives.run_id is 'the Dagster run that appended the row';
comment on column hard_negatives.created_at is 'when it was made, UTC; never used for order';
