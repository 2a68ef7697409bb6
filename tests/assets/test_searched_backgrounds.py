"""Backgrounds that a detector searches: what shows a category is refused, and no picture is searched twice."""

import pytest

from genval_assets.backgrounds.generations import current
from genval_assets.backgrounds.screening import ScreeningSettings
from genval_assets.config import BackgroundSettings
from genval_assets.rows import Background, Quarantined
from genval_assets.types import Concept
from tests.assets.background_world import Folders, metadata, painting
from tests.assets.fake_models import Spotter, blocks
from tests.assets.fakes import Album
from tests.assets.world import settings

ZEBRA, COW, ANT = Concept("Zébra"), Concept("cow"), Concept("ant")


@pytest.fixture
def zoo(make_world):
    """Two pictures of the user's, in one of which the detector finds a zebra, and one that is painted."""
    world = painting(make_world, 1, detectors=Spotter(("Zébra", 51), ("cow", 50)))
    world.concepts.concepts = [ZEBRA, ANT]
    world.pictures.of_kind["yours"] = {"a.jpg": blocks(50), "zoo.jpg": blocks(51)}
    return world.set_up()


def in_force(world) -> dict[str, str]:
    """Return kind -> how it was screened, of the backgrounds for new scenes; each kind has one here."""
    return {
        row.path if row.kind == "yours" else row.kind: row.screened for row in current(world.tables.read(Background))
    }


def test_a_picture_in_which_the_detector_finds_a_category_is_refused_by_its_name_place_and_score(zoo):
    assert in_force(zoo) == {"a.jpg": "detector", "drawn": "detector"}
    (refused,) = zoo.tables.read(Quarantined)
    assert (refused.stage, refused.item, refused.reason) == ("backgrounds", "zoo.jpg", "shows_category")
    assert refused.detail == "Zébra, 30 x 40 px at (10, 20), score 0.83"
    assert metadata(zoo)["refused_reasons"] == {"shows_category": 1}


def test_the_detector_is_asked_for_the_names_of_all_active_categories_in_its_own_batches(zoo):
    assert {frozenset(names) for names in zoo.detectors.asked} == {frozenset({"Zébra", "ant"})}
    assert max(zoo.detectors.searched) <= zoo.detectors.best_batch
    assert sum(zoo.detectors.searched) == 3


def test_what_was_searched_is_not_searched_again_and_no_detector_opened(zoo):
    rows = {kind: set(zoo.tables.rows[kind]) for kind in (Background, Quarantined)}
    assert zoo.materialize(["backgrounds"]).success
    assert (zoo.detectors.opened, zoo.detectors.closed, sum(zoo.detectors.searched)) == (1, 1, 3)
    assert {kind: set(zoo.tables.rows[kind]) for kind in rows} == rows
    assert metadata(zoo)["refused_reasons"] == {"shows_category": 1}


def test_a_new_picture_is_searched_and_the_others_are_not(zoo):
    zoo.pictures.of_kind["yours"]["new.jpg"] = blocks(52)
    assert zoo.materialize(["backgrounds"]).success
    assert zoo.detectors.searched[-1:] == [1]
    assert in_force(zoo) == {"a.jpg": "detector", "new.jpg": "detector", "drawn": "detector"}


def test_a_picture_that_was_mended_is_searched_again(zoo):
    zoo.pictures.of_kind["yours"]["zoo.jpg"] = blocks(51)
    zoo.pictures.of_kind["yours"]["zoo.jpg"][:40, :40] //= 2
    assert zoo.materialize(["backgrounds"]).success
    assert sum(zoo.detectors.searched) == 4
    assert "zoo.jpg" in in_force(zoo)


def test_with_another_category_every_picture_is_searched_again_and_the_generation_says_so(zoo):
    zoo.concepts.concepts = [ZEBRA, ANT, COW]
    assert zoo.materialize(["concept_list", "backgrounds"]).success
    assert sum(zoo.detectors.searched) == 6
    assert in_force(zoo) == {"drawn": "detector"}
    refused = {row.item: row.detail for row in zoo.tables.read(Quarantined)}
    assert refused["a.jpg"].startswith("cow, ")
    searches = sum(zoo.detectors.searched)
    assert zoo.materialize(["backgrounds"]).success
    assert sum(zoo.detectors.searched) == searches


def test_a_category_that_is_retired_is_looked_for_no_more(zoo):
    zoo.concepts.concepts = [ANT]
    assert zoo.materialize(["concept_list", "backgrounds"]).success
    assert zoo.detectors.asked[-1] == ("ant",)
    assert in_force(zoo) == {"a.jpg": "detector", "zoo.jpg": "detector", "drawn": "detector"}


def test_another_detector_searches_everything_again(zoo):
    zoo.detectors.settings = " min_score=0.1"
    assert zoo.materialize(["backgrounds"]).success
    assert sum(zoo.detectors.searched) == 6
    assert {row.generation for row in current(zoo.tables.read(Background))} == {2}


def test_training_images_are_never_searched(make_world):
    world = make_world(photographs=Album({1: 3}), pictures=Folders(), detectors=Spotter())
    screening = ScreeningSettings(min_side_px=96)
    world.settings = settings().model_copy(update={"backgrounds": BackgroundSettings(screening=screening)})
    world.set_up()
    assert {row.screened for row in world.tables.read(Background)} == {"annotated"}
    assert world.detectors.opened == 0


def test_a_detector_that_is_missing_is_an_error_only_where_a_picture_must_be_searched(zoo):
    zoo.detectors.broken = "the detector is not on this machine: hf download google/owlv2"
    assert zoo.materialize(["backgrounds"]).success
    zoo.pictures.of_kind["yours"]["new.jpg"] = blocks(52)
    result = zoo.materialize(["backgrounds"])
    assert "hf download google/owlv2" in zoo.errors_of(result)
    assert "new.jpg" not in in_force(zoo)
