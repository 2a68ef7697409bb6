create view verdicts_in_force as
from verdicts as v
where not exists (from superseded_verdicts as s where s.verdict_id = v.verdict_id);

comment on view verdicts_in_force is
    'one verdict per instance: of several, such as an error that was tried again or a person''s word after the machine''s, the one stored last';
