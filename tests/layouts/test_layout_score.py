import pytest

from genval_assets.layouts.clis_l import PairScore
from genval_assets.layouts.layout_score import layout_score
from genval_assets.layouts.settings import ClisLSettings

NOTHING = PairScore("none", 0)


def scored(percentile, score=80.0):
    return PairScore("pair", 9, 1.0, 1.0, 1.0, score, percentile)


def outcome(scores, **settings):
    found = layout_score(scores, ClisLSettings(**settings))
    return found.outcome, found.reason


def test_a_layout_scores_the_mean_of_its_scored_pairs_and_names_the_worst():
    found = layout_score([scored(40, 90.0), NOTHING, scored(20, 70.0), scored(20, 50.0)], ClisLSettings())
    assert (found.clis_l, found.n_scored, found.worst, found.worst_percentile) == (70.0, 3, 2, 20)
    assert (found.outcome, found.reason) == ("kept", "")


@pytest.mark.parametrize(("percentile", "expected"), [(10, ("kept", "")), (9.9, ("rejected", "low_percentile"))])
def test_one_relation_must_reach_the_percentile(percentile, expected):
    assert outcome([scored(percentile)]) == expected


@pytest.mark.parametrize(("worst", "expected"), [(2.5, ("kept", "")), (2.4, ("rejected", "low_percentile"))])
def test_of_four_relations_the_worst_must_reach_a_quarter_of_it(worst, expected):
    assert outcome([scored(50), scored(worst), scored(50), scored(50)]) == expected


def test_relations_without_evidence_do_not_ease_the_test_of_the_others():
    assert outcome([scored(6), NOTHING, NOTHING]) == ("rejected", "low_percentile")


@pytest.mark.parametrize(("raw", "expected"), [((60, 80), ("kept", "")), ((60, 79), ("rejected", "low_score"))])
def test_the_paper_s_filter_asks_for_the_mean_raw_score(raw, expected):
    assert outcome([scored(0, float(one)) for one in raw], filter="paper", floor=70) == expected


def test_without_a_filter_everything_is_kept():
    assert outcome([scored(0, 0.0)], filter="off") == ("kept", "")
    assert outcome([NOTHING], filter="off", without_evidence="drop") == ("kept", "")


@pytest.mark.parametrize("judged_by", ["percentile", "paper"])
@pytest.mark.parametrize(
    ("policy", "expected"),
    [("keep", ("kept", "")), ("flag", ("flagged", "no_evidence")), ("drop", ("rejected", "no_evidence"))],
)
def test_without_any_evidence_the_policy_decides(judged_by, policy, expected):
    found = layout_score([NOTHING, NOTHING], ClisLSettings(filter=judged_by, without_evidence=policy))
    assert (found.outcome, found.reason) == expected
    assert (found.clis_l, found.n_scored, found.worst, found.worst_percentile) == (None, 0, None, None)


def test_an_object_alone_has_nothing_that_could_look_unreal():
    assert outcome([], without_evidence="drop") == ("kept", "")
