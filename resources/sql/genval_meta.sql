create table genval_meta (
    as_of          timestamp not null,
    genval_version text      not null,
    schema_hash    text      not null,
    sorted_rows    bigint    not null
);

comment on table genval_meta is 'one row: which state of the home this file shows';
comment on column genval_meta.as_of is 'when the file was published, UTC; also the time of its last change, or somebody else changed it';
comment on column genval_meta.genval_version is 'of the program that published it';
comment on column genval_meta.schema_hash is 'of the statements that made its tables; a file made by others is built anew from the parts';
comment on column genval_meta.sorted_rows is 'rows of all tables when the file was last built anew: these lie sorted by category, later ones behind them';

create table genval_parts (
    table_name text not null,
    part       text not null
);

comment on table genval_parts is 'the Parquet parts below data/tables whose rows are in this file; the publisher''s bookkeeping';
comment on column genval_parts.table_name is 'folder below data/tables';
comment on column genval_parts.part is 'name of the file';
