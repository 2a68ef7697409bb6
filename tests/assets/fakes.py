"""Plain fakes of the ports: they keep things in lists and dicts, count, and fail on purpose. No disk, no models."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from genval_assets.compose.unplaced import unplaced_item
from genval_assets.concepts.register import active
from genval_assets.export.build import ExportedSet, Landed, nothing_to_read
from genval_assets.instances.in_force import accepted_ids, in_force, refused_ids, spoilt_scenes
from genval_assets.layouts.seeing import CaptionAnswer, MatchAnswer
from genval_assets.rows import (
    Annotation,
    Category,
    Failure,
    Instance,
    NotSelected,
    Quarantined,
    Reference,
    Row,
    Scene,
    TopUp,
    Verdict,
)
from genval_assets.topup.extras import EXTRA_STAGES
from genval_assets.types import (
    ChatAnswer,
    ChatRequest,
    Concept,
    DrawnLook,
    LabelledDraw,
    Listed,
    LockState,
    Mask,
    Published,
    RefusedItem,
    Rgb,
    Rgba,
    RoundTally,
    SourceAnnotation,
    SourceImage,
    Tally,
)
from genval_assets.validation.judge import CRITERIA, JudgeAnswer
from resources.offline.chat import OfflineChatModel
from tests.assets.fake_layouts import said
from tests.assets.fake_negatives import ANSWERS, contrasted

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SQUARE = b"[[20, 20, 60, 20, 60, 60, 20, 60]]"


class ListTables:
    """The record as a dict per table; `reads` counts the calls by table, `appends` the parts written.

    `asked` has the categories of each read by table; None: all.
    """

    def __init__(self) -> None:
        self.rows: dict[type[Row], dict[str, Row]] = defaultdict(dict)
        self.reads: Counter[str] = Counter()
        self.asked: dict[str, list[set[str] | None]] = defaultdict(list)
        self.appends: Counter[str] = Counter()

    def append(self, rows: Sequence[Row]) -> None:
        if rows:
            self.appends[rows[0].table] += 1
        for row in rows:
            self.rows[type(row)].setdefault(getattr(row, row.id_column), row)

    def read(self, kind, categories: Collection[str] | None = None) -> list:
        self.reads[kind.table] += 1
        self.asked[kind.table].append(None if categories is None else set(categories))
        of = kind.partition_column
        rows = [r for r in self.rows[kind].values() if categories is None or getattr(r, of) in set(categories)]
        return sorted(rows, key=_order)

    def ids(self, kind: type[Row], categories: Collection[str] | None = None) -> set[str]:
        return {getattr(row, kind.id_column) for row in self.read(kind, categories)}

    def values(self, kind, columns: Sequence[str], categories: Collection[str] | None = None) -> list[tuple]:
        return [tuple(getattr(row, column) for column in columns) for row in self.read(kind, categories)]

    def free_bytes(self) -> int:
        return 10**12

    def tallies(self) -> list[Tally]:
        self.reads["tallies"] += 1
        return [self._tally(row) for row in active(self.rows[Category].values()).values()]

    def count(self, kind: type[Row]) -> dict[str, int]:
        """Return how many rows each category has."""
        return dict(Counter(row.category for row in self.rows[kind].values()))

    def _of(self, kind: type[Row], category: str) -> list:
        return [row for row in self.rows[kind].values() if row.category == category]

    def _tally(self, category: Category) -> Tally:
        key = category.category
        plans, drawn, verdicts = self._of(TopUp, key), self._of(Instance, key), in_force(self._of(Verdict, key))
        outcomes = Counter(v.outcome for v in verdicts)
        accepted = [v for v in verdicts if v.outcome == "accepted"]
        per_object = Counter(v.reference_id for v in accepted if v.reference_id)
        good = accepted_ids(accepted)
        refused = [q for q in self._of(Quarantined, key) if q.stage == "composite_scenes"]
        refused = [q for q in refused if q.item in map(unplaced_item, good)]
        pasted = [(row.scene_id, row.instance_id) for row in self.rows[Annotation].values()]
        spoilt = spoilt_scenes(pasted, refused_ids(in_force(self.rows[Verdict].values())))
        scenes = {s.instance_id for s in self._of(Scene, key) if s.scene_id not in spoilt} & good
        left_out = {n.instance_id for n in self._of(NotSelected, key) if n.target >= category.target} & good
        left_out -= {s.instance_id for s in self._of(Scene, key)}
        left_out = {one for one in left_out if unplaced_item(one) not in {q.item for q in refused}}
        return Tally(
            category=key, name=category.name, position=category.position, rare=category.rare, target=category.target,
            real=category.instance_count, references=len(self._of(Reference, key)), drawn=len(drawn),
            accepted=len(accepted), rejected=outcomes["rejected"], errors=outcomes["error"],
            effective=sum(v.reference_id is None for v in accepted) + sum(min(n, 3) for n in per_object.values()),
            distinct_sources=len(per_object), scenes=len(scenes), refused=len(refused),
            failures=sum(row.stage not in EXTRA_STAGES for row in self._of(Failure, key)),
            history=tuple(_round(n, plans, drawn, verdicts) for n in sorted({p.round for p in plans})),
            next_index={p.source: p.first_index + p.count for p in sorted(plans, key=lambda p: p.first_index)},
            not_selected=len(left_out),
        )  # fmt: skip


def _order(row: Row) -> tuple[str, int, int]:
    return getattr(row, "category", None) or "", getattr(row, "round", 0), getattr(row, "index", 0)


def _round(number: int, plans: list[TopUp], drawn: list[Instance], verdicts: list[Verdict]) -> RoundTally:
    outcomes = Counter(v.outcome for v in verdicts if v.round == number)
    return RoundTally(
        number,
        "+".join(sorted({p.fingerprint for p in plans if p.round == number})),
        planned=sum(p.count for p in plans if p.round == number),
        drawn=sum(i.round == number for i in drawn),
        accepted=outcomes["accepted"],
        rejected=outcomes["rejected"],
        errors=outcomes["error"],
    )


class DictImages:
    """Pictures by the hash of their pixels; those in `lost` were removed by hand."""

    def __init__(self) -> None:
        self.pictures: dict[str, Rgb | Rgba] = {}
        self.lost: set[str] = set()

    def put(self, pictures: Sequence[Rgba | Rgb], *, lossless: bool = True) -> list[str]:
        paths = [f"data/images/{hashlib.sha256(p.tobytes()).hexdigest()}.webp" for p in pictures]
        self.pictures.update(zip(paths, pictures, strict=True))
        return paths

    def get(self, path: str) -> Rgba | Rgb:
        if path in self.lost:
            raise FileNotFoundError(path)
        return self.pictures[path]


class RuleChat:
    """The text model that answers by rule; asked about a picture, it says what `eye` says, at first: keep.

    It counts its openings and keeps what it was asked. For categories in `down` no answer comes; `broken` is why it
    cannot be opened at all.
    """

    model, revision, best_batch, max_tokens = "fake-chat", "1", 8, 0

    def __init__(self) -> None:
        self.opened = 0
        self.asked: list[ChatRequest] = []
        self.down: set[str] = set()
        self.broken = ""
        self.eye: Callable[[ChatRequest], str] = lambda request: judged()
        self.of_layouts: Callable[[ChatRequest], str] = said  # captions of their pictures, and comparisons
        self.of_negatives: Callable[[ChatRequest], str] = contrasted  # captions, their negatives, and statements

    @contextmanager
    def open(self) -> Iterator["RuleChat"]:
        self.opened += 1
        yield self

    def fault(self) -> str:
        return self.broken

    def ask(self, requests: Sequence[ChatRequest]) -> list[ChatAnswer]:
        self.asked += requests
        return [self._answer(request) for request in requests]

    def _answer(self, request: ChatRequest) -> ChatAnswer:
        if request.category in self.down:
            return ChatAnswer("", error="127.0.0.1: connection refused")
        if request.answer_schema is JudgeAnswer:
            return ChatAnswer(self.eye(request), 100, 20, 0.5)
        if request.answer_schema in (CaptionAnswer, MatchAnswer):
            return ChatAnswer(self.of_layouts(request), 50, 10, 0.2)
        if request.answer_schema in ANSWERS:
            return ChatAnswer(self.of_negatives(request), 50, 10, 0.2)
        return OfflineChatModel().ask([request])[0]

    @property
    def looked(self) -> list[ChatRequest]:
        """The questions about pictures."""
        return [request for request in self.asked if request.images]


def judged(objects: Sequence[str] = ("disc",), seen: Mapping[str, str] | None = None, **outcomes: str) -> str:
    """Return an answer of the vision model: every criterion meets but those given."""
    said = {name: outcomes.get(name, "meet") for name in CRITERIA}
    findings = {name: {"outcome": o, "explanation": "It does not." * (o == "fail")} for name, o in said.items()}
    attributes = [{"name": name, "value": value} for name, value in (seen or {}).items()]
    keep = set(said.values()) == {"meet"}
    return json.dumps({"objects": list(objects), "attributes": attributes, **findings, "keep": keep})


class OnePicture:
    """A folder with one background, `wall.png`."""

    def paths(self, kind: str) -> list[str]:
        return ["wall.png"] if kind == "yours" else []

    def pixels(self, kind: str, path: str) -> Rgb:
        y, x = np.mgrid[:208, :256]
        return np.dstack([x, y, (x + y) // 2]).astype(np.uint8)


class Album:
    """Annotated photographs held in memory: category id -> pictures, each with one square object; None: no file.

    Images in `gone` are no longer in the file, those in `incomplete` hold an object without label, those in `missing`
    have no picture. Masks of the annotations in `bad_masks` cannot be decoded.
    """

    refused: tuple = ()

    def __init__(self, of_category: dict[int, int] | None = None) -> None:
        self.opened = 0
        self.broken: set[int] = set()  # category ids whose annotations cannot be read at all
        self.gone: set[int] = set()
        self.incomplete: set[int] = set()
        self.missing: set[int] = set()
        self.bad_masks: set[int] = set()
        self.hashed: list[int] = []  # images whose pixels were read
        objects = [id_ for id_, n in (of_category or {}).items() for _ in range(n)]
        self._annotations = [
            SourceAnnotation(n, n, id_, (20.0, 20.0, 40.0, 40.0), 1600.0, False, SQUARE)
            for n, id_ in enumerate(objects, start=1)
        ]

    @contextmanager
    def open(self) -> Iterator["Album | None"]:
        self.opened += 1
        yield self if self._annotations else None

    def images(self) -> list[SourceImage]:
        return [self.image(a.image_id) for a in self._annotations if a.image_id not in self.gone]

    def image(self, image_id: int) -> SourceImage:
        if image_id in self.gone:
            raise KeyError(image_id)
        return SourceImage(image_id, f"{image_id}.jpg", 96, 96, complete=image_id not in self.incomplete)

    def refuse_unlike_stored(self, image_id: int) -> None:
        if image_id in self.missing:
            raise RefusedItem(f"image {image_id}", "picture_missing", "no file")

    def of_category(self, source_id: int) -> list[SourceAnnotation]:
        if source_id in self.broken:
            raise OSError(f"category {source_id}: the file went away")
        return [a for a in self._annotations if a.category_id == source_id]

    def of_image(self, image_id: int) -> list[SourceAnnotation]:
        return [a for a in self._annotations if a.image_id == image_id]

    def pixels(self, image_id: int) -> Rgb:
        self.hashed.append(image_id)
        if image_id in self.gone:
            raise KeyError(image_id)
        return np.random.default_rng(image_id).integers(0, 256, (96, 96, 3), dtype=np.uint8)

    def mask(self, annotation: SourceAnnotation) -> Mask:
        if annotation.annotation_id in self.bad_masks:
            raise RefusedItem(f"annotation {annotation.annotation_id}", "polygon_far", "x = 1e9")
        mask = np.zeros((96, 96), bool)
        mask[20:60, 20:60] = True
        return mask


class DictDatasets:
    """Exported sets by name: the paths they hold, and the content of those that were written."""

    def __init__(self) -> None:
        self.sets: dict[str, list[str]] = {}
        self.contents: dict[str, dict[str, bytes]] = {}
        self.pictures: Callable[[str], bytes] = nothing_to_read
        self.asked: list[tuple[str, bool]] = []  # (folder, overwrite) of sets that left the home

    def write(self, exported: ExportedSet) -> str:
        files = {path: content if isinstance(content, bytes) else content() for path, content in exported.files}
        self.contents[exported.name] = files
        self.sets[exported.name] = [*files, *(path for path, _ in exported.links)]
        return f"data/datasets/{exported.name}"

    def write_to(self, exported: ExportedSet, folder: str, *, overwrite: bool) -> Landed:
        self.asked.append((folder, overwrite))
        self.write(exported)
        return Landed("0" * 12, "")

    def picture(self, path: str) -> bytes:
        return self.pictures(path)


class DictLocks:
    """Locks by name; what is not there was never taken."""

    def __init__(self) -> None:
        self.states: dict[str, LockState] = {}

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        self.states[name] = LockState("held", NOW.timestamp())
        yield
        self.states[name] = LockState("released", NOW.timestamp())

    def state(self, name: str) -> LockState:
        return self.states.get(name, LockState("absent", None))


class ListProgress:
    """Notes (stage, total, done) of each stage."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, int, int]] = []

    @contextmanager
    def stage(self, name: str, total: int):
        done: list[int] = []
        yield done.append
        self.stages.append((name, total, sum(done)))


