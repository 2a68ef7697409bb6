"""The tables of whole pictures from layouts refuse rows that contradict themselves."""

import pytest

from genval_assets.layout_rows import (
    ImageScore,
    LayoutImage,
    LayoutPair,
    LayoutScene,
    PoolPair,
    QuestionAnswer,
    StoredGraph,
    StoredLayout,
)
from genval_assets.rows import Annotation, Scene
from resources.schema import RefusedRow
from resources.tables import ParquetTables

DRAWN = {"instance_id": None, "background_id": None, "canvas": "layout", "layout_image_id": "p"}
OF_NODE = {"source_annotation_id": None, "node_id": "n1", "visible_share": None}
SCORED = {"n_relations": 2, "n_scored": 2, "clis_l": 100.0, "pool_generation": 1}
COMPARED = {"level": "pair", "size": 1.0, "distance": 0.0, "direction": 1.0, "score": 78.3}
SEEN = {"clis_i": 80.0, "whole": 100.0, "local_mean": 60.0, "local_worst": 20.0, "worst_node": "n2"}
KEPT = {"outcome": "kept", "scene_id": "s", "layout_image_id": "p", "clis_i": 71.0}


@pytest.fixture
def tables(tmp_path):
    return ParquetTables(home=str(tmp_path))


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (Scene, DRAWN),
        (Scene, DRAWN | {"not_exhaustive": ["dog"]}),
        (Annotation, OF_NODE),
        (StoredGraph, {"objects_from": "training image", "image_id": 7, "n_nodes": 30}),
        (StoredLayout, SCORED),
        (StoredLayout, {"outcome": "flagged", "reason": "no_evidence"}),
        (LayoutPair, COMPARED | {"percentile": 0.0}),
        (LayoutPair, COMPARED | {"direction": 1.0000000000000002}),
        (LayoutImage, {"image": None, "width": None, "height": None, "error": "out of memory"}),
        (ImageScore, SEEN),
        (ImageScore, {"n_unread": 3}),
        (ImageScore, {"clis_i": 60.0, "whole": 60.0}),
        (LayoutScene, KEPT),
        (LayoutScene, {"outcome": "rejected", "reasons": ["not_drawn"]}),
        (PoolPair, {"subject_x": 0.0, "subject_w": 1.0000000000000002}),
    ],
)
def test_what_a_layout_may_come_to_is_stored(tables, make_row, kind, given):
    row = make_row(kind, **given)
    tables.append([row])
    assert tables.read(kind) == [row]


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (Scene, {"instance_id": None}),
        (Scene, {"background_id": None}),
        (Scene, {"canvas": "layout"}),
        (Scene, DRAWN | {"instance_id": "i"}),
        (Scene, DRAWN | {"background_id": "b"}),
        (Scene, DRAWN | {"canvas": "drawn"}),
        (Scene, DRAWN | {"layout_image_id": None}),
        (Scene, DRAWN | {"image_id": 5}),
        (Annotation, {"source_annotation_id": None}),
        (Annotation, {"visible_share": None}),
        (Annotation, OF_NODE | {"visible_share": 1.0}),
        (Annotation, OF_NODE | {"instance_id": "i"}),
        (Annotation, OF_NODE | {"source_annotation_id": 5}),
        (StoredGraph, {"n_nodes": 0}),
        (StoredGraph, {"n_nodes": 31}),
        (StoredGraph, {"image_id": 7}),
        (StoredGraph, {"objects_from": "training image"}),
        (StoredGraph, {"origin": "solver"}),
        (StoredLayout, SCORED | {"n_relations": 1}),
        (StoredLayout, SCORED | {"clis_l": None}),
        (StoredLayout, SCORED | {"clis_l": 100.1}),
        (StoredLayout, SCORED | {"pool_generation": None}),
        (StoredLayout, {"clis_l": 50.0}),
        (StoredLayout, {"reason": "unreal"}),
        (StoredLayout, {"outcome": "rejected"}),
        (StoredLayout, {"outcome": "drawn"}),
        (LayoutPair, COMPARED | {"level": "none"}),
        (LayoutPair, COMPARED | {"distance": None}),
        (LayoutPair, COMPARED | {"percentile": 100.5}),
        (LayoutPair, {"percentile": 5.0}),
        (LayoutImage, {"image": None}),
        (LayoutImage, {"error": "out of memory"}),
        (ImageScore, SEEN | {"clis_i": 101.0}),
        (ImageScore, SEEN | {"clis_i": None}),
        (ImageScore, SEEN | {"worst_node": None}),
        (LayoutScene, KEPT | {"scene_id": None}),
        (LayoutScene, KEPT | {"layout_image_id": None}),
        (LayoutScene, KEPT | {"outcome": "rejected", "reasons": ["extraneous"]}),
        (LayoutScene, {"outcome": "rejected"}),
        (PoolPair, {"subject_w": 0.0}),
        (PoolPair, {"object_x": float("inf")}),
        (QuestionAnswer, {"task": "counting"}),
        (QuestionAnswer, {"answer": ""}),
    ],
)
def test_a_row_that_contradicts_itself_is_refused_and_named(tables, make_row, kind, given):
    bad = make_row(kind, **given)
    with pytest.raises(RefusedRow, match=rf"{kind.table}: row .* = '{getattr(bad, kind.id_column)}'"):
        tables.append([make_row(kind), bad])
    assert tables.read(kind) == []
