"""The export assets: each format from the UI, to the home or a folder, and nothing that leaks."""

import io
import json
from dataclasses import replace

import dagster as dg
import numpy as np
import pytest
from PIL import Image

from genval_assets.assets.exports import asset_name
from genval_assets.backgrounds.screening import ScreeningSettings
from genval_assets.config import BackgroundSettings
from genval_assets.definitions import ASSETS
from genval_assets.export.settings import ExportSettings
from genval_assets.rows import Annotation, Export
from genval_assets.types import Concept, SourceImage
from tests.assets.fakes import Album, ListConcepts
from tests.assets.world import names_only, settings


@pytest.fixture
def world(make_world):
    world = make_world(concepts=names_only("ant", "bee")).set_up()
    assert world.serve_batch("ant", "bee").success
    return world


def materialized(world, wanted: str = "coco", **told: object) -> dg.ExecuteInProcessResult:
    name = asset_name(wanted)
    return dg.materialize(
        ASSETS,
        selection=[name],
        instance=world.instance,
        resources=world.resources(),
        run_config={"ops": {name: {"config": told}}} if told else None,
        raise_on_error=False,
    )


def test_without_a_folder_the_export_lies_in_the_home(world):
    assert materialized(world).success
    assert "annotations/coco.json" in world.datasets.sets["exports/coco"]
    assert world.datasets.asked == []
    exported = {row.annotation_id for row in world.tables.read(Export) if row.dataset == "coco"}
    assert exported == {row.annotation_id for row in world.tables.read(Annotation)}


def test_an_export_to_a_folder_is_found_in_sql_under_format_and_version(world):
    assert materialized(world, "lvis", folder="/elsewhere", overwrite=True).success
    assert world.datasets.asked == [("/elsewhere", True)]
    assert {row.dataset for row in world.tables.read(Export)} == {"lvis@000000000000"}


def test_the_check_on_splits_stands_on_every_set_that_leaves(world):
    assert world.materialize(["training_dataset"]).success
    result = materialized(world)
    (check,) = result.get_asset_check_evaluations()
    assert (check.check_name, check.passed, check.blocking) == ("splits_share_nothing", True, True)


def test_what_leaks_is_not_written(world, monkeypatch):
    monkeypatch.setattr("genval_assets.assets.split_check.leaks", lambda prepared: ("photograph:1 in train and val",))
    result = materialized(world)
    assert not result.success
    assert "exports/coco" not in world.datasets.sets
    (check,) = result.get_asset_check_evaluations()
    assert (check.passed, check.blocking) == (False, True)
    assert "photograph:1" in check.metadata["first"].value


@pytest.fixture
def validated(make_world):
    """Scenes of two categories on the user's photographs, and validation photographs whose ids are the same."""
    asked = {
        "backgrounds": BackgroundSettings(screening=ScreeningSettings(min_side_px=64)),
        "export": ExportSettings(include_real=True, include_val=True),
    }
    world = make_world(
        settings=settings("foreground").model_copy(update=asked),
        concepts=ListConcepts([Concept("ant", source_id=1), Concept("bee", source_id=2)]),
        photographs=Album({1: 3, 2: 1}),
        validation_photographs=HeldOut({1: 2, 9: 1}),
    ).set_up()
    result = world.serve_batch("ant", "bee")
    assert result.success, world.errors_of(result)
    return world


class HeldOut(Album):
    """Validation photographs: a file of its own with the categories of the other, and one more."""

    names = ((1, "ant"), (2, "bee"), (9, "wasp"))

    def concepts(self) -> list[Concept]:
        return [Concept(name, source_id=number) for number, name in self.names]

    def image(self, image_id: int) -> SourceImage:
        return replace(super().image(image_id), path=f"held/{image_id}.jpg")


def documents(world) -> dict[str, dict]:
    contents = world.datasets.contents["exports/coco"]
    return {
        split: json.loads(contents[f"annotations/{name}.json"])
        for split, name in (("train", "coco"), ("val", "coco_val"))
    }


def test_the_users_validation_images_are_the_split_val(validated):
    validated.datasets.pictures = picture_file
    result = materialized(validated)
    assert result.success, validated.errors_of(result)
    train, val = documents(validated).values()
    assert [image["file_name"] for image in val["images"]] == [
        "images/val-1.jpg",
        "images/val-2.jpg",
        "images/val-3.jpg",
    ]
    assert {one["genval"].get("validation") for one in val["annotations"]} == {True}
    assert {one["category_id"] for one in val["annotations"]} == {1}  # the training file knows no wasps
    assert not any("val-" in image["file_name"] for image in train["images"])
    ids = [one["id"] for one in (*train["annotations"], *val["annotations"])]
    assert len(ids) == len(set(ids))


def test_no_row_takes_a_validation_object_for_a_training_one(validated):
    validated.datasets.pictures = picture_file
    materialized(validated)
    exported = {row.exported_annotation_id for row in validated.tables.read(Export)}
    assert exported == {one["id"] for one in documents(validated)["train"]["annotations"]}


def test_a_training_picture_among_the_validation_images_is_a_leak(validated):
    same = picture_file("one")
    validated.datasets.pictures = lambda path: same if path.endswith(("/1.jpg", "held/2.jpg")) else picture_file(path)
    result = materialized(validated)
    assert not result.success
    assert "near_duplicate" in validated.errors_of(result)
    assert "exports/coco" not in validated.datasets.sets


def test_a_validation_file_with_other_meanings_of_the_ids_is_refused(validated):
    validated.validation_photographs.names = ((1, "bee"), (2, "ant"))
    result = materialized(validated)
    assert not result.success
    assert "category 1 is 'bee' in [data] val and 'ant' in [data] coco" in validated.errors_of(result)


def test_white_space_around_a_name_is_no_other_meaning(validated):
    validated.datasets.pictures = picture_file
    validated.validation_photographs.names = ((1, " ant"), (2, "bee\t"))
    assert materialized(validated).success


def picture_file(path: str) -> bytes:
    """Return a picture of noise, another for each path."""
    noise = np.random.default_rng(list(path.encode())).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    encoded = io.BytesIO()
    Image.fromarray(noise).save(encoded, "PNG")
    return encoded.getvalue()
