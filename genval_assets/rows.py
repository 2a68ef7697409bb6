"""The rows of genval's tables, one frozen dataclass each: what is appended, and what people query.

This is the home of every public column name and type. `resources/sql/<table>.sql` repeats them once more with
the CHECKs, units and comments that DuckDB publishes; a test holds the two against each other. Rows are only ever
added. A row's id is the hash of its recipe (`keys.recipe`), so the same work is the same row.

Not here: values that live only between two stages (`types.py`).

`category` always holds the partition key (`keys.category_key`), never the raw name.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Row:
    """What all tables share: `table` names it, `id_column` says which column is the recipe's hash."""

    table: ClassVar[str]
    id_column: ClassVar[str]
    partition_column: ClassVar[str] = "category"  # whose key tells which partition made the row

    run_id: str  # the Dagster run that appended the row
    created_at: datetime  # UTC; never used for order


@dataclass(frozen=True, kw_only=True)
class Category(Row):
    """One concept of the user's list as one generation of the list has it; the newest generation is in force."""

    table: ClassVar[str] = "categories"
    id_column: ClassVar[str] = "category_row_id"

    category_row_id: str
    category: str  # partition key
    name: str  # as the user wrote it, NFC; data, never a path or a query
    generation: int  # of the concept list, from 1
    position: int  # 0 is the rarest: the order in which partitions are registered
    state: str  # active | retired
    source_id: int | None  # category id in the user's file
    supercategory: str | None
    synset: str | None
    definition: str | None
    synonyms: list[str]
    frequency: str | None  # LVIS: r | c | f
    image_count: int  # real training images that show it
    instance_count: int  # real, non-crowd instances
    rare: bool
    rare_reason: str
    target: int  # effective instances, real and synthetic together, that the category should reach


@dataclass(frozen=True, kw_only=True)
class Reference(Row):
    """A real, usable instance of the user's own data, cut out by its mask."""

    table: ClassVar[str] = "reference_instances"
    id_column: ClassVar[str] = "reference_id"

    reference_id: str
    category: str
    index: int  # within the category, in the order they were cut out: best first
    annotation_id: int  # in the user's file
    image_id: int  # in the user's file
    photograph: str  # path below the user's image folder
    photograph_width: int
    photograph_height: int
    x: float  # bounding box of the mask in the photograph, xywh in px
    y: float
    w: float
    h: float
    area_px: int  # of the mask
    fill: float  # mask area / box area, in (0, 1]
    image: str  # the cut-out: a tight RGBA crop, path relative to the home


@dataclass(frozen=True, kw_only=True)
class Background(Row):
    """A picture that scenes may be composed on, as one generation of the list of backgrounds has it."""

    table: ClassVar[str] = "backgrounds"
    id_column: ClassVar[str] = "background_id"

    background_id: str
    generation: int  # of the list, from 1; new scenes stand on the newest, earlier ones keep the row they name
    kind: str  # yours | training | drawn
    path: str  # below the user's folder of that kind; below the home for `drawn`
    width: int
    height: int
    image_id: int | None  # in the user's file, for `training`
    phash: str  # 64-bit perceptual hash, 16 hex digits
    screened: str  # annotated (its objects are known) | detector | drawn (nothing countable in it) | unscreened
    screen: str | None = None  # of the search by a detector: its fingerprint, and digests of names and pixels


@dataclass(frozen=True, kw_only=True)
class ValidationImage(Row):
    """A picture that the user validates on: it and its near-duplicates are no source and no background."""

    table: ClassVar[str] = "validation_images"
    id_column: ClassVar[str] = "validation_image_id"

    validation_image_id: str
    path: str  # below the user's folder of validation images
    phash: str  # 64-bit perceptual hash, 16 hex digits


@dataclass(frozen=True, kw_only=True)
class Prompt(Row):
    """A prompt that describes exactly one object."""

    table: ClassVar[str] = "prompts"
    id_column: ClassVar[str] = "prompt_id"

    prompt_id: str
    category: str
    round: int
    index: int  # within the category, over all rounds
    text: str
    negative: str
    slots: str  # JSON object: slot name -> value
    n_tokens: int
    agent_version: str  # of the system prompt that was used
    origin: str  # agent | baseline | rethink
    parent_id: str | None  # the prompt that this one replaces
    lint: list[str]  # named reasons for which earlier attempts at this prompt were refused
    seed: int


