"""`docs/sql.md` is executed: every query runs on a small home and gives the answer that is worked out here by hand."""

import re
from pathlib import Path

import pytest

from genval_assets.layout_rows import ImageScore, LayoutImage, LayoutScene, StoredGraph, StoredLayout
from genval_assets.negative_rows import HardNegative, NegativeList, NegativeRank, PositiveCaption
from genval_assets.rows import (
    AgentPrompt,
    Annotation,
    Background,
    Export,
    Instance,
    PaintedBackground,
    Prompt,
    Quarantined,
    Reference,
    Scene,
    Usage,
    Verdict,
)
from genval_assets.types import CategoryStat, InvalidRate, NegativeValidity
from resources.published import query
from resources.tables import ParquetTables
from resources.warehouse import WAREHOUSE, DuckWarehouse

PAGE = (Path(__file__).parents[2] / "docs" / "sql.md").read_text(encoding="utf-8")
SECTIONS = dict(section.split("\n", 1) for section in PAGE.split("\n## ")[1:])
QUERIES = {question: re.search(r"```sql\n(.+?)```", text, re.DOTALL)[1] for question, text in SECTIONS.items()}

ANSWERS = {
    "Which rare categories waste most candidates, and why?": [("zebra", 5, 2, 1.5, "residue")],
    "From this exported annotation back to source photograph, seed and verdict": [
        ("zebra", "cutout", "zoo/7.jpg", 70, "cutout", "1", 0, "accepted", "gate", "data/images/s1.jpg")
    ],
    "Where does the time go, and what does one accepted instance cost?": [
        ("raw_instances", "sdxl", 5, 90.0, 0.33, 30.0),
        ("layout_scenes", "gligen", 12, 60.0, 0.5, 20.0),
        ("scene_graphs", "qwen", 5, 8.0, 0.0, 2.67),
        ("validated_instances", "", 5, 6.0, 0.0, 2.0),
    ],
    "Which categories reach their target from few real objects?": [("zebra", 2, 1, 2.0), ("dog", 1, 1, 1.0)],
    "How many scenes stand on backgrounds that nobody has screened?": [
        ("unscreened", 2, pytest.approx(1 / 2)),
        ("annotated", 1, pytest.approx(1 / 4)),
        ("detector", 1, pytest.approx(1 / 4)),
    ],
    "What was a painted background made of, and which scenes stand on it?": [
        ("a bare room", 7, "sdxl", "abc", "detector", 1),
        ("an empty beach", 8, "sdxl", "abc", "detector", 0),
    ],
    "How much is hidden, per category?": [("zebra", 2, 0.75, 0.5), ("dog", 1, 1.0, 0.0)],
    "Which prompts fail, and what were they rewritten from?": [
        ("p2", 0, "rethink", "one zebra", 1, 0, 1),
        ("p2", 1, "agent", "zebras", 1, 1, 0),
    ],
    "How did the agents' system prompts change, and why?": [
        (
            "prompt",
            1,
            1,
            "nothing asks for one object | nothing asks for all of it",
            0.61,
            0.72,
            0.08,
            True,
            "accepted",
        ),
        ("prompt", 1, 2, "", None, None, None, False, "refused"),
    ],
    "What does my generator ignore?": [("zebra", "colour", 1)],
    "Which valid instances are not used, and why?": [("zebra", "waiting", 2), ("dog", "waiting", 1)],
    "What did the last round of each category bring?": [("dog", 1, 1, 0, 1.0, None), ("zebra", 2, 1, 2, 0.33, 0.5)],
    "Which of my pictures and annotations could not be used, and why?": [
        ("references", "far_polygon", 2, "annotation 3", "x = 1e9 is outside"),
        ("backgrounds", "truncated", 1, "a.jpg", "ends early"),
    ],
    "Which object sizes does the training set hold, against the real ones?": [
        ("dog", 1, 0, 0, 400.0),
        ("zebra", 1, 1, 1, 5000.0),
    ],
    "How sure is the rate of accepted candidates?": [
        ("zebra", 0.4, 0.1, 0.8, None, None, "unknown"),
        ("dog", 1.0, 0.2, 1.0, 0.25, 0.0, "simulated"),
    ],
    "How far do the scene graphs of each category come?": [
        ("zebra", 4, 3, 1, 70.0, 0.25, 69.0, 1, 0.33),
        ("dog", 1, 0, 0, None, None, None, 0, None),
    ],
    "What would a higher floor for CLIS-I cost me?": [
        ("under 70", 1, 0, 0.0),
        ("70-75", 1, 0, 0.0),
        ("75-80", 0, 0, None),
        ("80-85", 0, 0, None),
        ("85+", 1, 1, 1.0),
    ],
    "Why do drawn layouts yield no scene?": [("local_floor", 2, 1.0), ("clis_i", 1, 0.5)],
    "What does one scene drawn from a layout cost?": [
        ("scene_graphs", 8.0, 2.0, 900.0),
        ("layouts", 0.0, 0.0, 0.0),
        ("layout_scenes", 60.0, 0.0, 0.0),
        ("question_answers", 0.0, 0.0, 0.0),
    ],
    "From this object of a drawn scene back to its layout and scene graph": [
        ("zebra", "n1", "data/images/d1.jpg", "gligen", 5, 86.0, 90.0, "agent", "A zebra stands.", 33)
    ],
    "How many hard negatives are accepted, and which have to be corrected?": [
        ("all", "all", 3, 1, 1, 1, 0.67, 2.5),
        ("level", "hard", 3, 1, 1, 1, 0.67, 2.5),
        ("attribute", "colour", 3, 1, 1, 1, 0.67, 2.5),
    ],
    "Which captions have fewer negatives than wanted, and why?": [("not_confirmed", 1, 8, 0.5)],
    "How many of the accepted negatives are really false of their pictures?": [
        ("all", "all", 1, 2, 0.5, 0.054, 0.946, "simulated")
    ],
    "Does an embedder tell captions from their hard negatives?": [
        ("siglip", "hard", 2, 0.5, 1.5),
        ("siglip", "all", 2, 0.5, 2.0),
    ],
}


