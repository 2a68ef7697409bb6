create table categories (
    category_row_id text      not null,
    category        text      not null,
    name            text      not null,
    generation      integer   not null check (generation >= 1),
    position        integer   not null check (position >= 0),
    state           text      not null check (state in ('active', 'retired')),
    source_id       bigint,
    supercategory   text,
    synset          text,
    definition      text,
    synonyms        text[]    not null,
    frequency       text      check (frequency in ('r', 'c', 'f')),
    image_count     integer   not null check (image_count >= 0),
    instance_count  integer   not null check (instance_count >= 0),
    rare            boolean   not null,
    rare_reason     text      not null,
    target          integer   not null check (target >= 0),
    run_id          text      not null,
    created_at      timestamp not null
);

comment on table categories is 'the user''s concepts, one row per generation of the list; of each category the newest generation is in force';
comment on column categories.category_row_id is 'hash of the recipe (category and generation)';
comment on column categories.category is 'partition key; stays the same when the name changes';
comment on column categories.name is 'as the user wrote it, in Unicode NFC; data, never a path or a query';
comment on column categories.generation is 'of the concept list, from 1';
comment on column categories.position is '0 is the rarest: the order in which partitions are registered';
comment on column categories.state is 'active, or retired: taken off the list, the rows stay';
comment on column categories.source_id is 'category id in the user''s annotation file';
comment on column categories.supercategory is 'from the user''s file';
comment on column categories.synset is 'WordNet synset, from the user''s file';
comment on column categories.definition is 'from the user''s file';
comment on column categories.synonyms is 'from the user''s file';
comment on column categories.frequency is 'LVIS: r (1 to 10 training images), c (11 to 100), f (more)';
comment on column categories.image_count is 'real training images that show the category';
comment on column categories.instance_count is 'real instances, crowds not counted';
comment on column categories.rare is 'whether it counts as rare';
comment on column categories.rare_reason is 'why it does, or does not';
comment on column categories.target is 'effective instances, real and synthetic together, that the category should reach';
comment on column categories.run_id is 'the Dagster run that appended the row';
comment on column categories.created_at is 'when it was made, UTC; never used for order';
