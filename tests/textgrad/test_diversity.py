"""Diversity is 1 for what differs in everything, 0 for what is alike, and falls when prompts name less."""

import numpy as np
import pytest

from genval_assets.textgrad.diversity import Made, diversity, diversity_of

TABLE = {"mug": {"colour": ("red", "blue", "green", "white"), "view": ("front", "side")}}


def unit(*values: float) -> np.ndarray:
    vector = np.array(values, dtype=np.float32)
    return vector / np.linalg.norm(vector)


def mugs(*slots: dict[str, str], vectors: list[np.ndarray | None] | None = None) -> list[Made]:
    given = vectors or [None] * len(slots)
    return [Made("mug", slot, vector) for slot, vector in zip(slots, given, strict=True)]


def entropy(*slots: dict[str, str]) -> float:
    return diversity(mugs(*slots), TABLE, pictures=False)


def test_every_value_equally_often_is_the_most_and_always_the_same_the_least():
    colours = ("red", "blue", "green", "white")
    best = [{"colour": colour, "view": view} for colour in colours for view in ("front", "side")]
    assert entropy(*best) == pytest.approx(1)
    assert entropy(*[{"colour": "red", "view": "side"}] * 8) == 0


def test_a_worked_value():
    """Colours 1:3 of at most log 4, views 2:2 of at most log 2."""
    slots = [
        {"colour": c, "view": v} for c, v in (("red", "front"), ("blue", "front"), ("blue", "side"), ("blue", "side"))
    ]
    of_colours = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75)) / np.log(4)
    assert entropy(*slots) == pytest.approx((of_colours + 1) / 2)


def test_few_items_are_measured_by_the_most_that_few_can_have():
    assert entropy({"colour": "red", "view": "front"}, {"colour": "blue", "view": "side"}) == pytest.approx(1)
    assert entropy({"colour": "red", "view": "front"}) == 0
    assert diversity([], TABLE, pictures=True) == 0


def test_prompts_that_stop_naming_a_slot_are_less_varied():
    both = [{"colour": c, "view": v} for c, v in (("red", "front"), ("blue", "side"))] * 2
    half = [*both[:2], {"view": "front"}, {"view": "side"}]
    none = [{"view": slot["view"]} for slot in both]
    assert entropy(*both) > entropy(*half) > entropy(*none)
    assert entropy(*half) == pytest.approx((0.5 * 0.5 + 1) / 2)  # red and blue: log 2 of log 4, in half the prompts


def test_pictures_count_half_by_their_mean_distance():
    alike = [{"colour": "red", "view": "front"}] * 3
    opposite = mugs(*alike[:2], vectors=[unit(1, 0), unit(-1, 0)])
    assert diversity(opposite, TABLE, pictures=True) == pytest.approx(0.5)
    three = mugs(*alike, vectors=[unit(1, 0), unit(0, 1), unit(-1, 0)])
    assert diversity(three, TABLE, pictures=True) == pytest.approx((0.5 + 0.5 + 1) / 3 / 2)
    assert diversity(mugs(*alike, vectors=[unit(1, 0)] * 3), TABLE, pictures=True) == pytest.approx(0, abs=1e-6)


def test_items_without_a_picture_are_left_out_of_the_distance():
    slots = [{"colour": "red", "view": "front"}] * 3
    some = mugs(*slots, vectors=[unit(1, 0), None, unit(-1, 0)])
    assert diversity(some, TABLE, pictures=True) == pytest.approx(0.5)
    assert diversity(mugs(*slots), TABLE, pictures=True) == 0


def test_categories_count_alike_whatever_their_size():
    table = {**TABLE, "cup": TABLE["mug"]}
    varied = mugs({"colour": "red", "view": "front"}, {"colour": "blue", "view": "side"})
    dull = [Made("cup", {"colour": "red", "view": "front"})] * 6
    assert diversity([*varied, *dull], table, pictures=False) == pytest.approx(0.5)


def test_copies_that_a_resample_draws_do_not_look_like_sameness():
    slots = [{"colour": "red", "view": "front"}] * 3
    statistic = diversity_of(mugs(*slots, vectors=[unit(1, 0), unit(-1, 0), unit(-1, 0)]), TABLE, pictures=True)
    assert statistic(np.array([[1.0, 1, 0], [3, 1, 0], [0, 1, 1], [2, 0, 0]])) == pytest.approx(
        [0.5, 0.5, 0, 0], abs=1e-6
    )


def test_a_category_that_a_resample_leaves_out_does_not_count():
    table = {**TABLE, "cup": TABLE["mug"]}
    varied = mugs({"colour": "red", "view": "front"}, {"colour": "blue", "view": "side"})
    statistic = diversity_of([*varied, Made("cup", {})], table, pictures=False)
    assert statistic(np.array([[1.0, 1, 1], [1, 1, 0]])) == pytest.approx([0.5, 1])
