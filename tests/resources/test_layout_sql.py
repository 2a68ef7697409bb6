"""The views of Auto Cherry-Picker, on rows made by hand."""

import pytest

from genval_assets.layout_rows import ImageScore, LayoutImage, LayoutScene, StoredGraph, StoredLayout
from genval_assets.rows import Annotation, Category, Export, Scene, Usage

DRAWN = {"instance_id": None, "background_id": None, "canvas": "layout"}
OF_NODE = {"source_annotation_id": None, "visible_share": None}


def graphs(make_row, *origins: str, category: str = "zebra") -> list[StoredGraph]:
    return [make_row(StoredGraph, origin=origin, index=i, category=category) for i, origin in enumerate(origins)]


def kept(make_row, scene: str, clis_i: float, **given: object) -> LayoutScene:
    return make_row(LayoutScene, outcome="kept", scene_id=scene, layout_image_id="p", clis_i=clis_i, **given)


def rejected(make_row, clis_i: float | None, **given: object) -> LayoutScene:
    return make_row(LayoutScene, outcome="rejected", reasons=["clis_i"], clis_i=clis_i, **given)


def test_clis_by_category_says_how_far_the_graphs_of_each_category_came(ask, make_row):
    scored = {"n_scored": 1, "pool_generation": 1}
    found = ask(
        "from clis_by_category",
        [make_row(Category, name="Aged zebra"), make_row(Category, name="Zebra", generation=2)],
        [*graphs(make_row, "agent", "agent", "baseline", "agent"), *graphs(make_row, "baseline", category="ape")],
        [
            make_row(StoredLayout, clis_l=80.0, **scored),
            make_row(StoredLayout, clis_l=60.0, origin="solver", **scored),
            make_row(StoredLayout, outcome="flagged", reason="no_evidence"),
            make_row(StoredLayout, n_relations=0),
            make_row(StoredLayout, outcome="rejected", reason="unreal", clis_l=10.0, **scored),
        ],
        [make_row(LayoutImage), make_row(LayoutImage), make_row(LayoutImage),
         make_row(LayoutImage, image=None, width=None, height=None, error="broken")],
        [
            kept(make_row, "s1", 90.0),
            kept(make_row, "s2", 70.0),
            rejected(make_row, 50.0),
            make_row(LayoutScene, outcome="error", clis_i=10.0),
        ],
        [make_row(Scene, scene_id=scene, layout_image_id=scene, **DRAWN) for scene in ("s1", "s2")],
        [make_row(Scene, scene_id="composed")],
        [
            make_row(Annotation, scene_id="s1", node_id="n1", **OF_NODE, iscrowd=0),
            *(make_row(Annotation, scene_id="s1", node_id=node, **OF_NODE, iscrowd=1) for node in ("n2", "n3", "n4")),
            make_row(Annotation, scene_id="composed", iscrowd=1),
        ],
    )  # fmt: skip
    assert found == [
        ("ape", None, 1, 0, 1, 0, 0, 0, 0, None, None, 0, None, 0, 0, None, None),
        ("zebra", "Zebra", 4, 3, 1, 3, 1, 1, 1, 50.0, 0.25, 3, 70.0, 2, 1, pytest.approx(2 / 3), 1.5),
    ]


def test_acceptance_by_band_counts_every_scored_layout_once_lower_bounds_included(ask, make_row):
    refused = (0.0, 69.9, 70.0, 79.9)
    found = ask(
        "from acceptance_by_band",
        [*(kept(make_row, str(score), score) for score in (74.9, 75.0, 85.0, 100.0)),
         *(rejected(make_row, score) for score in refused),
         rejected(make_row, None), make_row(LayoutScene, outcome="error", clis_i=90.0)],
    )  # fmt: skip
    assert found == [
        ("under 70", 2, 0, 0.0),
        ("70-75", 2, 1, 0.5),
        ("75-80", 2, 1, 0.5),
        ("80-85", 0, 0, None),
        ("85+", 2, 2, 1.0),
    ]


