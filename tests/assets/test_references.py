"""Source objects: usable real instances are cut out once each; validation pictures are none."""

from dataclasses import replace

import pytest

from genval_assets.backgrounds.hashes import phash
from genval_assets.instances.references import ReferenceSettings
from genval_assets.rows import Quarantined, Reference, ValidationImage
from genval_assets.types import Concept, RefusedItem
from tests.assets.fakes import NOW, Album, ListConcepts
from tests.assets.world import settings

ONLY = ["reference_instances"]


@pytest.fixture
def world(make_world):
    concepts = ListConcepts([Concept("ant", source_id=1), Concept("bee", source_id=2), Concept("cat", source_id=3)])
    return make_world(settings=settings("cutout"), concepts=concepts, photographs=Album({1: 3, 2: 1})).set_up()


def test_each_usable_instance_is_cut_out_with_where_it_was(world):
    assert world.serve_batch("ant", "bee", "cat", assets=ONLY).success
    assert world.tables.count(Reference) == {"ant": 3, "bee": 1}
    first = world.tables.read(Reference)[0]
    assert (first.x, first.y, first.w, first.h, first.area_px, first.fill) == (20, 20, 40, 40, 1600, 1.0)
    assert (first.photograph_width, first.photograph_height) == (96, 96)
    assert world.images.get(first.image).shape == (40, 40, 4)


def test_a_category_without_instances_is_materialized_all_the_same(world):
    world.serve_batch("ant", "cat", assets=ONLY)
    assert world.materialized("reference_instances") == {"ant", "cat"}


def test_what_is_stored_is_not_cut_out_again_and_new_instances_are_numbered_on(world):
    world.serve_one("bee", ONLY)
    world.photographs = Album({1: 3, 2: 3})
    assert world.serve_one("bee", ONLY).success
    assert [row.index for row in world.tables.read(Reference)] == [0, 1, 2]


def test_no_more_are_cut_out_than_the_settings_allow(world):
    limited = world.settings.instances.model_copy(update={"references": ReferenceSettings(per_category=2)})
    world.settings = world.settings.model_copy(update={"instances": limited})
    world.serve_one("ant", ONLY)
    world.serve_one("ant", ONLY)
    assert world.tables.count(Reference) == {"ant": 2}


def test_objects_in_validation_pictures_are_no_source(world, make_row):
    own = phash(world.photographs.pixels(2))
    world.tables.append([make_row(ValidationImage, phash=own, created_at=NOW)])
    world.serve_one("ant", ONLY)
    assert {row.image_id for row in world.tables.read(Reference)} == {1, 3}


def test_a_photograph_that_cannot_be_read_is_quarantined_and_the_others_are_used(world):
    read = world.photographs.pixels

    def pixels(image_id: int):
        if image_id == 2:
            raise RefusedItem("2.jpg", "missing_file", "no such file")
        return read(image_id)

    world.photographs.pixels = pixels
    assert world.serve_one("ant", ONLY).success
    assert {row.image_id for row in world.tables.read(Reference)} == {1, 3}
    assert [row.item for row in world.tables.read(Quarantined, ["ant"])] == ["2.jpg"]


def test_crowds_and_tiny_objects_are_counted_not_quarantined(world):
    of_category = world.photographs.of_category
    world.photographs.of_category = lambda id_: [replace(a, iscrowd=a.annotation_id < 3) for a in of_category(id_)]
    world.serve_one("ant", ONLY)
    assert world.tables.count(Reference) == {"ant": 1}
    assert not world.tables.read(Quarantined, ["ant"])
