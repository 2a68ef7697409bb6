create table image_scores (
    image_score_id  text      not null,
    layout_image_id text      not null,
    layout_id       text      not null,
    category        text      not null,
    clis_i          double    check (clis_i between 0 and 100),
    whole           double    check (whole between 0 and 100),
    local_mean      double    check (local_mean between 0 and 100),
    local_worst     double    check (local_worst between 0 and 100),
    worst_node      text,
    terms           text      not null,
    n_unread        integer   not null check (n_unread >= 0),
    model           text      not null,
    revision        text      not null,
    run_id          text      not null,
    created_at      timestamp not null,
    check ((clis_i is null) = (whole is null and local_mean is null)),
    check ((local_mean is null) = (local_worst is null)),
    check ((local_mean is null) = (worst_node is null))
);

comment on table image_scores is 'CLIS-I of each picture drawn of a layout: how well it shows it, by what a vision model says of it';
comment on column image_scores.image_score_id is 'hash of the recipe';
comment on column image_scores.layout_image_id is 'of layout_images';
comment on column image_scores.layout_id is 'of layouts';
comment on column image_scores.category is 'partition key of the graph';
comment on column image_scores.clis_i is '0 to 100: half the whole picture, half the mean of its objects; null: no term could be read';
comment on column image_scores.whole is 'what is said of the whole picture against the graph''s caption, 0 to 100';
comment on column image_scores.local_mean is 'mean over the objects of .8 box + .2 crop, 0 to 100';
comment on column image_scores.local_worst is 'the least of these';
comment on column image_scores.worst_node is 'the object that has it, as node id';
comment on column image_scores.terms is 'JSON: what was said of the whole picture and of each object''s box and crop, and its score';
comment on column image_scores.n_unread is 'terms that no attempt could read: they are left out';
comment on column image_scores.model is 'that looked';
comment on column image_scores.revision is 'of the model';
comment on column image_scores.run_id is 'the Dagster run that appended the row';
comment on column image_scores.created_at is 'when it was made, UTC; never used for order';
