"""The set as one LVIS v1 document (lvis-api; Detectron2 where masks are polygons: its loader refuses run lengths)."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from genval_assets.export.content import PictureBytes
from genval_assets.export.formats.classes import CLASSES, CLASSES_DESCRIBED, class_table
from genval_assets.export.formats.document import (
    LICENCE,
    LICENCE_ID,
    PICTURES_DESCRIBED,
    AnnotationOrigin,
    ImageOrigin,
    Info,
    Licence,
    annotation_origin,
    document_path,
    image_origin,
    info,
)
from genval_assets.export.formats.federated import federated_lists, present
from genval_assets.export.numbering import NumberedAnnotation, NumberedImage
from genval_assets.export.prepared import Prepared
from genval_assets.export.segmentation import Segmentation, Segmentations, segmentations
from genval_assets.export.words import Split
from genval_assets.export.written import Holds, Written
from genval_assets.rows import Category
from genval_assets.types import Xywh

Frequency = Literal["r", "c", "f"]
ABSENT_CROWDS = "regions to ignore: LVIS has none, their categories are not exhaustive in these pictures"


class LvisImage(msgspec.Struct, frozen=True):
    """One picture. Readers resolve `coco_url` by its last two parts, below the set's folder."""

    id: int
    file_name: str
    coco_url: str
    flickr_url: str
    date_captured: str
    width: int
    height: int
    license: int
    neg_category_ids: tuple[int, ...]
    not_exhaustive_category_ids: tuple[int, ...]
    genval: ImageOrigin


class LvisAnnotation(msgspec.Struct, frozen=True):
    """One object. LVIS knows no crowds: regions to ignore are left out and their category is not exhaustive."""

    id: int
    image_id: int
    category_id: int
    bbox: Xywh
    area: float
    segmentation: Segmentation
    genval: AnnotationOrigin


class OriginalCounts(msgspec.Struct, frozen=True):
    """What the user's file says of a category, before anything was added."""

    category: str  # genval's key
    original_frequency: str | None
    original_image_count: int
    original_instance_count: int


class LvisCategory(msgspec.Struct, frozen=True, rename={"definition": "def"}):
    """One category: its frequency as it was, its counts as they are in this file."""

    id: int
    name: str
    synset: str
    synonyms: list[str]
    definition: str
    image_count: int
    instance_count: int
    frequency: Frequency
    genval: OriginalCounts


class LvisDocument(msgspec.Struct, frozen=True):
    """The whole file."""

    info: Info
    licenses: list[Licence]
    categories: list[LvisCategory]
    images: list[LvisImage]
    annotations: list[LvisAnnotation]


def write(prepared: Prepared, _picture: PictureBytes) -> Written:
    """Return the set as one LVIS document per split, and its pictures."""
    countable = tuple(a for a in prepared.numbered.annotations if not a.iscrowd)
    masks = segmentations(countable, prepared.settings.masks_of("lvis"), prepared.masks)
    crowds = len(prepared.numbered.annotations) - len(countable)
    documents = ((document_path("lvis", split), lvis_document(prepared, split, masks)) for split in prepared.splits)
    return Written(
        files=(*documents, (CLASSES, class_table(prepared))),
        links=prepared.links,
        holds=Holds(crowds=False, masks="exact" if masks.loss is None else "polygons"),
        described=(
            *((document_path("lvis", split), f"LVIS v1, {split}") for split in prepared.splits),
            (CLASSES, f"{CLASSES_DESCRIBED[1]}. {_loading(prepared, masks)}"),
            PICTURES_DESCRIBED,
        ),
        losses=() if masks.loss is None else (masks.loss,),
        absent=((ABSENT_CROWDS, crowds),) if crowds else (),
    )


def _loading(prepared: Prepared, masks: Segmentations) -> str:
    """Return how Detectron2 takes the file: its loader expects the ids of LVIS itself, from 1 without gaps."""
    if masks.loss is None:
        return "lvis-api reads run lengths; Detectron2's load_lvis_json takes polygons alone and refuses this set"
    ids = list(prepared.numbered.categories)
    takes = "Detectron2's load_lvis_json (image_root: this folder with a slash at its end; no dataset_name) takes "
    if ids == list(range(1, len(ids) + 1)):
        return takes + "category id - 1 as the class, which is the index here"
    return (
        takes + "category id - 1 as the class, which is NOT the index here: the ids of this set do not count from 1 "
        "without gaps. Put the index in its place; load_coco_json does so by itself"
    )


def lvis_document(prepared: Prepared, split: Split, masks: Segmentations) -> bytes:
    """Return the JSON of a split, with the same ids as its COCO document (ids of omitted regions are gaps)."""
    categories = dict(prepared.numbered.categories)
    images = prepared.images_of(split)
    countable = [a for image in images for a in prepared.of_image[image.image_id] if not a.iscrowd]
    document = LvisDocument(
        info=info(prepared.name, images),
        licenses=[LICENCE],
        categories=_categories(categories, countable),
        images=[_image(image, prepared.of_image[image.image_id], categories) for image in images],
        annotations=[
            LvisAnnotation(
                id=a.annotation_id,
                image_id=a.image.image_id,
                category_id=a.category_id,
                bbox=a.box,
                area=a.area,
                segmentation=masks.by_id[a.annotation_id],
                genval=annotation_origin(a),
            )
            for a in countable
        ],
    )
    return msgspec.json.encode(document)


def frequency(category: Category) -> Frequency:
    """Return the group that LVIS's AP_r, AP_c, AP_f put a category in, by real images: up to 10, up to 100, more.

    The user's file has the word where it speaks; a set does not make a rare category common.
    """
    match category.frequency:
        case "r" | "c" | "f" as word:
            return word
    return "r" if category.image_count <= 10 else "c" if category.image_count <= 100 else "f"


def _image(
    image: NumberedImage, annotations: Sequence[NumberedAnnotation], categories: dict[int, Category]
) -> LvisImage:
    lists = federated_lists(image, present(annotations), categories)
    return LvisImage(
        id=image.image_id,
        file_name=image.file,
        coco_url=image.file,
        flickr_url="",
        date_captured="",
        width=image.width,
        height=image.height,
        license=LICENCE_ID,
        neg_category_ids=lists.negative,
        not_exhaustive_category_ids=lists.not_exhaustive,
        genval=image_origin(image),
    )


def _categories(categories: dict[int, Category], countable: list[NumberedAnnotation]) -> list[LvisCategory]:
    instances = dict.fromkeys(categories, 0)
    images: dict[int, set[int]] = {number: set() for number in categories}
    for annotation in countable:
        instances[annotation.category_id] += 1
        images[annotation.category_id].add(annotation.image.image_id)
    return [
        LvisCategory(
            id=number,
            name=c.name,
            synset=c.synset or "",
            synonyms=c.synonyms or [c.name],
            definition=c.definition or "",
            image_count=len(images[number]),
            instance_count=instances[number],
            frequency=frequency(c),
            genval=OriginalCounts(c.category, c.frequency, c.image_count, c.instance_count),
        )
        for number, c in categories.items()
    ]
