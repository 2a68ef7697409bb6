create table verdicts (
    verdict_id     text      not null,
    instance_id    text      not null,
    category       text      not null,
    source         text      not null check (source in ('cutout', 'variation', 'layer_diffusion', 'offline')),
    reference_id   text,
    round          integer   not null check (round >= 0),
    "index"        integer   not null check ("index" >= 0),
    outcome        text      not null check (outcome in ('accepted', 'rejected', 'error')),
    stage          text      not null check (stage in ('draw', 'gate', 'vlm', 'person')),
    reasons        text[]    not null,
    explanation    text      not null,
    mask_threshold integer   check (mask_threshold between 0 and 255),
    area_px        bigint    check (area_px >= 0),
    cutout         text,
    width          integer   check (width > 0),
    height         integer   check (height > 0),
    measurements   text      not null,
    judge          text      not null,
    judge_version  text      not null,
    criteria       text,
    seen           text,
    record         text,
    differs        text[],
    run_id         text      not null,
    created_at     timestamp not null,
    check (outcome <> 'accepted' or (cutout is not null and area_px > 0)),
    check (outcome <> 'rejected' or len(reasons) > 0)
);

comment on table verdicts is 'what validation says of each instance; a model answer that could not be read is an error, never a rejection';
comment on column verdicts.verdict_id is 'hash of the recipe';
comment on column verdicts.instance_id is 'the instance';
comment on column verdicts.category is 'partition key';
comment on column verdicts.source is 'of the instance';
comment on column verdicts.reference_id is 'of the instance: effective instances are counted per source object';
comment on column verdicts.round is 'of the instance';
comment on column verdicts."index" is 'of the instance';
comment on column verdicts.outcome is 'accepted, rejected, or error: nothing was decided';
comment on column verdicts.stage is 'draw (nothing came of it), gate (measurements of the mask), vlm (the vision model) or person (a review): where it was decided; of several verdicts on one instance the latest is in force';
comment on column verdicts.reasons is 'codes for which it was rejected';
comment on column verdicts.explanation is 'a sentence for people';
comment on column verdicts.mask_threshold is 'alpha level, 0 to 255, above which a pixel belongs to the mask';
comment on column verdicts.area_px is 'pixels of the mask of the cleaned cut-out';
comment on column verdicts.cutout is 'the cleaned tight RGBA crop that scenes paste: path relative to the home; of everything that the gate let pass';
comment on column verdicts.width is 'of the cut-out, px';
comment on column verdicts.height is 'of the cut-out, px';
comment on column verdicts.measurements is 'JSON: what the gate measured';
comment on column verdicts.judge is 'the model or gate that decided';
comment on column verdicts.judge_version is 'of the judge';
comment on column verdicts.criteria is 'JSON object: criterion -> meet, fail or na, as the vision model decided; null where it was not asked';
comment on column verdicts.seen is 'JSON object: attribute -> value, as the vision model described the picture';
comment on column verdicts.record is 'JSON object: the slots of the prompt, corrected by what is seen; accepted ones only';
comment on column verdicts.differs is 'slots whose requested value the picture does not show';
comment on column verdicts.run_id is 'the Dagster run that appended the row';
comment on column verdicts.created_at is 'when it was made, UTC; never used for order';
