"""What evaluation is told of the pictures that the offline foreground model drew."""

from dataclasses import replace

import numpy as np
import pytest

from genval_assets.evaluation import negative_truth
from genval_assets.types import DrawnLook
from resources.offline.drawing import Draft
from resources.offline.errors import Faults
from resources.offline.sealed import SealedTruthFiles, seal, truth_of
from resources.offline.studio import COLOURS, KINDS, MATERIALS, MODEL, PATTERNS, sample_look

GOOD = Faults(two=False, cut=False, remains=False, wrong=False)


def draft(kind: str, faults: Faults = GOOD, **given: str) -> Draft:
    look = sample_look(kind, np.random.default_rng(1), MODEL, **given)
    return Draft(np.zeros((4, 4, 4), dtype=np.uint8), look, faults)


def test_a_look_says_what_was_drawn_and_not_what_was_meant(tmp_path):
    worn = {"colour": "green", "second": "white", "pattern": "dotted", "material": "metal"}
    mug = draft("mug", **worn)
    spoilt = draft("key", replace(GOOD, cut=True, remains=True, wrong=True), **worn)
    seal(tmp_path, [truth_of("a", "mug", mug, meant="mug"), truth_of("b", "mug", spoilt, meant="mug")])
    assert SealedTruthFiles(home=str(tmp_path)).looks() == {
        "a": DrawnLook("mug", "green", "white", "dotted", "metal"),
        "b": DrawnLook("key", "green", "white", "dotted", "metal"),
    }


def test_a_picture_of_two_things_has_no_look_because_the_second_is_not_known(tmp_path):
    two = draft("mug", replace(GOOD, two=True))
    seal(tmp_path, [truth_of("a", "mug", two, meant="mug")])
    assert SealedTruthFiles(home=str(tmp_path)).looks() == {}


def test_without_draws_there_are_no_looks(tmp_path):
    assert SealedTruthFiles(home=str(tmp_path)).looks() == {}


@pytest.mark.parametrize(
    ("drawn", "known"),
    [
        (set(COLOURS), negative_truth.COLOURS),
        (set(PATTERNS), negative_truth.PATTERNS),
        ({*MATERIALS, *(kind.material for kind in KINDS.values())}, set(negative_truth.MATERIALS)),
    ],
    ids=["colours", "patterns", "materials"],
)
def test_evaluation_knows_every_word_that_the_studio_draws_by(drawn, known):
    assert drawn <= known
