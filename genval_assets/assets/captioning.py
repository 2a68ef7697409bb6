"""Wiring of the first part of `hard_negatives`: a caption for every accepted picture that should have negatives."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from genval_assets import keys
from genval_assets.assets.asking import answered
from genval_assets.assets.cost import Meter, chunks
from genval_assets.assets.known_pictures import Known, known_pictures
from genval_assets.assets.picturing import as_seen, stored_picture
from genval_assets.assets.recorded import RecordedChat
from genval_assets.assets.subjects import Subject
from genval_assets.batches import Batch
from genval_assets.chat.ask import Reply, ask_all
from genval_assets.negative_rows import PositiveCaption
from genval_assets.negatives.picture import Pictured
from genval_assets.negatives.positive import STAGE, Positive, PositiveQuestion
from genval_assets.negatives.stored import Requested, stored_form
from genval_assets.negatives.vocabulary import Vocabulary
from genval_assets.ports import Images, Photographs
from genval_assets.rows import Category
from genval_assets.types import RefusedItem, Rgb

CAPTIONS_PER_FLUSH = 32


@dataclass(frozen=True)
class _Job:
    """One picture without a caption."""

    category: Category
    known: Known


@dataclass(frozen=True, eq=False)
class _Shown:
    """A picture without a caption, and its pixels."""

    job: _Job
    path: str
    picture: Rgb

    @property
    def category(self) -> Category:
        return self.job.category


@dataclass(frozen=True)
class Describing:
    """What all captions of a run are made with."""

    vocabulary: Vocabulary
    images: Images
    photographs: Photographs | None
    chat: RecordedChat
    asked_of: str  # `Project.eyes`


def caption_pictures(batch: Batch, subjects: Sequence[Subject], describing: Describing, meter: Meter) -> None:
    """Write and store captions of the pictures; what was refused is stored, too, and not tried again."""
    categories = {category.category: category for category in batch.alive}
    known = known_pictures(batch, subjects, describing.vocabulary) if subjects else []
    jobs = [_Job(categories[one.subject.category], one) for one in known]
    with batch.progress.stage(f"{STAGE}, captions", len(jobs)) as advance:
        for some in chunks(jobs, CAPTIONS_PER_FLUSH):
            batch.stop_here()
            batch.attempt_together(STAGE, some, lambda few: _caption(batch, few, describing, meter))
            advance(len(some))


def as_pictured(subject: Subject, requested: Requested, picture: Rgb) -> Pictured:
    """Return a picture as questions about it take it."""
    return Pictured(
        subject_id=subject.subject_id,
        kind=subject.kind,
        category=subject.category,
        names=tuple(dict.fromkeys(thing.name for thing in requested.things)),
        picture=picture,
        things=requested.things,
        complete=requested.complete,
        seed=subject.seed,
    )


def _caption(batch: Batch, jobs: Sequence[_Job], describing: Describing, meter: Meter) -> None:
    """Caption pictures; one that is gone is quarantined and gets none."""
    shown: list[_Shown] = []
    rows: list[PositiveCaption] = []
    for job in jobs:
        try:
            shown.append(_shown(job, describing))
        except RefusedItem as err:
            batch.quarantine(STAGE, job.category.category, err)
            rows.append(_row(batch, job, "", Reply(None, (), reasons=(err.reason,)), describing))
    questions = [
        PositiveQuestion(as_pictured(one.job.known.subject, _requested(one.job), one.picture), describing.vocabulary)
        for one in shown
    ]
    for i, reply in answered(batch, STAGE, shown, ask_all(describing.chat, questions)):
        rows.append(_row(batch, shown[i].job, shown[i].path, reply, describing))
    batch.tables.append(rows)
    meter.items += sum(row.outcome == "refused" for row in rows)  # nothing more is done for these


def _shown(job: _Job, describing: Describing) -> _Shown:
    """Return a picture with its pixels.

    Raises:
        RefusedItem: it is gone, or cannot be read.
    """
    path = stored_picture(job.known, describing.images, describing.photographs)
    try:
        return _Shown(job, path, as_seen(describing.images, path))
    except FileNotFoundError as err:
        raise RefusedItem(path, "lost_picture", "its picture is not on disk") from err


def _requested(job: _Job) -> Requested:
    return Requested(job.known.complete, job.known.things)


def _row(batch: Batch, job: _Job, image: str, reply: Reply[Positive], by: Describing) -> PositiveCaption:
    subject, positive = job.known.subject, reply.value
    said = stored_form(positive) if positive else []
    return PositiveCaption(
        positive_id=keys.recipe("positives", kind=subject.kind, subject_id=subject.subject_id, asked_of=by.asked_of),
        run_id=batch.run_id,
        created_at=batch.now,
        category=subject.category,
        kind=subject.kind,
        subject_id=subject.subject_id,
        image=image,
        asked_of=by.asked_of,
        outcome="refused" if positive is None else "accepted",
        caption=None if positive is None else positive.text,
        nouns=[] if positive is None else list(positive.nouns),
        attributes=msgspec.json.encode(said).decode(),
        n_attributes=len(said),
        n_words=0 if positive is None else positive.n_words,
        requested=msgspec.json.encode(_requested(job)).decode(),
        faults=list(reply.reasons),
        model=by.chat.model,
        revision=by.chat.revision,
        seed=subject.seed,
    )
