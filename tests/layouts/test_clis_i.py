"""CLIS-I is worked out from what was said of the whole, the boxes and the crops, and says what it could not use."""

import json

import numpy as np
import pytest

from genval_assets.layouts.clis_i import (
    LaidOut,
    NodeTerms,
    PictureScore,
    Term,
    crop,
    examine_pictures,
    read_terms,
    terms_json,
)
from genval_assets.layouts.graph import Node, SceneGraph
from genval_assets.layouts.seeing import CaptionAnswer
from genval_assets.types import ChatAnswer

GRAPH = SceneGraph((Node("n1", "mug", "mug", ("red",)), Node("n2", "key", "key")), (), "A red mug and a key.")
BOXES = {"n1": (0.1, 0.2, 0.25, 0.5), "n2": (0.5, 0.5, 0.4, 0.3)}
PICTURE = np.zeros((20, 40, 3), np.uint8)  # n1's crop is 10 x 10, n2's 6 x 16


def term(score, said="so") -> Term:
    return Term(said, score)


def scored(whole, *nodes) -> PictureScore:
    """A picture of which each node has (box, crop)."""
    return PictureScore(term(whole), tuple(NodeTerms(f"n{i}", term(b), term(c)) for i, (b, c) in enumerate(nodes, 1)))


@pytest.mark.parametrize(
    ("score", "clis_i"),
    [
        (scored(100, (100, 100)), 100),
        (scored(80, (60, 80), (100, 100)), 81),  # locals 64 and 100
        (scored(0, (100, 0)), 40),
        (scored(80, (60, None), (None, 100)), 80),  # of one term that term alone
        (scored(80, (60, 60), (None, None)), 70),  # of none: the object leaves the mean
        (scored(None, (60, 80), (40, 40)), 52),
        (scored(60, (None, None)), 60),
        (scored(60), 60),
        (scored(None, (None, None)), None),
    ],
)
def test_what_could_not_be_read_is_left_out_and_the_rest_reweighted(score, clis_i):
    assert score.clis_i == clis_i


def test_the_worst_object_is_named_and_unread_terms_counted():
    score = scored(None, (None, None), (60, 80), (40, None), (40, 40))
    assert (score.worst.node_id, score.worst.local) == ("n3", 40)
    assert score.n_unread == 4
    assert scored(80, (None, None)).worst is None


def test_a_score_comes_back_from_its_stored_terms():
    score = PictureScore(term(80, "a mug"), (NodeTerms("n1", term(60), Term("", None)),))
    assert read_terms(terms_json(score)) == score
    assert json.loads(terms_json(score))["nodes"] == [
        {"node_id": "n1", "box": {"said": "so", "score": 60}, "crop": {"said": "", "score": None}}
    ]


class Witness:
    """Says where it looks; agreement is what `agreement` holds for that, of anything else nothing readable."""

    model, revision, best_batch, max_tokens = "fake", "1", 4, 0

    def __init__(self, agreement, mute=()):
        self.agreement, self.mute = agreement, mute
        self.asked = []

    def ask(self, requests):
        self.asked += requests
        return [self.answer(request, json.loads(request.user)) for request in requests]

    def answer(self, request, task):
        if request.answer_schema is CaptionAnswer:
            shows = str(task.get("box", request.images[0].shape[:2]))
            return ChatAnswer("I see." if shows in self.mute else json.dumps({"caption": shows}))
        return ChatAnswer(json.dumps({"score": self.agreement.get((task["should_show"], task["shows"]), "unsure")}))


AGREEMENT = {
    ("A red mug and a key.", "(20, 40)"): 4,
    ("red mug", "[0.1, 0.2, 0.35, 0.7]"): 3,
    ("red mug", "(10, 10)"): 5,
    ("key", "[0.5, 0.5, 0.9, 0.8]"): 1,
    ("key", "(6, 16)"): 2,
}


def laid_out(picture=PICTURE, seed=1) -> LaidOut:
    return LaidOut(picture, GRAPH, BOXES, "mug", seed)


def test_the_whole_each_box_and_each_crop_are_compared_with_their_own_words():
    (score,) = examine_pictures(Witness(AGREEMENT), [laid_out()])
    assert score.whole == Term("(20, 40)", 80)
    assert score.nodes == (
        NodeTerms("n1", Term("[0.1, 0.2, 0.35, 0.7]", 60), Term("(10, 10)", 100)),
        NodeTerms("n2", Term("[0.5, 0.5, 0.9, 0.8]", 20), Term("(6, 16)", 40)),
    )
    assert (score.clis_i, score.unanswered) == (63, "")  # locals 68 and 24, mean 46


def test_scores_of_many_pictures_stay_with_their_pictures_and_are_asked_in_two_rounds():
    other = SceneGraph((Node("n1", "key", "key"),), (), "A key.")
    small = LaidOut(np.zeros((8, 8, 3), np.uint8), other, {"n1": (0.25, 0.25, 0.5, 0.5)}, "key", 2)
    witness = Witness(
        {**AGREEMENT, ("A key.", "(8, 8)"): 0, ("key", "[0.25, 0.25, 0.75, 0.75]"): 5, ("key", "(4, 4)"): 5}
    )
    first, second, third = examine_pictures(witness, [laid_out(), small, laid_out()])
    assert (first.clis_i, second.clis_i, third.clis_i) == (63, 50, 63)
    captions = [request.answer_schema is CaptionAnswer for request in witness.asked]
    assert captions == [True] * 13 + [False] * 13
    assert {request.category for request in witness.asked} == {"mug", "key"}


def test_an_unreadable_caption_is_asked_three_times_and_compared_never():
    witness = Witness(AGREEMENT, mute=("(10, 10)",))
    (score,) = examine_pictures(witness, [laid_out()])
    assert score.nodes[0] == NodeTerms("n1", Term("[0.1, 0.2, 0.35, 0.7]", 60), Term("", None))
    assert (score.nodes[0].local, score.n_unread, score.unanswered) == (60, 1, "")
    assert sum(request.answer_schema is CaptionAnswer for request in witness.asked) == 5 + 2


def test_an_unreadable_comparison_keeps_what_was_said():
    (score,) = examine_pictures(Witness({k: v for k, v in AGREEMENT.items() if v != 4}), [laid_out()])
    assert score.whole == Term("(20, 40)", None)
    assert score.clis_i == 46


@pytest.mark.parametrize("lost", ["captions", "comparisons"])
def test_where_the_model_is_not_reached_the_picture_says_so_and_others_do_not(lost):
    class Flaky(Witness):
        def answer(self, request, task):
            down = request.seed in seeds and (request.answer_schema is CaptionAnswer) == (lost == "captions")
            return ChatAnswer("", error="refused") if down else super().answer(request, task)

    seeds = set()
    steady = Flaky(AGREEMENT)
    examine_pictures(steady, [laid_out(seed=2)])
    seeds = {request.seed for request in steady.asked}
    first, second = examine_pictures(Flaky(AGREEMENT), [laid_out(seed=1), laid_out(seed=2)])
    assert (first.unanswered, second.unanswered) == ("", "refused")


def test_a_box_without_a_pixel_still_shows_the_one_that_it_touches():
    picture = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    assert crop(picture, (0.6, 0.6, 1e-9, 1e-9)).tolist() == [[[9, 10, 11]]]
    assert crop(picture, (0.5, 0.5, 1e-300, 0.4999)).tolist() == [[[9, 10, 11]]]
    assert crop(picture, (0.01, 0.6, 0.98, 0.1)).tolist() == [[[6, 7, 8], [9, 10, 11]]]
