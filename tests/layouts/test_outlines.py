"""What is annotated is what can be seen of each object; what has no mask of its own is a region to ignore."""

import json

import numpy as np
import pytest

from genval_assets.compose.rle import decode
from genval_assets.layouts.graph import Node, SceneGraph
from genval_assets.layouts.outlines import dropped_json, outlines, reasons_against, scene_objects
from genval_assets.layouts.settings import ClisISettings
from genval_assets.types import Segment

SETTINGS = ClisISettings(mask_score=0.5, inside=0.8)
SIZE = (4, 8)


def mask(*rows: str) -> np.ndarray:
    return np.array([[c == "#" for c in row] for row in rows])


def drawn(shown) -> list[str] | None:
    return None if shown is None else ["".join("#" if pixel else "." for pixel in row) for row in shown]


LEFT = mask("####....", "####....", "####....", "........")
RIGHT = mask("...#####", "...#####", "...#####", "........")  # shares column 3 with LEFT
BOXES = {"n1": (0.01, 0.01, 0.49, 0.74), "n2": (0.376, 0.01, 0.62, 0.74)}  # columns 0 to 3 and 3 to 7, rows 0 to 2


def two(layers=()) -> SceneGraph:
    return SceneGraph((Node("n1", "mug", "mug"), Node("n2", "key", "key")), (), "A mug and a key.", (), layers)


def found(first: Segment, second: Segment, layers=(), boxes=BOXES, settings=SETTINGS):
    return outlines(two(layers), boxes, [first, second], SIZE, settings)


@pytest.mark.parametrize(
    ("layers", "scores", "owner"),
    [
        ((), (0.9, 0.8), "n1"),  # within a layer the more certain one
        ((), (0.8, 0.9), "n2"),
        ((), (0.8, 0.8), "n2"),  # then the later one
        ((("n1",), ("n2",)), (0.9, 0.8), "n2"),  # the nearer layer first
        ((("n2",), ("n1",)), (0.8, 0.9), "n1"),
    ],
)
def test_a_pixel_that_two_masks_claim_goes_to_the_nearer_then_to_the_surer(layers, scores, owner):
    n1, n2 = found(Segment(LEFT, scores[0]), Segment(RIGHT, scores[1]), layers)
    assert drawn(n1.mask)[0] == ("####...." if owner == "n1" else "###.....")
    assert drawn(n2.mask)[0] == ("....####" if owner == "n1" else "...#####")
    assert (n1.z, n2.z) == ((1, 0) if owner == "n1" else (0, 1))
    assert (n1.reason, n2.reason, n1.ignored, n2.ignored) == ("", "", None, None)


def test_every_part_of_a_mask_is_kept():
    parts = mask("#..#....", "........", "##......", "........")
    n1, _ = found(Segment(parts, 0.9), Segment(np.zeros(SIZE, bool), 0.9))
    assert drawn(n1.mask) == drawn(parts)


@pytest.mark.parametrize(
    ("segment", "reason", "ignored"),
    [
        (Segment(np.zeros(SIZE, bool), 0.9), "empty_mask", ["####....", "####....", "####....", "........"]),
        (Segment(LEFT, 0.49), "unsure_mask", ["####....", "####....", "####....", "........"]),
        (
            Segment(mask("###.....", "###.....", "........", "##......"), 0.9),  # 6 of 8 inside
            "left_its_box",
            ["####....", "####....", "####....", "##......"],
        ),
        (Segment(np.ones(SIZE, bool), 0.9), "left_its_box", ["####....", "####....", "####....", "........"]),
    ],
)
def test_a_node_without_a_mask_is_a_region_to_ignore_over_its_box_and_what_was_found(segment, reason, ignored):
    n1, _ = found(segment, Segment(np.zeros(SIZE, bool), 0.9))
    assert (n1.mask, n1.reason) == (None, reason)
    assert drawn(n1.ignored) == ignored


def test_a_mask_just_inside_the_limits_is_an_object():
    four_of_five = mask("##......", "##......", "........", "#.......")
    n1, _ = found(Segment(four_of_five, 0.5), Segment(np.zeros(SIZE, bool), 0.9))
    assert (n1.reason, n1.score) == ("", 0.5)


def test_a_mask_much_larger_than_its_box_is_ground_and_only_the_box_is_ignored():
    boxes = {**BOXES, "n1": (0.01, 0.01, 0.24, 0.24)}  # 2 px
    four, five = mask("####....", *["........"] * 3), mask("#####...", *["........"] * 3)
    ignored = [found(Segment(m, 0.9), Segment(RIGHT, 0.1), boxes=boxes)[0].ignored for m in (four, five)]
    assert [drawn(one)[0] for one in ignored] == ["####....", "##......"]


