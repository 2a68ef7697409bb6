create view short_lists as
select why_short, count(*) as lists, sum(wanted - n_hard - n_medium - n_easy) as missing,
    count(*) / (select count(*) from negative_lists) as share
from negative_lists
where short
group by why_short
order by lists desc, why_short;

comment on view short_lists is
    'captions with fewer hard negatives than wanted, by the reason: how many there are, how many negatives are missing altogether, and their share of all captions with a list, in [0, 1]; nothing is filled up';
