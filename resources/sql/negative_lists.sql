create table negative_lists (
    negative_list_id text      not null,
    positive_id      text      not null,
    category         text      not null,
    wanted           integer   not null check (wanted >= 1),
    n_hard           integer   not null check (n_hard >= 0),
    n_medium         integer   not null check (n_medium >= 0),
    n_easy           integer   not null check (n_easy >= 0),
    n_trivial        integer   not null check (n_trivial >= 0),
    n_rejected       integer   not null check (n_rejected >= 0),
    n_corrected      integer   not null check (n_corrected >= 0),
    short            boolean   not null,
    why_short        text      not null,
    verified_by      text      not null check (verified_by in ('both', 'requested', 'vision')),
    run_id           text      not null,
    created_at       timestamp not null,
    check (n_hard + n_medium + n_easy <= wanted),
    check (short = (n_hard + n_medium + n_easy < wanted)),
    check (short = (why_short <> ''))
);

comment on table negative_lists is 'what became of the negatives of each caption; written when all of them are stored';
comment on column negative_lists.negative_list_id is 'hash of the recipe';
comment on column negative_lists.positive_id is 'of positives';
comment on column negative_lists.category is 'partition key of the caption';
comment on column negative_lists.wanted is 'hard, medium and easy ones together';
comment on column negative_lists.n_hard is 'accepted ones with one attribute exchanged';
comment on column negative_lists.n_medium is 'accepted ones with two';
comment on column negative_lists.n_easy is 'accepted ones with three';
comment on column negative_lists.n_trivial is 'accepted captions of other pictures, on top of those wanted';
comment on column negative_lists.n_rejected is 'given up after their last correction';
comment on column negative_lists.n_corrected is 'attempts that were sent back, of all negatives of the list';
comment on column negative_lists.short is 'whether it has fewer than wanted; nothing is filled up';
comment on column negative_lists.why_short is 'a code: the commonest reason of its rejections, or what ended the work on it; empty when complete';
comment on column negative_lists.verified_by is 'what told that they are false of the picture: requested (of the generator), vision (the model looked), or both';
comment on column negative_lists.run_id is 'the Dagster run that appended the row';
comment on column negative_lists.created_at is 'when it was made, UTC; never used for order';
