"""Which of the studio's kinds a picture shows: by comparing with the vision model's own reference renders.

The references have a hand and seeds of their own. They are drawn once per process, all in one colour that no fixed
part of any kind has, so that the paint can be told from the rest: that is how the colour of a thing is found later.
"""

from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from genval_assets.instances.ground import on_plain_ground
from resources.offline.descriptor import ANGLES, F32, Thumbnail, describe, polar, thumbnail
from resources.offline.seen import sight
from resources.offline.studio import KINDS, Look, Style, draw, sample_look

JUDGE = Style((-0.9, 0.9), (0.03, 0.33), (0, 360), (0.5, 0.9), (0.4, 1.0), (0.1, 1.0), (0.2, 0.7), (-0.02, 0.02),
              (0.75, 1.1), (0.7, 1.4), 0.004, 0.0)  # fmt: skip
"""The hand of the references: any light, upright; its paint is `PAINT`, paler or stronger."""
PAINT, PAINT_HUE, PATTERN_PAINT = "purple", 278, "white"
PROPORTIONS = (
    (-0.75, -0.75), (-0.75, 0.75), (0.75, -0.75), (0.75, 0.75), (0.0, 0.0), (0.1, -0.1), (-0.4, 0.4), (0.4, -0.4),
)  # fmt: skip
"""Of a kind's references: spread, so that few will do."""
PER_KIND = len(PROPORTIONS)
PATTERNED = {6: "striped", 7: "checkered"}
"""Which of a kind's references bear a pattern."""
SEED = 20_260_607
RENDER_PX = 96


@dataclass(frozen=True, eq=False)
class References:
    """All references, ordered by kind, `PER_KIND` each."""

    kinds: tuple[str, ...]
    described: F32  # (N, 5, RINGS, ANGLES)
    spectra: NDArray[np.complex64]  # (ANGLES // 2 + 1, N, 5 * RINGS), conjugate
    paint: F32  # (N, RINGS, ANGLES): share that bears the kind's main paint; 0 for the patterned ones
    thumbs: tuple[Thumbnail, ...]  # (N,): the drawings themselves

    def of_kind(self, kind: str, *, patterned: bool) -> list[Thumbnail]:
        """Return the drawings of a kind, those with a pattern or those without."""
        first = self.kinds.index(kind)
        return [self.thumbs[first + i] for i in range(PER_KIND) if (i in PATTERNED) == patterned]


@dataclass(frozen=True, eq=False)
class Recognition:
    """How well one object fits each kind, in [0, 1], and how the best one lies."""

    fits: dict[str, float]
    kind: str  # the best
    paint: F32  # (RINGS, ANGLES): where the kind bears its main paint, turned as the object is

    @property
    def fit(self) -> float:
        """How well the best kind fits; a whole object of a known kind alone comes to .8 and more (measured)."""
        return self.fits[self.kind]


@cache
def references() -> References:
    """Return the references; 224 small drawings, some 2 s of one CPU core."""
    rng = np.random.default_rng(SEED)
    kinds = tuple(kind for kind in KINDS for _ in range(PER_KIND))
    thumbs = [_reference(_look(kind, i % PER_KIND, rng)) for i, kind in enumerate(kinds)]
    described = np.stack([describe(thumb) for thumb in thumbs])
    spectra = np.conj(_spectrum(described)).astype(np.complex64)
    plain = np.array([i % PER_KIND not in PATTERNED for i in range(len(kinds))], dtype=np.float32)
    paint = np.stack([polar(thumb, _painted(thumb)) for thumb in thumbs]) * plain[:, None, None]
    return References(kinds, described, spectra, paint, tuple(thumbs))


def recognise(thumb: Thumbnail) -> Recognition:
    """Return how well the object fits each kind, in any pose, mirrored or not."""
    known = references()
    both = np.stack([describe(thumb)] * 2)
    both[1] = both[1, ..., ::-1]
    products = known.spectra @ _spectrum(both).transpose(0, 2, 1)  # (frequencies, N, 2)
    alike = np.fft.irfft(products, n=ANGLES, axis=0)  # (shift, N, mirrored)
    best = alike.max(axis=(0, 2)).reshape(-1, PER_KIND)
    names = known.kinds[::PER_KIND]
    fits = dict(zip(names, np.clip(best.max(axis=1), 0, 1).tolist(), strict=True))
    kind = max(fits, key=lambda name: fits[name])
    return Recognition(fits, kind, _turned_paint(known, alike, names.index(kind)))


def _spectrum(described: F32) -> NDArray[np.complex64]:
    """Return (frequencies, N, 5 * RINGS)."""
    spectrum = np.fft.rfft(described, axis=-1).astype(np.complex64)
    return np.ascontiguousarray(spectrum.reshape(len(described), -1, ANGLES // 2 + 1).transpose(2, 0, 1))


def _look(kind: str, i: int, rng: np.random.Generator) -> Look:
    a, b = PROPORTIONS[i]
    pattern = PATTERNED.get(i, "plain")
    return replace(sample_look(kind, rng, JUDGE, colour=PAINT, second=PATTERN_PAINT, pattern=pattern), a=a, b=b)


def _reference(look: Look) -> Thumbnail:
    drawn = draw(look, RENDER_PX, margin=0.04)
    picture = on_plain_ground(drawn)
    return thumbnail(picture, sight(picture).mask)


def _painted(thumb: Thumbnail) -> F32:
    """Return (h, w) in [0, 1]: where a reference shows the hue of `PAINT`, which is its main paint's alone."""
    hsv = cv2.cvtColor(thumb.rgb, cv2.COLOR_RGB2HSV)
    hue = hsv[..., 0].astype(np.int16) * 2
    painted: F32 = ((abs(hue - PAINT_HUE) < 22) & (hsv[..., 1] > 28) & (thumb.cover > 0.6)).astype(np.float32)
    return painted


def _turned_paint(known: References, alike: NDArray[np.floating], place: int) -> F32:
    """Return the paint of the kind's best plain reference, turned and mirrored as the object is."""
    plain = [place * PER_KIND + i for i in range(PER_KIND) if i not in PATTERNED]
    shift, which, mirrored = np.unravel_index(int(alike[:, plain].argmax()), (ANGLES, len(plain), 2))
    paint: F32 = np.roll(known.paint[plain[which]], int(shift), axis=-1)
    return paint[:, ::-1] if mirrored else paint
