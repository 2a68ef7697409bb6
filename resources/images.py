"""Content-addressed pictures below the home: `data/images/ab/<sha256 of the pixels>.webp|jpg`.

A picture is named by its decoded pixels before encoding, so the same pixels are one file whatever encoder wrote it.
Which pictures are kept is `gc.py`'s business.
"""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import dagster as dg
import numpy as np
from PIL import Image
from pydantic import Field

from genval_assets.types import Rgb, Rgba
from resources.files import make_folder, sync, write_atomically

IMAGES = Path("data") / "images"
ENCODERS = 2
"""Threads that encode; Pillow frees the interpreter lock while it does."""
OPAQUE_RGBA = b"RGBA"
"""Noted in the XMP chunk of an RGBA picture without a clear pixel: WebP drops such an alpha, and would read as RGB."""


class ImageFiles(dg.ConfigurableResource[None]):
    """Stores pictures once each, encoded off the caller's thread."""

    home: str = Field(description="Folder of the project.")
    jpeg_quality: int = Field(default=95, ge=1, le=100, description="Quality of pictures that may lose detail.")

    def put(self, pictures: Sequence[Rgba | Rgb], *, lossless: bool = True) -> list[str]:
        """Store pictures and return their paths relative to the home, in order; an existing file is left as it is.

        Lossless ones and all RGBA ones are WebP (`exact`: the colour under alpha 0 stays), others JPEG.

        Args:
            pictures: (H, W, 3) or (H, W, 4) uint8.
            lossless: False permits JPEG for pictures without alpha.

        Raises:
            ValueError: an array of another shape or type.
            HomeDiskFull: there is no room; pictures stored before it stay and are found again.
        """
        if not pictures:
            return []
        with ThreadPoolExecutor(min(ENCODERS, len(pictures)), "encode") as encoders:
            paths = list(encoders.map(lambda picture: self._store(picture, lossless), pictures))
        for folder in {(Path(self.home) / path).parent for path in paths}:
            sync(folder)  # also where the file was there already: its writer may not have come this far
        return paths

    def get(self, path: str) -> Rgba | Rgb:
        """Return the pixels of a stored picture: (H, W, 4) where the file has alpha, else (H, W, 3).

        Raises:
            FileNotFoundError: it is not there: removed by hand, or by gc.
            ValueError: the path leaves the home's images.
        """
        if ".." in Path(path).parts or not Path(path).is_relative_to(IMAGES):
            raise ValueError(f"{path!r} is no picture of this home: expected a path below {IMAGES}/")
        with Image.open(Path(self.home) / path) as picture:
            picture.load()
            has_alpha = picture.has_transparency_data or picture.info.get("xmp") == OPAQUE_RGBA
            return np.array(picture.convert("RGBA" if has_alpha else "RGB"))

    def _store(self, picture: Rgba | Rgb, lossless: bool) -> str:
        channels = picture.shape[2] if picture.ndim == 3 else 0
        if channels not in (3, 4) or picture.dtype != np.uint8 or picture.size == 0:
            raise ValueError(f"expected (H, W, 3 or 4) uint8 with pixels, got {picture.shape} {picture.dtype}")
        keeps_all = lossless or channels == 4
        name = f"{pixel_hash(picture)}.{'webp' if keeps_all else 'jpg'}"
        path = IMAGES / name[:2] / name
        target = Path(self.home) / path
        if not target.exists():
            make_folder(target.parent)
            write_atomically(target, encoded(picture, None if keeps_all else self.jpeg_quality), sync_folder=False)
        return path.as_posix()


def pixel_hash(picture: Rgba | Rgb) -> str:
    """Return 64 hex digits: SHA-256 of the shape and the pixels, row by row."""
    digest = hashlib.sha256(repr(picture.shape).encode())
    digest.update(np.ascontiguousarray(picture).data)
    return digest.hexdigest()


def encoded(picture: Rgba | Rgb, jpeg_quality: int | None) -> bytes:
    """Return the picture as JPEG of that quality, or as lossless WebP where the quality is None.

    WebP method 0 is the fastest: 30 ms for a 1024 x 1024 scene, where Pillow's default PNG takes 190 ms.
    """
    file = BytesIO()
    image = Image.fromarray(picture)
    if jpeg_quality is None:
        opaque_rgba = picture.shape[2] == 4 and bool((picture[..., 3] == 255).all())
        note = {"xmp": OPAQUE_RGBA} if opaque_rgba else {}
        image.save(file, "WEBP", lossless=True, exact=True, method=0, **note)
    else:
        image.save(file, "JPEG", quality=jpeg_quality)
    return file.getvalue()
