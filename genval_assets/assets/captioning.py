"""Wiring of the first part of `hard_negatives`: a caption for every accepted picture that should have negatives."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from genval_assets import keys
from genval_assets.assets.asking import answered
from genval_assets.assets.cost import chunks, metered
from genval_assets.assets.picturing import Known, as_seen, known_pictures, stored_picture
from genval_assets.assets.recorded import RecordedChat
from genval_assets.assets.subjects import Subject, wanted_subjects
from genval_assets.batches import Batch
from genval_assets.chat.ask import Reply, ask_all
from genval_assets.model_ports import Chat
from genval_assets.negative_rows import PositiveCaption
from genval_assets.negatives.picture import Pictured, Thing
from genval_assets.negatives.positive import STAGE, Positive, PositiveQuestion
from genval_assets.negatives.settings import NegativeSettings
from genval_assets.negatives.stored import stored_form
from genval_assets.negatives.vocabulary import Vocabulary, spoken_tokens
from genval_assets.ports import Images, Photographs, PhotographSource
from genval_assets.rows import Category
from genval_assets.types import RefusedItem, Rgb

CAPTIONS_PER_FLUSH = 32


class Requested(msgspec.Struct, frozen=True):
    """What a caption's row keeps of what was asked for."""

    complete: bool  # nothing of its categories stands in the picture beyond these things
    things: tuple[Thing, ...]


@dataclass(frozen=True)
class _Job:
    category: Category
    known: Known


def caption_pictures(
    batch: Batch,
    settings: NegativeSettings,
    vocabulary: Vocabulary,
    images: Images,
    photographs: PhotographSource,
    chat: Chat,
) -> None:
    """Write and store the captions that the batch's pictures lack; what was refused is stored and not tried again."""
    jobs = _uncaptioned(batch, settings, vocabulary)
    if not jobs:
        return
    with (
        photographs.open() as source,
        metered(batch, STAGE, model="chat") as meter,
        chat.open() as model,
        meter.asking(RecordedChat(model, batch.tables, batch.run_id, batch.now)) as asked,
        batch.progress.stage(f"{STAGE}, captions", len(jobs)) as advance,
    ):
        for some in chunks(jobs, CAPTIONS_PER_FLUSH):
            batch.stop_here()
            batch.attempt_together(STAGE, some, lambda few: _caption(batch, few, vocabulary, images, source, asked))
            meter.items += sum(job.category.category not in batch.failed for job in some)
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
        seed=keys.seed_of(STAGE, subject.kind, subject.subject_id),
    )


def _uncaptioned(batch: Batch, settings: NegativeSettings, vocabulary: Vocabulary) -> list[_Job]:
    captioned = {subject for (subject,) in batch.tables.values(PositiveCaption, ("subject_id",), batch.keys)}
    wanted = wanted_subjects(batch.tables, settings, batch.keys)
    missing = [subject for subject in wanted if subject.subject_id not in captioned]
    categories = {category.category: category for category in batch.alive}
    known = known_pictures(batch, missing, vocabulary) if missing else []
    return [_Job(categories[one.subject.category], one) for one in known]


def _caption(
    batch: Batch,
    jobs: Sequence[_Job],
    vocabulary: Vocabulary,
    images: Images,
    photographs: Photographs | None,
    chat: RecordedChat,
) -> None:
    """Caption pictures; one that is gone is quarantined and gets none."""
    there = list(_stored(batch, jobs, images, photographs, chat))
    questions = [
        PositiveQuestion(as_pictured(job.known.subject, _requested(job.known), as_seen(images, path)), vocabulary)
        for job, path in there
    ]
    replies = ask_all(chat, questions)
    batch.tables.append(
        [
            _row(batch, job, path, questions[i].pictured.seed, reply, chat)
            for i, reply in answered(batch, STAGE, [job for job, _ in there], replies)
            for job, path in [there[i]]
        ]
    )


def _stored(
    batch: Batch, jobs: Sequence[_Job], images: Images, photographs: Photographs | None, chat: RecordedChat
) -> Iterator[tuple[_Job, str]]:
    """Yield the jobs whose picture is there, with its path."""
    for job in jobs:
        try:
            yield job, stored_picture(job.known, images, photographs)
        except RefusedItem as err:
            batch.quarantine(STAGE, job.category.category, err)
            seed = keys.seed_of(STAGE, job.known.subject.kind, job.known.subject.subject_id)
            batch.tables.append([_row(batch, job, "", seed, Reply(None, (), reasons=(err.reason,)), chat)])


def _requested(known: Known) -> Requested:
    return Requested(known.complete, known.things)


def _row(batch: Batch, job: _Job, image: str, seed: int, reply: Reply[Positive], chat: RecordedChat) -> PositiveCaption:
    subject, positive = job.known.subject, reply.value
    said = stored_form(positive) if positive else []
    return PositiveCaption(
        positive_id=keys.recipe("positives", kind=subject.kind, subject_id=subject.subject_id),
        run_id=batch.run_id,
        created_at=batch.now,
        category=subject.category,
        kind=subject.kind,
        subject_id=subject.subject_id,
        image=image,
        outcome="refused" if positive is None else "accepted",
        caption=None if positive is None else positive.text,
        nouns=[] if positive is None else list(positive.nouns),
        attributes=msgspec.json.encode(said).decode(),
        n_attributes=len(said),
        n_words=0 if positive is None else sum(token[0].isalnum() for token in spoken_tokens(positive.text)),
        requested=msgspec.json.encode(_requested(job.known)).decode(),
        faults=list(reply.reasons),
        model=chat.model,
        revision=chat.revision,
        seed=seed,
    )
