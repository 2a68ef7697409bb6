"""Wiring of what an exported set needs of hard negatives: captions with their lists, and which are out of force."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from genval_assets.assets.real_images import still_named
from genval_assets.concepts.register import active
from genval_assets.instances.in_force import last_outcomes
from genval_assets.negative_rows import HardNegative, NegativeList, PositiveCaption
from genval_assets.ports import Photographs, Tables
from genval_assets.rows import Category, Reference, Verdict


@dataclass(frozen=True)
class CaptionContent:
    """The fields of `export.content.SetContent` that hold captions."""

    captions: tuple[PositiveCaption, ...] = ()
    negatives: tuple[HardNegative, ...] = ()
    negative_lists: tuple[NegativeList, ...] = ()
    spoilt_captions: tuple[PositiveCaption, ...] = ()
    gone_captions: tuple[PositiveCaption, ...] = ()
    withdrawn_captions: frozenset[str] = frozenset()


def gather_captions(tables: Tables, source: Photographs | None, categories: Collection[str] | None) -> CaptionContent:
    """Return the captions of pictures made for some categories with all that was written for them; None: for all."""
    captions = _last_word(tables.read(PositiveCaption, categories))
    if not captions:
        return CaptionContent()
    last = last_outcomes(tables.values(Verdict, ("instance_id", "outcome")))  # of all: trivial negatives quote others
    accepted = {instance for instance, outcome in last.items() if outcome == "accepted"}
    spoilt = [row for row in captions if row.kind == "instance" and row.subject_id not in accepted]
    gone = _of_gone_images(captions, source, tables)
    lost = {row.positive_id for row in (*spoilt, *gone)}
    return CaptionContent(
        captions=tuple(row for row in captions if row.positive_id not in lost),
        negatives=tuple(tables.read(HardNegative, categories)),
        negative_lists=tuple(tables.read(NegativeList, categories)),
        spoilt_captions=tuple(spoilt),
        gone_captions=tuple(gone),
        withdrawn_captions=frozenset(lost.union(_withdrawn(tables, accepted))),
    )


def _last_word(captions: Collection[PositiveCaption]) -> list[PositiveCaption]:
    """Return the captions without refusals of pictures that another model has described since."""
    described = {row.subject_id for row in captions if row.outcome == "accepted"}
    return [row for row in captions if row.outcome == "accepted" or row.subject_id not in described]


def _withdrawn(tables: Tables, accepted: Collection[str]) -> Iterator[str]:
    """Yield the captions, of all categories, whose category is retired or whose instance is refused now."""
    known = active(tables.read(Category))
    columns = ("positive_id", "category", "kind", "subject_id")
    for positive, category, kind, subject in tables.values(PositiveCaption, columns):
        if category not in known or (kind == "instance" and subject not in accepted):
            yield str(positive)


def _of_gone_images(
    captions: Collection[PositiveCaption], source: Photographs | None, tables: Tables
) -> list[PositiveCaption]:
    """Return the captions of real objects whose image the user's file no longer names."""
    real = [row for row in captions if row.kind == "real"]
    if not real:
        return []
    columns = ("reference_id", "image_id")
    stored = tables.values(Reference, columns, {row.category for row in real})
    image_of = {str(reference): int(str(image)) for reference, image in stored}
    named = still_named(source, {image_of[row.subject_id] for row in real})
    return [row for row in real if image_of[row.subject_id] not in named]
