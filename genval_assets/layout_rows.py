"""The rows of Auto Cherry-Picker's tables: pairs, scene graphs, layouts, pictures and their scores, questions.

A scene that is kept is a row of `scenes` like every other, its objects rows of `annotations` (`rows.py`).
"""

from dataclasses import dataclass
from typing import ClassVar

from genval_assets.rows import Row


@dataclass(frozen=True, kw_only=True)
class PoolPair(Row):
    """Two real objects of one image and how they stand to one another: what CLIS-L compares with."""

    table: ClassVar[str] = "layout_pool"
    id_column: ClassVar[str] = "pair_id"
    partition_column: ClassVar[str] = "subject"

    pair_id: str
    generation: int  # of the pool, from 1; the newest is in force
    subject: str  # key of a category; of a relation file's name that is none, the key that it would have
    object: str
    relation: str  # left of | right of | above | …: see layouts/relations.toml
    subject_x: float  # boxes as shares of the picture
    subject_y: float
    subject_w: float
    subject_h: float
    object_x: float
    object_y: float
    object_w: float
    object_h: float
    image: str  # path below the user's image folder, or the file's own image id
    source: str  # annotations | the relation file's name


@dataclass(frozen=True, kw_only=True)
class StoredGraph(Row):
    """A scene graph: what one picture should show."""

    table: ClassVar[str] = "scene_graphs"
    id_column: ClassVar[str] = "graph_id"

    graph_id: str
    category: str  # the one it was made for
    index: int  # within the category
    objects: list[str]  # keys that were asked for, with repetitions
    objects_from: str  # training image | list | alone
    image_id: int | None  # of the training image whose objects they are
    graph: str  # JSON: nodes, relations, groups, layers
    caption: str
    n_nodes: int
    n_relations: int
    origin: str  # agent | baseline: no attempt of the agent could be used
    faults: list[str]  # codes of what was wrong with earlier attempts, in order
    model: str
    revision: str
    seed: int


@dataclass(frozen=True, kw_only=True)
class StoredLayout(Row):
    """One box per node of a graph, how real they look, and whether they are drawn."""

    table: ClassVar[str] = "layouts"
    id_column: ClassVar[str] = "layout_id"

    layout_id: str
    graph_id: str
    category: str
    index: int  # of the graph
    boxes: str  # JSON: node id -> [x, y, w, h] as shares of the picture
    origin: str  # agent | solver: no attempt of the agent could be used
    faults: list[str]  # codes of what was wrong with earlier attempts, in order
    n_relations: int
    n_scored: int  # relations with at least three real pairs to compare with
    clis_l: float | None  # mean raw score of these, 0 to 100; None: no evidence
    worst_pair: str | None  # 'subject predicate object' as node ids: the least percentile
    worst_percentile: float | None  # share of real pairs that look less real, in percent
    pool_generation: int | None  # the pool that it was compared with; None: there is none
    outcome: str  # kept | flagged (no evidence) | rejected
    reason: str  # a code; empty when kept
    model: str
    revision: str
    seed: int


@dataclass(frozen=True, kw_only=True)
class LayoutPair(Row):
    """CLIS-L of one relation of a layout."""

    table: ClassVar[str] = "layout_pairs"
    id_column: ClassVar[str] = "layout_pair_id"

    layout_pair_id: str
    layout_id: str
    category: str  # of the graph
    subject: str  # key
    relation: str
    object: str  # key
    level: str  # pair | relation | class | none: which real pairs it was compared with
    examples: int  # how many these are
    size: float | None  # the terms, in [0, 1]; None: no evidence
    distance: float | None
    direction: float | None
    score: float | None  # raw, 0 to 100
    percentile: float | None  # share of real pairs that look less real, in percent, both from equally many examples


@dataclass(frozen=True, kw_only=True)
class LayoutImage(Row):
    """One of the pictures drawn of a layout."""

    table: ClassVar[str] = "layout_images"
    id_column: ClassVar[str] = "layout_image_id"

    layout_image_id: str
    layout_id: str
    category: str
    index: int  # of the picture among its layout's
    image: str | None  # path relative to the home; None: it could not be drawn
    width: int | None
    height: int | None
    error: str  # why it could not
    model: str
    revision: str
    seed: int


@dataclass(frozen=True, kw_only=True)
class ImageScore(Row):
    """CLIS-I of one picture: how well it shows its layout, by what a vision model says of it."""

    table: ClassVar[str] = "image_scores"
    id_column: ClassVar[str] = "image_score_id"

    image_score_id: str
    layout_image_id: str
    layout_id: str
    category: str
    clis_i: float | None  # 0 to 100; None: no term could be read
    whole: float | None  # of the whole picture against the caption
    local_mean: float | None  # mean over objects of .8 box + .2 crop
    local_worst: float | None
    worst_node: str | None
    terms: str  # JSON: whole and node id -> what was said, and the score, of box and crop
    n_unread: int  # terms that no attempt could read: left out
    model: str
    revision: str


@dataclass(frozen=True, kw_only=True)
class LayoutScene(Row):
    """What became of a layout's pictures: the one that was kept, or why none was."""

    table: ClassVar[str] = "layout_scenes"
    id_column: ClassVar[str] = "layout_scene_id"

    layout_scene_id: str
    layout_id: str
    category: str
    layout_image_id: str | None  # the best of the pictures; None: there is none
    scene_id: str | None  # of `scenes`, when kept
    outcome: str  # kept | rejected | error
    reasons: list[str]  # codes
    explanation: str
    clis_i: float | None  # of the best
    n_objects: int  # annotated
    dropped: str  # JSON: node id -> why it has no mask of its own
    extraneous: list[str]  # keys of categories seen outside all boxes
    segmenter: str  # model@revision; empty where it came to none
    detector: str


@dataclass(frozen=True, kw_only=True)
class QuestionAnswer(Row):
    """A question about a kept scene with its answer, and where the picture shows it."""

    table: ClassVar[str] = "question_answers"
    id_column: ClassVar[str] = "question_answer_id"

    question_answer_id: str
    scene_id: str
    category: str  # that the scene was made for
    index: int  # within the scene
    task: str  # localisation | attribute | relation
    template: str
    question: str
    answer: str
    nodes: list[str]  # node ids that it is about
    grounding: str  # JSON: one [x1, y1, x2, y2] per node, as shares of the picture, 3 decimals
