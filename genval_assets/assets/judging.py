"""Wiring of `validated_instances`: the mask gate, then the vision model, on every candidate that has no verdict yet."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from genval_assets import keys
from genval_assets.assets.cost import Meter, chunks, metered
from genval_assets.assets.finishing import Finish, Finishing
from genval_assets.assets.recorded import RecordedChat
from genval_assets.batches import Batch
from genval_assets.chat.answers import UnreadableAnswer
from genval_assets.chat.ask import Unanswered
from genval_assets.instances.gate import GATE, GATE_VERSION, Frame
from genval_assets.instances.gate_settings import GateSettings
from genval_assets.instances.variation import Measured, variation_findings
from genval_assets.model_ports import Chat, ChatModel
from genval_assets.models.settings import VariationSettings
from genval_assets.ports import Images
from genval_assets.project import Project
from genval_assets.prompting.records import compare, corrected
from genval_assets.prompting.slots import read_slots
from genval_assets.rows import Category, Instance, Prompt, Verdict
from genval_assets.textgrad.versions import Version
from genval_assets.topup.owed import CUTOUT, OF_OBJECTS
from genval_assets.types import RefusedItem, Rgba
from genval_assets.validation.examine import DESCRIBED, Examined, Specimen, examine
from genval_assets.validation.settings import JudgeSettings
from genval_assets.validation.trials import Examiner

STAGE = "validated_instances"
VERDICTS_PER_FLUSH = 64
HOPELESS = 8
"""Where so many answers in a row, and none that was given, can be read, the model is at fault (our choice)."""


@dataclass(frozen=True)
class Validation:
    """How candidates are judged: the gate's thresholds, who looks at what passes, and with which words."""

    gate: GateSettings
    variation: VariationSettings
    judge: JudgeSettings
    chat: Chat
    agent: Version

    def by_eye(self, source: str) -> bool:
        """Return whether the vision model judges candidates of a source."""
        return (source if source in OF_OBJECTS else "foreground") in self.judge.sources

    def of_drawn(self, chat: ChatModel) -> Examiner:
        """Return who examines, with the model open, what is drawn off stage: judged as drawn candidates are."""
        return Examiner(self.gate, chat, self.agent.text, self.judge.votes, "foreground" in self.judge.sources)


def validation_of(project: Project, chat: Chat, agent: Version) -> Validation:
    """Return how a project's candidates are judged by a version of the validation agent."""
    instances = project.settings.instances
    return Validation(instances.gate, instances.variation, instances.judge, chat, agent)


@dataclass(frozen=True)
class _Case:
    """One candidate with what is known of it."""

    category: Category
    instance: Instance
    slots: Mapping[str, str]  # of its prompt; empty for cut-outs


def judge_candidates(batch: Batch, images: Images, validation: Validation, finishing: Finishing) -> None:
    """Judge what has no verdict; the cleaned cut-out of whatever the gate accepts is stored.

    What is accepted on a quick decode is decoded once more with all care, and that picture is gated and stored.

    A candidate for which the vision model was not reached gets no verdict: its category fails, and the next run asks
    again.
    """
    todo = list(_unjudged(batch))
    if not todo:
        return
    with (
        metered(batch, STAGE, model=GATE) as meter,
        _opened(batch, todo, validation, meter) as chat,
        finishing.opened([case.instance for case in todo]) as finish,
        batch.progress.stage(STAGE, len(todo)) as advance,
    ):
        for chunk in chunks(todo, VERDICTS_PER_FLUSH):
            batch.stop_here()
            living = [case for case in chunk if case.category.category not in batch.failed]
            _judge(batch, living, images, validation, chat, finish)
            meter.items += len(chunk)
            advance(len(chunk))


def _unjudged(batch: Batch) -> Iterator[_Case]:
    judged = {instance for (instance,) in batch.tables.values(Verdict, ("instance_id",), batch.keys)}
    slots = {row.prompt_id: read_slots(row.slots) for row in batch.tables.read(Prompt, batch.keys)}
    by_key = {category.category: category for category in batch.alive}
    for row in batch.tables.read(Instance, batch.keys):
        if row.instance_id not in judged:
            yield _Case(by_key[row.category], row, slots.get(row.prompt_id or "", {}))


@contextmanager
def _opened(
    batch: Batch, todo: Collection[_Case], validation: Validation, meter: Meter
) -> Iterator[RecordedChat | None]:
    """Open the vision model if anything is to be looked at."""
    if not any(validation.by_eye(case.instance.source) for case in todo):
        yield None
        return
    with validation.chat.open() as model, meter.asking(RecordedChat(model, batch.tables, batch.run_id, batch.now)) as c:
        yield c


