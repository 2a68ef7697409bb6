create table top_ups (
    top_up_id    text      not null,
    category     text      not null,
    round        integer   not null check (round >= 0),
    source       text      not null check (source in ('cutout', 'variation', 'layer_diffusion', 'offline')),
    first_index  integer   not null check (first_index >= 0),
    count        integer   not null check (count >= 0),
    deficit      integer   not null check (deficit >= 0),
    yield_lower  double    not null check (yield_lower between 0 and 1),
    fingerprint  text      not null,
    requested_by text      not null check (requested_by in ('plan', 'candidates')),
    source_objects integer check (source_objects is null or (source in ('cutout', 'variation') and source_objects > 0)),
    run_id       text      not null,
    created_at   timestamp not null
);

comment on table top_ups is 'plans, one per round, category and source, written before the work';
comment on column top_ups.top_up_id is 'hash of the recipe';
comment on column top_ups.category is 'partition key';
comment on column top_ups.round is 'top-up round';
comment on column top_ups.source is 'of the candidates to draw';
comment on column top_ups.first_index is 'index of the first candidate';
comment on column top_ups.count is 'candidates to draw: first_index to first_index + count - 1';
comment on column top_ups.deficit is 'effective instances missing when it was planned';
comment on column top_ups.yield_lower is 'lower Wilson bound of the yield that the deficit was divided by, in [0, 1]';
comment on column top_ups.fingerprint is 'of the prompts, model and settings it was planned under';
comment on column top_ups.requested_by is 'plan (by deficit) or candidates (a number that was asked for)';
comment on column top_ups.source_objects is 'source objects that the indices were planned over; null but for cutout and variation';
comment on column top_ups.run_id is 'the Dagster run that appended the row';
comment on column top_ups.created_at is 'when it was made, UTC; never used for order';
