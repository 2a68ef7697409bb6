"""Perceptual hashes of a set's pictures, where splits must know which look alike."""

import io
from dataclasses import replace

import imagehash
from PIL import Image

from genval_assets.export.content import PictureBytes, SetContent
from genval_assets.export.settings import ExportSettings
from genval_assets.export.splits import real_key, val_key

SMALL = 256
"""px: a JPEG is decoded no larger than it must be to have as many (our choice; a hash looks at 32 x 32)."""


def hashed(content: SetContent, settings: ExportSettings, picture: PictureBytes) -> SetContent:
    """Return the content with the hash of every picture, by key; as it is where there is one split only."""
    if not settings.splits.wanted and not settings.include_val:
        return content
    paths = {scene.scene_id: scene.image for scene in content.scenes}
    if settings.include_real:
        paths |= {real_key(image.image_id): f"{content.image_folder}/{image.path}" for image in content.real_images}
    if settings.include_val:
        paths |= {val_key(image.image_id): f"{content.val_folder}/{image.path}" for image in content.val_images}
    return replace(content, hashes={key: picture_hash(picture(path)) for key, path in sorted(paths.items())})


def picture_hash(encoded: bytes) -> str:
    """Return the 64-bit perceptual hash of a picture file as 16 hex digits, from a small decoding of it.

    It may differ by some bits from `backgrounds.hashes.phash` of the whole picture: compare it with its like.
    """
    with Image.open(io.BytesIO(encoded)) as opened:
        opened.draft("L", (SMALL, SMALL))
        return str(imagehash.phash(opened.convert("L")))
