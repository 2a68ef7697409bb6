create table invalid_rates (
    category           text    not null,
    generated          integer not null,
    judged             integer not null,
    rejected           double,
    generation_invalid double,
    residual_invalid   double,
    truth              text    not null check (truth in ('simulated', 'golden', 'unknown'))
);

comment on table invalid_rates is 'three rates with three denominators; replaced as a whole by every publication';
comment on column invalid_rates.category is 'partition key';
comment on column invalid_rates.generated is 'candidates drawn';
comment on column invalid_rates.judged is 'accepted + rejected; errors count in no rate';
comment on column invalid_rates.rejected is 'rejected / judged';
comment on column invalid_rates.generation_invalid is 'bad by an independent truth / generated ones whose truth is known; null: unknown';
comment on column invalid_rates.residual_invalid is 'bad by that truth / accepted ones whose truth is known; null: unknown';
comment on column invalid_rates.truth is 'where the truth comes from: simulated, golden (people''s labels, held against what the machine decided, whatever was overruled since), or unknown';
