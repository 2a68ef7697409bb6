"""Backgrounds: the user's pictures, training images and painted ones, without validation pictures."""

from dataclasses import replace

import dagster as dg
import numpy as np
import pytest

from genval_assets.rows import Background, Quarantined, ValidationImage
from genval_assets.types import RefusedItem
from tests.assets.fakes import Album, OnePicture


def noise(seed: int, side: int = 256):
    small = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return small.repeat(side // 8, axis=0).repeat(side // 8, axis=1)


class Folders(OnePicture):
    """Pictures by kind and path; what is None is no picture."""

    def __init__(self, **of_kind: dict) -> None:
        self.of_kind = of_kind

    def paths(self, kind: str) -> list[str]:
        return list(self.of_kind.get(kind, {}))

    def pixels(self, kind: str, path: str):
        pixels = self.of_kind[kind][path]
        if pixels is None:
            raise RefusedItem(path, "not_a_picture", "text")
        return pixels


class BigAlbum(Album):
    """Photographs that are large enough to compose on; the second holds an object that nobody would label."""

    def images(self):
        return [replace(one, width=256, height=256, complete=one.image_id != 2) for one in super().images()]

    def pixels(self, image_id: int):
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
