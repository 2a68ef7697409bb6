"""Perceptual hashes of pictures and of photographs behind them, where splits must know which look alike."""

import io
from contextlib import suppress
from dataclasses import replace

import imagehash
from PIL import Image

from genval_assets.export.content import PictureBytes, SetContent, real_key, val_key
from genval_assets.export.settings import ExportSettings

SMALL = 256
"""px: a JPEG is decoded no larger than it must be to have as many (our choice; a hash looks at 32 x 32)."""


def hashed(content: SetContent, settings: ExportSettings, picture: PictureBytes) -> SetContent:
    """Return the content with the hash of every picture, by key; as it is where there is one split only.

    Photographs that objects were cut out of or scenes stand on have one too, as far as they are still there.
    """
    if not settings.splits.wanted and not settings.include_val:
        return content
    paths = {scene.scene_id: scene.image for scene in content.scenes}
    if settings.include_real:
        paths |= {real_key(image.image_id): f"{content.image_folder}/{image.path}" for image in content.real_images}
    if settings.include_val:
        paths |= {val_key(image.image_id): f"{content.val_folder}/{image.path}" for image in content.val_images}
    hashes = {key: picture_hash(picture(path)) for key, path in sorted(paths.items())}
    for key, path in _photographs(content, settings).items():
        if key not in hashes:
            with suppress(FileNotFoundError):
                hashes[key] = picture_hash(picture(path))
    return replace(content, hashes=hashes)


def _photographs(content: SetContent, settings: ExportSettings) -> dict[str, str]:
    """Return the paths of the photographs behind a set, by key; nothing where splits are not by photograph."""
    if not settings.splits.wanted or "photograph" not in settings.splits.by:
        return {}
    paths = {row.image_id: row.photograph for row in content.references}
    paths |= {image.image_id: image.path for image in content.source_images}
    return {real_key(image_id): f"{content.image_folder}/{path}" for image_id, path in sorted(paths.items())}


def picture_hash(encoded: bytes) -> str:
    """Return the 64-bit perceptual hash of a picture file as 16 hex digits, from a small decoding of it.

    It may differ by some bits from `backgrounds.hashes.phash` of the whole picture: compare it with its like.
    """
    with Image.open(io.BytesIO(encoded)) as opened:
        opened.draft("L", (SMALL, SMALL))
        return str(imagehash.phash(opened.convert("L")))
