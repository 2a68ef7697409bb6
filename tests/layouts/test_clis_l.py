import math

import numpy as np
import pytest

from genval_assets.layouts.clis_l import Pair, clis_l
from genval_assets.layouts.pool import Pool
from genval_assets.layouts.settings import ClisLSettings

SEPARATE, JOINT = ClisLSettings(), ClisLSettings(matching="joint")

# of sides 0.3 and 0.4: the diagonal is 0.5, so distances are twice the offset
STILL = (0.1, 0.1, 0.3, 0.4)
EXAMPLES = [
    (STILL, (0.4, 0.1, 0.3, 0.4)),  # 0.6 to the right
    (STILL, (0.7, 0.1, 0.3, 0.4)),  # 1.2 to the right
    (STILL, (0.4, 0.5, 0.3, 0.4)),  # 1.0 down to the right: cosine 0.6, sine 0.8
]


def pool_of(examples, relation="left of"):
    count = len(examples)
    boxes = [np.array([example[i] for example in examples]) for i in (0, 1)]
    return Pool.of(["mug"] * count, [relation] * count, ["pot"] * count, *boxes)


def score(subject_box, object_box, settings=SEPARATE, relation="left of", examples=EXAMPLES):
    (found,) = clis_l(pool_of(examples, relation), [Pair("mug", relation, "pot", subject_box, object_box)], settings)
    return found


def test_a_real_pair_scores_100():
    found = score(*EXAMPLES[2])
    assert (found.level, found.examples) == ("pair", 3)
    assert (found.size, found.distance, found.direction, found.score) == pytest.approx((1, 1, 1, 100))


# an object of half the sides, so the subject is four times as large and the mean diagonal 0.375; its centre lies
# (0.36, 0.48) from the subject's: distance 0.6 / 0.375 = 1.6, along the third example
QUERY = (STILL, (0.535, 0.68, 0.15, 0.2))


def test_separate_takes_each_term_from_the_example_that_is_nearest_in_it():
    # size 1/4; distance .5 + .5 * 1.2/1.6 from the second, direction 1 from the third: (.125 + .875 + .8) / 2.3
    found = score(*QUERY)
    assert (found.size, found.distance, found.direction) == pytest.approx((0.25, 0.875, 1.0))
    assert found.score == pytest.approx(78.2609, abs=1e-4)


def test_joint_takes_all_terms_from_one_example():
    # the third: (.125 + (.5 + .5 * 1.0/1.6) + .8) / 2.3; the second would have (.125 + .875 + .8 * .8) / 2.3
    found = score(*QUERY, JOINT)
    assert (found.size, found.distance, found.direction) == pytest.approx((0.25, 0.8125, 1.0))
    assert found.score == pytest.approx(75.5435, abs=1e-4)


def test_overlap_and_distance_share_the_distance_term():
    # equal squares of .4 shifted by .2: IoU .08/.24 = 1/3; by .3: .04/.28 = 1/7; the distances are as 2 to 3
    example = ((0.1, 0.1, 0.4, 0.4), (0.3, 0.1, 0.4, 0.4))
    shifted = ((0.1, 0.1, 0.4, 0.4), (0.4, 0.1, 0.4, 0.4))
    assert score(*shifted, examples=[example] * 3).distance == pytest.approx(0.5 * 3 / 7 + 0.5 * 2 / 3)
    weighted = ClisLSettings(iou_weight=0.2)
    assert score(*shifted, weighted, examples=[example] * 3).distance == pytest.approx(0.2 * 3 / 7 + 0.8 * 2 / 3)


MIRRORED = ((0.4, 0.1, 0.3, 0.4), (0.1, 0.1, 0.3, 0.4))


@pytest.mark.parametrize("settings", [SEPARATE, JOINT])
@pytest.mark.parametrize(("relation", "direction"), [("left of", 0.0), ("next to", 1.0), ("above", 1.0)])
def test_a_mirrored_example_counts_unless_the_relation_says_left_or_right(settings, relation, direction):
    assert score(*MIRRORED, settings, relation, EXAMPLES[:1] * 3).direction == pytest.approx(direction)


CENTRED = ((0.1, 0.1, 0.3, 0.4), (0.2, 0.2, 0.1, 0.2))


@pytest.mark.parametrize("settings", [SEPARATE, JOINT])
@pytest.mark.parametrize("copies", [3, 300])
def test_pairs_without_any_offset_are_alike_in_direction_and_distance(settings, copies):
    found = score(*CENTRED, settings, examples=[CENTRED] * copies)
    assert (found.size, found.distance, found.direction) == pytest.approx((1, 1, 1))


