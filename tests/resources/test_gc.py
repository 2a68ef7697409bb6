from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from genval_assets.layout_rows import LayoutImage, LayoutScene
from genval_assets.negative_rows import PositiveCaption
from genval_assets.rows import Background, GoldenLabel, Instance, PaintedBackground, Reference, Scene, Verdict
from resources.gc import collect_garbage
from resources.images import ImageFiles
from resources.locks import RunLocks
from resources.tables import ParquetTables

NOW = datetime(2026, 11, 20, tzinfo=UTC)
MONTH = timedelta(days=30)


def drawn_as(layout_image_id: str) -> dict[str, object]:
    """Return what a scene has that was drawn as a whole from a layout."""
    return {"instance_id": None, "background_id": None, "canvas": "layout", "layout_image_id": layout_image_id}


class Home:
    """A home whose pictures are named by a number each."""

    def __init__(self, path, make_row):
        self.path, self.make_row = path, make_row
        self.tables, self.images = ParquetTables(home=str(path)), ImageFiles(home=str(path))

    def picture(self, number: int) -> str:
        return self.images.put([np.full((2, 2, 3), number, dtype=np.uint8)])[0]

    def candidate(self, number: int, outcome: str, days_ago: int, **given: object) -> str:
        image, at = self.picture(number), NOW - timedelta(days=days_ago)
        name = f"i{number}"
        self.tables.append([self.make_row(Instance, instance_id=name, image=image)])
        verdict = {"accepted": {"cutout": given.get("cutout", image), "area_px": 1}, "rejected": {"reasons": ["flat"]}}
        row = self.make_row(Verdict, instance_id=name, outcome=outcome, created_at=at, **verdict.get(outcome, {}))
        self.tables.append([row])
        return image

    def layout(self, name: str, outcome: str, days_ago: int, *numbers: int) -> list[str]:
        """Draw so many pictures of a layout, the first of which is a scene where the layout is kept."""
        images = [self.picture(number) for number in numbers]
        self.tables.append(
            [
                self.make_row(LayoutImage, layout_image_id=f"{name}{i}", layout_id=name, image=image)
                for i, image in enumerate(images)
            ]
        )
        given = {"outcome": outcome, "reasons": ["any"]}
        if outcome == "kept":
            self.tables.append([self.make_row(Scene, scene_id=name, image=images[0], **drawn_as(f"{name}0"))])
            given |= {"scene_id": name, "layout_image_id": f"{name}0", "clis_i": 90.0}
        at = NOW - timedelta(days=days_ago)
        self.tables.append([self.make_row(LayoutScene, layout_id=name, created_at=at, **given)])
        return images

    def collect(self, **given: object):
        return collect_garbage(self.path, MONTH, NOW, **given)

    def there(self, image: str) -> bool:
        return (self.path / image).exists()


@pytest.fixture
def home(tmp_path, make_row):
    return Home(tmp_path, make_row)


def test_pictures_that_a_row_names_stay_and_others_go(home):
    kept = {
        Reference: home.picture(1),
        Scene: home.picture(2),
        Instance: home.picture(3),
        PaintedBackground: home.picture(6),  # also one that screening refused: it would be looked for every time
    }
    for kind, image in kept.items():
        home.tables.append([home.make_row(kind, image=image)])
    drawn, lost = home.picture(4), home.picture(5)
    home.tables.append([home.make_row(Background, kind="drawn", path=drawn)])
    report = home.collect()
    assert (report.unnamed, report.rejected) == ((lost,), ())
    assert report.size_bytes > 0
    assert all(home.there(image) for image in [*kept.values(), drawn])
    assert not home.there(lost)


def test_rejected_candidates_lose_their_pictures_after_a_while_and_keep_their_rows(home):
    old, new = home.candidate(1, "rejected", 31), home.candidate(2, "rejected", 29)
    accepted, error = home.candidate(3, "accepted", 99), home.candidate(4, "error", 99)
    assert home.collect().rejected == (old,)
    assert [home.there(image) for image in (old, new, accepted, error)] == [False, True, True, True]
    assert len(home.tables.read(Instance)) == 4


def test_what_somebody_labelled_keeps_its_picture_because_judges_are_measured_on_it(home):
    labelled, simulated = home.candidate(1, "rejected", 99), home.picture(2)
    for image in (labelled, simulated):
        home.tables.append([home.make_row(GoldenLabel, image=image)])
    report = home.collect()
    assert (report.unnamed, report.rejected) == ((), ())
    assert home.there(labelled)
    assert home.there(simulated)


def test_a_candidate_that_was_accepted_in_the_end_is_no_reject(home):
    image = home.candidate(1, "rejected", 99)
    row = home.make_row(Verdict, instance_id="i1", outcome="accepted", cutout=home.picture(2), area_px=1)
    home.tables.append([row])
    assert home.collect().rejected == ()
    assert home.there(image)


def test_a_cleaned_cut_out_stays_and_a_picture_that_two_rows_name_stays_for_either(home):
    cutout = home.picture(1)
    home.candidate(2, "accepted", 99, cutout=cutout)
    shared = home.candidate(3, "rejected", 99)
    home.tables.append([home.make_row(Scene, image=shared)])
    report = home.collect()
    assert (report.unnamed, report.rejected) == ((), ())
    assert home.there(cutout)
    assert home.there(shared)


