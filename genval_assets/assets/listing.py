"""Wiring of the second part of `hard_negatives`: sentences that are almost a caption and false of its picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from genval_assets.assets.captioning import as_pictured
from genval_assets.assets.cost import Meter, chunks
from genval_assets.assets.list_rows import Recording, why_short
from genval_assets.assets.picturing import as_seen
from genval_assets.assets.subjects import Subject
from genval_assets.batches import Batch
from genval_assets.chat.answers import UnreadableAnswer
from genval_assets.chat.ask import Unanswered
from genval_assets.negative_rows import HardNegative, NegativeList, PositiveCaption
from genval_assets.negatives.lists import MadeList, Rules, make_lists
from genval_assets.negatives.positive import STAGE, read_positive
from genval_assets.negatives.stored import Requested, stated_positive, stored_attributes, stored_form
from genval_assets.negatives.trivial import Other, Ring, Trivials, trivial_negatives
from genval_assets.negatives.verification import Captioned
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
class Listing:
    """What all lists of a run are made with."""

    images: Images
    rules: Rules
    trivial: int  # captions of other pictures that each list should have beside
    recording: Recording


def write_lists(batch: Batch, captions: Sequence[PositiveCaption], listing: Listing, meter: Meter) -> None:
    """Write and store the negatives of the batch's captions that have none; a short list is marked, never filled up.

    Args:
        batch: whose categories are worked.
        captions: the accepted ones of the whole project whose pictures are in force: the trivial negatives of others.
        listing: what lists are made with.
        meter: counts what is stored.
    """
    listed = {positive for (positive,) in batch.tables.values(NegativeList, ("positive_id",), batch.keys)}
    categories = {category.category: category for category in batch.alive}
    jobs = [
        _Job(categories[row.category], row)
        for row in captions
        if row.category in categories and row.positive_id not in listed
    ]
    if not jobs:
        return
    ring = Ring([Other(row.positive_id, row.category, stated_positive(row)) for row in captions])
    with batch.progress.stage(f"{STAGE}, negatives", len(jobs)) as advance:
        for some in chunks(jobs, LISTS_PER_FLUSH):
            batch.stop_here()
            batch.attempt_together(STAGE, some, lambda few: _write(batch, few, listing, ring, meter))
            advance(len(some))


def _write(batch: Batch, jobs: Sequence[_Job], listing: Listing, ring: Ring, meter: Meter) -> None:
    """Write the lists of some captions; one that cannot be worked on is quarantined and gets an empty list."""
    recording = listing.recording
    there: list[_Job] = []
    captioned: list[Captioned] = []
    lists: list[NegativeList] = []
    for job in jobs:
        try:
            captioned.append(_captioned(job.row, listing))
            there.append(job)
        except RefusedItem as err:
            batch.quarantine(STAGE, job.row.category, err)
            lists.append(recording.listed(job.row, MadeList(), 0, err.reason))
    made = make_lists(recording.chat, captioned, listing.rules)
    trivial = _trivial(captioned, made, listing, ring)
    sentences: list[HardNegative] = []
    for job, one, beside in zip(there, made, trivial, strict=True):
        if unanswered := one.unanswered or beside.unanswered:
            batch.fail(STAGE, job.category, Unanswered(unanswered))
            continue
        sentences += recording.sentences(job.row, one, beside)
        lists.append(recording.listed(job.row, one, len(beside.chosen), why_short(one)))
    batch.tables.append(sentences)
    batch.tables.append(lists)  # after its sentences: a list says that they are all there
    meter.items += len(lists)


def _trivial(captioned: Sequence[Captioned], made: Sequence[MadeList], listing: Listing, ring: Ring) -> list[Trivials]:
    """Return what each list has beside; one whose caption is in doubt has none, whatever one more look would say."""
    sure = [i for i, one in enumerate(made) if not one.doubted]
    asked = [captioned[i] for i in sure]
    found = trivial_negatives(listing.recording.chat, asked, ring, listing.trivial, listing.rules.verifier)
    by_place = dict(zip(sure, found, strict=True))
    return [by_place.get(i, Trivials()) for i in range(len(made))]


def _captioned(row: PositiveCaption, listing: Listing) -> Captioned:
    """Return a stored caption with its picture.

    Raises:
        RefusedItem: the picture is gone, or the vocabulary has changed so that the caption reads otherwise now.
    """
    requested = msgspec.json.decode(row.requested, type=Requested)
    subject = Subject(row.kind, row.subject_id, row.category)
    try:
        picture = as_pictured(subject, requested, as_seen(listing.images, row.image))
        positive = read_positive(str(row.caption), row.nouns, listing.rules.vocabulary)
    except FileNotFoundError as err:
        raise RefusedItem(row.image, "lost_picture", "the picture of a caption is not on disk") from err
    except UnreadableAnswer as err:
        raise RefusedItem(row.positive_id, "other_vocabulary", str(err), str(row.caption)) from err
    if stored_form(positive) != stored_attributes(row):
        why = "its attributes are others by the vocabulary of now"
        raise RefusedItem(row.positive_id, "other_vocabulary", why, str(row.caption))
    return Captioned(picture, positive)
