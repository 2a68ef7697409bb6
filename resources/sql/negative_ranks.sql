create table negative_ranks (
    negative_rank_id text      not null,
    positive_id      text      not null,
    category         text      not null,
    level            text      not null check (level in ('hard', 'medium', 'easy', 'trivial', 'all')),
    n_negatives      integer   not null check (n_negatives >= 1),
    rank             integer   not null check (rank between 1 and n_negatives + 1),
    model            text      not null,
    revision         text      not null,
    run_id           text      not null,
    created_at       timestamp not null
);

comment on table negative_ranks is 'where an embedder puts a caption among its accepted negatives (FG-OVD''s protocol); a level that a caption has no negatives of has no row';
comment on column negative_ranks.negative_rank_id is 'hash of the recipe';
comment on column negative_ranks.positive_id is 'of positives';
comment on column negative_ranks.category is 'partition key of the caption';
comment on column negative_ranks.level is 'hard, medium, easy or trivial; all: every accepted negative of the caption';
comment on column negative_ranks.n_negatives is 'how many it was ranked among';
comment on column negative_ranks.rank is 'of the caption by cosine with the picture, from 1; a negative that is as near comes before it';
comment on column negative_ranks.model is 'the embedder';
comment on column negative_ranks.revision is 'of the model';
comment on column negative_ranks.run_id is 'the Dagster run that appended the row';
comment on column negative_ranks.created_at is 'when it was made, UTC; never used for order';