def test_an_object_mostly_behind_another_is_hidden_and_what_is_left_of_it_ignored():
    behind = mask("..###...", "........", "........", "........")
    n1, n2 = found(Segment(LEFT, 0.9), Segment(behind, 0.8), boxes={**BOXES, "n2": (0.1, 0.01, 0.8, 0.2)})
    assert drawn(n1.mask) == drawn(LEFT)
    assert (n2.mask, n2.reason) == (None, "hidden")
    assert drawn(n2.ignored) == ["....#...", "........", "........", "........"]


def test_exactly_half_visible_is_an_object_still():
    behind = mask("..####..", "........", "........", "........")
    _, n2 = found(Segment(LEFT, 0.9), Segment(behind, 0.8), boxes={**BOXES, "n2": (0.1, 0.01, 0.8, 0.2)})
    assert drawn(n2.mask)[0] == "....##.."


def test_a_refused_mask_claims_no_pixel_and_its_region_leaves_others_theirs():
    n1, n2 = found(Segment(LEFT, 0.9), Segment(RIGHT, 0.4), layers=(("n1",), ("n2",)))
    assert drawn(n1.mask) == drawn(LEFT)
    assert drawn(n2.ignored)[0] == "....####"


def test_a_node_of_which_no_pixel_is_left_is_no_annotation():
    n1, n2 = found(Segment(LEFT, 0.9), Segment(LEFT, 0.8), boxes={"n1": BOXES["n1"], "n2": BOXES["n1"]})
    assert (n2.reason, n2.ignored) == ("hidden", None)
    assert [one.node_id for one in scene_objects([n1, n2])] == ["n1"]
    assert json.loads(dropped_json([n1, n2])) == {"n2": "hidden"}


def test_annotations_hold_the_masks_back_to_front_and_mark_what_to_ignore():
    n1, n2 = found(Segment(LEFT, 0.9), Segment(RIGHT, 0.1))
    region, thing = scene_objects([n1, n2])
    assert (thing.node_id, thing.category, thing.box, thing.area_px) == ("n1", "mug", (0, 0, 4, 3), 12)
    assert (thing.iscrowd, thing.z, region.iscrowd, region.z) == (0, 1, 1, 0)
    assert drawn(decode(thing.counts, SIZE)) == drawn(LEFT)
    assert (region.node_id, region.category, region.box, region.area_px) == ("n2", "key", (4, 0, 4, 3), 12)
    assert drawn(decode(region.counts, SIZE))[0] == "....####"


def test_a_scene_without_the_object_that_it_was_made_for_is_refused():
    both = found(Segment(LEFT, 0.9), Segment(RIGHT, 0.1))
    assert reasons_against(both, "mug") == ()
    assert reasons_against(both, "key") == ("no_object",)


@pytest.mark.parametrize("seed", range(20))
def test_no_pixel_belongs_to_two_objects_or_to_an_object_and_a_region(seed):
    rng = np.random.default_rng(seed)
    graph = SceneGraph(tuple(Node(f"n{i}", "mug", "mug") for i in range(5)), (), "", (), (("n1", "n3"), ("n0",)))
    boxes = {node.node_id: (0.01, 0.01, 0.9, 0.9) for node in graph.nodes}
    segments = [Segment(rng.random((16, 16)) < rng.choice([0, 0.3, 0.8]), float(rng.random())) for _ in range(5)]
    all_found = outlines(graph, boxes, segments, (16, 16), ClisISettings(mask_score=0.2, inside=0.5))
    masks = [one.mask for one in all_found if one.mask is not None]
    covered = np.sum([*masks, np.zeros((16, 16), int)], axis=0)
    assert covered.max() <= 1
    assert not any((covered[one.ignored] > 0).any() for one in all_found if one.ignored is not None)
    assert [(one.mask is None) == bool(one.reason) for one in all_found] == [True] * 5
    assert sorted(one.z for one in all_found) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("segments", [[Segment(LEFT, 0.9)], [Segment(LEFT, 0.9), Segment(LEFT.T, 0.9)]])
def test_masks_that_do_not_fit_graph_and_picture_are_refused(segments):
    with pytest.raises(ValueError, match="expected 2 masks"):
        outlines(two(), BOXES, segments, SIZE, SETTINGS)
