"""The set as Hugging Face's ImageFolder: a folder of pictures per split, and one line of JSON for each picture.

`datasets` takes the type of a column from what stands in it, and refuses splits that differ: so no field is ever null
(`genval` is JSON text), all coordinates are decimals, and names stand in `classes.json`, as a name such as 2026-01-02
would become a time.
"""

from pathlib import PurePosixPath

import msgspec

from genval_assets.export.content import PictureBytes
from genval_assets.export.formats.classes import CLASSES, CLASSES_DESCRIBED, class_table
from genval_assets.export.formats.features import SPLIT_NAMES, NotLoadable, front_matter, picture_row, refuse_empty
from genval_assets.export.formats.record import picture_record
from genval_assets.export.numbering import NumberedImage
from genval_assets.export.prepared import Prepared
from genval_assets.export.words import Split
from genval_assets.export.written import Holds, Written

METADATA = "metadata.jsonl"


def write(prepared: Prepared, _picture: PictureBytes) -> Written:
    """Return the set as one folder per split.

    Raises:
        NotLoadable: the set has no pictures; or a split holds no object, but another one does.
    """
    refuse_empty(prepared)
    _refuse_untyped(prepared)
    splits = prepared.splits
    described = (
        (f"{SPLIT_NAMES[split]}/", "pictures, and metadata.jsonl with their objects, for datasets.load_dataset")
        for split in splits
    )
    return Written(
        files=(
            *((f"{SPLIT_NAMES[split]}/{METADATA}", metadata(prepared, split)) for split in splits),
            (CLASSES, class_table(prepared)),
        ),
        links=tuple(
            (f"{SPLIT_NAMES[image.split]}/{_name(image)}", prepared.picture_source(image))
            for image in prepared.numbered.images
        ),
        holds=Holds(crowds=True, masks="exact"),
        described=(*described, CLASSES_DESCRIBED),
        front_matter=front_matter({split: f"{SPLIT_NAMES[split]}/**" for split in splits}),
    )


def metadata(prepared: Prepared, split: Split) -> bytes:
    """Return `metadata.jsonl` of a split.

    Pictures without objects are last: `datasets` takes the types from the first 10 MB.
    """
    images = sorted(prepared.images_of(split), key=lambda image: not prepared.of_image[image.image_id])
    return b"".join(_line(prepared, image) for image in images)


def _line(prepared: Prepared, image: NumberedImage) -> bytes:
    row = {"file_name": _name(image)} | picture_row(picture_record(prepared, image), _text)
    return msgspec.json.encode(row) + b"\n"


def _text(origin: msgspec.Struct) -> str:
    return msgspec.json.encode(origin).decode()


def _name(image: NumberedImage) -> str:
    return PurePosixPath(image.file).name


def _refuse_untyped(prepared: Prepared) -> None:
    objects = {
        split: sum(len(prepared.of_image[image.image_id]) for image in prepared.images_of(split))
        for split in prepared.splits
    }
    bare = [split for split, n in objects.items() if n == 0]
    if bare and len(bare) < len(objects):
        raise NotLoadable(
            f"the {bare[0]} split of {prepared.name} has pictures but no object: Hugging Face's datasets could not "
            "tell what its lists hold, and would load no split. Choose other shares, or export as hf"
        )
