create table superseded_verdicts (
    verdict_id text not null
);

comment on table superseded_verdicts is 'verdicts that are not in force any more: of several on one instance all but the one stored last; replaced whenever verdicts are taken in';
comment on column superseded_verdicts.verdict_id is 'of verdicts';
