create view acceptance_by_band as
with bands(band, at_least, below) as (
    values ('under 70', 0, 70), ('70-75', 70, 75), ('75-80', 75, 80), ('80-85', 80, 85), ('85+', 85, 101)
),
decided as (
    select clis_i, outcome
    from layout_scenes
    where outcome <> 'error' and clis_i is not null
)
select b.band, count(d.outcome) as layouts, count(*) filter (d.outcome = 'kept') as kept,
    kept / nullif(layouts, 0) as kept_share
from bands as b
left join decided as d on d.clis_i >= b.at_least and d.clis_i < b.below
group by b.band, b.at_least
order by b.at_least;

comment on view acceptance_by_band is
    'drawn layouts by the CLIS-I (0 to 100) of their best picture: how many there are in each band, lower bound included, how many of them were kept, and that share, in [0, 1]; null in an empty band. A picture above the floor is rejected for a single object or for something outside the boxes. Layouts without a score are in no band';
