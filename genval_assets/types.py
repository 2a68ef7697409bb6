"""Frozen values that pass between stages and live no longer than a run. What is stored is in `rows.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

Rgba = NDArray[np.uint8]
"""(H, W, 4), straight (not premultiplied) alpha."""
Rgb = NDArray[np.uint8]
"""(H, W, 3), sRGB."""
Mask = NDArray[np.bool_]
"""(H, W)."""
Latent = NDArray[np.float16]
"""(C, h, w): a picture as the drawing model holds it before decoding, unscaled."""
Xywh = tuple[float, float, float, float]
"""COCO's box: left, top, width, height in px."""


class Settings(BaseModel):
    """Base of each group of `genval.toml`: immutable, and a key that nobody knows is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class RefusedItem(ValueError):
    """One item of outside material cannot be used; it becomes a quarantine row and the work goes on.

    `reason` is a short code for SQL, `detail` says what was seen and what would be accepted, `raw` is the
    offending text.
    """

    def __init__(self, item: str, reason: str, detail: str, raw: str = "") -> None:
        super().__init__(f"{item}: {reason}: {detail}")
        self.item = item
        self.reason = reason
        self.detail = detail
        self.raw = raw[:2000]


class ModelUnavailable(RuntimeError):
    """A model cannot be opened: weights, an extra or an endpoint is missing. The message says what to do."""


@dataclass(frozen=True)
class Concept:
    """A category as the user's file or list names it, before it has a key."""

    name: str
    source_id: int | None = None
    supercategory: str | None = None
    synset: str | None = None
    definition: str | None = None
    synonyms: tuple[str, ...] = ()
    frequency: str | None = None  # LVIS: r | c | f
    image_count: int = 0
    instance_count: int = 0
    target: int | None = None  # None: the setting's default


@dataclass(frozen=True)
class Listed:
    """The user's list of categories as its file has it."""

    concepts: tuple[Concept, ...]
    refused: tuple[RefusedItem, ...] = ()  # of an annotation file: images and annotations that cannot be used


@dataclass(frozen=True)
class SourceImage:
    """An image of the user's annotation file."""

    image_id: int
    path: str  # below the image folder, already proven to stay inside it
    width: int
    height: int
    neg_category_ids: tuple[int, ...] | None = None  # LVIS; None for COCO
    not_exhaustive_category_ids: tuple[int, ...] | None = None
    complete: bool = True  # False: an annotation of it was refused, so it holds an object without label


@dataclass(frozen=True)
class SourceAnnotation:
    """An annotation of the user's file that passed the guards; its mask is decoded on demand."""

    annotation_id: int
    image_id: int
    category_id: int
    box: Xywh
    area: float  # as the file says; may differ from the mask's
    iscrowd: bool
    segmentation: bytes = field(repr=False)  # JSON as it stands in the file


@dataclass(frozen=True)
class DrawRequest:
    """One picture that a foreground model should draw."""

    instance_id: str
    category: str  # partition key
    name: str  # the category's name
    prompt: str
    negative: str
    seed: int


@dataclass(frozen=True)
class Drawn:
    """What came of it: an RGBA frame, or None and the reason for which it could not be drawn."""

    request: DrawRequest  # its seed is the one that was used in the end: black and broken pictures are drawn again
    rgba: Rgba | None
    error: str = ""
    owed: bool = False  # nothing is decided by the error: another run may draw it (the device's memory ended)
    latent: Latent | None = None  # what a finisher makes the final picture of, once this one is accepted


@dataclass(frozen=True, eq=False)
class Finished:
    """What came of a latent that was decoded with all care: an RGBA frame, or None and why."""

    rgba: Rgba | None
    error: str = ""
    owed: bool = False  # nothing is decided by the error: another run may finish it (the device's memory ended)


@dataclass(frozen=True)
class PaintRequest:
    """One background that a painter should paint."""

    index: int  # of the project's painted backgrounds
    prompt: str
    negative: str
    seed: int


@dataclass(frozen=True)
class Painted:
    """What came of it: a picture, or None and why."""

    request: PaintRequest  # its seed is the one that was used in the end
    rgb: Rgb | None
    error: str = ""
    owed: bool = False  # another run may paint it


@dataclass(frozen=True, eq=False)
class VaryRequest:
    """One new instance that a variation model should make of a real one."""

    instance_id: str
    category: str  # partition key
    name: str  # the category's name
    prompt: str
    negative: str
    picture: Rgb  # (S, S, 3): the source with some of its surroundings, the rest blurred
    mask: Mask  # (S, S): the source object in it
    seed: int


@dataclass(frozen=True, eq=False)
class Varied:
    """What came of it: a picture of the model's size that shows the request's square anew, or None and why."""

    request: VaryRequest  # its seed is the one that was used in the end
    rgb: Rgb | None
    error: str = ""
    owed: bool = False  # another run may make it


@dataclass(frozen=True)
class LayoutRequest:
    """One layout of which several pictures should be drawn."""

    layout_id: str
    caption: str
    phrases: tuple[str, ...]  # one per box
    boxes: tuple[Xywh, ...]  # as shares of the picture, in (0, 1)
    seeds: tuple[int, ...]  # one per picture


@dataclass(frozen=True, eq=False)
class LayoutDrawn:
    """What came of it: one picture per seed, None where none could be drawn."""

    request: LayoutRequest
    pictures: tuple[Rgb | None, ...]
    error: str = ""  # why pictures are missing
    owed: bool = False  # another run may draw them


@dataclass(frozen=True, eq=False)
class Segment:
    """The mask of what stands in a box."""

    mask: Mask  # of the whole picture, every part of the object; may be empty
    score: float  # how sure the model is, in [0, 1]


