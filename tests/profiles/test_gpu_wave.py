"""A whole wave of the profile `gpu-24gb` on tiny random checkpoints: from prompts to an exported set."""

import json
import signal
from pathlib import Path

import pytest
from pycocotools.coco import COCO

from genval_assets.layout_rows import ImageScore, LayoutImage, LayoutScene, StoredGraph, StoredLayout
from genval_assets.rows import (
    Answer,
    Background,
    Instance,
    PaintedBackground,
    Prompt,
    Scene,
    Usage,
    Verdict,
)
from resources.tables import ParquetTables
from tests.faults.home import genval, killed_and_again, top_up
from tests.profiles.tiny_home import NAMES, write_photographs, write_project

ONE_THREAD = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_photographs(folder)
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory, data, weights) -> Path:
    """One wave of the three categories, merged and exported."""
    home = write_project(tmp_path_factory.mktemp("gpu") / "home", data, weights)
    done = genval("top-up", "--home", str(home))
    assert done.returncode == 0, done.stderr[-4000:]
    return home


@pytest.fixture
def tables(home) -> ParquetTables:
    return ParquetTables(home=str(home))


def test_every_category_has_candidates_of_both_models_with_prompt_or_source_seed_and_revision(tables):
    rows = tables.read(Instance)
    assert {(row.category, row.source) for row in rows} == {
        (name, source) for name in NAMES for source in ("variation", "layer_diffusion")
    }
    assert all((row.prompt_id is None) != (row.reference_id is None) for row in rows)
    assert {row.model for row in rows if row.source == "layer_diffusion"} == {"sdxl+layer_diffuse"}
    prompts = {row.prompt_id for row in tables.read(Prompt)}
    assert {row.prompt_id for row in rows if row.prompt_id} <= prompts


def test_the_vision_model_in_process_has_judged_what_the_gate_let_pass(tables):
    verdicts = tables.read(Verdict)
    assert {v.stage for v in verdicts if v.outcome == "accepted"} == {"vlm"}
    assert {v.judge.split("@")[0] for v in verdicts if v.stage == "vlm"} == {"chat"}
    assert sum(v.outcome == "accepted" for v in verdicts) >= 9
    assert tables.read(Answer)


def test_accepted_drawings_are_pasted_as_finished_and_their_latents_wait_no_longer(tables, home):
    drawn = {row.instance_id: row for row in tables.read(Instance) if row.source == "layer_diffusion"}
    assert all(row.latent and (home / row.latent).exists() for row in drawn.values())
    accepted = [v for v in tables.read(Verdict) if v.outcome == "accepted" and v.instance_id in drawn]
    assert accepted
    assert all(v.cutout != drawn[v.instance_id].image for v in accepted)


def test_backgrounds_are_painted_and_searched(tables):
    assert len(tables.read(PaintedBackground)) == 2
    drawn = [row for row in tables.read(Background) if row.kind == "drawn"]
    assert {row.screened for row in drawn} == {"detector"}


def test_whole_scenes_are_drawn_looked_at_and_masked_by_the_profiles_models(tables):
    graphs, layouts, ends = tables.read(StoredGraph), tables.read(StoredLayout), tables.read(LayoutScene)
    assert {row.category for row in graphs} == {row.category for row in layouts} == set(NAMES)
    assert {row.layout_id for row in ends} == {row.layout_id for row in layouts if row.outcome != "rejected"}
    assert {row.outcome for row in ends} <= {"kept", "rejected"}
    pictures = tables.read(LayoutImage)
    assert len(pictures) == 2 * len(ends)
    assert all(row.image and row.model == "layout" for row in pictures)
    assert {row.layout_image_id for row in tables.read(ImageScore)} == {row.layout_image_id for row in pictures}
    looked = [row for row in ends if row.segmenter]
    assert looked
    assert {row.detector.split("@")[0] for row in looked} == {"detector"}


def test_each_stage_opened_its_model_once_and_says_what_it_took(tables):
    rows = [row for row in tables.read(Usage) if row.answer_id is None]
    opened = [(row.stage, row.model) for row in rows if row.load_seconds > 0]
    assert len(opened) == len(set(opened))
    assert {"optimized_prompts", "raw_instances", "validated_instances", "backgrounds"} <= {
        stage for stage, _ in opened
    }
    assert all(row.seconds >= row.load_seconds for row in rows)


def test_the_exported_set_loads_in_pycocotools_and_shows_every_category(home, tables):
    exported = home / "data" / "datasets" / "training" / "annotations"
    coco = COCO(str(exported / "coco.json"))
    assert {coco.cats[a["category_id"]]["name"] for a in coco.anns.values()} == set(NAMES)
    assert len(coco.imgs) == len(tables.read(Scene))
    for annotation in coco.anns.values():
        assert coco.annToMask(annotation).sum() == annotation["area"]


def test_the_same_wave_again_makes_nothing(home):
    done = genval("top-up", "--home", str(home), "--json")
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout)["waves"] == 0


def test_a_run_killed_in_the_middle_of_a_batch_ends_with_the_same_ids_and_pictures(tmp_path, data, weights, tables):
    other = write_project(tmp_path / "home", data, weights, graphs=0)
    ended, said = killed_and_again(other, [("names", "tables/instances/", 3)], ONE_THREAD)
    assert ended == [-signal.SIGKILL], said[-2000:]
    kept = {row.instance_id: row.image for row in ParquetTables(home=str(other)).read(Instance)}
    assert kept
    done = top_up(other)
    assert done.returncode == 0, done.stderr[-4000:]
    after = {row.instance_id: row.image for row in ParquetTables(home=str(other)).read(Instance)}
    undisturbed = {row.instance_id: row.image for row in tables.read(Instance)}
    assert kept.items() <= after.items()
    assert undisturbed.items() <= after.items()
