"""How the offline layout model errs: what becomes of each asked thing, and whether one comes that nobody asked for.

The kinds of error are those that layout-conditioned diffusion models are known for. All rates are our choice, set so
that about half of the pictures of three or four things are wrong. They describe this simulation and nothing else.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from resources.offline.studio import COLOURS

Fault = Literal["wrong_kind", "missing", "wrong_colour", "two", "moved", "cut"]
"""Of one asked thing: another kind stands in its box, nothing does, it has another colour than asked, two of it stand
there, it stands well outside, only a part of it is drawn."""

RATES: Mapping[Fault, float] = {
    "wrong_kind": 0.035, "missing": 0.03, "wrong_colour": 0.045, "two": 0.02, "moved": 0.02, "cut": 0.02,
}  # fmt: skip
"""Chance of each, at most one of them comes; another colour only where one was asked."""
EXTRA = 0.07
"""Chance that a picture has one thing more."""
OTHER_COLOUR = 110
"""Least distance of a wrong colour from the asked one, in levels of sRGB, Euclidean (our choice)."""


def sample_fault(rng: np.random.Generator, *, colour_asked: bool) -> Fault | None:
    """Return what goes wrong with one asked thing, None for nothing; one draw of the generator whatever is asked."""
    chance, reached = rng.random(), 0.0
    for fault, rate in RATES.items():
        reached += rate
        if chance < reached:
            return fault if colour_asked or fault != "wrong_colour" else None
    return None


def other_colour(asked: str, rng: np.random.Generator) -> str:
    """Return a colour that nobody takes for the asked one."""
    at = np.array(COLOURS[asked], dtype=float)
    far = [name for name, rgb in COLOURS.items() if np.linalg.norm(at - rgb) >= OTHER_COLOUR]
    return far[int(rng.integers(len(far)))]
