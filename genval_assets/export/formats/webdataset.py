"""The set as WebDataset shards: tar files in which each picture lies beside a JSON of its objects."""

import hashlib
import tarfile
from collections.abc import Iterator
from functools import partial
from io import BytesIO

import msgspec
from PIL import Image

from genval_assets.export.content import PictureBytes
from genval_assets.export.formats.classes import CLASSES, CLASSES_DESCRIBED, class_table
from genval_assets.export.formats.record import picture_record
from genval_assets.export.numbering import NumberedImage
from genval_assets.export.prepared import Prepared
from genval_assets.export.read_set import picture_key
from genval_assets.export.words import Split
from genval_assets.export.written import Holds, Written

INDEX = "dataset.json"
PICTURES_PER_SHARD = 500
"""Our choice: about 200 MB of 1024 x 1024 px scenes; a set of 10,000 has shards for 20 workers of a loader."""
EXTENSIONS = {
    "JPEG": "jpg",
    "MPO": "jpg",  # a JPEG with more pictures after it: cameras write them
    "PNG": "png",
    "WEBP": "webp",
    "AVIF": "avif",
    "GIF": "gif",
    "BMP": "bmp",
    "TIFF": "tif",
    "PPM": "ppm",
}
"""Pillow's formats and the ending of their members.

The ending of the user's file is not taken: loaders choose a decoder by it, and that of `.pyd` runs what it reads.
"""
OPENED = tuple(name for name in EXTENSIONS if name != "MPO")
"""Pillow opens MPO through JPEG, and knows no such name itself."""


class UnknownPicture(ValueError):
    """A picture is of no format that members are named for, or damaged."""


class ShardSeries(msgspec.Struct, frozen=True):
    """The shards of a split."""

    split: Split
    shards: str  # all of them as one pattern, in the brace form that WebDataset expands
    n_shards: int
    pictures: int


class ShardIndex(msgspec.Struct, frozen=True):
    """What `dataset.json` says: a split without pictures has no shards and is not named."""

    name: str
    classes: str  # file with index, category id, key and name of each class
    splits: list[ShardSeries]


def shard_path(split: Split, number: int) -> str:
    """Return where a shard stands in the set; numbers begin with 0."""
    return f"{split}-{number:06d}.tar"


def write(prepared: Prepared, picture: PictureBytes) -> Written:
    """Return the set as shards, each of which reads its pictures when it is made.

    Pictures lie in the order of their keys' SHA-256, so that each shard holds a mix: loaders shuffle shards and the
    few pictures of a buffer, and the set's own order would give them one category at a time.
    """
    series = [one for one in map(partial(_series, prepared), prepared.splits) if one.pictures]
    index = ShardIndex(prepared.name, CLASSES, series)
    return Written(
        files=(
            (INDEX, msgspec.json.format(msgspec.json.encode(index), indent=2)),
            (CLASSES, class_table(prepared)),
            *(shard for one in series for shard in _shards(prepared, one.split, picture)),
        ),
        links=(),
        holds=Holds(crowds=True, masks="exact"),
        described=(
            *((shard_path(one.split, 0), _described(one)) for one in series),
            (INDEX, "the shards of each split as one pattern" if series else "no shards: the set has no pictures"),
            CLASSES_DESCRIBED,
        ),
    )


def _series(prepared: Prepared, split: Split) -> ShardSeries:
    pictures = len(prepared.images_of(split))
    n_shards = -(-pictures // PICTURES_PER_SHARD)
    return ShardSeries(split, f"{split}-{{000000..{max(n_shards - 1, 0):06d}}}.tar", n_shards, pictures)


def _described(series: ShardSeries) -> str:
    following = f"and the {series.n_shards - 1} after it: " if series.n_shards > 1 else ""
    return (
        f"{following}{series.pictures} pictures for {series.split}, unchanged, each with a JSON of its objects "
        "(class index, category id, box in px, area, iscrowd, exact mask as COCO run lengths)"
    )


def _shards(prepared: Prepared, split: Split, picture: PictureBytes) -> Iterator[tuple[str, partial[bytes]]]:
    mixed = sorted(prepared.images_of(split), key=lambda image: hashlib.sha256(picture_key(image).encode()).digest())
    for number, start in enumerate(range(0, len(mixed), PICTURES_PER_SHARD)):
        chosen = tuple(mixed[start : start + PICTURES_PER_SHARD])
        yield shard_path(split, number), partial(_shard, prepared, chosen, picture)


def _shard(prepared: Prepared, images: tuple[NumberedImage, ...], picture: PictureBytes) -> bytes:
    """Return a tar file (POSIX ustar) whose headers hold names and sizes alone: no times, owners or links."""
    file = BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as shard:
        for image in images:
            shown = picture(prepared.picture_source(image))
            for name, content in (
                (f"{picture_key(image)}.{_extension(shown, prepared.picture_source(image))}", shown),
                (f"{picture_key(image)}.json", msgspec.json.encode(picture_record(prepared, image))),
            ):
                member = tarfile.TarInfo(name)
                member.size = len(content)
                shard.addfile(member, BytesIO(content))
    return file.getvalue()


def _extension(shown: bytes, path: str) -> str:
    try:
        with Image.open(BytesIO(shown), formats=OPENED) as opened:
            return EXTENSIONS[str(opened.format)]
    except OSError as err:
        raise UnknownPicture(f"{path} is no picture of {', '.join(OPENED)}: {err}") from err
