create table scene_graphs (
    graph_id     text      not null,
    category     text      not null,
    "index"      integer   not null check ("index" >= 0),
    objects      text[]    not null,
    objects_from text      not null check (objects_from in ('training image', 'list', 'alone')),
    image_id     bigint,
    graph        text      not null,
    caption      text      not null,
    n_nodes      integer   not null check (n_nodes between 1 and 30),
    n_relations  integer   not null check (n_relations >= 0),
    origin       text      not null check (origin in ('agent', 'baseline')),
    faults       text[]    not null,
    model        text      not null,
    revision     text      not null,
    seed         bigint    not null check (seed >= 0),
    run_id       text      not null,
    created_at   timestamp not null,
    check ((objects_from = 'training image') = (image_id is not null))
);

comment on table scene_graphs is 'what one picture should show: objects, how they hang together, and a caption (Auto Cherry-Picker)';
comment on column scene_graphs.graph_id is 'hash of the recipe';
comment on column scene_graphs.category is 'partition key of the category that it was made for';
comment on column scene_graphs."index" is 'within the category';
comment on column scene_graphs.objects is 'keys of the objects that were asked for, with repetitions';
comment on column scene_graphs.objects_from is 'where they come from: training image (what stands together there), list (the user''s), or alone (the category by itself)';
comment on column scene_graphs.image_id is 'id in the user''s annotation file of the training image whose objects they are';
comment on column scene_graphs.graph is 'JSON: nodes, relations, groups, layers';
comment on column scene_graphs.caption is 'two to four sentences that mention every node';
comment on column scene_graphs.n_nodes is 'objects of the graph, 1 to 30';
comment on column scene_graphs.n_relations is 'relations between them';
comment on column scene_graphs.origin is 'agent, or baseline: no attempt of the agent could be used';
comment on column scene_graphs.faults is 'codes of what was wrong with earlier attempts, in order';
comment on column scene_graphs.model is 'that wrote it';
comment on column scene_graphs.revision is 'of the model';
comment on column scene_graphs.seed is 'of the question';
comment on column scene_graphs.run_id is 'the Dagster run that appended the row';
comment on column scene_graphs.created_at is 'when it was made, UTC; never used for order';