@pytest.mark.parametrize("settings", [SEPARATE, JOINT])
@pytest.mark.parametrize("copies", [1, 100])
def test_an_offset_and_none_are_not_alike_in_direction_at_all(settings, copies):
    assert score(*CENTRED, settings, examples=EXAMPLES * copies).direction == 0.0
    assert score(*EXAMPLES[0], settings, examples=[CENTRED] * 3 * copies).direction == 0.0


def test_with_two_examples_there_is_no_score_instead_of_a_bad_one():
    found = score(*QUERY, examples=EXAMPLES[:2])
    assert (found.level, found.examples) == ("none", 0)
    assert (found.size, found.distance, found.direction, found.score, found.percentile) == (None,) * 5


def test_scores_keep_the_order_of_the_pairs_whatever_they_are_compared_with():
    pairs = [
        Pair("mug", "left of", "pot", *QUERY),
        Pair("mug", "holding", "pot", *QUERY),
        Pair("cat", "to the left of", "pot", *EXAMPLES[0]),
        Pair("mug", "left of", "pot", *EXAMPLES[0]),
    ]
    found = clis_l(pool_of(EXAMPLES), pairs, SEPARATE)
    assert [one.level for one in found] == ["pair", "none", "relation", "pair"]
    assert [one.score for one in found] == [pytest.approx(78.2609, abs=1e-4), None, 100.0, 100.0]


def test_nothing_asked_is_nothing_scored():
    assert clis_l(pool_of(EXAMPLES), [], SEPARATE) == []


@pytest.mark.parametrize("box", [(0.1, 0.1, 0.0, 0.2), (0.1, 0.1, math.inf, 0.2), (0.1, 0.1, 1e-200, 1e-200)])
def test_a_box_without_an_area_is_refused(box):
    with pytest.raises(ValueError, match="sides of at least"):
        score(box, STILL)


def brute(examples, subject_box, object_box, sided, iou_weight):
    """Return (separate, joint) from the paper's formula, one example at a time."""

    def numbers(s, o):
        across = max(0.0, min(s[0] + s[2], o[0] + o[2]) - max(s[0], o[0]))
        down = max(0.0, min(s[1] + s[3], o[1] + o[3]) - max(s[1], o[1]))
        common = across * down
        vx = (o[0] + o[2] / 2) - (s[0] + s[2] / 2)
        vy = (o[1] + o[3] / 2) - (s[1] + s[3] / 2)
        vx, vy = (0.0 if abs(v) < 1e-9 else v for v in (vx, vy))
        diagonal = (math.sqrt(s[2] ** 2 + s[3] ** 2) + math.sqrt(o[2] ** 2 + o[3] ** 2)) / 2
        iou = common / (s[2] * s[3] + o[2] * o[3] - common)
        return s[2] * s[3] / (o[2] * o[3]), iou, math.sqrt(vx**2 + vy**2) / diagonal, vx, vy

    def sim(a, b):
        return 1.0 if a == b == 0 else min(a, b) / max(a, b)

    def towards(ax, ay, bx, by):
        lengths = math.sqrt(ax**2 + ay**2) * math.sqrt(bx**2 + by**2)
        if lengths == 0:
            return 1.0 if ax == ay == bx == by == 0 else 0.0
        return ((ax * bx + ay * by) / lengths + 1) / 2

    ratio, iou, apart, vx, vy = numbers(subject_box, object_box)
    sizes, distances, directions, totals = [], [], [], []
    for s, o in examples:
        of_ratio, of_iou, of_apart, ex, ey = numbers(s, o)
        sizes.append(sim(ratio, of_ratio))
        distances.append(iou_weight * sim(iou, of_iou) + (1 - iou_weight) * sim(apart, of_apart))
        mirrored = 0.0 if sided else towards(vx, vy, -ex, ey)
        directions.append(max(towards(vx, vy, ex, ey), mirrored))
        totals.append(0.5 * sizes[-1] + distances[-1] + 0.8 * directions[-1])
    separate = 0.5 * max(sizes) + max(distances) + 0.8 * max(directions)
    return 100 * separate / 2.3, 100 * max(totals) / 2.3


def some_boxes(rng, count, grid):
    """Draw boxes, on a grid where many centres, edges and areas coincide, or anywhere."""
    sides = rng.integers(1, 5, (count, 2)) / 8 if grid else rng.uniform(0.02, 0.6, (count, 2))
    corners = rng.integers(0, 5, (count, 2)) / 8 if grid else rng.uniform(0, 1, (count, 2)) * (1 - sides)
    return [tuple(box) for box in np.hstack((corners, sides)).tolist()]


