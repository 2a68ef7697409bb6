"""Promises of background screening."""

import weakref

import numpy as np
import pytest

from genval_assets.backgrounds.hashes import ValidationGuard, phash
from genval_assets.backgrounds.screening import BackgroundCandidate, ScreeningSettings, sample_order, screen
from genval_assets.backgrounds.search import Search, Terms
from genval_assets.types import Found, RefusedItem

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


class Eye:
    """Finds a zebra in the pictures it was told of; keeps how many it was given at once."""

    def __init__(self, *shown, batch=2):
        self.shown, self.size, self.calls = list(shown), batch, []

    def search(self, **known):
        return Search(Terms("eye@1", ("zebra",)), lambda: self.size, self.find, known)

    def find(self, pictures):
        self.calls.append(len(pictures))
        shows = [any(np.array_equal(picture, one) for one in self.shown) for picture in pictures]
        return [[Found("zebra", (1, 2, 3, 4), 0.9)] * one for one in shows]


def searched(folder, eye, settings=SMALL, kind="yours", **known):
    candidates = [BackgroundCandidate(kind, path) for path in folder.pictures]
    return screen(candidates, folder.load, NOBODY, settings, 0, eye.search(**known))


def known_as(found, rgb):
    return {Terms("eye@1", ("zebra",)).mark(rgb): found}


@pytest.mark.parametrize("kind", ["yours", "drawn"])
def test_a_picture_in_which_a_category_is_found_is_refused_by_name_and_the_others_say_that_they_were_searched(kind):
    screening = searched(Folder(a=picture(1), b=picture(2)), Eye(picture(2)), kind=kind)
    assert [(k.path, k.screened) for k in screening.kept] == [("a", "detector")]
    (refusal,) = screening.refused
    assert (refusal.item, refusal.reason) == ("b", "shows_category")
    assert refusal.detail == "zebra, 3 x 4 px at (1, 2), score 0.90"


def test_annotated_images_are_not_searched():
    eye = Eye(picture(1))
    screening = searched(Folder(a=picture(1)), eye, kind="training")
    assert [(k.screened, k.screen) for k in screening.kept] == [("annotated", None)]
    assert eye.calls == []


@pytest.mark.parametrize("batch", [1, 2, 3, 16])
def test_pictures_are_searched_in_full_batches_and_the_result_does_not_depend_on_them(batch):
    folder = Folder(**{str(i): picture(i) for i in range(7)})
    eye = Eye(picture(3), picture(5), batch=batch)
    screening = searched(folder, eye)
    one_by_one = searched(folder, Eye(picture(3), picture(5), batch=1))
    assert [k.path for k in screening.kept] == [k.path for k in one_by_one.kept]
    assert sorted(item.item for item in screening.refused) == ["3", "5"]
    assert eye.calls == [batch] * (7 // batch) + [7 % batch] * (7 % batch > 0)


def test_no_more_than_a_batch_is_held_in_memory():
    folder = Folder(**{str(i): picture(i) for i in range(9)})
    alive, most = [], []

    def load(candidate):
        alive[:] = [ref for ref in alive if ref() is not None]
        rgb = folder.load(candidate).copy()
        alive.append(weakref.ref(rgb))
        most.append(len(alive))
        return rgb

    screen(folder.candidates(), load, NOBODY, SMALL, 0, Eye(batch=3).search())
    assert max(most) <= 4  # a batch, and the picture at hand


def test_only_pictures_that_passed_everything_else_are_searched():
    folder = Folder(good=picture(1), tiny=picture(2, side=24), flat=np.full((64, 64, 3), 9, np.uint8), torn=None)
    eye = Eye()
    searched(folder, eye)
    assert eye.calls == [1]


@pytest.mark.parametrize("batch", [1, 5])
def test_a_copy_of_a_picture_that_shows_a_category_is_no_duplicate_of_a_background(batch):
    """Two pictures of one camera: with the zebra, and without."""
    folder = Folder(first=picture(1), second=picture(1, side=128))
    first, second = (c.path for c in sample_order(folder.candidates(), 0))
    screening = searched(folder, Eye(folder.pictures[first], batch=batch))
    assert [k.path for k in screening.kept] == [second]
    assert reasons(screening) == {first: "shows_category"}
    screening = searched(folder, Eye(batch=batch))
    assert reasons(screening) == {second: "duplicate"}


def test_a_sample_is_filled_up_for_those_that_were_refused():
    folder = Folder(**{str(i): picture(i) for i in range(8)})
    order = [int(c.path) for c in sample_order(folder.candidates(), 0)]
    few = SMALL.model_copy(update={"max_backgrounds": 3})
    screening = searched(folder, Eye(picture(order[1]), batch=16), few)
    assert [int(k.path) for k in screening.kept] == [order[0], order[2], order[3]]
    assert [int(path) for path in folder.decoded] == order[:4]


def test_what_was_found_in_a_picture_before_is_not_looked_for_again():
    folder, eye = Folder(clean=picture(1), shown=picture(2), new=picture(3)), Eye()
    screening = searched(folder, eye, **known_as("", picture(1)), **known_as("cow, there", picture(2)))
    assert eye.calls == [1]
    assert {k.path for k in screening.kept} == {"clean", "new"}
    assert [(item.item, item.detail) for item in screening.refused] == [("shown", "cow, there")]


def test_known_pictures_stay_in_their_place_of_the_sample():
    folder = Folder(**{str(i): picture(i) for i in range(6)})
    order = [c.path for c in sample_order(folder.candidates(), 0)]
    known = {**known_as("", picture(int(order[1]))), **known_as("", picture(int(order[4])))}
    assert [k.path for k in searched(folder, Eye(batch=3), **known).kept] == order


def test_the_detector_is_asked_for_nothing_where_all_is_known():
    def no_batch():
        raise AssertionError("asked for its batch, which opens the model")

    search = Search(Terms("eye@1", ("zebra",)), no_batch, lambda pictures: [], known_as("", picture(1)))
    folder = Folder(a=picture(1))
    assert [k.path for k in screen(folder.candidates(), folder.load, NOBODY, SMALL, 0, search).kept] == ["a"]


def test_a_detector_that_answers_for_fewer_pictures_is_an_error():
    search = Search(Terms("eye@1", ("zebra",)), lambda: 2, lambda pictures: [[]])
    folder = Folder(a=picture(1), b=picture(2))
    with pytest.raises(ValueError, match="answered for 1 pictures of 2"):
        screen(folder.candidates(), folder.load, NOBODY, SMALL, 0, search)
