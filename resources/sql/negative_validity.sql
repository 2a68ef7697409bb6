create table negative_validity (
    scope     text    not null check (scope in ('all', 'level', 'attribute')),
    name      text    not null,
    positives integer not null,
    negatives integer not null,
    valid     double,
    low       double,
    high      double,
    truth     text    not null check (truth in ('simulated', 'unknown')),
    check ((truth = 'unknown') = (valid is null)),
    check ((valid is null) = (low is null)),
    check ((valid is null) = (high is null))
);

comment on table negative_validity is 'how many of the accepted negatives of cut-outs are false of their pictures by an independent truth; trivial ones are not judged; replaced as a whole by every publication';
comment on column negative_validity.scope is 'all; level, by the number of exchanged attributes; attribute, by type: a negative counts for each type that it exchanges';
comment on column negative_validity.name is 'all; hard, medium, easy; colour, material, pattern, transparency';
comment on column negative_validity.positives is 'captions of those negatives';
comment on column negative_validity.negatives is 'those whose truth is known; all of them where it is known of none';
comment on column negative_validity.valid is 'share of them that are well formed and false of the picture in every exchanged attribute (scope attribute: in those of the type), in [0, 1]; null: unknown';
comment on column negative_validity.low is '95 % bound of that share, negatives of one caption taken as one cluster';
comment on column negative_validity.high is 'likewise';
comment on column negative_validity.truth is 'where the truth comes from: simulated (the offline world''s drawings), or unknown';
