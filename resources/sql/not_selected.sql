create table not_selected (
    not_selected_id text    not null,
    category        text    not null,
    instance_id     text    not null,
    round           integer not null check (round >= 0),
    "index"         integer not null check ("index" >= 0),
    target          integer not null check (target >= 0),
    needed          integer not null check (needed >= 0),
    rank            integer not null check (rank between 1 and "of"),
    "of"            integer not null,
    s_txt           double  check (abs(s_txt) < 1.001),
    s_img           double  check (abs(s_img) < 1.001),
    run_id          text    not null,
    created_at      timestamp not null,
    check (rank > needed),
    check (s_txt is not null or s_img is not null)
);

comment on table not_selected is
    'valid instances that were left without a scene of their own, because their category had enough and better ones (InstaDA''s proportional filter): they count as valid in every rate, may join scenes of others, and are composed as soon as the target asks for them; which valid instances are unused now, and why, is the view unused_instances';
comment on column not_selected.not_selected_id is 'hash of the recipe';
comment on column not_selected.category is 'partition key';
comment on column not_selected.instance_id is 'the instance';
comment on column not_selected.round is 'of the instance';
comment on column not_selected."index" is 'of the instance';
comment on column not_selected.target is 'of the category, effective instances, when it was left out; once the target is higher the row says nothing any more';
comment on column not_selected.needed is 'so many of its round were needed to reach that target';
comment on column not_selected.rank is 'by quality among the valid drawn instances of its round, 1 is the best: the mean of the two ranks by s_txt and s_img';
comment on column not_selected."of" is 'how many these were';
comment on column not_selected.s_txt is 'cosine of the cleaned cut-out and the category''s name, in [-1, 1]; null where the embedder knows nothing of the name';
comment on column not_selected.s_img is 'mean cosine of the cleaned cut-out and real crops of the category, in [-1, 1]; null where there are none';
comment on column not_selected.run_id is 'the Dagster run that appended the row';
comment on column not_selected.created_at is 'when it was made, UTC; never used for order';