@dataclass(frozen=True, kw_only=True)
class Instance(Row):
    """A candidate: an RGBA picture that should hold one object of its category. Its verdict is another row."""

    table: ClassVar[str] = "instances"
    id_column: ClassVar[str] = "instance_id"

    instance_id: str
    category: str
    source: str  # cutout | variation | layer_diffusion | offline
    round: int
    index: int  # within (category, source), over all rounds
    prompt_id: str | None
    reference_id: str | None
    seed: int
    model: str
    revision: str
    settings: str  # JSON of what else shaped it
    image: str  # tight RGBA crop of everything with alpha > 0, path relative to the home
    width: int  # of the crop
    height: int
    frame_width: int  # of the frame it was drawn in
    frame_height: int
    frame_x: int  # where the crop lies in that frame
    frame_y: int
    latent: str | None = None  # what the final picture is decoded of once it is accepted: path relative to the home
    measured: str | None = None  # JSON: how a variation relates to its source (iou, phash_distance, similarity)


@dataclass(frozen=True, kw_only=True)
class Verdict(Row):
    """What validation says of one instance; accepted ones name the cleaned cut-out that scenes paste."""

    table: ClassVar[str] = "verdicts"
    id_column: ClassVar[str] = "verdict_id"

    verdict_id: str
    instance_id: str
    category: str
    source: str  # of the instance
    reference_id: str | None  # of the instance: effective instances are counted per source object
    round: int
    index: int  # of the instance
    outcome: str  # accepted | rejected | error
    stage: str  # draw (nothing came of it) | gate | vlm: where it was decided
    reasons: list[str]
    explanation: str
    mask_threshold: int | None  # alpha level (0..255) above which a pixel belongs to the mask
    area_px: int | None  # of the mask of the cleaned cut-out
    cutout: str | None  # cleaned tight RGBA crop, path relative to the home; accepted only
    width: int | None
    height: int | None
    measurements: str  # JSON: what the gate measured
    judge: str  # model or gate that decided
    judge_version: str
    criteria: str | None = None  # JSON object: criterion -> meet | fail | na, as the vision model decided
    seen: str | None = None  # JSON object: attribute -> value, as the vision model described the picture
    record: str | None = None  # JSON object: the prompt's slots, corrected by what is seen; accepted ones
    differs: list[str] | None = None  # slots whose requested value the picture does not show


@dataclass(frozen=True, kw_only=True)
class Scene(Row):
    """A picture with annotated objects: composed, or drawn as a whole from a layout."""

    table: ClassVar[str] = "scenes"
    id_column: ClassVar[str] = "scene_id"

    scene_id: str
    category: str  # the one it was composed for
    round: int
    index: int  # within the category, over all rounds
    instance_id: str | None  # the primary object; None: drawn as a whole from a layout
    background_id: str | None  # None: drawn as a whole from a layout
    canvas: str  # yours | training | drawn: the background's kind; layout: drawn as a whole
    image_id: int | None  # of the user's training image that was pasted onto
    image: str  # path relative to the home
    width: int
    height: int
    n_pasted: int  # objects painted; of a layout: objects with a mask
    n_dropped: int  # objects left out because too little of them would have been visible
    n_real: int  # annotations of the training image that remain
    seed: int
    settings: str  # JSON
    layout_image_id: str | None = None  # the picture that it is, of `layout_images`
    not_exhaustive: list[str] | None = None  # keys of categories that are seen in it and not annotated everywhere


@dataclass(frozen=True, kw_only=True)
class NotSelected(Row):
    """A valid instance that was left without a scene of its own, because its category had better ones and enough."""

    table: ClassVar[str] = "not_selected"
    id_column: ClassVar[str] = "not_selected_id"

    not_selected_id: str
    category: str
    instance_id: str
    round: int  # of the instance
    index: int  # of the instance
    target: int  # of the category when it was left out: while it is no higher, the instance is owed no scene
    needed: int  # so many of its round were needed to reach the target
    rank: int  # by quality among the round's valid instances, from 1: the best
    of: int  # how many these are
    s_txt: float | None  # cosine with the category's name; None where the embedder knows nothing of it
    s_img: float | None  # mean cosine with the category's real crops; None where it has none