@pytest.fixture(scope="module")
def published(tmp_path_factory, make_row):
    """Zebra: five candidates in two rounds, two accepted; dog: one, accepted."""
    home = tmp_path_factory.mktemp("home")
    tables = ParquetTables(home=str(home))
    for batch in (
        references(make_row),
        candidates(make_row),
        scenes(make_row),
        drawn_scenes(make_row),
        negatives(make_row),
        costs(make_row),
    ):
        for rows in batch:
            tables.append(rows)
    DuckWarehouse(home=str(home)).publish(STATS, RATES, validity=VALIDITY)
    return home / WAREHOUSE


def references(make_row):
    return [
        [
            make_row(Reference, reference_id="r7", photograph="zoo/7.jpg", annotation_id=70, area_px=4000),
            make_row(Reference, area_px=6000),
            make_row(Reference, category="dog", reference_id="r8", area_px=400),
        ],
        [
            make_row(Quarantined, stage="references", reason="far_polygon", item=item, detail="x = 1e9 is outside")
            for item in ("annotation 3", "annotation 3")
        ],
        [make_row(Quarantined, stage="backgrounds", reason="truncated", item="a.jpg", detail="ends early")],
    ]


def candidates(make_row):
    def judged(instance: str, of_round: int, outcome: str, *reasons: str, **given: object):
        accepted = {"cutout": f"data/images/{instance}.webp", "area_px": 9} if outcome == "accepted" else {}
        values = {"instance_id": instance, "round": of_round, "outcome": outcome, "reasons": list(reasons)}
        return make_row(Verdict, judge="gate", **values, **accepted, **given)

    drawn = {"seed": 0, "model": "cutout", "revision": "1"}
    return [
        [
            make_row(AgentPrompt, refinement=0, step=0),
            make_row(
                AgentPrompt,
                step=1,
                score_parent=0.61,
                score=0.72,
                difference_low=0.08,
                accepted=True,
                reason="accepted",
                criticism=["nothing asks for one object", "nothing asks for all of it"],
            ),
            make_row(AgentPrompt, step=2, reason="refused"),
        ],
        [make_row(Prompt, prompt_id="p1", text="zebras")],
        [make_row(Prompt, prompt_id="p2", text="one zebra", parent_id="p1", origin="rethink")],
        [
            make_row(Instance, instance_id="i1", reference_id="r7", **drawn),
            make_row(Instance, instance_id="i2", prompt_id="p1"),
            make_row(Instance, instance_id="i3", prompt_id="p2"),
            make_row(Instance, instance_id="i9", category="dog", reference_id="r8"),
        ],
        [
            judged("i1", 1, "accepted"),
            judged("i4", 1, "rejected", "residue", "flat"),
            judged("i2", 2, "accepted", record="{}", differs=["colour"]),
            judged("i3", 2, "rejected", "residue"),
            judged("i5", 2, "rejected", "no_object"),
            judged("i9", 1, "accepted", category="dog"),
        ],
    ]


