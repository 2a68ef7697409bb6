"""What a recognised object's surface looks like: the name of its main colour, and its pattern. Pixels only.

Every pixel that the references show painted is named; shade and gloss change a name only to one of its neighbours.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genval_assets.types import Mask, Rgb
from resources.offline.descriptor import F32, Thumbnail, cartesian

NAMES = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "grey", "white")
GREYS = ("black", "grey", "white")
_HUES = (0.03, 0.10, 0.20, 0.48, 0.69, 0.85, 0.955)
"""Hues, in turns, between the first seven names; beyond the last comes red again (our choice, as all bounds here)."""
NEIGHBOURS = {
    "red": {"pink", "brown"}, "orange": {"brown", "yellow"}, "yellow": {"orange", "brown", "green"},
    "green": {"yellow"}, "purple": {"pink"}, "pink": {"red", "purple"}, "brown": {"orange", "red", "yellow", "black"},
    "black": {"grey", "brown"}, "grey": {"black", "white"}, "white": {"grey"}, "blue": set(),
}  # fmt: skip
"""Name -> what shade or gloss may make of it."""

CLEAR = 0.6
"""Share of the painted pixels that must bear one name before it is told. On good draws of the production and the golden
hand it is told of four in five, and then right in 97 to 99 of 100."""
LEAST_PX = 12


@dataclass(frozen=True, eq=False)
class Surface:
    """The painted pixels of one object's thumbnail."""

    names: NDArray[np.intp]  # (h, w), places in NAMES
    painted: Mask  # (h, w)

    @property
    def shares(self) -> dict[str, float]:
        """Name -> share of the painted pixels; empty where there are too few."""
        count = int(self.painted.sum())
        if count < LEAST_PX:
            return {}
        found = np.bincount(self.names[self.painted], minlength=len(NAMES)) / count
        return dict(zip(NAMES, found.tolist(), strict=True))


@dataclass(frozen=True)
class Marks:
    """What of a painted surface no light on its main colour explains."""

    share: float  # of the painted pixels
    patches: int
    oneness: float  # how far the patches' edges share one direction, in [0, 1]


def surface(thumb: Thumbnail, paint: F32) -> Surface:
    """Return the object's surface; `paint` is (RINGS, ANGLES), where its kind bears its main paint."""
    share = cartesian(thumb, paint)
    sure = ((share > 0.8) & (thumb.cover > 0.95)).astype(np.uint8)
    painted = cv2.erode(sure, np.ones((3, 3), dtype=np.uint8)) > 0
    if painted.sum() < 40:  # thin tubes and rungs have no middle to speak of
        painted = (share > 0.7) & (thumb.cover > 0.9)
    return Surface(named_pixels(thumb.rgb), painted)


def main_colour(seen: Surface) -> str:
    """Return the name that most painted pixels bear; empty where no name is clear."""
    shares = seen.shares
    name = max(shares, key=lambda n: shares[n], default="")
    return name if name and shares[name] >= CLEAR else ""


def marks(seen: Surface) -> Marks | None:
    """Return what is painted in another colour than the main one; None where too few pixels are painted."""
    shares = seen.shares
    if not shares:
        return None
    return marks_of(_second(seen, shares), seen.painted)


def marks_of(second: Mask, painted: Mask) -> Marks:
    """Return what the second colour's pixels among the painted ones, (h, w) each, look like; some must be painted."""
    return Marks(float(second.sum() / painted.sum()), _patches(second), _oneness(second, painted))


def pattern(seen: Surface) -> str:
    """Return plain, striped, dotted or checkered; empty where it is not clear.

    The second colour's pixels tell: how many, in how many patches, and whether their edges share one direction.
    """
    found = marks(seen)
    if found is None:
        return ""
    if found.share < 0.02:
        return "plain"
    if found.share < 0.08 or found.patches < 3:
        return ""
    if found.oneness > 0.6:
        return "striped" if found.share > 0.15 else ""
    if found.oneness < 0.3 and found.share < 0.26 and found.patches >= 5:
        return "dotted"
    return "checkered" if found.oneness < 0.3 and found.share > 0.36 else ""


def named_pixels(rgb: Rgb) -> NDArray[np.intp]:
    """Return the place in NAMES of each pixel's name."""
    hsv = cv2.cvtColor(rgb.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2HSV)
    hue, saturation, value = hsv[..., 0] / 360, hsv[..., 1], hsv[..., 2]
    named = np.searchsorted(_HUES, hue, side="right") % len(_HUES)
    named = np.where((named == NAMES.index("orange")) & (value < 0.55), NAMES.index("brown"), named)
    grey = np.where(value < 0.3, NAMES.index("black"), NAMES.index("grey"))
    grey = np.where(value < 0.62, grey, NAMES.index("white"))
    return np.where((saturation < 0.13) | (value < 0.12), grey, named)


def _second(seen: Surface, shares: dict[str, float]) -> Mask:
    """Return the painted pixels that no light on the main colour explains."""
    main = max(shares, key=lambda name: shares[name])
    others = [NAMES.index(name) for name in NAMES if name != main and name not in NEIGHBOURS[main]]
    return np.isin(seen.names, others) & seen.painted


def _patches(second: Mask) -> int:
    _, _, stats, _ = cv2.connectedComponentsWithStats(second.astype(np.uint8), connectivity=4)
    return int((stats[1:, cv2.CC_STAT_AREA] >= 4).sum())


def _oneness(second: Mask, painted: Mask) -> float:
    """Return how far the patches' edges share one direction, in [0, 1]: coherence of their structure tensor."""
    weight = cv2.GaussianBlur(painted.astype(np.float32), (0, 0), 1.0) + np.float32(1e-3)
    soft = cv2.GaussianBlur(second.astype(np.float32), (0, 0), 1.0) / weight
    inner = cv2.erode(painted.astype(np.uint8), np.ones((3, 3), dtype=np.uint8)) > 0
    gx, gy = (cv2.Sobel(soft, cv2.CV_32F, i, 1 - i)[inner] for i in (1, 0))
    xx, yy, xy = float(gx @ gx), float(gy @ gy), float(gx @ gy)
    return float(np.hypot(xx - yy, 2 * xy) / (xx + yy + 1e-6))
