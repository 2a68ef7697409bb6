"""Perceptual hashes of pictures, and which of many are near-duplicates.

A 64-bit DCT hash sees a resized, recompressed or slightly cropped copy. It does not see a mirrored copy, nor a crop
that leaves out a good part of the picture.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genval_assets.types import Rgb

FAR = 65
"""Distance to the nearest of no hashes at all: further than any two can be."""
_CELLS_PER_CHUNK = 1 << 22
"""Pairs compared at once: 32 MB of 64-bit words."""
_CELLS_IN_CACHE = 1 << 18
"""The same where all pairs of many hashes are compared: 2 MB of words, twice as fast as 32."""


def phash(rgb: Rgb) -> str:
    """Return the perceptual hash of a picture: 64 bits as 16 hex digits (ImageHash's `phash`)."""
    return str(imagehash.phash(Image.fromarray(rgb)))


def words(hashes: Iterable[str]) -> NDArray[np.uint64]:
    """Return the hashes as 64-bit words, (N,).

    Raises:
        ValueError: a hash is not 16 hex digits.
    """
    listed = list(hashes)
    for one in listed:
        if len(one) != 16:
            raise ValueError(f"a perceptual hash has 16 hex digits; got {one!r}")
    return np.array([int(one, 16) for one in listed], dtype=np.uint64)


def nearest_distances(hashes: NDArray[np.uint64], others: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Return, per hash, the Hamming distance in bits to the nearest of the others; `FAR` where there are none."""
    nearest = np.full(hashes.size, FAR, dtype=np.uint8)
    if others.size == 0:
        return nearest
    step = max(1, _CELLS_PER_CHUNK // others.size)
    for start in range(0, hashes.size, step):
        different = np.bitwise_count(hashes[start : start + step, None] ^ others[None, :])
        nearest[start : start + step] = different.min(axis=1)
    return nearest


def near_pairs(hashes: NDArray[np.uint64], distance: int) -> Iterator[NDArray[np.int64]]:
    """Yield the pairs (i, j), i < j, of hashes that differ in at most `distance` bits, as arrays (M, 2)."""
    step = max(1, _CELLS_IN_CACHE // max(1, hashes.size))
    for start in range(0, hashes.size, step):
        different = np.bitwise_count(hashes[start : start + step, None] ^ hashes[None, start:])
        rows, others = np.divmod(np.flatnonzero(different <= distance), different.shape[1])
        later = others > rows
        if later.any():
            yield np.stack([rows[later], others[later]], axis=1) + start


@dataclass(frozen=True)
class ValidationGuard:
    """Knows the validation pictures, so that neither they nor their near-duplicates enter training data.

    It is asked about sources of cut-outs, backgrounds, and real images that are merged into a set.
    """

    hashes: Sequence[str] = ()
    distance: int = 6  # bits
    _words: NDArray[np.uint64] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_words", words(self.hashes))

    def is_validation(self, phash: str) -> bool:
        """Return whether a picture of this hash is a validation picture or a near-duplicate of one."""
        return int(nearest_distances(words([phash]), self._words)[0]) <= self.distance