@dataclass
class ListConcepts:
    """A list of concepts, and the fingerprint of its file."""

    concepts: list[Concept] = field(default_factory=list)
    mark: str = "first"

    def read(self) -> Listed:
        return Listed(tuple(self.concepts))

    def fingerprint(self) -> str:
        return self.mark


class NoTruth:
    """Nobody knows what is good."""

    def read(self) -> dict[str, bool]:
        return {}

    def looks(self) -> dict[str, DrawnLook]:
        return {}


class ListWarehouse:
    """Keeps the rollups it was given."""

    def __init__(self) -> None:
        self.published: list[dict[str, str]] = []  # category -> state, per publication
        self.rates: list = []  # of the last publication
        self.agreement: list = []
        self.validity: list = []

    def publish(self, stats, rates, agreement=(), validity=()) -> Published:
        self.published.append({row.category: row.state for row in stats})
        self.rates, self.agreement, self.validity = list(rates), list(agreement), list(validity)
        return Published("data/genval.duckdb", "2026-11-01T00:00:00Z", {}, {}, 0)

    def compact(self) -> int:
        return 0


class ListGolden:
    """Brings the labelled draws that it was given."""

    def __init__(self) -> None:
        self.draws: list[LabelledDraw] = []

    def labelled(self, names: Mapping[str, str], per_category: int) -> list[LabelledDraw]:
        return [draw for draw in self.draws if draw.category in names]
