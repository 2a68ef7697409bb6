"""The stage of FineGen in the chain: captions of accepted pictures, and their hard negatives."""

from collections.abc import Collection, Mapping, Sequence

from genval_assets.assets.captioning import Describing, caption_pictures
from genval_assets.assets.catalog import LISTS_CHECK
from genval_assets.assets.cost import metered
from genval_assets.assets.list_rows import Recording
from genval_assets.assets.listing import Listing, write_lists
from genval_assets.assets.recorded import RecordedChat
from genval_assets.assets.stage import Checked, Ports, Report, Stage
from genval_assets.assets.subjects import Subject, captioned_subjects, finished_subjects, wanted_subjects
from genval_assets.batches import Batch, by_category
from genval_assets.concepts.register import active
from genval_assets.negative_rows import HardNegative, NegativeList, PositiveCaption
from genval_assets.negatives.lists import Rules
from genval_assets.negatives.positive import STAGE
from genval_assets.negatives.quota import LEVELS
from genval_assets.negatives.verification import PictureVerifier
from genval_assets.negatives.vocabulary import vocabulary
from genval_assets.project import Project
from genval_assets.rows import Category

HARD = LEVELS[1]
FEW, LEAST = 10, 0.5
"""Of fewer captions the check says nothing; of more, at least this share must have all its negatives (our choice)."""


def _negatives(batch: Batch, project: Project, ports: Ports, _candidates: int) -> None:
    settings = project.settings.hard_negatives
    wanted = wanted_subjects(batch.tables, settings)
    done = finished_subjects(batch.tables, project.eyes, batch.keys)
    if not any(one.category in batch.keys and one.subject_id not in done for one in wanted):
        return
    words = vocabulary(settings.vocabulary)
    rules = Rules(settings.quota, settings.corrections, words, PictureVerifier(settings.verified_by, words))
    with (
        ports.photographs.open() as source,
        metered(batch, STAGE, model="chat") as meter,
        ports.chat.open() as model,
        meter.asking(RecordedChat(model, batch.tables, batch.run_id, batch.now)) as asked,
    ):
        captioned = captioned_subjects(batch.tables, project.eyes, batch.keys)
        missing = [one for one in wanted if one.category in batch.keys and one.subject_id not in captioned]
        caption_pictures(batch, missing, Describing(words, ports.images, source, asked, project.eyes), meter)
        listing = Listing(ports.images, rules, settings.trivial, Recording(batch, asked, settings))
        write_lists(batch, _in_force(batch, wanted), listing, meter)


def _in_force(batch: Batch, wanted: Collection[Subject]) -> list[PositiveCaption]:
    """Return the accepted captions, of all categories, of pictures that are still wanted."""
    subjects, active_keys = {one.subject_id for one in wanted}, active(batch.tables.read(Category))
    return [
        row
        for row in batch.tables.read(PositiveCaption)
        if row.outcome == "accepted" and row.subject_id in subjects and row.category in active_keys
    ]


def _report(batch: Batch, _project: Project, _ports: Ports) -> Mapping[str, Report]:
    captions = by_category(batch.tables.read(PositiveCaption, batch.keys))
    lists = by_category(batch.tables.read(NegativeList, batch.keys))
    columns = ("created_at", "category", "outcome", "level", "sentence")
    written = batch.tables.values(HardNegative, columns, batch.keys)
    shown = sorted((str(at), key, text) for at, key, how, level, text in written if how == "accepted" and level == HARD)
    newest = {str(key): str(text) for _, key, text in shown}
    return {key: _of_category(captions[key], lists[key], newest.get(key, "none")) for key in batch.keys}


def _of_category(captions: Sequence[PositiveCaption], lists: Sequence[NegativeList], newest: str) -> Report:
    accepted = [row for row in captions if row.outcome == "accepted"]
    short = sum(row.short for row in lists)
    passed = len(lists) < FEW or short <= (1 - LEAST) * len(lists)
    return Report(
        {
            "captions": len(accepted),
            "refused": len(captions) - len(accepted),
            "hard": sum(row.n_hard for row in lists),
            "medium": sum(row.n_medium for row in lists),
            "easy": sum(row.n_easy for row in lists),
            "trivial": sum(row.n_trivial for row in lists),
            "short_lists": short,
            "newest_caption": _newest(accepted, len(captions)),
            "newest_hard_negative": newest,
        },
        (Checked(LISTS_CHECK, passed, {"captions": len(lists), "short": short}),),
    )


def _newest(accepted: Sequence[PositiveCaption], tried: int) -> str:
    if accepted:
        return str(max(accepted, key=lambda row: row.created_at).caption)
    return "none was accepted" if tried else "none: [hard_negatives] pictures is 0, or there is no picture"


NEGATIVE_STAGE = Stage(STAGE, _negatives, _report)
