create table category_stats (
    category         text    not null,
    name             text    not null,
    rare             boolean not null,
    real             integer not null,
    target           integer not null,
    generated        integer not null,
    valid            integer not null,
    rejected         integer not null,
    errors           integer not null,
    effective        integer not null,
    distinct_sources integer not null,
    scenes           integer not null,
    deficit          integer not null,
    valid_rate       double,
    valid_rate_low   double,
    valid_rate_high  double,
    state            text    not null check (state in ('done', 'short', 'in_flight', 'needs_generator', 'exhausted', 'failing')),
    why              text    not null
);

comment on table category_stats is 'where each category stands; replaced as a whole by every publication';
comment on column category_stats.category is 'partition key';
comment on column category_stats.name is 'as the user wrote it';
comment on column category_stats.rare is 'whether it counts as rare';
comment on column category_stats.real is 'real instances of the user''s file, crowds not counted';
comment on column category_stats.target is 'effective instances, real and synthetic together, that it should reach';
comment on column category_stats.generated is 'candidates drawn';
comment on column category_stats.valid is 'candidates accepted';
comment on column category_stats.rejected is 'candidates rejected';
comment on column category_stats.errors is 'candidates on which nothing was decided; they count in no rate';
comment on column category_stats.effective is 'accepted ones, of each real source object only so many as the setting per_source permits';
comment on column category_stats.distinct_sources is 'real source objects with at least one accepted instance';
comment on column category_stats.scenes is 'scenes composed for it';
comment on column category_stats.deficit is 'effective instances still missing';
comment on column category_stats.valid_rate is 'valid / (valid + rejected); null before anything was judged';
comment on column category_stats.valid_rate_low is 'lower bound of its 95 % Wilson interval';
comment on column category_stats.valid_rate_high is 'upper bound of its 95 % Wilson interval';
comment on column category_stats.state is 'done, short, in_flight, needs_generator, exhausted or failing';
comment on column category_stats.why is 'the state in a sentence, with what to do';
