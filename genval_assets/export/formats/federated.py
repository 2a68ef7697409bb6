"""Which categories of a picture are verified absent, and which are not annotated everywhere (LVIS's two lists).

In a federated dataset a category is checked in some pictures only. A loader takes a category that is on neither list
and has annotations as annotated everywhere in that picture: a pasted category must earn that.
"""

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass

from genval_assets.export.numbering import NumberedAnnotation, NumberedImage
from genval_assets.rows import Category


@dataclass(frozen=True)
class FederatedLists:
    """Category ids as exported, ascending. A category with annotations is never in `negative`."""

    negative: tuple[int, ...]  # verified to be absent
    not_exhaustive: tuple[int, ...]  # present, but some objects of it may lack an annotation


@dataclass(frozen=True)
class Present:
    """The category ids of one picture's objects, by what is known of them."""

    pasted: Set[int]
    real: Set[int]  # annotated by the user's file, regions to ignore included
    ignored: Set[int]  # with a region that LVIS cannot hold (crowds, slivers): it is left out of the annotations


def present(annotations: Sequence[NumberedAnnotation]) -> Present:
    """Return what one picture shows, from its annotations."""
    pasted = {a.category_id for a in annotations if a.origin == "pasted"}
    real = {a.category_id for a in annotations if a.origin == "real"}
    return Present(pasted, real, {a.category_id for a in annotations if a.iscrowd})


def federated_lists(image: NumberedImage, found: Present, categories: dict[int, Category]) -> FederatedLists:
    """Return the two lists of a picture.

    The picture under the objects decides what may be promised of a pasted category:

    - the user's image with lists (LVIS): a category that was verified absent loses that entry and is complete with
      what was pasted; one annotated before keeps its state; one that nobody had looked for is not exhaustive;
    - the user's image without lists (COCO): complete, if the user's file has the category at all;
    - a background drawn without countable things, or searched by a detector: complete;
    - an unscreened background: not exhaustive.

    A picture drawn as a whole from a layout is complete in the categories that it has objects of, but for those that
    were seen in it and not annotated everywhere.

    Negatives are taken from the user's lists alone: no other picture was verified by people (our choice).
    """
    if image.scene is not None and image.drawn is not None:
        return _of_drawn(image.scene.not_exhaustive or (), found, categories)
    source = image.source
    if source is None:
        assert image.background is not None
        doubtful = found.pasted | found.ignored if image.background.screened == "unscreened" else found.ignored
        return FederatedLists((), tuple(sorted(doubtful)))
    negative = set(source.neg_category_ids or ()) & categories.keys()
    kept = set(source.not_exhaustive_category_ids or ()) & categories.keys()
    if source.neg_category_ids is None:
        unknown: Set[int] = {number for number in found.pasted if categories[number].source_id is None}
    else:
        unknown = found.pasted - negative - found.real
    return FederatedLists(
        negative=tuple(sorted(negative - found.pasted - found.real)),
        not_exhaustive=tuple(sorted(kept | unknown | found.ignored)),
    )


def _of_drawn(not_exhaustive: Collection[str], found: Present, categories: dict[int, Category]) -> FederatedLists:
    seen = {number for number, category in categories.items() if category.category in not_exhaustive}
    return FederatedLists((), tuple(sorted(seen | found.ignored)))
