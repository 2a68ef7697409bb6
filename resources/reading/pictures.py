"""What readers see of a picture, whatever its file is called: its size, and the hash of its bytes."""

import hashlib
from io import BytesIO
from pathlib import Path

from PIL import Image

from genval_assets.export.read_set import UnreadableExport


def size_and_digest(content: bytes, where: str) -> tuple[tuple[int, int], str]:
    """Return width and height of an encoded picture, px, from its head, and the SHA-256 of its bytes.

    Raises:
        UnreadableExport: it is no picture; `where` names it.
    """
    try:
        with Image.open(BytesIO(content)) as picture:
            return picture.size, hashlib.sha256(content).hexdigest()
    except OSError as err:
        raise UnreadableExport(f"{where} is no picture: {err}") from err


def size_and_digest_of(path: Path) -> tuple[tuple[int, int], str]:
    """Return the same of a picture file.

    Raises:
        UnreadableExport: it is no picture, or not there.
    """
    try:
        content = path.read_bytes()
    except OSError as err:
        raise UnreadableExport(f"{path}: {err}") from err
    return size_and_digest(content, str(path))