@dataclass(frozen=True, kw_only=True)
class Annotation(Row):
    """One object in a scene: pasted, real and still there, or drawn with the scene from a layout."""

    table: ClassVar[str] = "annotations"
    id_column: ClassVar[str] = "annotation_id"
    partition_column: ClassVar[str] = "scene_category"

    annotation_id: str
    scene_id: str
    category: str  # of the object
    scene_category: str  # of the scene: the partition that made this row
    round: int
    instance_id: str | None  # pasted objects
    source_annotation_id: int | None  # real objects: id in the user's file
    x: float  # box of the visible mask, xywh in px
    y: float
    w: float
    h: float
    area_px: int  # of the visible mask
    segmentation: str  # COCO compressed RLE counts of the visible mask; size is the scene's (height, width)
    amodal: str | None  # the same for the whole object, hidden parts included (within the picture); pasted objects
    z: int  # 0 is the back; real objects are -1
    visible_share: float | None  # visible / amodal area, in [0, 1]; for real objects: of what was visible before
    iscrowd: int
    blend: str | None  # none | reinhard | poisson | feathered, pasted objects
    node_id: str | None = None  # objects of a layout: of its graph; what hides them is unknown, visible_share is None


@dataclass(frozen=True, kw_only=True)
class Export(Row):
    """Which annotation of which exported set is which row here: the way back from a trainer's file."""

    table: ClassVar[str] = "exports"
    id_column: ClassVar[str] = "export_id"

    export_id: str
    dataset: str  # the exported set and its version: training@…, or the format of an export: yolo@…
    category: str  # of the annotation
    exported_image_id: int
    exported_annotation_id: int
    annotation_id: str | None  # None: a real annotation taken over unchanged by include_real
    source_annotation_id: int | None


@dataclass(frozen=True, kw_only=True)
class Usage(Row):
    """What a stage of a run cost, or one call of a language model within it."""

    table: ClassVar[str] = "usage"
    id_column: ClassVar[str] = "usage_id"

    usage_id: str
    stage: str
    category: str | None  # None: the stage over all categories of the run
    model: str
    items: int
    seconds: float
    load_seconds: float  # of `seconds`, spent opening the model
    peak_memory_mb: float | None
    tokens_in: int
    tokens_out: int
    attempt: int
    answer_id: str | None = None  # one call of a language model, contained in its stage's row; None: the stage's row
    device_peak_mb: float | None = None  # most memory that models held on their device; None: they ran on none


@dataclass(frozen=True, kw_only=True)
class Answer(Row):
    """A language model's raw answer, by the content of the question: the same question is not asked twice."""

    table: ClassVar[str] = "answers"
    id_column: ClassVar[str] = "answer_id"

    answer_id: str  # hash of model, system prompt, question, pictures, schema, seed and temperature
    stage: str
    category: str | None
    attempt: int  # 1: the question as it was first put
    model: str
    revision: str
    text: str
    tokens_in: int
    tokens_out: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class AgentPrompt(Row):
    """One version of an agent's system prompt: shipped, a person's, or a step of TextGrad, accepted or not."""

    table: ClassVar[str] = "agent_prompts"
    id_column: ClassVar[str] = "agent_prompt_id"
    partition_column: ClassVar[str] = "agent"

    agent_prompt_id: str
    agent: str  # prompt | judge
    version: str  # 12 hex digits of the text's hash; downstream rows name it as agent_version or judge_version
    text: str
    written_by: str  # shipped | person | textgrad
    refinement: int  # counts refinements of the agent, from 1; 0: shipped or a person's
    step: int  # within the refinement, from 1; 0: where it began
    parent_version: str | None
    minibatch: list[str]  # what the criticised work was about: categories, or golden labels
    criticism: list[str]
    pairs: int  # draws compared; 0: none was needed
    score_parent: float | None  # on those pairs
    score: float | None
    difference_low: float | None  # 95 % interval of score - score_parent, paired bootstrap
    difference_high: float | None
    diversity_parent: float | None
    diversity: float | None
    accepted: bool
    reason: str  # why it was accepted or refused, in a sentence
    calls: int  # questions asked of models for this step