def test_cost_per_scene_divides_what_each_stage_took_by_the_scenes_that_were_kept(ask, make_row):
    def stage(name: str, seconds: float, t_in: int = 0, t_out: int = 0, **given: object) -> Usage:
        return make_row(Usage, **{"stage": name, "seconds": seconds, "tokens_in": t_in, "tokens_out": t_out} | given)

    whole = {"category": None}
    spent = [
        stage("layouts", 6.0, 400, 100, **whole),
        stage("layouts", 2.0, 200, 20, category="zebra"),
        *(stage("layouts", 1.5, 200, 50, answer_id=str(i)) for i in range(2)),
        stage("layout_scenes", 30.0, **whole, model="gligen"),
        stage("layout_scenes", 10.0, 1000, 90, **whole, model="chat"),
        stage("layout_scenes", 9.0, 1000, 90, answer_id="9", category=None),
        stage("composite_scenes", 99.0, **whole),
    ]
    question = "from cost_per_scene"
    assert ask(question, spent) == [
        ("scene_graphs", 0.0, 0, 0, 0, 0, None, None, None, None),
        ("layouts", 6.0, 2, 400, 100, 0, None, None, None, None),
        ("layout_scenes", 40.0, 1, 1000, 90, 0, None, None, None, None),
        ("question_answers", 0.0, 0, 0, 0, 0, None, None, None, None),
    ]
    ended = [kept(make_row, str(i), 90.0) for i in range(4)]
    assert ask(question, [*ended, rejected(make_row, 90.0), make_row(LayoutScene, outcome="error")])[1:3] == [
        ("layouts", 6.0, 2, 400, 100, 4, 1.5, 0.5, 100.0, 25.0),
        ("layout_scenes", 40.0, 1, 1000, 90, 4, 10.0, 0.25, 250.0, 22.5),
    ]


@pytest.fixture
def drawn(make_row):
    """Two objects of a scene drawn from a layout, one exported, and a pasted one elsewhere."""
    return [
        [make_row(StoredGraph, graph_id="g", caption="A zebra.", objects_from="training image", image_id=77)],
        [make_row(StoredLayout, layout_id="l", graph_id="g", n_scored=1, clis_l=88.0, pool_generation=1)],
        [make_row(LayoutImage, layout_image_id="p", layout_id="l", seed=5, model="gligen", revision="r1")],
        [make_row(LayoutImage, layout_image_id="other", layout_id="l")],
        [make_row(ImageScore, layout_image_id="p", layout_id="l", clis_i=91.0, whole=91.0)],
        [kept(make_row, "s", 91.0, layout_id="l", segmenter="sam@1", detector="dino@2")],
        [make_row(Scene, scene_id="s", layout_image_id="p", image="s.jpg", **DRAWN), make_row(Scene, scene_id="t")],
        [
            make_row(Annotation, annotation_id="a1", scene_id="s", node_id="n1", **OF_NODE),
            make_row(Annotation, annotation_id="a2", scene_id="s", node_id="n2", **OF_NODE),
            make_row(Annotation, annotation_id="pasted", scene_id="t", instance_id="i", source_annotation_id=None),
        ],
        [make_row(Export, dataset="training", exported_annotation_id=4, annotation_id="a1")],
    ]


def test_layout_lineage_leads_from_an_object_to_picture_scores_layout_and_graph(ask, drawn):
    found = ask(
        """select annotation_id, dataset, exported_annotation_id, node_id, scene_image, layout_image_id, seed, model,
               revision, clis_i, segmenter, detector, clis_l, layout_origin, caption, graph_origin, training_image_id
           from layout_lineage order by annotation_id""",
        *drawn,
    )
    way = ("s.jpg", "p", 5, "gligen", "r1", 91.0, "sam@1", "dino@2", 88.0, "agent", "A zebra.", "agent", 77)
    assert found == [("a1", "training", 4, "n1", *way), ("a2", None, None, "n2", *way)]


def test_instance_lineage_has_every_annotation_once_and_marks_those_of_layouts(ask, drawn):
    found = ask(
        """select annotation_id, node_id, instance_id, background_path, scene_image
           from instance_lineage order by annotation_id""",
        *drawn,
    )
    assert found == [
        ("a1", "n1", None, None, "s.jpg"),
        ("a2", "n2", None, None, "s.jpg"),
        ("pasted", None, None, None, ""),
    ]


def test_every_view_answers_before_anything_was_drawn(ask):
    for view in ("clis_by_category", "layout_lineage"):
        assert ask(f"from {view}") == []
    assert ask("select sum(layouts), any_value(kept_share) from acceptance_by_band") == [(0, None)]
