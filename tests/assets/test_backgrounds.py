"""Backgrounds: the user's pictures, training images and painted ones, without validation pictures."""

from dataclasses import replace

import dagster as dg
import pytest

from genval_assets.backgrounds.generations import current
from genval_assets.rows import Background, Quarantined, Reference, Scene, ValidationImage
from genval_assets.types import RefusedItem
from tests.assets.background_world import Folders
from tests.assets.fake_models import blocks as noise
from tests.assets.fakes import Album
from tests.assets.world import names_only


class BigAlbum(Album):
    """Photographs that are large enough to compose on; the second holds an object that nobody would label."""

    def images(self):
        return [replace(one, width=256, height=256, complete=one.image_id != 2) for one in super().images()]

    def pixels(self, image_id: int):
        self.image(image_id)
        if image_id in self.missing:
            raise RefusedItem(f"image {image_id}", "picture_missing", "no file")
        return noise(image_id)


@pytest.fixture
def world(make_world):
    world = make_world(photographs=BigAlbum({1: 3}))
    mine = {"a.jpg": noise(50), "same.jpg": noise(60), "tiny.jpg": noise(51, 64), "text.jpg": None}
    world.pictures = Folders(yours=mine, validation={"v.jpg": noise(60), "broken.jpg": None})
    return world


def test_pictures_and_complete_training_images_are_kept_and_the_rest_refused_with_reasons(world):
    assert world.materialize(["concept_list", "backgrounds"]).success
    kept = {(row.kind, row.path) for row in world.tables.read(Background)}
    assert kept == {("yours", "a.jpg"), ("training", "1.jpg"), ("training", "3.jpg")}
    reasons = {row.item: row.reason for row in world.tables.read(Quarantined)}
    assert reasons.keys() == {"same.jpg", "tiny.jpg", "text.jpg", "broken.jpg"}
    assert reasons["tiny.jpg"] == "too_small"
    assert reasons["same.jpg"].startswith(("validation", "near_duplicate"))


def test_validation_pictures_are_known_by_their_hash_and_never_kept(world):
    world.materialize(["concept_list", "backgrounds"])
    assert [row.path for row in world.tables.read(ValidationImage)] == ["v.jpg"]
    event = world.instance.get_latest_materialization_event(dg.AssetKey("backgrounds")).asset_materialization
    assert event.metadata["validation_images"].value == 1
    assert event.metadata["kept"].value == 3


def test_the_same_pictures_again_are_the_same_rows(world):
    world.materialize(["concept_list", "backgrounds"])
    rows = {kind: set(world.tables.rows[kind]) for kind in (Background, ValidationImage, Quarantined)}
    assert world.materialize(["backgrounds"]).success
    assert {kind: set(world.tables.rows[kind]) for kind in rows} == rows


def test_what_is_not_annotated_is_marked_unscreened(world):
    world.materialize(["concept_list", "backgrounds"])
    screened = {row.kind: row.screened for row in world.tables.read(Background)}
    assert screened == {"yours": "unscreened", "training": "annotated"}


def test_a_changed_list_is_written_whole_as_the_next_generation_and_the_old_one_stays(world):
    world.materialize(["concept_list", "backgrounds"])
    world.pictures.of_kind["yours"] = {"new.jpg": noise(70)}
    assert world.materialize(["backgrounds"]).success
    rows = world.tables.read(Background)
    assert {row.path for row in rows if row.generation == 1} == {"a.jpg", "1.jpg", "3.jpg"}
    assert {row.path for row in current(rows)} == {"new.jpg", "1.jpg", "3.jpg"}
    assert {row.generation for row in current(rows)} == {2}


def test_new_scenes_stand_on_the_newest_generation_alone(make_world):
    world = make_world(concepts=names_only("ant"), pictures=Folders(yours={"old.jpg": noise(1)})).set_up()
    world.pictures.of_kind["yours"] = {"new.jpg": noise(2)}
    world.materialize(["backgrounds"])
    assert world.serve_one("ant").success
    path_of = {row.background_id: row.path for row in world.tables.read(Background)}
    assert {path_of[scene.background_id] for scene in world.tables.read(Scene)} == {"new.jpg"}


