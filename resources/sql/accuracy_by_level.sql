create view accuracy_by_level as
with levels(level, position) as (
    values ('hard', 1), ('medium', 2), ('easy', 3), ('trivial', 4), ('all', 5)
)
select r.level, r.model, r.revision, count(*) as captions, sum(r.n_negatives) as negatives,
    count(*) filter (r.rank = 1) / count(*) as accuracy, avg(r.rank) as mean_rank
from negative_ranks as r
join levels as l using (level)
group by r.level, r.model, r.revision, l.position
order by r.model, r.revision, l.position;

comment on view accuracy_by_level is
    'how well each embedder tells captions from their accepted negatives (FG-OVD''s protocol), by level: captions that have negatives of the level, those negatives, the share of captions that come before all of them, in [0, 1] (a negative that is as near comes before the caption), and the mean rank from 1; a caption has several negatives, so compare shares only over the same lists';