@dataclass(frozen=True)
class Found:
    """Something that a detector found."""

    name: str  # one of the names it was asked for
    box: Xywh  # px
    score: float  # in [0, 1]


@dataclass(frozen=True)
class ChatRequest:
    """One question to a text or vision model, whose answer must be JSON that `answer_schema` permits."""

    stage: str
    system: str
    user: str
    answer_schema: type[BaseModel]
    images: tuple[Rgb, ...] = ()
    seed: int = 0
    temperature: float = 0.0
    category: str | None = None  # partition key it is asked for: for the record, the model is not told
    attempt: int = 1  # 2: the question is put a second time, with what was wrong with the first answer


@dataclass(frozen=True)
class ChatAnswer:
    """The raw text that came back; it is untrusted until the stage has read it against the schema."""

    text: str
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    error: str = ""  # why no answer came, after all retries of the transport; the text is empty then
    recorded: bool = False  # it was not asked again: the same question had been answered before


@dataclass(frozen=True, eq=False)
class LabelledDraw:
    """A candidate that comes with its label: the offline world's own golden set. Simulated."""

    instance_id: str
    category: str  # partition key
    rgba: Rgba  # the whole frame
    keep: bool
    reasons: tuple[str, ...]  # codes of what is wrong with it


@dataclass(frozen=True)
class RoundTally:
    """What one planned round of a category brought, over all its sources."""

    round: int
    fingerprint: str  # of the prompts, model and settings it was planned under
    planned: int
    drawn: int
    accepted: int
    rejected: int
    errors: int


@dataclass(frozen=True)
class Tally:
    """What the planner knows of one category: the published rollup plus what runs have appended since."""

    category: str
    name: str
    position: int
    rare: bool
    target: int
    real: int  # real, non-crowd instances of the user's file
    references: int  # usable source objects cut out so far
    drawn: int  # candidates stored
    accepted: int
    rejected: int
    errors: int
    effective: int  # accepted ones, of each source object at most three
    distinct_sources: int  # source objects with at least one accepted instance
    scenes: int
    refused: int  # accepted instances that no scene could hold: quarantine rows of `composite_scenes`
    failures: int  # failure rows since the last round that finished
    history: tuple[RoundTally, ...] = ()  # by round
    next_index: Mapping[str, int] = field(default_factory=dict)  # source -> first index that no plan has used
    not_selected: int = 0  # accepted instances without a scene that were not selected at this target or a higher one


@dataclass(frozen=True)
class CategoryStat:
    """One row of `category_stats`: where a category stands, for people."""

    category: str
    name: str
    rare: bool
    real: int
    target: int
    generated: int
    valid: int
    rejected: int
    errors: int
    effective: int
    distinct_sources: int
    scenes: int
    deficit: int  # effective instances still missing
    valid_rate: float | None  # valid / (valid + rejected); None before anything was judged
    valid_rate_low: float | None  # 95 % Wilson bounds
    valid_rate_high: float | None
    state: str  # done | short | in_flight | needs_generator | exhausted | failing
    why: str  # the state in a sentence, with what to do


@dataclass(frozen=True)
class InvalidRate:
    """One row of `invalid_rates`. The three rates have three denominators and are never mixed (docs/decisions.md)."""

    category: str
    generated: int
    judged: int  # accepted + rejected; errors count in no rate
    rejected: float | None  # rejected / judged
    generation_invalid: float | None  # bad by an independent truth / generated with known truth; None: unknown
    residual_invalid: float | None  # bad by that truth / accepted with known truth; None: unknown
    truth: str  # simulated | golden | unknown


@dataclass(frozen=True)
class JudgeAgreement:
    """One row of `judge_agreement`: a version of the validation agent against golden labels. Shares are in [0, 1]."""

    labeller: str  # person | simulated
    judge: str  # the model; the gate where it decides alone
    judge_version: str
    in_force: bool  # whether this version judges what is made now
    criterion: str  # overall: keeping is positive; else a reason code: finding that fault is positive
    labels: int  # tp + fp + fn + tn
    tp: int
    fp: int
    fn: int
    tn: int
    errors: int  # nothing was decided; in no share
    precision: float | None  # tp / (tp + fp); None: nothing to divide by
    precision_low: float | None  # 95 % Wilson bounds
    precision_high: float | None
    recall: float | None  # tp / (tp + fn)
    recall_low: float | None
    recall_high: float | None
    f05: float | None  # F0.5: weighs precision more than recall


@dataclass(frozen=True)
class DrawnLook:
    """What a drawn picture really shows, in the drawing world's own words. Only evaluation holds such values."""

    kind: str
    colour: str
    second: str  # of the pattern
    pattern: str
    material: str


@dataclass(frozen=True)
class NegativeValidity:
    """One row of `negative_validity`: accepted negatives of cut-outs against an independent truth."""

    scope: str  # all | level | attribute
    name: str
    positives: int  # captions of those negatives
    negatives: int  # those whose truth is known; all of them where it is known of none
    valid: float | None  # share of them that are false of their pictures; None: unknown
    low: float | None  # 95 %, negatives of one caption taken as one cluster
    high: float | None
    truth: str  # simulated | unknown


@dataclass(frozen=True)
class Published:
    """What one publication of the warehouse brought."""

    path: str
    as_of: str  # UTC, ISO 8601
    new_rows: Mapping[str, int]  # table -> rows taken in
    total_rows: Mapping[str, int]
    size_bytes: int


@dataclass(frozen=True)
class LockState:
    """What a lock file tells of the process that took it."""

    kind: str  # held | killed (its process died holding it) | released | absent
    since: float | None  # POSIX seconds when it was taken, or released; None when absent
