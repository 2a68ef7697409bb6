"""Promises of background screening."""

import numpy as np
import pytest

from genval_assets.backgrounds.hashes import ValidationGuard, phash
from genval_assets.backgrounds.screening import BackgroundCandidate, ScreeningSettings, sample_order, screen
from genval_assets.types import RefusedItem

SMALL = ScreeningSettings(min_side_px=32)
NOBODY = ValidationGuard()


def picture(seed, side=64):
    """Return a smooth random picture, unlike that of any other seed."""
    coarse = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return np.kron(coarse, np.ones((side // 8, side // 8, 1), dtype=np.uint8))


class Folder:
    """Pictures by path; counts what was decoded."""

    def __init__(self, **pictures):
        self.pictures = pictures
        self.decoded = []

    def candidates(self, kind="yours"):
        return [BackgroundCandidate(kind, path) for path in self.pictures]

    def load(self, candidate):
        self.decoded.append(candidate.path)
        if self.pictures[candidate.path] is None:
            raise RefusedItem(candidate.path, "unreadable", "no picture")
        return self.pictures[candidate.path]


def reasons(screening):
    return {item.item: item.reason for item in screening.refused}


def test_good_pictures_are_kept_with_their_size_hash_and_what_is_known_of_them():
    folder = Folder(a=picture(1))
    kept = screen(folder.candidates(), folder.load, NOBODY, SMALL, 0).kept
    assert [(k.path, k.width, k.height, k.phash, k.screened) for k in kept] == [
        ("a", 64, 64, phash(picture(1)), "unscreened")
    ]


@pytest.mark.parametrize(("kind", "screened"), [("training", "annotated"), ("drawn", "drawn"), ("yours", "unscreened")])
def test_each_kind_says_what_is_known_of_its_objects(kind, screened):
    folder = Folder(a=picture(1))
    assert screen(folder.candidates(kind), folder.load, NOBODY, SMALL, 0).kept[0].screened == screened


def test_one_bad_picture_is_refused_with_its_reason_and_the_others_go_on():
    folder = Folder(
        good=picture(1), copy=picture(1, side=128), val=picture(2, side=128), tiny=picture(3, side=24),
        blank=np.full((64, 64, 3), 90, dtype=np.uint8), torn=None, other=picture(4),
    )  # fmt: skip
    screening = screen(folder.candidates(), folder.load, ValidationGuard([phash(picture(2))]), SMALL, 0)
    found = reasons(screening)
    assert len({"good", "copy"} & found.keys()) == 1  # whichever comes second in the sample
    assert found.pop("good", None) or found.pop("copy", None) == "duplicate"
    assert found == {
        "val": "near_duplicate_of_validation", "tiny": "too_small", "blank": "flat", "torn": "unreadable"
    }  # fmt: skip
    assert len(screening.kept) == 2


def test_a_picture_that_is_known_to_be_small_is_not_decoded():
    folder = Folder(a=picture(1))
    found = screen([BackgroundCandidate("training", "a", 640, 31, 2)], folder.load, NOBODY, SMALL, 0)
    assert reasons(found) == {"a": "too_small"}
    assert folder.decoded == []


def test_only_the_sample_is_decoded_and_each_kind_has_its_own():
    folder = Folder(**{str(i): picture(i) for i in range(40)})
    candidates = folder.candidates("yours")[:20] + folder.candidates("training")[20:]
    screening = screen(candidates, folder.load, NOBODY, SMALL.model_copy(update={"max_backgrounds": 3}), 0)
    assert sorted(k.kind for k in screening.kept) == ["training"] * 3 + ["yours"] * 3
    assert len(folder.decoded) == 6


def test_of_two_copies_the_annotated_one_stays():
    folder = Folder(mine=picture(1), theirs=picture(1))
    for seed in range(4):
        candidates = [BackgroundCandidate("yours", "mine"), BackgroundCandidate("training", "theirs")]
        assert [k.path for k in screen(candidates, folder.load, NOBODY, SMALL, seed).kept] == ["theirs"]


def test_the_sample_depends_on_seed_and_paths_not_on_the_order_given():
    candidates = [BackgroundCandidate("yours", str(i)) for i in range(30)]
    assert sample_order(candidates, 1) == sample_order(candidates[::-1], 1)
    assert sample_order(candidates, 1) != sample_order(candidates, 2)


def test_a_new_picture_moves_no_other():
    candidates = [BackgroundCandidate("yours", str(i)) for i in range(30)]
    more = sample_order([*candidates, BackgroundCandidate("yours", "new")], 1)
    assert [c for c in more if c.path != "new"] == sample_order(candidates, 1)


def test_a_path_that_is_not_unicode_is_a_path_like_any_other():
    assert len(sample_order([BackgroundCandidate("yours", "a\udcff.jpg")], 0)) == 1
