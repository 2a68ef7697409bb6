"""Wiring of golden labels: those that a profile brings along, and what the validation agent says of all of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from genval_assets import keys
from genval_assets.assets.cost import chunks
from genval_assets.chat.ask import Unanswered
from genval_assets.concepts.register import active
from genval_assets.golden.record import judgement_id
from genval_assets.instances.gate import GATE, Frame
from genval_assets.instances.mask import tight_crop
from genval_assets.ports import GoldenSource, Images, Tables
from genval_assets.rows import Category, GoldenJudgement, GoldenLabel, Instance
from genval_assets.textgrad.judge_rehearsal import Labelled
from genval_assets.textgrad.minibatch import band
from genval_assets.topup.owed import CUTOUT
from genval_assets.types import LabelledDraw
from genval_assets.validation.examine import DESCRIBED, Examined, Specimen, examine
from genval_assets.validation.trials import Examiner

PER_CATEGORY = 16
"""Labelled candidates that a profile brings of each category (our choice)."""
LABELS_PER_FLUSH = 64


def bring_golden_labels(
    tables: Tables, images: Images, source: GoldenSource, categories: Iterable[Category], run_id: str, now: datetime
) -> None:
    """Store the labelled candidates that the profile brings, once; most profiles bring none."""
    known = {label for (label,) in tables.values(GoldenLabel, ("instance_id",))}
    names = {category.category: category.name for category in categories}
    fresh = [draw for draw in source.labelled(names, PER_CATEGORY) if draw.instance_id not in known]
    for some in chunks(fresh, LABELS_PER_FLUSH):
        crops = [tight_crop(draw.rgba) for draw in some]
        paths = images.put([crop for crop, _, _ in crops])
        tables.append(
            [
                _label(draw, names[draw.category], path, (x, y), run_id, now)
                for draw, path, (_, x, y) in zip(some, paths, crops, strict=True)
            ]
        )


def _label(
    draw: LabelledDraw, name: str, path: str, corner: tuple[int, int], run_id: str, now: datetime
) -> GoldenLabel:
    return GoldenLabel(
        golden_label_id=keys.recipe("golden_labels", instance_id=draw.instance_id, labeller="simulated"),
        run_id=run_id,
        created_at=now,
        instance_id=draw.instance_id,
        category=draw.category,
        name=name,
        image=path,
        frame_width=draw.rgba.shape[1],
        frame_height=draw.rgba.shape[0],
        frame_x=corner[0],
        frame_y=corner[1],
        keep=draw.keep,
        reasons=list(draw.reasons),
        labeller="simulated",
        note="",
    )


def labelled_candidates(tables: Tables, images: Images) -> list[Labelled]:
    """Return the candidates with golden labels whose picture is still there, by label.

    Of several labels on one candidate the latest stored is in force.
    """
    categories = active(tables.read(Category))
    instances = {row.instance_id: row for row in tables.read(Instance)}
    labels = {row.instance_id: row for row in tables.read(GoldenLabel)}
    found = []
    for row in sorted(labels.values(), key=lambda row: row.golden_label_id):
        category = categories.get(row.category)
        if category is not None:
            try:
                found.append(_labelled(row, category, instances.get(row.instance_id), images))
            except FileNotFoundError:
                continue  # `genval gc` takes the pictures of old rejects; the label says nothing without its picture
    return found


def _labelled(row: GoldenLabel, category: Category, instance: Instance | None, images: Images) -> Labelled:
    specimen = Specimen(
        instance_id=row.instance_id,
        category=row.category,
        name=row.name,
        definition=category.definition,
        crop=images.get(row.image),
        frame=Frame(row.frame_width, row.frame_height, row.frame_x, row.frame_y),
        seed=instance.seed if instance else keys.seed_of("golden", row.instance_id),
        real=instance is not None and instance.source == CUTOUT,
        by_eye=True,
        look_for=DESCRIBED[:1],
    )
    return Labelled(row.golden_label_id, specimen, row.keep, tuple(row.reasons), band(category))


def judge_golden(tables: Tables, labelled: Sequence[Labelled], examiner: Examiner, run_id: str, now: datetime) -> None:
    """Store what the validation agent says of every labelled candidate that this model has not judged with its version.

    Raises:
        Unanswered: the model was not reached; what was judged is stored.
    """
    version, judges = keys.agent_version(examiner.system), (_model(examiner), GATE)
    known = tables.ids(GoldenJudgement)
    todo = [one for one in labelled if known.isdisjoint(judgement_id(one.label_id, version, j) for j in judges)]
    for some in chunks(todo, LABELS_PER_FLUSH):
        found = examine([one.specimen for one in some], examiner.gate, examiner.chat, examiner.system, examiner.votes)
        tables.append(
            [
                _judgement(one, said, examiner, run_id, now)
                for one, said in zip(some, found, strict=True)
                if not said.unanswered
            ]
        )
        for said in found:
            if said.unanswered:
                raise Unanswered(said.unanswered)


def _model(examiner: Examiner) -> str:
    return f"{examiner.chat.model}@{examiner.chat.revision}"


def _judgement(one: Labelled, said: Examined, examiner: Examiner, run_id: str, now: datetime) -> GoldenJudgement:
    """Return the row; also what the gate decided belongs to the version of the agent behind it."""
    version, judge = keys.agent_version(examiner.system), _model(examiner) if said.stage == "vlm" else GATE
    return GoldenJudgement(
        golden_judgement_id=judgement_id(one.label_id, version, judge),
        run_id=run_id,
        created_at=now,
        golden_label_id=one.label_id,
        instance_id=one.specimen.instance_id,
        category=one.specimen.category,
        stage=said.stage,
        outcome=said.outcome,
        reasons=list(said.reasons),
        judge=judge,
        judge_version=version,
    )