def scenes(make_row):
    yours = [make_row(Background, background_id="b1"), make_row(Background, background_id="b2", screened="annotated")]
    drawn = {"b3": ("a bare room", 7), "b4": ("an empty beach", 8)}
    yours += [
        make_row(
            Background, background_id=b, kind="drawn", path=f"data/images/{b}.jpg", screened="detector", screen="m"
        )
        for b in drawn
    ]
    painted = [
        make_row(
            PaintedBackground, image=f"data/images/{b}.jpg", prompt=prompt, seed=seed, model="sdxl", revision="abc"
        )
        for b, (prompt, seed) in drawn.items()
    ]
    objects = [
        ("a1", "s1", "zebra", "i1", 1.0, 5000),
        ("a2", "s2", "zebra", "i2", 0.5, 10000),
        ("a3", "s3", "dog", "i9", 1.0, 100),
    ]
    return [
        yours,
        painted,
        [
            make_row(Scene, scene_id=scene, background_id=background, image=f"data/images/{scene}.jpg")
            for scene, background in (("s1", "b1"), ("s2", "b1"), ("s3", "b2"), ("s4", "b3"))
        ],
        [
            make_row(
                Annotation, annotation_id=name, scene_id=scene, category=category, instance_id=instance,
                source_annotation_id=None, visible_share=share, area_px=area,
            )
            for name, scene, category, instance, share, area in objects
        ],
        [
            make_row(Export, dataset="training", exported_annotation_id=1, annotation_id="a1"),
            make_row(Export, dataset="training", exported_annotation_id=2, annotation_id="a2"),
        ],
    ]  # fmt: skip


def drawn_scenes(make_row):
    """Zebra: four graphs, one layout without evidence, one refused; of three that were drawn one became a scene."""
    scored = {"n_scored": 1, "pool_generation": 1}
    refused = {"outcome": "rejected", "layout_image_id": "p2"}
    return [
        [
            make_row(StoredGraph, graph_id="g1", caption="A zebra stands.", objects_from="training image", image_id=33),
            *(make_row(StoredGraph) for _ in range(3)),
            make_row(StoredGraph, category="dog"),
        ],
        [
            make_row(StoredLayout, layout_id="l1", graph_id="g1", clis_l=90.0, **scored),
            make_row(StoredLayout, layout_id="l2", clis_l=80.0, **scored),
            make_row(StoredLayout, layout_id="l3", outcome="flagged", reason="no_evidence"),
            make_row(StoredLayout, layout_id="l4", outcome="rejected", reason="unreal", clis_l=40.0, **scored),
        ],
        [make_row(LayoutImage, layout_image_id=f"p{n}", layout_id=f"l{n}", seed=5, model="gligen") for n in (1, 2, 3)],
        [make_row(ImageScore, layout_image_id="p1", layout_id="l1", clis_i=86.0, whole=86.0)],
        [
            make_row(
                LayoutScene, layout_id="l1", outcome="kept", layout_image_id="p1", scene_id="d1", clis_i=86.0
            ),
            make_row(LayoutScene, layout_id="l2", clis_i=50.0, reasons=["clis_i", "local_floor"], **refused),
            make_row(LayoutScene, layout_id="l3", clis_i=71.0, reasons=["local_floor"], **refused),
        ],
        [
            make_row(
                Scene, scene_id="d1", instance_id=None, background_id=None, canvas="layout", layout_image_id="p1",
                image="data/images/d1.jpg",
            )
        ],
        [
            make_row(
                Annotation, annotation_id=name, scene_id="d1", node_id=node, source_annotation_id=None,
                visible_share=None, area_px=50, iscrowd=iscrowd,
            )
            for name, node, iscrowd in (("a4", "n1", 0), ("a5", "n2", 1))
        ],
        [make_row(Export, dataset="training", exported_annotation_id=3, annotation_id="a4")],
    ]  # fmt: skip


