create table layouts (
    layout_id        text      not null,
    graph_id         text      not null,
    category         text      not null,
    "index"          integer   not null check ("index" >= 0),
    boxes            text      not null,
    origin           text      not null check (origin in ('agent', 'solver')),
    faults           text[]    not null,
    n_relations      integer   not null check (n_relations >= 0),
    n_scored         integer   not null check (n_scored >= 0),
    clis_l           double    check (clis_l >= 0 and clis_l < 100.001),
    worst_pair       text,
    worst_percentile double    check (worst_percentile between 0 and 100),
    pool_generation  integer   check (pool_generation >= 1),
    outcome          text      not null check (outcome in ('kept', 'flagged', 'rejected')),
    reason           text      not null,
    model            text      not null,
    revision         text      not null,
    seed             bigint    not null check (seed >= 0),
    run_id           text      not null,
    created_at       timestamp not null,
    check (n_scored <= n_relations),
    check ((n_scored > 0) = (clis_l is not null)),
    check (n_scored = 0 or pool_generation is not null),
    check (outcome <> 'kept' or reason = ''),
    check (outcome <> 'rejected' or reason <> '')
);

comment on table layouts is 'one box per node of a scene graph, how real they look beside real pairs (CLIS-L), and whether they are drawn: kept and flagged ones are';
comment on column layouts.layout_id is 'hash of the recipe';
comment on column layouts.graph_id is 'of scene_graphs';
comment on column layouts.category is 'partition key of the graph';
comment on column layouts."index" is 'of the graph within the category';
comment on column layouts.boxes is 'JSON object: node id -> [x, y, w, h] as shares of the picture';
comment on column layouts.origin is 'agent, or solver: no attempt of the agent could be used';
comment on column layouts.faults is 'codes of what was wrong with earlier attempts, in order';
comment on column layouts.n_relations is 'relations of the graph';
comment on column layouts.n_scored is 'of these, with at least three real pairs to compare with';
comment on column layouts.clis_l is 'mean raw score of the scored ones, 0 to 100; it grows with the pool, so layouts are filtered by percentiles; null: no evidence, or no relations';
comment on column layouts.worst_pair is 'the relation with the least percentile: subject, predicate and object as node ids';
comment on column layouts.worst_percentile is 'share of real pairs that look less real than it, in percent';
comment on column layouts.pool_generation is 'of layout_pool: what it was compared with; null: there was no pool';
comment on column layouts.outcome is 'kept, flagged (drawn without evidence), or rejected (not drawn)';
comment on column layouts.reason is 'a code; empty when kept';
comment on column layouts.model is 'that wrote it';
comment on column layouts.revision is 'of the model';
comment on column layouts.seed is 'of the question';
comment on column layouts.run_id is 'the Dagster run that appended the row';
comment on column layouts.created_at is 'when it was made, UTC; never used for order';
