"""Kinds one picks up and uses. Each function returns a kind's parts, back to front, in object units."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from resources.offline.studio_shapes import (
    Kit,
    Line,
    Part,
    arc,
    detail,
    ellipse,
    fill,
    mark,
    poly,
    rounded,
    smooth,
    stroke,
    tube,
    turned,
)


def hammer(kit: Kit) -> list[Part]:
    """A claw hammer, handle down."""
    long, head = 1.05 + 0.08 * kit.a, 0.52 + 0.06 * kit.b
    claw = smooth([(-0.08, -0.96), (-0.4, -0.98), (-0.72, -0.66), (-0.66, -0.62), (-0.4, -0.74), (-0.08, -0.66)])
    face = [poly((0.05, -0.94), (head * 0.7, -0.92), (head * 0.7, -0.68),
        (0.05, -0.66)), rounded(head * 0.66, -1.0, 0.24, 0.42, 0.07)]  # fmt: skip
    handle = tube(smooth([(0, -0.7), (0, 0.1), (0.01, long)]), [0.2, 0.21, 0.24, 0.32, 0.34, 0.28])
    steel = kit.metal.shade(0.8)
    return [
        fill(kit.main, handle, bulge=0.14),
        detail(kit.main.shade(0.55), 0.03, *(poly((-0.13, y), (0.15, y)) for y in np.linspace(0.46, long - 0.14, 5))),
        fill(steel, claw, bulge=0.09),
        *(fill(steel, line, bulge=0.11) for line in face),
        fill(steel, rounded(-0.16, -1.02, 0.32, 0.44, 0.08), bulge=0.12),
    ]


def scissors(kit: Kit) -> list[Part]:
    """Open scissors, blades up."""
    spread, ring = 15 + 5 * kit.a, 0.26 + 0.03 * kit.b

    def half(side: float) -> list[Part]:
        t = np.radians(spread) * side
        turn = np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]])  # tips apart by twice the spread
        blade = poly((-0.03, -1.2), (0.13, -0.1), (0.09, 0.2), (-0.09, 0.2), (-0.09, -0.1)) * [side, 1]
        shank = smooth([(0, 0.1), (-0.02 * side, 0.36), (-0.12 * side, 0.62)])
        loop = ellipse(-0.2 * side, 0.86, ring, ring * 1.25)
        return [
            fill(kit.metal, blade @ turn, bulge=0.06),
            fill(kit.main.bare(), tube(shank, [0.19, 0.22, 0.24]) @ turn, bulge=0.08),
            stroke(kit.main.bare(), 0.19, loop @ turn),
        ]

    pivot = [
        fill(kit.metal, ellipse(0, 0, 0.075, 0.075), bulge=0.06),
        detail(kit.dark, 0.02, poly((-0.04, 0), (0.04, 0))),
    ]
    return [*half(1.0), *half(-1.0), *pivot]


def key(kit: Kit) -> list[Part]:
    """A door key, bow up."""
    bow, long = 0.42 + 0.04 * kit.a, 1.0 + 0.08 * kit.b
    teeth = poly((0.08, long), (0.42, long), (0.42, long - 0.14), (0.26, long - 0.14), (0.26, long - 0.24),
        (0.42, long - 0.24), (0.42, long - 0.44), (0.08, long - 0.44))  # fmt: skip
    return [
        fill(kit.main, teeth, bulge=0.04),
        fill(kit.main, rounded(-0.12, -0.3, 0.24, long + 0.36, 0.08), bulge=0.11),
        fill(kit.main, ellipse(0, -0.62, bow, bow), ellipse(0, -0.68, bow * 0.44, bow * 0.44), bulge=0.1),
        fill(kit.main, rounded(-0.19, -0.22, 0.38, 0.1, 0.04), bulge=0.05),
        fill(kit.main, rounded(-0.17, -0.06, 0.34, 0.08, 0.03), bulge=0.04),
    ]


def padlock(kit: Kit) -> list[Part]:
    """A closed padlock."""
    wide, rise = 0.6 + 0.05 * kit.a, 0.46 + 0.08 * kit.b
    shackle = np.concatenate([poly((-0.36, 0.1)), arc(0, -rise, 0.36, 0.38, 180, 360), poly((0.36, 0.1))])
    return [
        stroke(kit.metal, 0.17, shackle),
        fill(kit.main, rounded(-wide, -0.08, wide * 2, 0.98, 0.16), bulge=0.14),
        detail(kit.main.shade(0.6), 0.03, rounded(-wide + 0.1, 0.03, wide * 2 - 0.2, 0.76, 0.1)),
        fill(kit.metal, ellipse(0, 0.38, 0.2, 0.2), bulge=0.06),
        mark(kit.dark, ellipse(0, 0.33, 0.075, 0.075)),
        mark(kit.dark, poly((-0.035, 0.33), (0.035, 0.33), (0.06, 0.5), (-0.06, 0.5))),
    ]


def ladder(kit: Kit) -> list[Part]:
    """A straight ladder with six rungs, a little narrower at the top."""
    foot, head = 0.5 + 0.06 * kit.a, 0.38 + 0.05 * kit.b
    heights = np.linspace(0.9, -0.95, 6)
    reach = np.interp(heights, [-1.2, 1.2], [head, foot])
    rungs = [poly((-r, y), (r, y)) for r, y in zip(reach, heights, strict=True)]
    rails = [tube(poly((s * foot, 1.2), (s * head, -1.2)), [0.17, 0.15]) for s in (-1, 1)]
    return [
        stroke(kit.main.shade(0.86), 0.12, *rungs),
        *(fill(kit.main, rail, bulge=0.06) for rail in rails),
        *(fill(kit.dark, rounded(s * foot - 0.11, 1.14, 0.22, 0.12, 0.03), bulge=0.04) for s in (-1, 1)),
        detail(kit.dark, 0.05, *(poly((s * r - 0.005, y), (s * r + 0.005, y)) for r, y in zip(reach, heights,
            strict=True) for s in (-1, 1))),
    ]  # fmt: skip


def umbrella(kit: Kit) -> list[Part]:
    """An open umbrella with a hooked handle."""
    dome, long = 0.66 + 0.08 * kit.a, 0.82 + 0.08 * kit.b
    edges = np.linspace(-1, 1, 7)
    tips = [(float(x), 0.04 * abs(float(x)) - 0.05) for x in edges]
    apex = (0.0, -dome - 0.05)
    panels = []
    for i, (left, right) in enumerate(pairwise(tips)):
        hem = smooth([right, ((left[0] + right[0]) / 2, min(left[1], right[1]) - 0.09), left])
        outline = np.concatenate([_rib(apex, right), hem, _rib(apex, left)[::-1]])
        panels.append(fill(kit.second if i % 3 == 1 else kit.main, outline, bulge=0.1, lifted=False))
    hook = np.concatenate([poly((0, -dome + 0.1), (0, long)), arc(-0.17, long, 0.17, 0.18, 0, 170)])
    inside = fill(kit.main.shade(0.35), poly(tips[0], (-0.6, -0.3), (0.6, -0.3), tips[-1]), bulge=0.0)
    return [
        inside,
        stroke(kit.metal, 0.065, hook),
        stroke(kit.wood, 0.12, np.concatenate([poly((0, long - 0.26), (0, long)), arc(-0.17, long, 0.17, 0.18, 0,
            170)])),
        *panels,
        detail(kit.main.shade(0.55), 0.018, *(_rib(apex, tip) for tip in tips[1:-1])),
        stroke(kit.metal, 0.07, poly((0, -dome - 0.2), (0, -dome - 0.03))),
    ]  # fmt: skip


def _rib(apex: tuple[float, float], tip: tuple[float, float]) -> Line:
    """Return the curve of an umbrella's rib: a quarter of an ellipse from the apex to the tip."""
    t = np.radians(np.linspace(0, 90, 14))
    return np.stack([tip[0] * np.sin(t), tip[1] + (apex[1] - tip[1]) * np.cos(t)], axis=1)


def traffic_cone(kit: Kit) -> list[Part]:
    """A traffic cone with two pale bands."""
    e, foot = max(kit.elevation, 0.14), 0.54 + 0.05 * kit.a
    tip = 0.1 + 0.02 * kit.b

    def radius(y: float) -> float:
        return float(np.interp(y, [-0.95, 0.72], [tip, foot]))

    bands = [turned(kit.light, [(y, radius(y) * 1.01), (y + h, radius(y + h) * 1.01)], e) for y, h in ((-0.46,
        0.28), (0.08, 0.26))]  # fmt: skip
    base = poly((-0.86, 0.74), (-0.6, 0.56), (0.6, 0.56), (0.86, 0.74), (0.86, 0.9), (-0.86, 0.9))
    return [
        fill(kit.main.shade(0.75), base, bulge=0.05),
        detail(kit.main.shade(0.55), 0.03, poly((-0.84, 0.75), (0.84, 0.75))),
        turned(kit.main, [(-0.95, tip), (0.72, foot)], e),
        *(replace(band, lifted=False) for band in bands),
        mark(kit.dark, ellipse(0, -0.95, tip * 0.8, tip * 0.8 * e)),
    ]