def negatives(make_row):
    """Two captions; of the first three hard negatives: as written, after two corrections, given up after three."""
    faulty = {"reasons": ["not_confirmed"], "confirmed_by": []}
    outcomes = [("accepted",), ("corrected", "corrected", "accepted"), ("corrected", *["corrected"] * 2, "rejected")]
    return [
        [make_row(PositiveCaption, positive_id="c1"), make_row(PositiveCaption)],
        [
            make_row(
                HardNegative, positive_id="c1", negative_list_id="l1", index=index, attempt=attempt, outcome=outcome,
                **({} if outcome == "accepted" else faulty),
            )
            for index, one in enumerate(outcomes)
            for attempt, outcome in enumerate(one)
        ],
        [
            make_row(NegativeList, negative_list_id="l1"),
            make_row(NegativeList, n_hard=2, n_medium=0, n_easy=0, short=True, why_short="not_confirmed"),
        ],
        [
            make_row(NegativeRank, level=level, n_negatives=4, rank=rank, model="siglip")
            for level, rank in (("hard", 1), ("hard", 2), ("all", 1), ("all", 3))
        ],
    ]  # fmt: skip


def costs(make_row):
    return [
        [
            make_row(
                Usage, stage="raw_instances", model="sdxl", category=None, items=5, seconds=90.0, load_seconds=30.0
            ),
            make_row(Usage, stage="validated_instances", category=None, items=5, seconds=6.0, load_seconds=0.0),
            make_row(
                Usage,
                stage="layout_scenes",
                model="gligen",
                category=None,
                items=12,
                seconds=60.0,
                load_seconds=30.0,
                tokens_in=0,
                tokens_out=0,
            ),
            make_row(
                Usage,
                stage="scene_graphs",
                model="qwen",
                category=None,
                items=5,
                seconds=8.0,
                load_seconds=0.0,
                tokens_in=800,
                tokens_out=100,
            ),
            *(make_row(Usage, stage="scene_graphs", answer_id=answer, seconds=3.0) for answer in ("a", "b")),
        ]
    ]


STATS = [
    CategoryStat(
        category="zebra", name="Zebra", rare=True, real=2, target=9, generated=5, valid=2, rejected=3, errors=0,
        effective=2, distinct_sources=1, scenes=2, deficit=5, valid_rate=0.4, valid_rate_low=0.1, valid_rate_high=0.8,
        state="short", why="5 are missing",
    ),
    CategoryStat(
        category="dog", name="Dog", rare=False, real=90, target=9, generated=1, valid=1, rejected=0, errors=0,
        effective=1, distinct_sources=1, scenes=1, deficit=0, valid_rate=1.0, valid_rate_low=0.2, valid_rate_high=1.0,
        state="done", why="the target is reached",
    ),
]  # fmt: skip
RATES = [
    InvalidRate("zebra", 5, 5, rejected=0.6, generation_invalid=None, residual_invalid=None, truth="unknown"),
    InvalidRate("dog", 1, 1, rejected=0.0, generation_invalid=0.25, residual_invalid=0.0, truth="simulated"),
]
VALIDITY = [NegativeValidity("all", "all", 1, 2, valid=0.5, low=0.0544, high=0.9456, truth="simulated")]


@pytest.mark.parametrize("question", QUERIES)
def test_the_query_of_the_page_gives_the_answer_worked_out_by_hand(published, question):
    assert query(published, QUERIES[question]).rows == ANSWERS[question]


def test_the_page_has_at_least_ten_questions_and_all_are_answered():
    assert len(QUERIES) >= 10
    assert list(QUERIES) == list(ANSWERS)


def test_what_the_page_says_of_comments_is_so(published):
    (first,) = re.findall(r"`(select table_name, comment from\s+duckdb_tables\(\))`", PAGE)
    (second,) = re.findall(r"`(select column_name, comment from duckdb_columns\(\) where .+?)`", PAGE)
    assert dict(query(published, first).rows)["verdicts"].startswith("what validation says")
    assert dict(query(published, second).rows)["reasons"] == "codes for which it was rejected"
    (shell,) = re.findall(r'genval sql "(.+?)"', PAGE)
    assert [row[0] for row in query(published, shell).rows] == ["zebra"]
