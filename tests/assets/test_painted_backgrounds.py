"""Painted backgrounds: rows that say how they were made, painted once, whatever interrupts the painting."""

import errno
from dataclasses import fields

import duckdb
import pytest

from genval_assets.backgrounds.generations import current
from genval_assets.backgrounds.places import background_prompts
from genval_assets.config import BackgroundSettings
from genval_assets.rows import Background, PaintedBackground, Quarantined, Scene, Usage
from resources.schema import create_tables
from tests.assets.background_world import metadata, painting
from tests.assets.fake_models import Blocks, Spotter, blocks


def told(row) -> dict[str, object]:
    """Return everything of a row but who made it and when."""
    return {f.name: getattr(row, f.name) for f in fields(row) if f.name not in ("run_id", "created_at")}


def paintings(world) -> list[dict[str, object]]:
    return [told(row) for row in world.tables.read(PaintedBackground)]


def test_painted_backgrounds_are_rows_that_say_how_they_were_made(make_world):
    world = painting(make_world, 3).set_up()
    rows = world.tables.read(PaintedBackground)
    asked = background_prompts(3, 0)
    assert [(row.index, row.prompt, row.negative, row.seed) for row in rows] == [
        (r.index, r.prompt, r.negative, r.seed) for r in asked
    ]
    assert {(r.model, r.revision, r.fingerprint, r.width, r.height) for r in rows} == {
        ("blocks", "7", "blocks@7", 256, 256)
    }
    drawn = {row.path for row in world.tables.read(Background) if row.kind == "drawn"}
    assert drawn == {row.image for row in rows}


def test_the_second_time_nothing_is_painted_and_no_model_opened(make_world):
    world = painting(make_world, 3).set_up()
    rows = set(world.tables.rows[Background])
    assert world.materialize(["backgrounds"]).success
    assert (world.painters.opened, world.painters.closed, len(world.painters.asked)) == (1, 1, 2)
    assert set(world.tables.rows[Background]) == rows
    assert metadata(world)["painted"] == 0
    assert metadata(world)["kept"] == 4


def test_a_project_that_asks_for_none_opens_no_painter(make_world):
    world = painting(make_world, 0).set_up()
    assert world.painters.opened == 0


def test_more_are_painted_behind_the_first_and_fewer_are_the_first_ones(make_world):
    world = painting(make_world, 3).set_up()
    first = paintings(world)
    for painted, asked in ((5, [3, 4]), (2, [])):
        world.settings = world.settings.model_copy(update={"backgrounds": BackgroundSettings(painted=painted)})
        world.painters.asked.clear()
        assert world.materialize(["backgrounds"]).success
        assert [request.index for batch in world.painters.asked for request in batch] == asked
    assert paintings(world)[:3] == first
    in_force = {row.path for row in current(world.tables.read(Background)) if row.kind == "drawn"}
    assert in_force == {row["image"] for row in first[:2]}


def test_they_are_painted_in_batches_of_the_model_and_each_batch_is_stored_before_the_next(make_world):
    world = painting(make_world, 5).set_up()
    assert [len(batch) for batch in world.painters.asked] == [2, 2, 1]
    assert world.tables.appends["painted_backgrounds"] == 3
    assert ("backgrounds", 5, 5) in world.progress.stages
    assert metadata(world)["painted"] == 5


@pytest.mark.parametrize(("batch", "stored"), [(1, 0), (2, 2), (3, 4)])
def test_a_killed_run_keeps_its_finished_batches_and_the_rest_is_painted_with_the_same_seeds(make_world, batch, stored):
    whole = painting(make_world, 5).set_up()
    world = painting(make_world, 5)
    world.painters.dies_at = batch
    assert world.materialize(["concept_list"]).success
    assert not world.materialize(["backgrounds"]).success
    assert len(paintings(world)) == stored
    assert world.painters.closed == 1
    assert not world.tables.read(Background)
    world.painters = Blocks()
    assert world.materialize(["backgrounds"]).success
    assert [r.index for some in world.painters.asked for r in some] == list(range(stored, 5))
    assert paintings(world) == paintings(whole)
    assert {r.path for r in world.tables.read(Background)} == {r.path for r in whole.tables.read(Background)}


def test_another_painter_paints_all_of_them_and_the_old_ones_leave_the_list_but_not_the_record(make_world):
    world = painting(make_world, 2).set_up()
    old = {row["image"] for row in paintings(world)}
    world.painters = Blocks()
    world.painters.settings = " 20 steps"
    world.painters.reseeded = {0}
    assert world.materialize(["backgrounds"]).success
    rows = world.tables.read(PaintedBackground)
    assert len(rows) == 4
    new = {row.image for row in rows if row.fingerprint == "blocks@7 20 steps"}
    assert {r.path for r in current(world.tables.read(Background)) if r.kind == "drawn"} == new
    assert new != old