@pytest.mark.parametrize("iou_weight", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("relation", ["left of", "next to"])
@pytest.mark.parametrize(("count", "grid"), [(5, True), (200, False), (900, False), (900, True)])
def test_both_ways_agree_with_looking_at_every_example(count, grid, relation, iou_weight):
    rng = np.random.default_rng(count)
    examples = list(zip(some_boxes(rng, count, grid), some_boxes(rng, count, grid), strict=True))
    pool = pool_of(examples, relation)
    asked = list(zip(some_boxes(rng, 12, grid), some_boxes(rng, 12, grid), strict=True))
    asked += list(zip(some_boxes(rng, 4, not grid), some_boxes(rng, 4, not grid), strict=True))
    pairs = [Pair("mug", relation, "pot", *boxes) for boxes in asked]
    expected = [brute(examples, *boxes, relation == "left of", iou_weight) for boxes in asked]
    for place, matching in enumerate(("separate", "joint")):
        found = clis_l(pool, pairs, ClisLSettings(matching=matching, iou_weight=iou_weight))
        assert [one.score for one in found] == pytest.approx([both[place] for both in expected], abs=1e-9)


@pytest.mark.parametrize("matching", ["separate", "joint"])
def test_each_relation_is_compared_with_its_own_pairs_in_whatever_order_the_pool_lists_them(matching):
    rng = np.random.default_rng(8)
    examples = list(zip(some_boxes(rng, 40, False), some_boxes(rng, 40, False), strict=True))
    boxes = [np.array([example[i] for example in examples]) for i in (0, 1)]
    pool = Pool.of(["mug"] * 40, ["left of", "below", "above", "left of"] * 10, ["pot"] * 40, *boxes)
    asked = tuple(some_boxes(rng, 2, False))
    (found,) = clis_l(pool, [Pair("mug", "left of", "pot", *asked)], ClisLSettings(matching=matching))
    own = [example for i, example in enumerate(examples) if i % 4 in (0, 3)]
    assert found.score == pytest.approx(brute(own, *asked, True, 0.5)[matching == "joint"])


def towards(degrees):
    """Make a pair of equal boxes whose object lies in a direction, a quarter of the picture away."""
    turn = math.radians(degrees)
    return (0.4, 0.4, 0.2, 0.2), (0.4 + 0.25 * math.cos(turn), 0.4 + 0.25 * math.sin(turn), 0.2, 0.2)


@pytest.mark.parametrize("settings", [SEPARATE, JOINT])
def test_directions_just_beyond_straight_left_are_near_one_another(settings):
    below, above = np.linspace(-179, -90, 256), np.linspace(60, 100, 256)
    examples = [towards(degrees) for degrees in (*below, *above)]
    found = score(*towards(179), settings, "right of", examples)
    assert found.direction == pytest.approx((math.cos(math.radians(2)) + 1) / 2)


def test_joint_finds_the_one_example_without_an_offset_among_many_that_are_more_alike_otherwise():
    asked = ((0.3, 0.3, 0.4, 0.4), (0.3, 0.3, 0.4, 0.4))
    large = [(asked[0], (0.3 + 0.0001 * i, 0.3, 0.4, 0.4)) for i in range(1, 301)]
    small = [((0.48 + 0.0001 * i, 0.48, 0.04, 0.04), asked[1]) for i in range(1, 321)]
    examples = [*large, *small, ((0.481, 0.481, 0.038, 0.038), asked[1])]
    # areas are as .038² to .16, and so is the overlap: (.5 * .009025 + .5 * .009025 + .5 + .8) / 2.3
    assert score(*asked, JOINT, examples=examples).score == pytest.approx(100 * 1.309025 / 2.3)


def test_joint_reports_the_terms_that_its_score_is_made_of():
    rng = np.random.default_rng(2)
    examples = list(zip(some_boxes(rng, 600, False), some_boxes(rng, 600, False), strict=True))
    found = score(*some_boxes(rng, 2, False), JOINT, examples=examples)
    assert found.score == pytest.approx(100 * (0.5 * found.size + found.distance + 0.8 * found.direction) / 2.3)


@pytest.mark.parametrize("settings", [SEPARATE, JOINT])
def test_a_mirrored_pool_scores_mirrored_pairs_alike(settings):
    rng = np.random.default_rng(4)
    examples = list(zip(some_boxes(rng, 400, False), some_boxes(rng, 400, False), strict=True))
    asked = some_boxes(rng, 2, False)

    def mirror(box):
        return (1 - box[0] - box[2], *box[1:])

    mirrored = [(mirror(s), mirror(o)) for s, o in examples]
    there, back = score(*asked, settings, examples=examples), score(*map(mirror, asked), settings, examples=mirrored)
    assert there.score == pytest.approx(back.score)
