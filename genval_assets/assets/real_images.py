"""Which of the user's own training images may be merged into a set, each with all of its annotations or not at all."""

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from genval_assets.backgrounds.hashes import ValidationGuard, phash
from genval_assets.ports import Photographs
from genval_assets.rows import Category
from genval_assets.types import Concept, RefusedItem, SourceAnnotation, SourceImage


@dataclass(frozen=True)
class RealImages:
    """The images of the user's file by what becomes of them."""

    images: tuple[SourceImage, ...] = ()  # by id
    annotations: tuple[SourceAnnotation, ...] = ()  # of these images
    refused: tuple[RefusedItem, ...] = ()  # one per image that is left out


def still_named(source: Photographs | None, image_ids: Collection[int]) -> dict[int, SourceImage]:
    """Return the images that the user's file still names, by id."""
    found = {}
    if source is not None:
        for image_id in sorted(image_ids):
            with suppress(KeyError):
                found[image_id] = source.image(image_id)
    return found


class OtherCategories(ValueError):
    """Two annotation files mean different categories by one id."""


def refuse_other_categories(concepts: Iterable[Concept], categories: Iterable[Category]) -> None:
    """Refuse a validation file whose ids do not mean what those of the training file mean.

    Raises:
        OtherCategories: it names the first such id; categories that only one file has are no fault.
    """
    names = {row.source_id: row.name for row in categories}
    for concept in concepts:
        found = unicodedata.normalize("NFC", concept.name).strip()  # as the register cleans a name
        name = names.get(concept.source_id, found)
        if found != name:
            raise OtherCategories(
                f"category {concept.source_id} is {found!r} in [data] val and {name!r} in [data] coco; "
                "include_val needs the same ids in both files"
            )


def real_images(source: Photographs, guard: ValidationGuard) -> RealImages:
    """Return the images that can be exported whole; pixels are read only where there are validation pictures.

    Refused are images that hold an object without label (`incomplete`) or with a mask that cannot be decoded, those
    without a file (`picture_missing`) or whose file shows something else to some readers (`exif_orientation`,
    `size_mismatch`, `picture_unreadable`), and validation pictures with their near-duplicates (`validation_image`).
    """
    images: list[SourceImage] = []
    annotations: list[SourceAnnotation] = []
    refused: list[RefusedItem] = []
    for image in source.images():
        found = source.of_image(image.image_id)
        try:
            _refuse_unfit(source, image, found, guard)
        except RefusedItem as refusal:
            refused.append(refusal)
            continue
        images.append(image)
        annotations += found
    return RealImages(tuple(images), tuple(annotations), tuple(refused))


def _refuse_unfit(
    source: Photographs, image: SourceImage, found: Sequence[SourceAnnotation], guard: ValidationGuard
) -> None:
    item = f"image {image.image_id}"
    if not image.complete:
        raise RefusedItem(item, "incomplete", "one of its annotations was refused; all must be usable to export it")
    source.refuse_unlike_stored(image.image_id)
    for annotation in found:
        source.mask(annotation)
    if guard.hashes and guard.is_validation(phash(source.pixels(image.image_id))):
        raise RefusedItem(item, "validation_image", f"within {guard.distance} bits of a validation picture")
