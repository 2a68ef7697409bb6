"""The warehouse says how many accepted negatives are really false of their pictures, where a truth is known."""

import pytest

from genval_assets.negative_rows import HardNegative, NegativeList, PositiveCaption
from genval_assets.types import DrawnLook
from tests.assets.fakes import NoTruth
from tests.assets.world import names_only

RED_MUG = DrawnLook("mug", "red", "white", "plain", "ceramic")


class Looks(NoTruth):
    """Knows what some pictures show, and counts how often it was asked."""

    def __init__(self, **looks: DrawnLook) -> None:
        self.known = looks
        self.asked = 0

    def looks(self) -> dict[str, DrawnLook]:
        self.asked += 1
        return self.known


@pytest.fixture
def world(make_world):
    return make_world(concepts=names_only("ant"), truth=Looks(drawn=RED_MUG, scene=RED_MUG)).set_up()


def caption(make_row, subject: str, **given: object) -> PositiveCaption:
    return make_row(PositiveCaption, positive_id=f"caption of {subject}", subject_id=subject, **given)


def negative(make_row, subject: str, target: str, **given: object) -> HardNegative:
    changes = f'[{{"type": "colour", "origin": "green", "target": "{target}", "noun": "mug"}}]'
    about = {"positive_id": f"caption of {subject}", "negative_list_id": "x", "changes": changes}
    return make_row(HardNegative, **about | given)


def ended(make_row) -> NegativeList:
    return make_row(NegativeList, negative_list_id="x")


def test_only_accepted_negatives_of_cut_outs_are_held_against_the_truth(world, make_row):
    world.tables.append(
        [caption(make_row, "drawn"), caption(make_row, "varied"), caption(make_row, "scene", kind="scene")]
    )
    refused = {"outcome": "corrected", "reasons": ["true_of_the_picture"]}
    world.tables.append(
        [
            negative(make_row, "drawn", "blue"),
            negative(make_row, "drawn", "pink", index=2),
            negative(make_row, "drawn", "red", index=3),
            negative(make_row, "drawn", "red", index=4, **refused),
            negative(make_row, "scene", "red"),
            negative(make_row, "varied", "red"),
        ]
    )
    world.tables.append([ended(make_row)])
    world.tables.append([negative(make_row, "drawn", "red", negative_list_id="of a run that was killed")])
    assert world.materialize(["warehouse"]).success
    rows = [(r.scope, r.name, r.positives, r.negatives, r.valid, r.truth) for r in world.published.validity]
    assert rows == [
        ("all", "all", 1, 3, pytest.approx(2 / 3), "simulated"),
        ("level", "hard", 1, 3, pytest.approx(2 / 3), "simulated"),
        ("attribute", "colour", 1, 3, pytest.approx(2 / 3), "simulated"),
    ]


def test_nothing_is_read_where_no_cut_out_has_a_caption(world, make_row):
    world.tables.append([caption(make_row, "scene", kind="scene")])
    world.tables.append([negative(make_row, "scene", "red")])
    assert world.materialize(["warehouse"]).success
    assert world.published.validity == []
    assert (world.truth.asked, world.tables.reads["hard_negatives"]) == (0, 0)
