"""Whole scenes on the offline profile (simulated), held against what the layout model really drew."""

import json
import re
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from typer.testing import CliRunner

from genval_assets.cli import app
from genval_assets.compose.colours import colour_name
from genval_assets.compose.rle import decode
from genval_assets.config import DataSettings, GenvalSettings, InstanceSettings
from genval_assets.config_text import write_settings
from genval_assets.layout_rows import LayoutImage, LayoutScene, QuestionAnswer, StoredGraph, StoredLayout
from genval_assets.layouts.graph import read_graph
from genval_assets.layouts.settings import LayoutSettings
from genval_assets.negatives.settings import NegativeSettings
from genval_assets.rows import Annotation, Category, Scene
from genval_assets.topup.settings import TopUpSettings
from resources.images import ImageFiles
from resources.offline.sealed_layouts import LayoutTruth, read_layout_truths
from resources.offline.world import write_world
from resources.tables import ParquetTables
from tests.negatives.recheck import faults

TARGETS = {"butterfly": 9, "hammer": 9, "kite": 9, "teapot": 9}
GRAPHS = 4


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A project of the small world that was topped up with whole scenes."""
    folder = tmp_path_factory.mktemp("offline")
    world, home = folder / "world", folder / "home"
    write_world(world, scale=0.15)
    home.mkdir()
    settings = GenvalSettings(
        data=DataSettings(
            coco=str(world / "instances.json"), images=str(world / "images"), backgrounds=str(world / "backgrounds")
        ),
        instances=InstanceSettings(sources=("cutout",)),
        targets=TARGETS,
        top_up=TopUpSettings(target=0),
        layouts=LayoutSettings(graphs=GRAPHS, max_objects=4),
        hard_negatives=NegativeSettings(pictures=1),
    )
    (home / "genval.toml").write_text(write_settings(settings))
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GENVAL_HOME", raising=False)
        patch.delenv("DAGSTER_HOME", raising=False)
        done = CliRunner().invoke(app, ["top-up", "--until-done", "--home", str(home)])
    assert done.exit_code == 0, done.output
    return home


@pytest.fixture(scope="module")
def tables(home) -> ParquetTables:
    return ParquetTables(home=str(home))


@pytest.fixture(scope="module")
def kept(tables) -> list[Scene]:
    """The scenes that were drawn as a whole."""
    return [row for row in tables.read(Scene) if row.layout_image_id is not None]


@pytest.fixture(scope="module")
def graphs(tables) -> dict[str, StoredGraph]:
    """The graph of each picture, by the picture's id."""
    stored = {row.graph_id: row for row in tables.read(StoredGraph)}
    of_layout = {row.layout_id: stored[row.graph_id] for row in tables.read(StoredLayout)}
    return {row.layout_image_id: of_layout[row.layout_id] for row in tables.read(LayoutImage)}


@pytest.fixture(scope="module")
def annotations(tables) -> dict[str, list[Annotation]]:
    found = defaultdict(list)
    for row in tables.read(Annotation):
        found[row.scene_id].append(row)
    return found


@pytest.fixture(scope="module")
def truths(home, tables) -> dict[str, LayoutTruth]:
    """What each picture really shows, by the picture's id."""
    sealed = read_layout_truths(home)
    return {row.layout_image_id: sealed[row.layout_id, row.seed] for row in tables.read(LayoutImage)}


def true_boxes(graph, truth) -> dict:
    """Return the truth of each node: boxes were asked for back to front."""
    ordered = sorted(graph.nodes, key=lambda node: graph.depth(node.node_id))
    return {node.node_id: truth.boxes[i] for i, node in enumerate(ordered)}


def test_every_graph_of_every_category_came_to_its_end_and_some_to_scenes(tables, kept):
    assert Counter(row.category for row in tables.read(StoredGraph)) == dict.fromkeys(TARGETS, GRAPHS)
    ends = {row.layout_id: row.outcome for row in tables.read(LayoutScene)}
    drawn = [row for row in tables.read(StoredLayout) if row.outcome != "rejected"]
    assert ends.keys() == {row.layout_id for row in drawn}
    assert "error" not in ends.values()
    assert len(kept) >= 0.3 * len(drawn)