def test_of_a_layout_the_pictures_that_are_no_scene_go_after_a_while(home):
    best, *others = home.layout("a", "kept", 31, 1, 2, 3)
    refused = home.layout("b", "rejected", 31, 4, 5)
    fresh = [*home.layout("c", "kept", 29, 6, 7), *home.layout("d", "rejected", 29, 8, 9)]
    assert home.collect().rejected == tuple(sorted([*others, *refused]))
    assert home.there(best)
    assert all(home.there(image) for image in fresh)
    assert len(home.tables.read(LayoutImage)) == 9


def test_pictures_of_a_layout_on_which_nothing_is_decided_stay(home):
    undecided = home.layout("a", "error", 99, 1, 2)
    waiting = home.picture(3)
    failed = {"image": None, "width": None, "height": None, "error": "out of memory"}
    home.tables.append([home.make_row(LayoutImage, layout_id="b", **failed)])
    home.tables.append([home.make_row(LayoutImage, layout_id="b", image=waiting)])
    report = home.collect()
    assert (report.unnamed, report.rejected) == ((), ())
    assert all(home.there(image) for image in (*undecided, waiting))


def test_the_drawn_picture_of_a_scene_stays_though_the_scene_is_another_file(home):
    best = home.picture(1)
    home.tables.append([home.make_row(LayoutImage, layout_image_id="p", layout_id="l", image=best)])
    home.tables.append([home.make_row(Scene, scene_id="s", image=home.picture(2), **drawn_as("p"))])
    end = {"outcome": "kept", "scene_id": "s", "layout_image_id": "p", "clis_i": 90.0}
    home.tables.append([home.make_row(LayoutScene, layout_id="l", created_at=NOW - timedelta(days=99), **end)])
    assert home.collect().rejected == ()
    assert home.there(best)


ACCEPTED = {"outcome": "accepted", "caption": "A zebra.", "nouns": ["zebra"], "n_attributes": 1, "n_words": 10}
REFUSED = {"outcome": "refused", "caption": None, "faults": ["too_short"]}


@pytest.mark.parametrize("given", [ACCEPTED, REFUSED])
def test_the_picture_that_was_described_stays_as_long_as_its_row(home, given):
    """It is another file than the candidate's, whose own picture may be gone by then."""
    old, described = home.candidate(1, "rejected", 99), home.picture(2)
    row = home.make_row(PositiveCaption, kind="instance", subject_id="i1", image=described, **given)
    home.tables.append([row])
    report = home.collect()
    assert (report.unnamed, report.rejected) == ((), (old,))
    assert home.there(described)


def test_a_dry_run_tells_the_same_and_deletes_nothing(home):
    lost, old = home.picture(1), home.candidate(2, "rejected", 99)
    (home.path / "data" / ".genval-1-a.tmp").write_bytes(b"torn")
    planned = home.collect(dry_run=True)
    assert (planned.unnamed, planned.rejected, planned.orphans) == ((lost,), (old,), ("data/.genval-1-a.tmp",))
    assert home.there(lost)
    assert (home.path / "data" / ".genval-1-a.tmp").exists()
    done = home.collect()
    assert (done.unnamed, done.rejected, done.orphans, done.size_bytes) == (
        planned.unnamed,
        planned.rejected,
        planned.orphans,
        planned.size_bytes,
    )
    assert home.collect().size_bytes == 0


def test_versions_of_a_set_that_are_not_the_current_one_go(home):
    for name in ("set@1", "set@2", "group/inner@1", "group/inner@2", "lone@1"):
        folder = home.path / "data/datasets" / name
        folder.mkdir(parents=True)
        (folder / "file").write_text("x")
    (home.path / "data/datasets/set").symlink_to("set@2")
    (home.path / "data/datasets/group/inner").symlink_to("inner@1")
    assert home.collect().datasets == ("data/datasets/group/inner@2", "data/datasets/lone@1", "data/datasets/set@1")
    assert (home.path / "data/datasets/set/file").read_text() == "x"
    assert (home.path / "data/datasets/group/inner/file").read_text() == "x"


def test_files_of_others_stay(home):
    home.picture(1)
    for name in ("data/images/ab", "data/images/ab/notes.txt", "data/notes.txt"):
        path = home.path / name
        path.write_text("mine") if path.suffix else path.mkdir(exist_ok=True)
    home.collect()
    assert (home.path / "data/images/ab/notes.txt").exists()
    assert (home.path / "data/notes.txt").exists()


def test_nothing_is_collected_while_a_run_is_at_work(home):
    lost = home.picture(1)
    with RunLocks(home=str(home.path)).hold("run-1"), pytest.raises(BlockingIOError, match="runs are at work"):
        home.collect()
    assert home.there(lost)


def test_nothing_is_deleted_when_it_cannot_be_told_what_is_needed(home):
    lost = home.picture(1)
    home.tables.append([home.make_row(Scene, image=home.picture(2))])
    (part,) = (home.path / "data/tables/scenes").iterdir()
    part.write_bytes(part.read_bytes()[:-50])
    with pytest.raises(ValueError, match="cannot be read as a part of scenes"):
        home.collect()
    assert home.there(lost)