@dataclass(frozen=True, kw_only=True)
class GoldenLabel(Row):
    """What somebody who saw a candidate says of it, the machine's verdict hidden."""

    table: ClassVar[str] = "golden_labels"
    id_column: ClassVar[str] = "golden_label_id"

    golden_label_id: str
    instance_id: str  # of `instances`; of the offline world's own golden set, where the labeller is simulated
    category: str
    name: str  # the category's name as it was shown
    image: str  # tight RGBA crop, path relative to the home
    frame_width: int
    frame_height: int
    frame_x: int
    frame_y: int
    keep: bool
    reasons: list[str]  # codes, as in verdicts; empty when kept, or where none was given
    labeller: str  # person | simulated
    note: str


@dataclass(frozen=True, kw_only=True)
class GoldenJudgement(Row):
    """What one version of the validation agent says of a candidate with a golden label."""

    table: ClassVar[str] = "golden_judgements"
    id_column: ClassVar[str] = "golden_judgement_id"

    golden_judgement_id: str
    golden_label_id: str
    instance_id: str
    category: str
    stage: str  # gate | vlm: where it was decided
    outcome: str  # accepted | rejected | error
    reasons: list[str]
    judge: str
    judge_version: str


@dataclass(frozen=True, kw_only=True)
class PromptProbe(Row):
    """An attempt to rewrite a prompt by what it drew: old and new compared on the same seeds (Prompt Rethink)."""

    table: ClassVar[str] = "prompt_probes"
    id_column: ClassVar[str] = "prompt_probe_id"

    prompt_probe_id: str
    category: str
    round: int
    index: int  # of the prompt that would take the new text
    parent_id: str  # the prompt that was rethought
    text: str  # the rewrite
    slots: str  # JSON object: slot -> value of the rewrite
    kept: list[str]  # slots of the parent that its pictures show
    missing: list[str]  # slots that they do not show
    extra: list[str]  # reason codes of what they show and should not
    pairs: int  # pictures drawn with each of the two
    parent_good: int  # of the parent's: valid, and as its prompt says
    good: int  # of the rewrite's
    p_better: float  # that the rewrite draws more good pictures, in [0, 1]
    accepted: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class Quarantined(Row):
    """One item of outside material that could not be used: an annotation, a picture, a model's answer."""

    table: ClassVar[str] = "quarantine"
    id_column: ClassVar[str] = "quarantine_id"

    quarantine_id: str
    stage: str
    category: str | None
    item: str  # what it is: 'annotation 17', a path, an instance id
    reason: str  # a code
    detail: str
    raw: str  # the offending text, cut to 2,000 characters


@dataclass(frozen=True, kw_only=True)
class Failure(Row):
    """A category that a stage could not finish; the others went on."""

    table: ClassVar[str] = "failures"
    id_column: ClassVar[str] = "failure_id"

    failure_id: str
    stage: str
    category: str
    error: str  # type and message
    trace: str


@dataclass(frozen=True, kw_only=True)
class TopUp(Row):
    """A plan for one category and source: written before the work, so that a killed run resumes the same plan."""

    table: ClassVar[str] = "top_ups"
    id_column: ClassVar[str] = "top_up_id"

    top_up_id: str
    category: str
    round: int
    source: str  # cutout | variation | layer_diffusion | offline
    first_index: int
    count: int  # candidates to draw: indices first_index .. first_index + count - 1
    deficit: int  # effective instances missing when it was planned
    yield_lower: float  # lower Wilson bound of the yield it was divided by
    fingerprint: str  # of the prompts, model and settings it was planned under
    requested_by: str  # plan | candidates
    source_objects: int | None  # how many there were: the indices were planned over them; of cut-outs and variations


@dataclass(frozen=True, kw_only=True)
class PaintedBackground(Row):
    """A background that the profile's painter painted; whether scenes may stand on it is in `backgrounds`."""

    table: ClassVar[str] = "painted_backgrounds"
    id_column: ClassVar[str] = "painted_background_id"

    painted_background_id: str
    index: int  # of the project's painted backgrounds, from 0
    prompt: str
    negative: str
    seed: int  # that was used in the end: black and broken pictures are painted again
    model: str
    revision: str
    fingerprint: str  # of the painter: model, revision and what else shapes its pixels
    image: str  # path relative to the home: `backgrounds.path` of kind `drawn`
    width: int
    height: int
