"""The offline layout model draws what the phrases say at their boxes, errs, and seals what it really drew."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from genval_assets.model_ports import LayoutImages
from genval_assets.types import LayoutDrawn, LayoutRequest
from resources.offline.layout_errors import RATES, other_colour, sample_fault
from resources.offline.layout_images import OfflineLayouts
from resources.offline.sealed_layouts import FOLDER, LayoutTruth, read_layout_truths
from resources.offline.studio import COLOURS, KINDS

SIZE = 160
THREE = ("red mug", "duck", "striped umbrella")
BOXES = ((0.05, 0.5, 0.3, 0.35), (0.6, 0.55, 0.3, 0.35), (0.35, 0.05, 0.4, 0.4))


def request(
    layout_id: str = "a", phrases=THREE, boxes=BOXES, seeds=(1,), caption: str = "Three things."
) -> LayoutRequest:
    return LayoutRequest(layout_id, caption, tuple(phrases), tuple(boxes), tuple(seeds))


def drawn(home: Path, *requests: LayoutRequest) -> list[LayoutDrawn]:
    layouts: LayoutImages = OfflineLayouts(home=str(home), size=SIZE)
    with layouts.open() as model:
        return model.draw(requests)


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> tuple[list[LayoutDrawn], dict[tuple[str, int], LayoutTruth]]:
    """A hundred pictures of one layout, and their truth."""
    home = tmp_path_factory.mktemp("home")
    return drawn(home, request(seeds=range(100))), read_layout_truths(home)


def test_a_picture_per_seed_and_a_truth_per_picture(many):
    (one,), truths = many
    assert one.error == ""
    assert {picture.shape for picture in one.pictures} == {(SIZE, SIZE, 3)}
    assert set(truths) == {("a", seed) for seed in range(100)}


def test_about_half_of_the_pictures_are_wrong_in_every_way_that_is_named(many):
    truths = many[1].values()
    assert 0.4 <= np.mean([truth.valid for truth in truths]) <= 0.65
    assert {fault for truth in truths for fault in truth.faults} == {*RATES, "extra"}
    for truth in truths:
        of_boxes = {fault for box in truth.boxes for fault in box.faults}
        assert set(truth.faults) == of_boxes | ({"extra"} if truth.extras else set())
        assert truth.valid == (not truth.faults)


def test_a_right_thing_is_what_was_asked_and_fills_its_box_about(many):
    for truth in many[1].values():
        for box, kind in zip(truth.boxes, ("mug", "duck", "umbrella"), strict=True):
            if box.faults:
                continue
            assert box.kind == kind
            assert (kind, box.colour) == ("mug", "red") or kind != "mug"
            assert (kind, box.pattern) == ("umbrella", "striped") or kind != "umbrella"
            x, y, w, h = (side * SIZE for side in BOXES[box.index])
            ys, xs = np.nonzero(box.mask(SIZE, SIZE))
            assert xs.min() >= x - 0.03 * w - 1
            assert xs.max() <= x + 1.03 * w + 1
            assert ys.min() >= y - 0.03 * h - 1
            assert ys.max() <= y + 1.03 * h + 1
            assert max(np.ptp(xs) / w, np.ptp(ys) / h) > 0.85


def test_what_is_wrong_is_wrong_in_the_truth_as_it_says(many):
    for truth in many[1].values():
        for box, kind in zip(truth.boxes, ("mug", "duck", "umbrella"), strict=True):
            x, y, w, h = (side * SIZE for side in BOXES[box.index])
            mask = box.mask(SIZE, SIZE)
            inside = mask[int(y) : int(y + h) + 1, int(x) : int(x + w) + 1]
            assert (box.kind is None) == ("missing" in box.faults)
            assert (box.kind not in (kind, None)) == ("wrong_kind" in box.faults)
            assert (kind == "mug" and box.colour not in ("red", None)) == ("wrong_colour" in box.faults)
            assert mask.any() == (not {"missing", "wrong_kind"} & set(box.faults))
            if "moved" in box.faults:
                assert inside.sum() <= 0.1 * mask.sum()


def test_of_a_cut_thing_a_good_part_is_gone(many):
    def areas(faults: tuple[str, ...]) -> list[int]:
        boxes = [truth.boxes[1] for truth in many[1].values()]
        return [int(box.mask(SIZE, SIZE).sum()) for box in boxes if box.faults == faults]

    assert areas(("cut",))
    assert max(areas(("cut",))) < 0.85 * np.median(areas(()))


def test_things_beyond_all_boxes_are_extras(many):
    extras = [extra for truth in many[1].values() for extra in truth.extras]
    assert 1 <= len(extras) <= 25
    for extra in extras:
        x, y, w, h = extra.box
        assert extra.kind in KINDS
        middle = ((x + w / 2) / SIZE, (y + h / 2) / SIZE)
        assert not any(bx < middle[0] < bx + bw and by < middle[1] < by + bh for bx, by, bw, bh in BOXES)


def test_sealed_masks_share_no_pixel_lie_on_their_things_and_the_first_box_is_behind(tmp_path):
    crowded = ((0.1, 0.3, 0.5, 0.5), (0.35, 0.35, 0.5, 0.5))
    (one,) = drawn(tmp_path, request("crowd", ("plain red duck", "plain blue duck"), crowded, range(12)))
    truths = read_layout_truths(tmp_path)
    right = [(picture, truths["crowd", seed]) for seed, picture in enumerate(one.pictures)]
    right = [(picture, truth) for picture, truth in right if truth.valid]
    assert len(right) > 3
    for picture, truth in right:
        behind, before = (box.mask(SIZE, SIZE) for box in truth.boxes)
        assert not (behind & before).any()
        assert behind.sum() < 0.9 * before.sum()
        assert np.median(picture[behind][:, 0]) > np.median(picture[behind][:, 2]) + 40
        assert np.median(picture[before][:, 2]) > np.median(picture[before][:, 0]) + 40


def test_a_picture_depends_on_words_boxes_and_seed_alone(tmp_path):
    together = drawn(tmp_path, request("x", seeds=(5,)), request("y", seeds=(7, 5)))
    alone = drawn(tmp_path / "other", request("z", seeds=(5,)))
    assert np.array_equal(together[0].pictures[0], alone[0].pictures[0])
    assert np.array_equal(together[1].pictures[1], alone[0].pictures[0])
    assert not np.array_equal(together[1].pictures[0], together[1].pictures[1])
    other_words = drawn(tmp_path, request("w", ("red mug", "duck", "umbrella"), seeds=(5,)))
    assert not np.array_equal(other_words[0].pictures[0], alone[0].pictures[0])


def test_the_same_draws_again_are_the_same_part(tmp_path):
    for _ in range(2):
        drawn(tmp_path, request(seeds=(1, 2)))
    assert len(list((tmp_path / FOLDER).iterdir())) == 1
    assert len(read_layout_truths(tmp_path)) == 2


def test_the_caption_chooses_the_place(tmp_path):
    def greenness(caption: str) -> float:
        (one,) = drawn(tmp_path, request("p", ("mug",), ((0.4, 0.1, 0.1, 0.1),), range(3), caption))
        return float(np.mean([picture[-20:, :20, 1].astype(int) - picture[-20:, :20, 0] for picture in one.pictures]))

    assert greenness("A mug stands in a meadow.") > 15
    assert greenness("A mug stands on the beach.") < 0


def test_what_the_studio_does_not_know_is_refused_by_name(tmp_path):
    known, unknown = drawn(
        tmp_path, request("k", ("mug",), BOXES[:1]), request("u", ("mug", "a zebra"), BOXES[:2], (1, 2))
    )
    assert known.pictures[0] is not None
    assert unknown.pictures == (None, None)
    assert "a zebra" in unknown.error
    assert set(read_layout_truths(tmp_path)) == {("k", 1)}
    assert OfflineLayouts(home=str(tmp_path)).can_draw("coffee mug")
    assert not OfflineLayouts(home=str(tmp_path)).can_draw("zebra")
    assert OfflineLayouts(home=str(tmp_path)).fault() == ""


def test_nothing_sealed_is_no_truth(tmp_path):
    assert read_layout_truths(tmp_path) == {}


def test_a_kind_that_keeps_its_colour_is_wrong_where_another_was_asked(tmp_path):
    drawn(tmp_path, request("b", ("blue banana",), BOXES[:1], range(8)))
    for truth in read_layout_truths(tmp_path).values():
        assert not truth.valid


def test_faults_come_at_their_rates_and_another_colour_only_where_one_was_asked():
    rng = np.random.default_rng(0)
    asked = Counter(sample_fault(rng, colour_asked=True) for _ in range(20_000))
    silent = Counter(sample_fault(rng, colour_asked=False) for _ in range(20_000))
    assert {fault: round(asked[fault] / 20_000, 2) for fault in RATES} == pytest.approx(RATES, abs=0.007)
    assert silent["wrong_colour"] == 0
    assert silent["cut"] / 20_000 == pytest.approx(RATES["cut"], abs=0.005)


def test_a_wrong_colour_is_far_from_the_asked_one():
    rng = np.random.default_rng(0)
    for asked in COLOURS:
        others = {other_colour(asked, rng) for _ in range(60)}
        assert len(others) > 2
        assert asked not in others
