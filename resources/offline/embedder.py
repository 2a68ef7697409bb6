"""The offline embedder: pictures and words as vectors of one space, made of shape as it lies and of colour. Simulated.

Not turned upright, as recognition turns things: a thing upside down is another picture, and variety should show.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from genval_assets.types import Rgb
from resources.offline.descriptor import F32, RINGS, Thumbnail, describe, thumbnail
from resources.offline.recognition import references
from resources.offline.seen import sight
from resources.offline.surface import NAMES, named_pixels
from resources.offline.wording import read_wording

MODEL_NAME = "genval-offline-eye"
REVISION = "1"
COLOUR_SHARE = 0.4
"""Weight of colour in the cosine of two pictures; the rest is shape (our choice)."""
COARSE = (24, RINGS // 2)
"""Angles and rings that are kept of each map."""


class OfflineEmbedder:
    """Fits `model_ports.Embedder`."""

    model = MODEL_NAME
    revision = REVISION

    def images(self, pictures: Sequence[Rgb]) -> NDArray[np.float32]:
        """Return (N, D) unit vectors of pictures of one thing on a plain ground."""
        rows = [_joined(*_of_picture(picture)) for picture in pictures]
        return np.stack(rows) if rows else np.zeros((0, _size()), dtype=np.float32)

    def texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (N, D) unit vectors; zeros for a text that names nothing that the studio can draw.

        The shape is the mean of the named kind's references, the colour the one that the text names, if any.
        """
        rows = [_of_text(text) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, _size()), dtype=np.float32)


class OfflineEmbedders:
    """Opens the offline embedder; a plain object, because there is nothing to set."""

    @contextmanager
    def open(self) -> Iterator[OfflineEmbedder]:
        """Return the model for the length of one `with` block."""
        yield OfflineEmbedder()

    def fault(self) -> str:
        """Return nothing: it is part of this package."""
        return ""


def _of_picture(picture: Rgb) -> tuple[F32, F32]:
    """Return shape and colour; of an even picture, that of all of it."""
    mask = sight(picture).mask
    thumb = thumbnail(picture, mask if mask.any() else np.ones_like(mask))
    return _coarse(describe(thumb)) - _means()[1], _colour(thumb)


def _of_text(text: str) -> F32:
    wording = read_wording(text)
    if not wording.kinds:
        return np.zeros(_size(), dtype=np.float32)
    by_kind, mean = _means()
    colour = np.array([name == wording.colour for name in NAMES], dtype=np.float32)
    return _joined(by_kind[wording.kinds[0]] - mean, colour)


@cache
def _means() -> tuple[dict[str, F32], F32]:
    """Return the mean shape of each kind's references, and of all."""
    known = references()
    coarse = np.stack([_coarse(described) for described in known.described])
    kinds = np.array(known.kinds)
    return {kind: coarse[kinds == kind].mean(axis=0) for kind in dict.fromkeys(known.kinds)}, coarse.mean(axis=0)


def _size() -> int:
    return len(_means()[1]) + len(NAMES)


def _coarse(described: F32) -> F32:
    """Return (5, RINGS, ANGLES) maps made coarse, as one vector: so that small differences of shape count little."""
    small = [cv2.resize(one, COARSE, interpolation=cv2.INTER_AREA) for one in described]
    return np.concatenate([one.reshape(-1) for one in small]).astype(np.float32, copy=False)


def _colour(thumb: Thumbnail) -> F32:
    """Return (len(NAMES),) square roots of the shares of the object's pixels by name (Hellinger's distance)."""
    named = named_pixels(thumb.rgb)[thumb.cover > 0.9]
    counts = np.bincount(named, minlength=len(NAMES)).astype(np.float32)
    shares: F32 = counts / np.float32(max(1, len(named)))
    return np.sqrt(shares)


def _joined(shape: F32, colour: F32) -> F32:
    """Return shape and colour as one unit vector, each with its share; a part that is all zeros leaves its share."""
    parts = [_unit(shape) * (1 - COLOUR_SHARE) ** 0.5, _unit(colour) * COLOUR_SHARE**0.5]
    return _unit(np.concatenate(parts).astype(np.float32))


def _unit(vector: F32) -> F32:
    length = float(np.linalg.norm(vector))
    scaled: F32 = vector / np.float32(length) if length else vector
    return scaled
