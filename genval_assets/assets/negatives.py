"""Wiring of the second part of `hard_negatives`: sentences that are almost a caption and false of its picture."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from genval_assets.assets.captioning import Requested, as_pictured
from genval_assets.assets.cost import chunks, metered
from genval_assets.assets.negative_records import Recording, why_short
from genval_assets.assets.picturing import as_seen
from genval_assets.assets.recorded import RecordedChat
from genval_assets.assets.subjects import Subject
from genval_assets.batches import Batch
from genval_assets.chat.answers import UnreadableAnswer
from genval_assets.chat.ask import Unanswered
from genval_assets.model_ports import Chat
from genval_assets.negative_rows import HardNegative, NegativeList, PositiveCaption
from genval_assets.negatives.lists import MadeList, Rules, make_lists
from genval_assets.negatives.positive import STAGE, Positive, read_positive
from genval_assets.negatives.quota import Quota
from genval_assets.negatives.sentence import Attribute
from genval_assets.negatives.settings import NegativeSettings
from genval_assets.negatives.stored import stored_attributes
from genval_assets.negatives.trivial import Other, trivial_negatives
from genval_assets.negatives.verification import Captioned, PictureVerifier
from genval_assets.negatives.vocabulary import Vocabulary
from genval_assets.ports import Images
from genval_assets.rows import Category
from genval_assets.types import RefusedItem

LISTS_PER_FLUSH = 32


@dataclass(frozen=True)
class _Job:
    """One caption without negatives."""

    category: Category
    row: PositiveCaption


@dataclass(frozen=True)
class _Making:
    """What all lists of a run are made of."""

    images: Images
    rules: Rules
    trivial: int  # captions of other pictures that each list should have beside
    others: Sequence[Other]  # every accepted caption of the project
    recording: Recording


def write_negatives(
    batch: Batch, settings: NegativeSettings, vocabulary: Vocabulary, images: Images, chat: Chat
) -> None:
    """Write and store the negatives of the captions that have none; a list that is short is marked, never filled up."""
    jobs = _unlisted(batch)
    if not jobs:
        return
    quota = Quota(settings.hard, settings.medium, settings.easy)
    rules = Rules(quota, settings.corrections, vocabulary, PictureVerifier(settings.verified_by, vocabulary))
    with (
        metered(batch, STAGE, model="chat") as meter,
        chat.open() as model,
        meter.asking(RecordedChat(model, batch.tables, batch.run_id, batch.now)) as asked,
        batch.progress.stage(f"{STAGE}, negatives", len(jobs)) as advance,
    ):
        recording = Recording(batch, asked, quota.total, settings.verified_by)
        making = _Making(images, rules, settings.trivial, _captions(batch), recording)
        for some in chunks(jobs, LISTS_PER_FLUSH):
            batch.stop_here()
            batch.attempt_together(STAGE, some, lambda few: _write(batch, few, making))
            advance(len(some))


def _unlisted(batch: Batch) -> list[_Job]:
    listed = {positive for (positive,) in batch.tables.values(NegativeList, ("positive_id",), batch.keys)}
    categories = {category.category: category for category in batch.alive}
    return [
        _Job(categories[row.category], row)
        for row in batch.tables.read(PositiveCaption, batch.keys)
        if row.outcome == "accepted" and row.positive_id not in listed
    ]


def _captions(batch: Batch) -> list[Other]:
    """Return every caption of the project by what is stored of it; their units are not needed, and not looked for."""
    return [
        Other(row.positive_id, row.category, Positive(str(row.caption), tuple(row.nouns), (), tuple(_said(row))))
        for row in batch.tables.read(PositiveCaption)
        if row.outcome == "accepted"
    ]


def _said(row: PositiveCaption) -> Iterator[Attribute]:
    for place, one in enumerate(stored_attributes(row)):
        yield Attribute(place, one.type, one.value, one.noun)


def _write(batch: Batch, jobs: Sequence[_Job], making: _Making) -> None:
    """Write the lists of some captions; one whose picture is gone is quarantined and gets an empty list."""
    recording = making.recording
    there: list[_Job] = []
    captioned: list[Captioned] = []
    lists: list[NegativeList] = []
    for job in jobs:
        try:
            captioned.append(_captioned(job.row, making))
            there.append(job)
        except (FileNotFoundError, UnreadableAnswer) as err:
            refused = _unusable(job.row, err)
            batch.quarantine(STAGE, job.row.category, refused)
            lists.append(recording.listed(job.row, MadeList(), 0, refused.reason))
    made = make_lists(recording.chat, captioned, making.rules)
    trivial = trivial_negatives(recording.chat, captioned, making.others, making.trivial, making.rules.verifier)
    sentences: list[HardNegative] = []
    for job, one, beside in zip(there, made, trivial, strict=True):
        if unanswered := one.unanswered or beside.unanswered:
            batch.fail(STAGE, job.category, Unanswered(unanswered))
            continue
        sentences += recording.sentences(job.row, one, beside)
        lists.append(recording.listed(job.row, one, len(beside.chosen), why_short(one)))
    batch.tables.append(sentences)
    batch.tables.append(lists)  # after its sentences: a list says that they are all there


def _captioned(row: PositiveCaption, making: _Making) -> Captioned:
    """Return a stored caption with its picture.

    Raises:
        FileNotFoundError: the picture is gone.
        UnreadableAnswer: the vocabulary has changed so that the caption would not be accepted now.
    """
    requested = msgspec.json.decode(row.requested, type=Requested)
    subject = Subject(row.kind, row.subject_id, row.category)
    picture = as_pictured(subject, requested, as_seen(making.images, row.image))
    return Captioned(picture, read_positive(str(row.caption), row.nouns, making.rules.vocabulary))


def _unusable(row: PositiveCaption, err: FileNotFoundError | UnreadableAnswer) -> RefusedItem:
    if isinstance(err, FileNotFoundError):
        return RefusedItem(row.image, "lost_picture", "the picture of a caption is not on disk")
    return RefusedItem(row.positive_id, "other_vocabulary", str(err), str(row.caption))