def test_the_seed_that_is_stored_is_the_one_that_was_used_in_the_end_and_the_work_stays_the_same(make_world):
    world = painting(make_world, 2)
    world.painters.reseeded = {1}
    world.set_up()
    assert [row.seed for row in world.tables.read(PaintedBackground)] == [background_prompts(1, 0)[0].seed, 4]
    world.materialize(["backgrounds"])
    assert world.painters.opened == 1


def test_a_picture_that_cannot_be_painted_is_quarantined_once_and_not_tried_again(make_world):
    world = painting(make_world, 3)
    world.painters.black = {1}
    world.set_up()
    (refused,) = world.tables.read(Quarantined)
    assert (refused.stage, refused.reason, refused.detail) == ("backgrounds", "not_painted", "black three times")
    assert refused.raw == background_prompts(2, 0)[1].prompt
    assert (metadata(world)["unpaintable"], metadata(world)["owed"]) == (1, 0)
    assert world.materialize(["backgrounds"]).success
    assert world.painters.opened == 1
    assert len(world.tables.read(Quarantined)) == 1
    assert metadata(world)["unpaintable"] == 1
    assert [row.index for row in world.tables.read(PaintedBackground)] == [0, 2]


def test_another_painter_tries_again_what_one_could_not_paint(make_world):
    world = painting(make_world, 2)
    world.painters.black = {1}
    world.set_up()
    world.painters = Blocks()
    world.painters.settings = " other"
    assert world.materialize(["backgrounds"]).success
    assert metadata(world)["unpaintable"] == 0


def test_what_the_device_had_no_memory_for_is_owed_and_painted_the_next_time(make_world):
    world = painting(make_world, 3)
    world.painters.no_room = {2}
    world.set_up()
    assert (metadata(world)["painted"], metadata(world)["owed"]) == (2, 1)
    assert not world.tables.read(Quarantined)
    world.painters.no_room = set()
    assert world.materialize(["backgrounds"]).success
    assert (metadata(world)["painted"], metadata(world)["owed"]) == (1, 0)
    assert paintings(world) == paintings(painting(make_world, 3).set_up())


def test_what_painting_and_searching_took_is_recorded_under_the_models(make_world):
    world = painting(make_world, 3, detectors=Spotter()).set_up()
    spent = {row.model: (row.stage, row.items) for row in world.tables.read(Usage)}
    assert spent == {"blocks@7": ("backgrounds", 3), "spotter@3": ("backgrounds", 4)}
    world.materialize(["backgrounds"])
    assert len(world.tables.read(Usage)) == 2


def test_validation_pictures_that_clash_are_an_error_before_anything_is_painted(make_world, make_row):
    world = painting(make_world, 0).set_up()
    ground = world.tables.read(Background)[0]
    world.tables.append([make_row(Scene, category="ant", background_id=ground.background_id)])
    world.settings = world.settings.model_copy(update={"backgrounds": BackgroundSettings(painted=2)})
    world.pictures.of_kind["validation"] = {"v.jpg": blocks(50)}
    assert not world.materialize(["backgrounds"]).success
    assert world.painters.opened == 0


def test_prompt_seed_and_model_of_a_drawn_background_are_one_join_away(make_world):
    """In SQL: the rows of a run, in the tables as they are published."""
    world = painting(make_world, 2).set_up()
    with duckdb.connect() as database:
        create_tables(database)
        for kind in (Background, PaintedBackground):
            for row in world.tables.read(kind):
                values = vars(row)
                columns = ", ".join(f'"{name}"' for name in values)
                marks = ", ".join("?" for _ in values)
                database.execute(f"insert into {kind.table} ({columns}) values ({marks})", list(values.values()))
        joined = database.execute(
            "select p.prompt, p.seed, p.model from backgrounds as b join painted_backgrounds as p on p.image = b.path "
            "where b.kind = 'drawn' order by p.index"
        ).fetchall()
    assert joined == [(r.prompt, r.seed, "blocks") for r in background_prompts(2, 0)]


def test_a_missing_detector_is_said_before_anything_is_painted(make_world):
    world = painting(make_world, 2, detectors=Spotter())
    world.detectors.broken = "the detector is not on this machine: hf download google/owlv2"
    result = world.materialize(["concept_list", "backgrounds"])
    assert "hf download google/owlv2" in world.errors_of(result)
    assert world.painters.opened == 0


def test_a_batch_that_cannot_be_stored_ends_the_run_and_is_painted_again_the_next_time(make_world):
    world = painting(make_world, 5)
    put, world.images.put = world.images.put, full_disk
    assert not world.materialize(["concept_list", "backgrounds"]).success
    assert len(world.painters.asked) == 2, "the second batch was painted while the first was being stored"
    world.images.put = put
    assert world.materialize(["backgrounds"]).success
    assert len(world.tables.read(PaintedBackground)) == 5


def full_disk(pictures, *, lossless=True):
    raise OSError(errno.ENOSPC, "no room")
