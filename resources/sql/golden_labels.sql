create table golden_labels (
    golden_label_id  text not null,
    instance_id      text not null,
    category         text not null,
    name             text not null,
    image            text not null,
    frame_width      integer not null check (frame_width > 0),
    frame_height     integer not null check (frame_height > 0),
    frame_x          integer not null check (frame_x >= 0),
    frame_y          integer not null check (frame_y >= 0),
    keep             boolean not null,
    reasons          text[] not null,
    labeller         text not null check (labeller in ('person', 'simulated')),
    note             text not null,
    run_id           text not null,
    created_at       timestamp not null
);

comment on table golden_labels is 'what somebody who saw candidates said of them, the verdict hidden: the measure of the validation agent; of several labels of one labeller on one candidate the one stored last is in force';
comment on column golden_labels.golden_label_id is 'hash of the recipe';
comment on column golden_labels.instance_id is 'the candidate; where the labeller is simulated, one of the offline world''s own golden set';
comment on column golden_labels.category is 'partition key';
comment on column golden_labels.name is 'of the category, as it was shown';
comment on column golden_labels.image is 'tight RGBA crop: path relative to the home';
comment on column golden_labels.frame_width is 'of the frame it was drawn in, px';
comment on column golden_labels.frame_height is 'of that frame, px';
comment on column golden_labels.frame_x is 'where the crop lies in it, px';
comment on column golden_labels.frame_y is 'where the crop lies in it, px';
comment on column golden_labels.keep is 'whether it is a good instance';
comment on column golden_labels.reasons is 'codes as in verdicts, where it is not; may be empty';
comment on column golden_labels.labeller is 'who said so';
comment on column golden_labels.note is 'free text of the labeller';
comment on column golden_labels.run_id is 'the Dagster run that appended the row';
comment on column golden_labels.created_at is 'when it was made, UTC; never used for order';
