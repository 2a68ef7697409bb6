"""Pictures of outside folders as pixels. A picture that cannot be read is refused by name, and nothing else happens.

Not here: genval's own pictures (`images.py`), and photographs that an annotation file describes (`annotations.py`).
"""

import os
import stat
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, get_args

import dagster as dg
import numpy as np
from PIL import ExifTags, Image, ImageOps
from pydantic import Field

from genval_assets.annotated.records import candidate_paths, path_below
from genval_assets.annotated.segmentation import MAX_PIXELS
from genval_assets.types import RefusedItem, Rgb
from resources.annotation_file import open_annotations, read_sections

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "PPM")
"""What is opened; Pillow knows 40 more, of which EPS starts a program."""
SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif", ".gif", ".bmp", ".tif", ".tiff", ".ppm", ".pgm"}
)
DAMAGE = (OSError, EOFError, SyntaxError, ValueError, TypeError, IndexError, KeyError, RuntimeError, struct.error)
"""What Pillow raises on damaged files: what it takes for damage itself on opening, and its AVIF decoder's RuntimeError.

Of 45,000 files corrupted at random, all that could not be read raised one of these.
"""

Kind = Literal["yours", "validation", "drawn"]


def read_picture(
    path: Path, item: str, max_pixels: int = MAX_PIXELS, annotated_size: tuple[int, int] | None = None
) -> Rgb:
    """Return a picture as 8-bit RGB, upright by its EXIF orientation; the first frame of an animation.

    16-bit values keep their high byte, transparent parts lie on white, CMYK is converted without a profile.

    Args:
        path: the file.
        item: what it is; names the refusal.
        max_pixels: a larger one is refused before it is decoded.
        annotated_size: width and height that the picture's annotations were drawn on. The stored orientation is kept
            where it has this size, and given up for the upright one only where that alone has it.

    Raises:
        RefusedItem: `picture_missing`, `picture_unreadable`, `picture_too_large`, `picture_mode` or `size_mismatch`.
    """
    with _opened(path, item, max_pixels) as image:
        image.load()  # verify() lets truncated JPEGs pass
        return _rgb(_oriented(image, item, annotated_size), item)


def refuse_unlike_stored(path: Path, item: str, annotated_size: tuple[int, int]) -> None:
    """Refuse a picture that readers of its file may see otherwise than it was annotated; only its head is read.

    Some trainers turn a picture by its EXIF orientation, some do not: one that is stored turned, or mirrored, would
    have its boxes elsewhere for one half of them.

    Raises:
        RefusedItem: `picture_missing`, `picture_unreadable`, `picture_too_large`, `size_mismatch` or
            `exif_orientation`.
    """
    with _opened(path, item, MAX_PIXELS) as image:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
        if orientation in range(2, 9):
            detail = (
                f"its EXIF orientation is {orientation}: store it upright, with annotations to match, or drop the tag"
            )
            raise RefusedItem(item, "exif_orientation", detail)
        _refuse_other_size(image.size, item, annotated_size)


@contextmanager
def _opened(path: Path, item: str, max_pixels: int) -> Iterator[Image.Image]:
    """Give the opened picture of a plain file; faults of opening and decoding refuse it."""
    _guard_file(path, item)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd EXIF and palettes; the size is judged below, with a lower cap
        try:
            with Image.open(path, formats=FORMATS) as image:
                _guard_pixels(image.size, item, max_pixels)
                yield image
        except RefusedItem:
            raise
        except Image.DecompressionBombError as err:
            raise RefusedItem(item, "picture_too_large", f"{path.name}: {err}") from err
        except DAMAGE as err:
            detail = f"{path.name} is no picture of {', '.join(FORMATS)} that can be decoded: {err}"
            raise RefusedItem(item, "picture_unreadable", detail) from err


