"""The set as Parquet shards with the pictures inside, as `datasets.load_dataset(folder)` reads them.

Where a picture and its objects come from are struct columns named `genval`, as in every other format: `genval.scene_id`
is a column to DuckDB, `.struct.field("scene_id")` one to polars, and no field is text that would have to be parsed.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from io import BytesIO
from pathlib import PurePosixPath

import msgspec
import polars as pl

from genval_assets.export.content import PictureBytes
from genval_assets.export.formats.classes import CLASSES, CLASSES_DESCRIBED, class_table
from genval_assets.export.formats.features import (
    SPLIT_NAMES,
    arrow_features,
    front_matter,
    picture_columns,
    picture_row,
    polars_schema,
    refuse_empty,
)
from genval_assets.export.formats.record import picture_record
from genval_assets.export.numbering import NumberedImage
from genval_assets.export.prepared import Prepared
from genval_assets.export.written import Holds, Written

PIXELS_PER_SHARD = 150_000_000
"""A shard is made in memory: these are 500 pictures of COCO, 12 of a camera with 12 megapixels; JPEG has 1/2 byte each.

Pixels are known before a picture is read, and so are the names of the shards.
"""
PICTURES_PER_SHARD = 2000
"""Of small pictures, whose rows weigh more than their pixels: 20,000 of 64 x 48 px in one shard took 600 MB."""
PICTURES_TOGETHER = 50
"""Pictures per row group, which readers hold in memory at once."""
ARROW_SCHEMA, HIDDEN_SCHEMA = b"\x0cARROW:schema\x18", b"\x0cpolars:arrow\x18"
"""A key of the footer as Thrift writes it: its length, the key, and the head of the value."""


def write(prepared: Prepared, picture: PictureBytes) -> Written:
    """Return the set as shards per split.

    Raises:
        NotLoadable: the set has no pictures.
    """
    refuse_empty(prepared)
    names = [category.name for category in prepared.numbered.categories.values()]
    columns = picture_columns(names)
    features = arrow_features(columns)
    schema = pl.Schema(polars_schema(columns))
    shards = []
    for split in prepared.splits:
        groups = list(_groups(prepared.images_of(split)))
        for i, images in enumerate(groups):
            path = f"data/{SPLIT_NAMES[split]}-{i:05d}-of-{len(groups):05d}.parquet"
            shards.append((path, partial(_shard, prepared, images, picture, schema, features)))
    patterns = {split: f"data/{SPLIT_NAMES[split]}-*.parquet" for split in prepared.splits}
    return Written(
        files=(*shards, (CLASSES, class_table(prepared))),
        links=(),
        holds=Holds(crowds=True, masks="exact"),
        described=(
            ("data/", "Parquet shards with the pictures and their objects, for datasets.load_dataset and any query"),
            CLASSES_DESCRIBED,
        ),
        front_matter=front_matter(patterns, columns),
    )


def _groups(images: Iterable[NumberedImage]) -> Iterator[list[NumberedImage]]:
    """Yield the pictures of each shard, in order; a picture of more pixels than a shard has one of its own."""
    group: list[NumberedImage] = []
    pixels = 0
    for image in images:
        pixels += image.width * image.height
        if len(group) == PICTURES_PER_SHARD or (group and pixels > PIXELS_PER_SHARD):
            yield group
            group, pixels = [], image.width * image.height
        group.append(image)
    yield group


def _shard(
    prepared: Prepared, images: list[NumberedImage], picture: PictureBytes, schema: pl.Schema, features: str
) -> bytes:
    rows = [
        {"image": {"bytes": picture(prepared.picture_source(image)), "path": PurePosixPath(image.file).name}}
        | picture_row(picture_record(prepared, image), msgspec.to_builtins)
        for image in images
    ]
    frame = pl.DataFrame(rows, schema=schema)
    del rows  # the pictures are in the frame now
    file = BytesIO()
    frame.write_parquet(file, metadata={"huggingface": features}, row_group_size=PICTURES_TOGETHER)
    _hide_arrow_schema(file)
    return file.getvalue()


def _hide_arrow_schema(file: BytesIO) -> None:
    """Rename the key under which polars stores its Arrow schema, in place.

    pyarrow believes that schema more than the file: its `large_binary` is no picture to `datasets`, and the other keys,
    `huggingface` too, are dropped. Without it columns are what Parquet says they are, and keys are seen. The last
    occurrence is the key itself: what follows is base64 and JSON, neither of which holds control characters.
    """
    with file.getbuffer() as content:
        start = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
        at = start + bytes(content[start:]).rindex(ARROW_SCHEMA)
        content[at : at + len(ARROW_SCHEMA)] = HIDDEN_SCHEMA