def test_exported_masks_lie_on_their_objects(home, tables, kept, graphs, truths):
    """IoU of what a trainer reads with what was really drawn: median .9, 5th percentile .8."""
    folder = home / "data" / "datasets" / "training"
    document = json.loads((folder / "annotations" / "coco.json").read_text())
    pictures = {row.scene_id: row.layout_image_id for row in kept}
    nodes = {row.annotation_id: row.node_id for row in tables.read(Annotation)}
    images = {one["id"]: one["genval"]["scene_id"] for one in document["images"]}
    overlaps = []
    for one in document["annotations"]:
        picture = pictures.get(images[one["image_id"]])
        if picture is None or one["iscrowd"]:
            continue
        truth = truths[picture]
        shown = true_boxes(read_graph(graphs[picture].graph), truth)[nodes[one["genval"]["annotation_id"]]]
        real = coco_mask.encode(np.asfortranarray(shown.mask(truth.height, truth.width).astype(np.uint8)))
        (overlap,) = coco_mask.iou([one["segmentation"]], [real], [0]).ravel()
        overlaps.append(overlap)
    assert len(overlaps) >= 12
    assert np.median(overlaps) >= 0.9
    assert np.percentile(overlaps, 5) >= 0.8


def test_kept_pictures_are_wrong_more_seldom_than_those_they_were_chosen_from(kept, truths):
    wrong = [not truths[scene.layout_image_id].valid for scene in kept]
    assert np.mean(wrong) < 0.5 * np.mean([not truth.valid for truth in truths.values()])


def test_every_object_that_a_trainer_could_see_is_annotated_or_ignored(kept, annotations, graphs, truths):
    for scene in kept:
        said = {row.node_id for row in annotations[scene.scene_id]}
        shown = true_boxes(read_graph(graphs[scene.layout_image_id].graph), truths[scene.layout_image_id])
        assert {node_id for node_id, box in shown.items() if box.kind is not None} <= said


def test_every_answer_comes_out_again_from_the_annotations_alone(home, tables, kept, annotations, graphs):
    from tests.language.rederive import faults

    asked = defaultdict(list)
    for row in tables.read(QuestionAnswer):
        asked[row.scene_id].append(row)
    images = ImageFiles(home=str(home))
    assert sum(map(len, asked.values())) >= 5 * len(kept)
    for scene in kept:
        rgb, size = images.get(scene.image)[..., :3], (scene.height, scene.width)
        own = annotations[scene.scene_id]
        colours = {a.node_id: colour_name(rgb, decode(a.segmentation, size)) for a in own if not a.iscrowd}
        assert faults(asked[scene.scene_id], own, graphs[scene.layout_image_id], scene, colours) == []


COLOUR = re.compile(r" (?:is|are) (\w+)\.$")


def test_no_answer_contradicts_what_was_really_drawn(tables, kept, graphs, truths):
    """Colours and counts against the sealed truth; a picture with more than was asked for may fool anybody."""
    names = {row.category: row.name for row in tables.read(Category)}
    of_scene = {scene.scene_id: scene for scene in kept}
    checked = 0
    for row in tables.read(QuestionAnswer):
        picture = of_scene[row.scene_id].layout_image_id
        graph, truth = read_graph(graphs[picture].graph), truths[picture]
        shown = true_boxes(graph, truth)
        if row.template.startswith("colour_") and (said := COLOUR.search(row.answer)):
            assert shown[row.nodes[0]].colour == said[1], row
            checked += 1
        if row.template.startswith("count_") and truth.valid:
            kinds = Counter(box.kind for box in truth.boxes)
            name = names[graph.node(row.nodes[0]).category]
            assert str(kinds[name]) in re.findall(r"\d+", row.answer), row
            checked += 1
    assert checked >= len(kept)


def test_every_exported_line_of_hard_negatives_passes_a_check_written_without_their_code(home):
    folder = home / "data" / "datasets" / "training"
    lines = [json.loads(line) for line in (folder / "negatives" / "hard_negatives.jsonl").read_text().splitlines()]
    assert {line["kind"] for line in lines} == {"instance", "scene", "real"}
    assert [faults(line) for line in lines] == [[]] * len(lines)
    assert all((folder / line["image_name"]).is_file() for line in lines)
    assert sum(len(line["negatives"]) for line in lines) > 5 * len(lines)
