"""The stage of FineGen in the chain: captions of accepted pictures, and their hard negatives."""

from collections.abc import Mapping, Sequence

from genval_assets.assets.captioning import caption_pictures
from genval_assets.assets.catalog import LISTS_CHECK
from genval_assets.assets.negatives import write_negatives
from genval_assets.assets.stage import Checked, Ports, Report, Stage
from genval_assets.batches import Batch, by_category
from genval_assets.negative_rows import HardNegative, NegativeList, PositiveCaption
from genval_assets.negatives.positive import STAGE
from genval_assets.negatives.vocabulary import vocabulary
from genval_assets.project import Project

FEW, LEAST = 10, 0.5
"""Of fewer captions the check says nothing; of more, at least this share must have all its negatives (our choice)."""


def _negatives(batch: Batch, project: Project, ports: Ports, _candidates: int) -> None:
    settings = project.settings.hard_negatives
    if settings.pictures:
        words = vocabulary(settings.vocabulary)
        caption_pictures(batch, settings, words, ports.images, ports.photographs, ports.chat)
        write_negatives(batch, settings, words, ports.images, ports.chat)


def _report(batch: Batch, _project: Project, _ports: Ports) -> Mapping[str, Report]:
    captions = by_category(batch.tables.read(PositiveCaption, batch.keys))
    lists = by_category(batch.tables.read(NegativeList, batch.keys))
    columns = ("category", "outcome", "sentence")
    newest = {
        str(c): str(s)
        for c, outcome, s in batch.tables.values(HardNegative, columns, batch.keys)
        if outcome == "accepted"
    }
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
            "newest_caption": str(accepted[-1].caption) if accepted else "none: [hard_negatives] pictures is 0",
            "newest_negative": newest,
        },
        (Checked(LISTS_CHECK, passed, {"captions": len(lists), "short": short}),),
    )


NEGATIVE_STAGE = Stage(STAGE, _negatives, _report)