def test_a_list_that_became_empty_is_an_error_and_not_the_old_list(make_world):
    world = make_world(concepts=names_only("ant"), pictures=Folders(yours={"old.jpg": noise(1)})).set_up()
    world.pictures.of_kind["yours"] = {}
    result = world.materialize(["backgrounds"])
    assert not result.success
    assert "NoBackgroundLeft" in world.errors_of(result)


def test_a_training_image_with_a_mask_that_cannot_be_decoded_is_refused_before_its_pixels_are_read(world):
    world.photographs.bad_masks = {3}
    world.photographs.missing = {3}
    assert world.materialize(["concept_list", "backgrounds"]).success
    assert "3.jpg" not in {row.path for row in world.tables.read(Background)}
    reasons = {row.item: row.reason for row in world.tables.read(Quarantined)}
    assert reasons["annotation 3"] == "polygon_far"


def test_what_is_known_is_not_written_again(world):
    world.materialize(["concept_list", "backgrounds"])
    world.materialize(["backgrounds"])
    assert {table: world.tables.appends[table] for table in ("backgrounds", "validation_images", "quarantine")} == {
        "backgrounds": 1, "validation_images": 1, "quarantine": 1
    }  # fmt: skip


@pytest.fixture
def used(make_world, make_row):
    """A project with a cut-out of photograph 1 and a scene on `old.jpg`, and no validation pictures yet."""
    pictures = Folders(yours={"old.jpg": noise(50), "idle.jpg": noise(51)})
    world = make_world(photographs=BigAlbum({1: 3}), pictures=pictures).set_up()
    world.tables.append([make_row(Reference, category="ant", image_id=1, photograph="1.jpg")])
    ground = next(row for row in world.tables.read(Background) if row.path == "old.jpg")
    world.tables.append([make_row(Scene, category="ant", background_id=ground.background_id)])
    return world


@pytest.mark.parametrize(("picture", "named"), [(1, "photograph 1.jpg"), (50, "background old.jpg")])
def test_validation_pictures_that_were_already_used_are_an_error_that_says_what_to_do(used, picture, named):
    used.pictures.of_kind["validation"] = {"v.jpg": noise(picture)}
    for _ in range(2):  # the second time they are as new as the first
        result = used.materialize(["backgrounds"])
        assert not result.success
        said = used.errors_of(result)
        assert all(text in said for text in ("ValidationClash", named, "genval init --val", "[data] val"))
    assert not used.tables.read(ValidationImage)


def test_validation_pictures_that_nothing_was_made_of_are_welcome_later(used):
    used.pictures.of_kind["validation"] = {"v.jpg": noise(2), "w.jpg": noise(51)}
    assert used.materialize(["backgrounds"]).success
    assert {row.path for row in current(used.tables.read(Background))} == {"1.jpg", "3.jpg", "old.jpg"}


def test_photographs_are_looked_at_only_when_new_validation_pictures_appear(used, make_row):
    used.pictures.of_kind["validation"] = {"v.jpg": noise(2)}
    used.materialize(["backgrounds"])
    used.tables.append([make_row(Reference, category="ant", image_id=2, photograph="2.jpg")])
    assert used.materialize(["backgrounds"]).success


def test_a_photograph_that_is_no_longer_there_cannot_clash(used):
    used.pictures.of_kind["validation"] = {"v.jpg": noise(1)}
    used.photographs.gone = {1}
    assert used.materialize(["backgrounds"]).success


def test_no_more_than_ten_clashes_are_listed(used, make_row):
    photographs = [make_row(Reference, category="ant", image_id=1, photograph=f"p{n:02d}.jpg") for n in range(12)]
    used.tables.append(photographs)
    used.pictures.of_kind["validation"] = {"v.jpg": noise(1)}
    said = used.errors_of(used.materialize(["backgrounds"]))
    assert "13 pictures" in said
    assert "p08.jpg" in said
    assert "p09.jpg" not in said
