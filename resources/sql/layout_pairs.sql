create table layout_pairs (
    layout_pair_id text      not null,
    layout_id      text      not null,
    category       text      not null,
    subject        text      not null,
    relation       text      not null,
    object         text      not null,
    level          text      not null check (level in ('pair', 'relation', 'class', 'none')),
    examples       integer   not null check (examples >= 0),
    size           double    check (size > -0.001 and size < 1.001), -- sums of floats: a cosine may be 1.0000000000000002
    distance       double    check (distance > -0.001 and distance < 1.001),
    direction      double    check (direction > -0.001 and direction < 1.001),
    score          double    check (score > -0.1 and score < 100.1),
    percentile     double    check (percentile between 0 and 100),
    run_id         text      not null,
    created_at     timestamp not null,
    check ((level = 'none') = (score is null)),
    check ((size is null) = (score is null)),
    check ((distance is null) = (score is null)),
    check ((direction is null) = (score is null)),
    check (percentile is null or score is not null)
);

comment on table layout_pairs is 'CLIS-L of each relation of a layout: size, distance and direction beside the nearest real pairs';
comment on column layout_pairs.layout_pair_id is 'hash of the recipe';
comment on column layout_pairs.layout_id is 'of layouts';
comment on column layout_pairs.category is 'partition key of the graph';
comment on column layout_pairs.subject is 'key of the category';
comment on column layout_pairs.relation is 'how the subject stands to the object';
comment on column layout_pairs.object is 'key of the category';
comment on column layout_pairs.level is 'which real pairs it was compared with: pair (same subject, object and relation), relation (same relation), class (same kind of relation), or none (fewer than three of either)';
comment on column layout_pairs.examples is 'how many real pairs these are';
comment on column layout_pairs.size is 'likeness of the two areas'' ratio, in [0, 1]; null: no evidence';
comment on column layout_pairs.distance is 'likeness of overlap and relative distance, in [0, 1]';
comment on column layout_pairs.direction is 'likeness of direction, in [0, 1]';
comment on column layout_pairs.score is 'raw score, 0 to 100: 100 (.5 size + distance + .8 direction) / 2.3';
comment on column layout_pairs.percentile is 'share of real pairs that look less real, in percent, both compared with equally many examples';
comment on column layout_pairs.run_id is 'the Dagster run that appended the row';
comment on column layout_pairs.created_at is 'when it was made, UTC; never used for order';
