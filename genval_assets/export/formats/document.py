"""What COCO and LVIS documents share: info, licence and the fields that lead back to genval's rows."""

import msgspec

from genval_assets.export.numbering import NumberedAnnotation, NumberedImage
from genval_assets.export.segmentation import Rle
from genval_assets.export.words import Document, Split

LICENCE_ID = 1
PICTURES_DESCRIBED = ("images/", "the pictures; file_name and coco_url begin at this folder's parent")


class Info(msgspec.Struct, frozen=True):
    """The document's head. It holds no time, so that the same rows give the same bytes."""

    description: str
    version: str
    newest_round: int  # of the scenes; 0 before any


class Licence(msgspec.Struct, frozen=True):
    """The one licence entry that all pictures name."""

    id: int
    name: str
    url: str


LICENCE = Licence(LICENCE_ID, "The licence of the pictures this set was made from applies", "")


class ImageOrigin(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a picture comes from: genval's `scenes` and what they name, or the user's own image."""

    scene_id: str | None = None
    category: str | None = None  # key of the one that the scene was made for
    background_id: str | None = None
    canvas: str | None = None  # yours | training | drawn; layout: drawn as a whole
    screened: str | None = None
    source_image_id: int | None = None  # in the user's file
    source_path: str | None = None  # below the user's image folder
    validation: bool = False  # the last two are of the user's validation file
    layout_image_id: str | None = None  # drawn as a whole from a layout: of genval's `layout_images`


class AnnotationOrigin(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where an object comes from, and what of it is hidden."""

    annotation_id: str | None = None
    instance_id: str | None = None  # pasted objects: a line of instances.jsonl
    source_annotation_id: int | None = None  # real objects: id in the user's file
    validation: bool = False  # which is the validation file
    visible_share: float | None = None  # visible / amodal area; unknown of objects drawn from a layout
    z: int | None = None  # 0 is the back; real objects are -1
    blend: str | None = None
    amodal: Rle | None = None  # the whole object, hidden parts included
    node_id: str | None = None  # objects drawn from a layout: of its scene graph


def document_path(document: Document, split: Split) -> str:
    """Return where a document stands in the set: training pictures have the plain name."""
    return f"annotations/{document}.json" if split == "train" else f"annotations/{document}_{split}.json"


def image_origin(image: NumberedImage) -> ImageOrigin:
    """Return the way back from a picture."""
    source_id = image.source.image_id if image.source else None
    source_path = image.source.path if image.source else None
    scene, background = image.scene, image.background
    if scene is None:
        return ImageOrigin(source_image_id=source_id, source_path=source_path, validation=image.validation)
    return ImageOrigin(
        scene_id=scene.scene_id,
        category=scene.category,
        background_id=scene.background_id,
        canvas=scene.canvas,
        screened=background.screened if background else None,
        source_image_id=source_id,
        source_path=source_path,
        layout_image_id=scene.layout_image_id,
    )


def annotation_origin(annotation: NumberedAnnotation) -> AnnotationOrigin:
    """Return the way back from an object."""
    row = annotation.row
    if row is None:
        source_id = annotation.source.annotation_id if annotation.source else None
        return AnnotationOrigin(source_annotation_id=source_id, validation=annotation.image.validation)
    size = (annotation.image.height, annotation.image.width)
    return AnnotationOrigin(
        annotation_id=row.annotation_id,
        instance_id=row.instance_id,
        source_annotation_id=row.source_annotation_id,
        visible_share=row.visible_share,
        z=row.z,
        blend=row.blend,
        amodal=None if row.amodal is None else Rle(size, row.amodal),
        node_id=row.node_id,
    )


def info(name: str, numbered_images: tuple[NumberedImage, ...]) -> Info:
    """Return the head of a set's documents."""
    newest = max((image.scene.round for image in numbered_images if image.scene), default=0)
    return Info(f"genval set {name}", "1", newest)
