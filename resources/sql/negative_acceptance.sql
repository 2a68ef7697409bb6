create view negative_acceptance as
with groups(scope, name, position) as (
    values ('all', 'all', 1), ('level', 'hard', 2), ('level', 'medium', 3), ('level', 'easy', 4),
        ('level', 'trivial', 5), ('level', 'none', 6), ('attribute', 'colour', 7), ('attribute', 'material', 8),
        ('attribute', 'pattern', 9), ('attribute', 'transparency', 10)
),
ended as ( -- the last attempt of each negative; every earlier one was sent back
    select attempt, outcome, coalesce(level, 'none') as level,
        list_distinct(json_extract_string(changes, '$[*].type')) as types
    from hard_negatives
    semi join negative_lists using (negative_list_id)
    where outcome <> 'corrected'
),
grouped as (
    select 'all' as scope, 'all' as name, attempt, outcome from ended
    union all
    select 'level', level, attempt, outcome from ended
    union all
    select 'attribute', unnest(types), attempt, outcome from ended
)
select g.scope, g.name, count(e.outcome) as negatives,
    count(*) filter (e.outcome = 'accepted' and e.attempt = 0) as as_written,
    count(*) filter (e.outcome = 'accepted' and e.attempt > 0) as after_corrections,
    count(*) filter (e.outcome = 'rejected') as rejected,
    (as_written + after_corrections) / nullif(count(e.outcome), 0) as accepted_share,
    coalesce(sum(e.attempt), 0) as sent_back,
    sent_back / nullif(as_written + after_corrections, 0) as sent_back_per_accepted
from groups as g
left join grouped as e using (scope, name)
group by g.scope, g.name, g.position
order by g.position;

comment on view negative_acceptance is
    'how many negatives were accepted as they were written, how many after corrections, how many were rejected, and the share of those accepted, in [0, 1]: of all, by level (none: a rejected one that has no level), and by attribute type (a negative counts for each type that its last attempt exchanges); and how many attempts were sent back, those of rejected ones included, apiece for each accepted negative. Null where there is nothing to divide by. Negatives of one caption are alike, so a plain interval of a share would be too narrow; how many are really false of their pictures is in negative_validity, with such intervals';
