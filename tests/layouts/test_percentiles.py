import numpy as np
import pytest

from genval_assets.layouts.clis_l import Pair, clis_l
from genval_assets.layouts.percentiles import References, percentiles, references, student_below
from genval_assets.layouts.pool import Pool
from genval_assets.layouts.settings import ClisLSettings

NONE = np.zeros((4, 0))


def of(*scores):
    return References(NONE, np.array(scores, dtype=float))


def percent(score, references):
    return percentiles(np.array([score], dtype=float), references).tolist()[0]


@pytest.mark.parametrize(("score", "expected"), [(55, 25), (65, 50), (75, 75), (99, 100), (60, 37.5)])
def test_it_is_the_percent_of_real_pairs_that_score_lower_and_ties_count_half(score, expected):
    assert percent(score, of(50, 60, 70, 80)) == expected


def test_rounding_makes_no_pair_look_less_real_than_its_equal():
    assert percent(60 - 1e-12, of(50, 60, 70, 80)) == 37.5


def test_below_all_real_pairs_it_falls_on_instead_of_being_nothing_at_once():
    # odds 1, 2, 4: their logarithms are ln 2 apart, so the spread is ln 2 * sqrt(4/3); odds of 1/2 lie 2 ln 2 below
    # the mean: t = -sqrt(3) with 2 degrees of freedom, of which 1/2 - sqrt(3/5)/2 lie below
    assert percent(100 / 3, of(50, 200 / 3, 80)) == pytest.approx(100 * (0.5 - 0.5 * (3 / 5) ** 0.5))


def test_just_below_three_real_pairs_it_is_at_most_a_quarter():
    assert percent(59.99, of(60, 60.5, 61)) <= 25
    assert percent(60.6, of(60, 60.5, 61)) > 60


@pytest.mark.parametrize("count", [3, 4, 10, 30])
def test_it_never_falls_when_the_score_rises(count):
    rng = np.random.default_rng(count)
    real = of(*np.sort(rng.uniform(60, 100, count)))
    rising = percentiles(np.linspace(0, 100, 4001), real)
    assert (np.diff(rising) >= 0).all()
    assert rising[0] < 5
    assert rising[-1] == 100


def test_real_pairs_that_are_all_alike_refuse_only_what_is_worse():
    assert percent(99.9, of(100, 100, 100)) == 25  # a tenth of a point is no difference
    assert percent(100, of(100, 100, 100)) == 50
    assert percent(90, of(100, 100, 100)) == 0


@pytest.mark.parametrize(
    ("t", "freedom", "below"),
    [
        (1.0, 1, 0.75),
        (-2.919986, 2, 0.05),
        (2.353363, 3, 0.95),
        (-1.475884, 5, 0.1),
        (2.042272, 30, 0.975),
        (0, 7, 0.5),
    ],
)
def test_student_s_distribution_agrees_with_printed_tables(t, freedom, below):
    assert float(student_below(np.array(t), freedom)) == pytest.approx(below, abs=1e-6)


def drawn(rng, count):
    """Draw measures of pairs that are alike, as those of one relation are: (4, count)."""
    return np.stack(
        (
            np.exp(rng.normal(0, 1, count)),
            np.where(rng.random(count) < 0.6, 0.0, rng.uniform(0, 0.5, count)),
            np.exp(rng.normal(-0.3, 0.5, count)),
            rng.normal(0, 0.3, count),
        )
    )


def kept(count, rng, relation="left of", trials=400):
    """Return how often a further real pair reaches the 10th percentile of a pool of `count`."""
    reached = 0
    for _ in range(trials):
        boxes = pairs_of(drawn(rng, count + 1))
        pool = Pool.of(["a"] * count, [relation] * count, ["b"] * count, *(some[:-1] for some in boxes))
        pair = Pair("a", relation, "b", *(tuple(some[-1].tolist()) for some in boxes))
        (found,) = clis_l(pool, [pair], ClisLSettings())
        reached += found.percentile >= 10
    return reached / trials


def pairs_of(measures):
    """Make boxes of measured pairs: subjects of one size, objects as large, as far and where the measures say."""
    ratio, _, apart, angle = measures
    sides = 0.2 / np.sqrt(ratio)
    offset = apart * (0.2 + sides) / 2**0.5
    subject = np.full((len(ratio), 4), 0.2)
    centres = 0.3 + np.stack((np.cos(angle), np.sin(angle)), axis=1) * offset[:, None]
    return subject, np.column_stack((centres - sides[:, None] / 2, sides, sides))


@pytest.mark.parametrize("count", [3, 5, 10, 30])
def test_nine_of_ten_real_pairs_reach_the_tenth_percentile_however_small_the_pool(count):
    # 400 trials: a standard error of .015
    assert kept(count, np.random.default_rng(count)) == pytest.approx(0.9, abs=0.05)


def test_no_real_pair_is_compared_with_itself():
    far = np.array([[1.0, 4.0, 16.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
    # sizes are 1/4 of the nearest other: (.5/4 + 1 + .8) / 2.3
    assert references(far, 0, "separate", 0.5).scores == pytest.approx([100 * 1.925 / 2.3] * 3)


@pytest.mark.parametrize(("count", "examples"), [(3, 2), (10, 9), (33, 32), (400, 32)])
def test_query_and_real_pairs_are_scored_from_equally_many_examples(count, examples):
    made = references(drawn(np.random.default_rng(1), count), 0, "separate", 0.5)
    assert made.examples.shape == (4, examples)
    assert len(made.scores) == min(count, 128)


def test_the_same_pool_gives_the_same_percentiles():
    rng = np.random.default_rng(6)
    boxes = pairs_of(drawn(rng, 60))
    subject_box, object_box = (tuple(some[0].tolist()) for some in pairs_of(drawn(rng, 1)))
    pair = Pair("a", "on", "b", subject_box, object_box)
    both = [clis_l(Pool.of(["a"] * 60, ["on"] * 60, ["b"] * 60, *boxes), [pair], ClisLSettings()) for _ in range(2)]
    assert both[0] == both[1]
    assert 0 <= both[0][0].percentile <= 100


@pytest.mark.parametrize("count", [20, 300])
def test_percentiles_depend_on_the_real_pairs_compared_with_not_on_their_order_or_on_others(count):
    rng = np.random.default_rng(count)
    boxes = np.hstack(pairs_of(drawn(rng, count)))
    asked = [
        Pair("a", "on", "b", tuple(s.tolist()), tuple(o.tolist()))
        for s, o in zip(*pairs_of(drawn(rng, 8)), strict=True)
    ]
    shuffled = boxes[rng.permutation(count)]
    others = np.vstack((boxes[:20], shuffled))
    names = ["z"] * 20 + ["a"] * count
    pools = [
        Pool.of(["a"] * count, ["on"] * count, ["b"] * count, some[:, :4], some[:, 4:]) for some in (boxes, shuffled)
    ]
    pools.append(Pool.of(names, ["above"] * 20 + ["on"] * count, ["b"] * len(names), others[:, :4], others[:, 4:]))
    plain, in_other_order, beside_others = (clis_l(pool, asked, ClisLSettings()) for pool in pools)
    assert plain == in_other_order == beside_others
    assert len({one.percentile for one in plain}) > 3