def _judge(
    batch: Batch,
    cases: Sequence[_Case],
    images: Images,
    validation: Validation,
    chat: RecordedChat | None,
    finish: Finish,
) -> None:
    readable, specimens = [], []
    for case in cases:
        with batch.attempt(STAGE, case.category):
            specimens.append(_specimen(case, images, validation))
            readable.append(case)
    examined = examine(specimens, validation.gate, chat, validation.agent.text, validation.judge.votes)
    found = list(zip(readable, examined, strict=True))
    asked = [one for one in examined if one.stage == "vlm"]
    if len(asked) >= HOPELESS and all(one.fault for one in asked):
        _leave(batch, found, f"none of {len(asked)} answers could be read, such as {asked[0].raw[:200]!r}")
        return
    examined_of = {case.instance.instance_id: one for case, one in found}

    def store(some: Sequence[_Case]) -> None:
        screened = [(case.instance, examined_of[case.instance.instance_id]) for case in some]
        final = list(zip(some, finish.finished(screened, validation.gate), strict=True))
        _store(batch, [(case, one) for case, one in final if not one.unanswered], images, validation, chat)
        for case, one in final:
            if one.unanswered:
                batch.fail(STAGE, case.category, Unanswered(one.unanswered))

    batch.attempt_together(STAGE, readable, store)


def _leave(batch: Batch, found: Sequence[tuple[_Case, Examined]], why: str) -> None:
    """Store no verdict: a model that cannot answer in the form is at fault, not the candidates. They stay owed."""
    error = UnreadableAnswer(f"the vision model: {why}; choose another in [chat], or raise max_tokens")
    for case, one in found:
        if one.fault:
            batch.fail(STAGE, case.category, error)


def _specimen(case: _Case, images: Images, validation: Validation) -> Specimen:
    row = case.instance
    measured = Measured(**json.loads(row.measured)) if row.measured else None
    return Specimen(
        instance_id=row.instance_id,
        category=row.category,
        name=case.category.name,
        definition=case.category.definition,
        crop=images.get(row.image),
        frame=Frame(row.frame_width, row.frame_height, row.frame_x, row.frame_y),
        seed=row.seed,
        real=row.source == CUTOUT,
        by_eye=validation.by_eye(row.source),
        objections=variation_findings(measured, validation.variation) if measured else (),
        look_for=tuple(name for name in DESCRIBED if name in case.slots),
    )


def _store(
    batch: Batch,
    found: Sequence[tuple[_Case, Examined]],
    images: Images,
    validation: Validation,
    chat: RecordedChat | None,
) -> None:
    cleaned = [cutout for _, one in found if (cutout := _cutout(one)) is not None]
    paths = iter(images.put(cleaned))
    rows = []
    for case, one in found:
        path = next(paths) if _cutout(one) is not None else None
        rows.append(_row(batch, case, one, path, _judge_of(one, validation, chat)))
        if one.fault or one.unfinished:
            refused = RefusedItem(f"judgement of {case.instance.instance_id}", one.reasons[0], one.explanation, one.raw)
            batch.quarantine(STAGE, case.instance.category, refused)
    batch.tables.append(rows)


def _cutout(one: Examined) -> Rgba | None:
    """Return the cut-out that is stored; none of what could not be finished, for it would be the quick decode's."""
    return None if one.unfinished else one.gate.cleaned


def _judge_of(one: Examined, validation: Validation, chat: RecordedChat | None) -> tuple[str, str]:
    """Return who decided, and in which version."""
    if one.stage == "vlm" and chat is not None:
        return f"{chat.model}@{chat.revision}", validation.agent.version
    return GATE, GATE_VERSION


def _row(batch: Batch, case: _Case, one: Examined, cutout: str | None, judge: tuple[str, str]) -> Verdict:
    row, gate = case.instance, one.gate
    shown = _cutout(one)
    size = shown.shape if shown is not None else (None, None)
    return Verdict(
        verdict_id=keys.recipe("verdicts", instance_id=row.instance_id, judge=judge[0], version=judge[1]),
        run_id=batch.run_id,
        created_at=batch.now,
        instance_id=row.instance_id,
        category=row.category,
        source=row.source,
        reference_id=row.reference_id,
        round=row.round,
        index=row.index,
        outcome=one.outcome,
        stage=one.stage,
        reasons=list(one.reasons),
        explanation=one.explanation,
        mask_threshold=gate.threshold,
        area_px=gate.area_px if gate.accepted else None,
        cutout=cutout,
        width=size[1],
        height=size[0],
        measurements=json.dumps({name: round(float(value), 4) for name, value in gate.measurements.items()}),
        judge=judge[0],
        judge_version=judge[1],
        **vars(_sight(case, one)),
    )


@dataclass(frozen=True)
class _Sight:
    """What the vision model saw, as the columns of a verdict; none where it was not asked."""

    criteria: str | None = None
    seen: str | None = None
    record: str | None = None
    differs: list[str] | None = None


def _sight(case: _Case, one: Examined) -> _Sight:
    if one.judgement is None:
        return _Sight()
    criteria, seen = json.dumps(one.judgement.outcomes), json.dumps(one.judgement.seen, ensure_ascii=False)
    if not (one.judgement.keep and case.slots):
        return _Sight(criteria, seen)
    record = json.dumps(corrected(case.slots, one.judgement.seen), ensure_ascii=False)
    return _Sight(criteria, seen, record, list(compare(case.slots, one.judgement.seen).missing))