def _guard_file(path: Path, item: str) -> None:
    """Refuse what is no regular file: opening a pipe would wait for ever."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as err:
        raise RefusedItem(item, "picture_missing", f"there is no file {path}") from err
    except (OSError, ValueError) as err:
        raise RefusedItem(item, "picture_unreadable", f"{path}: {err}") from err
    if not stat.S_ISREG(mode):
        raise RefusedItem(item, "picture_unreadable", f"{path} is no regular file")


def _guard_pixels(size: tuple[int, int], item: str, max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise RefusedItem(item, "picture_too_large", f"{width} x {height} px; at most {max_pixels} px are accepted")


def _oriented(image: Image.Image, item: str, annotated_size: tuple[int, int] | None) -> Image.Image:
    if image.size == annotated_size:
        return image
    upright = ImageOps.exif_transpose(image)
    if annotated_size is not None:
        _refuse_other_size(upright.size, item, annotated_size)
    return upright


def _refuse_other_size(size: tuple[int, int], item: str, annotated: tuple[int, int]) -> None:
    if size != annotated:
        seen = f"{size[0]} x {size[1]} px; the annotations say {annotated[0]} x {annotated[1]}"
        raise RefusedItem(item, "size_mismatch", seen)


def _rgb(image: Image.Image, item: str) -> Rgb:
    if image.mode.startswith("I;16") or image.mode == "I":
        return _from_16_bit(image, item)
    if image.mode == "F":
        raise RefusedItem(item, "picture_mode", "floating-point values without a range; 8 or 16 bit would be accepted")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image)
    return np.array(image.convert("RGB"))


def _from_16_bit(image: Image.Image, item: str) -> Rgb:
    values = np.asarray(image)
    if values.min() < 0 or values.max() > 0xFFFF:
        seen = f"values from {values.min()} to {values.max()}"
        raise RefusedItem(item, "picture_mode", f"{seen}; 8 or 16 bit would be accepted")
    gray = (values.astype(np.uint16) >> 8).astype(np.uint8)
    return np.repeat(gray[:, :, None], 3, axis=2)


class PictureFolders(dg.ConfigurableResource[None]):
    """Reads the picture folders of a project."""

    yours: str = Field(default="", description="Folder of background pictures, read with its subfolders. '' for none.")
    validation_annotations: str = Field(
        default="", description="COCO or LVIS v1 file of the validation images. '' for none."
    )
    validation_images: str = Field(default="", description="Folder that the validation file's names are relative to.")
    drawn: str = Field(default="", description="Folder of the home's own drawn backgrounds. '' for none.")

    def paths(self, kind: str) -> list[str]:
        """Return the picture files of a kind, sorted, relative to its folder.

        `yours` and `drawn` are walked, links followed, each folder once; files by the suffixes of pictures.
        `validation` are the files that the validation file names, found or not. `drawn` may not be there yet.

        Raises:
            NotADirectoryError: the folder is set, but is none.
            UnreadableAnnotations: the validation file is set, but cannot be read.
        """
        folder = self._folder(kind)
        if folder is None:
            return []
        if kind == "validation":
            return sorted(_named(Path(self.validation_annotations), folder))
        return sorted(_walk(folder))

    def pixels(self, kind: str, path: str) -> Rgb:
        """Return one picture, upright, 8-bit RGB.

        Raises:
            RefusedItem: it is no picture that can be read, or too large, or not below the folder.
        """
        folder = self._folder(kind)
        if folder is None:
            raise RefusedItem(path, "picture_missing", f"no folder is set for pictures of kind {kind!r}")
        return read_picture(folder / path_below(path, path), path)

    def _folder(self, kind: str) -> Path | None:
        if kind not in get_args(Kind):
            raise ValueError(f"pictures are {', '.join(get_args(Kind))}; got {kind!r}")
        set_to = {"yours": self.yours, "validation": self.validation_images, "drawn": self.drawn}[kind]
        if not set_to or (kind == "validation" and not self.validation_annotations):
            return None
        if kind == "drawn" and not Path(set_to).exists():
            return None
        if not Path(set_to).is_dir():
            raise NotADirectoryError(f"the folder for pictures of kind {kind!r} is {set_to!r}, which is no folder")
        return Path(set_to)


def _walk(folder: Path) -> Iterator[str]:
    """Yield the pictures below a folder. Names that are not UTF-8 are left out: no table could hold them."""
    seen: set[tuple[int, int]] = set()
    for root, folders, files in os.walk(folder, onerror=_raise, followlinks=True):
        place = Path(root).stat()
        if (place.st_dev, place.st_ino) in seen:  # a link leads back, or two lead here
            folders.clear()
            continue
        seen.add((place.st_dev, place.st_ino))
        folders.sort()
        for name in files:
            path = (Path(root) / name).relative_to(folder).as_posix()
            if Path(name).suffix.lower() in SUFFIXES and _is_utf8(path):
                yield path


def _raise(error: OSError) -> None:
    raise error  # a folder that cannot be read is a wrong setting, not an empty folder


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _named(annotations: Path, folder: Path) -> Iterator[str]:
    with open_annotations(annotations) as file:
        images, _ = read_sections(annotations, file).read_images()
    for image in images:
        yield existing_path(folder, candidate_paths(image))


def existing_path(folder: Path, candidates: tuple[str, ...]) -> str:
    """Return the first candidate that is there; the first of all if none is."""
    if len(candidates) == 1:
        return candidates[0]
    # os.path: a third of pathlib's time over 100,000 images, and a name that is too long is just not there
    return next((path for path in candidates if os.path.exists(os.path.join(folder, path))), candidates[0])  # noqa: PTH110, PTH118
