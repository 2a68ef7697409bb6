"""Kinds that grow or live. Each function returns a kind's parts, back to front, in object units."""

import numpy as np

from resources.offline.studio_shapes import (
    Kit,
    Line,
    Paint,
    Part,
    arc,
    detail,
    ellipse,
    fill,
    mark,
    mirrored,
    poly,
    rounded,
    smooth,
    stroke,
    tube,
    turned,
)

LEAF = Paint((0.22, 0.5, 0.2), "organic")
STALK = Paint((0.45, 0.36, 0.2), "organic")
CREAM = Paint((0.93, 0.87, 0.74), "organic")
CLAY = Paint((0.72, 0.36, 0.22), "rubber")
BEAK = Paint((0.95, 0.5, 0.1), "plastic")


def banana(kit: Kit) -> list[Part]:
    """A single banana, curved upwards."""
    sag, thick = 0.56 + 0.1 * kit.a, 0.46 + 0.06 * kit.b
    spine = smooth([(-1.0, -0.42), (-0.66, 0.1), (-0.1, sag - 0.18), (0.5, sag - 0.3), (0.96, -0.22)])
    facets = [smooth([(-0.94, -0.3), (-0.6, 0.16 + d), (-0.06, sag - 0.16 + d), (0.46, sag - 0.3 + d),
        (0.88, -0.14)]) for d in (-0.06, 0.1)]  # fmt: skip
    return [
        fill(kit.main, tube(spine, [0.14, 0.36, thick, thick, thick * 0.94, 0.3, 0.12]), bulge=0.2),
        detail(kit.main.shade(0.78), 0.025, *facets),
        fill(STALK, tube(smooth([(-1.14, -0.66), (-1.04, -0.5), (-0.96, -0.36)]), [0.13, 0.12, 0.16]), bulge=0.05),
        fill(STALK.shade(0.5), ellipse(0.98, -0.26, 0.07, 0.06), bulge=0.04),
    ]


def pineapple(kit: Kit) -> list[Part]:
    """A pineapple with its crown."""
    wide, crown = 0.5 + 0.05 * kit.a, 0.62 + 0.1 * kit.b
    fan = [(x, crown * h) for x, h in ((-0.48, 0.5), (0.48, 0.5), (-0.36, 0.74), (0.36, 0.74), (-0.2, 0.92),
        (0.2, 0.92), (0, 1.05), (-0.24, 0.5), (0.24, 0.5), (0, 0.62))]  # fmt: skip
    leaves = [fill(LEAF.shade(0.8 + 0.05 * i), tube(smooth([(x * 0.3, -0.3), (x * 0.55, -0.3 - h * 0.6),
        (x, -0.32 - h)]), [0.18, 0.2, 0.02]), bulge=0.06) for i, (x, h) in enumerate(fan)]  # fmt: skip
    body = smooth([(0, -0.42), (wide * 0.78, -0.28), (wide, 0.24), (wide * 0.82, 0.78), (0, 0.98),
        (-wide * 0.82, 0.78), (-wide, 0.24), (-wide * 0.78, -0.28)], closed=True)  # fmt: skip
    net = [line for sign in (-1, 1) for line in _diagonals(wide, sign)]
    eyes = [ellipse(x, y, 0.03, 0.03, 10) for x, y in _eyes(wide)]
    return [
        *leaves,
        fill(kit.main, body, bulge=0.3),
        detail(kit.main.shade(0.55), 0.03, *net),
        mark(kit.main.shade(0.45), *eyes),
    ]


def _half_width(wide: float, y: float) -> float:
    return wide * float(np.interp(y, [-0.4, -0.28, 0.24, 0.78, 0.96], [0.2, 0.74, 0.97, 0.8, 0.1]))


def _diagonals(wide: float, sign: int) -> list[Line]:
    """Return the diagonal grooves that stay on the fruit."""
    ys = np.linspace(-0.36, 0.92, 40)
    lines = []
    for start in np.arange(-2.2, 2.2, 0.24):
        xs = sign * (start + ys * 0.75)
        on = np.abs(xs) < [_half_width(wide, float(y)) - 0.02 for y in ys]
        if on.sum() > 2:
            lines.append(np.stack([xs[on], ys[on]], axis=1))
    return lines


def _eyes(wide: float) -> list[tuple[float, float]]:
    """Return the middles of the diamonds between the grooves."""
    step = 0.24 / 0.75 / 2
    rows = [(i, -0.22 + i * step) for i in range(7)]
    points = [(0.12 * j, y) for i, y in rows for j in range(-5, 6) if (i + j) % 2 == 0]
    return [(x, y) for x, y in points if abs(x) < _half_width(wide, y) - 0.07]


def mushroom(kit: Kit) -> list[Part]:
    """A toadstool with a spotted cap."""
    cap, stem = 0.84 + 0.07 * kit.a, 0.25 + 0.04 * kit.b
    dome = np.concatenate([arc(0, 0.0, cap, 0.84, 180, 360), smooth([(cap, 0.0), (cap * 0.6, 0.15), (0, 0.19),
        (-cap * 0.6, 0.15), (-cap, 0.0)])])  # fmt: skip
    spots = [(-0.42, -0.34, 0.14), (0.06, -0.54, 0.16), (0.46, -0.28, 0.13), (-0.12, -0.16, 0.1),
        (-0.68, -0.08, 0.08), (0.2, -0.02, 0.07)]  # fmt: skip
    return [
        turned(CREAM, [(0.0, stem * 0.8), (0.5, stem), (0.84, stem * 1.3), (0.96, stem * 1.1)], 0.2),
        fill(CREAM.shade(0.72), ellipse(0, 0.1, cap * 0.8, 0.14), bulge=0.03, lifted=False),
        fill(CREAM.shade(0.95), poly((-stem, 0.24), (stem, 0.24), (stem * 1.5, 0.46), (-stem * 1.5, 0.46)), bulge=0.05),
        fill(kit.main, dome, bulge=0.42),
        *(fill(kit.light.bare("organic"), ellipse(x * cap, y, r * 1.1, r), bulge=0.05, lifted=False) for x, y,
            r in spots),
    ]  # fmt: skip


def cactus(kit: Kit) -> list[Part]:
    """A branching cactus in a clay pot."""
    left, right = -0.1 + 0.14 * kit.a, 0.06 + 0.14 * kit.b
    trunk = poly((0, 0.6), (0, -0.78))
    arms = [smooth([(-0.1, 0.24), (-0.46, 0.2), (-0.58, 0.0), (-0.58, left - 0.3)]), smooth([(0.1, 0.0),
        (0.44, -0.03), (0.56, -0.2), (0.56, right - 0.56)])]  # fmt: skip
    ribs = [poly((x, 0.56), (x, -0.78)) for x in (-0.13, 0.0, 0.13)]
    spines = [
        poly((x, y), (x + 0.045, y - 0.03)) for x in (-0.2, -0.07, 0.06, 0.19) for y in np.arange(-0.7, 0.5, 0.16)
    ]
    return [
        fill(CLAY.shade(0.6), ellipse(0, 0.44, 0.46, 0.06), bulge=0.0),
        fill(STALK.shade(0.6), ellipse(0, 0.45, 0.42, 0.045), bulge=0.0, lifted=False),
        stroke(kit.main, 0.26, *arms),
        stroke(kit.main, 0.46, trunk),
        detail(kit.main.shade(0.68), 0.025, *ribs, *arms),
        detail(kit.light, 0.016, *spines),
        fill(CLAY, poly((-0.4, 0.5), (0.4, 0.5), (0.31, 1.0), (-0.31, 1.0)), bulge=0.2),
        fill(CLAY.shade(1.15), rounded(-0.47, 0.46, 0.94, 0.14, 0.04), bulge=0.06),
    ]


def fish(kit: Kit) -> list[Part]:
    """A fish swimming to the left."""
    deep, tail = 0.46 + 0.08 * kit.a, 0.42 + 0.06 * kit.b
    body = smooth([(-1.0, 0.02), (-0.66, -deep * 0.72), (-0.1, -deep), (0.46, -deep * 0.5), (0.7, -0.1),
        (0.7, 0.12), (0.44, deep * 0.52), (-0.1, deep * 0.96), (-0.7, deep * 0.66)], closed=True)  # fmt: skip
    fan = smooth([(0.62, 0.0), (0.84, -tail * 0.8), (1.16, -tail - 0.06), (1.02, 0.0), (1.16, tail + 0.06),
        (0.84, tail * 0.8)], closed=True)  # fmt: skip
    crest = smooth([(-0.46, -deep * 0.82), (-0.2, -deep - 0.28), (0.3, -deep - 0.1), (0.42, -deep * 0.45)])
    belly = smooth([(-0.12, deep * 0.8), (0.08, deep + 0.24), (0.3, deep + 0.12), (0.26, deep * 0.62)])
    rays = [poly((0.74, y * 0.2), (1.0, y)) for y in (-0.3, -0.15, 0.0, 0.15, 0.3)]
    scales = [arc(x, y, 0.09, 0.1, 100, 260, 8) for x in np.arange(-0.28, 0.5, 0.16) for y in (-0.22, -0.07, 0.08,
        0.23) if abs(y) < deep * (0.82 - max(x, 0))]  # fmt: skip
    fin = smooth([(-0.34, 0.1), (-0.06, 0.0), (0.1, 0.16), (-0.04, 0.3)], closed=True)
    return [
        fill(kit.second, fan, bulge=0.08),
        detail(kit.second.shade(0.7), 0.02, *rays),
        fill(kit.second, crest, bulge=0.08),
        fill(kit.second, belly, bulge=0.08),
        fill(kit.main, body, bulge=0.34),
        detail(kit.main.shade(0.72), 0.018, *scales),
        detail(kit.main.shade(0.55), 0.035, arc(-0.74, 0.0, 0.26, deep * 0.72, -62, 62)),
        fill(kit.second, fin, bulge=0.06),
        detail(kit.dark, 0.03, smooth([(-0.98, 0.08), (-0.88, 0.12), (-0.8, 0.1)])),
        fill(kit.light, ellipse(-0.74, -0.11, 0.1, 0.1), bulge=0.05, lifted=False),
        mark(kit.dark, ellipse(-0.76, -0.11, 0.058, 0.058)),
        mark(kit.light, ellipse(-0.775, -0.13, 0.018, 0.018)),
    ]


def butterfly(kit: Kit) -> list[Part]:
    """A butterfly with open wings, from above."""
    span, low = 1.0 + 0.06 * kit.a, 0.72 + 0.08 * kit.b
    upper = smooth(
        [(0.04, -0.14), (0.34, -0.66), (span * 0.88, -0.88), (span, -0.5), (0.76, -0.06), (0.3, 0.08)], closed=True
    )
    lower = smooth(
        [(0.04, 0.0), (0.46, 0.02), (0.84, 0.22), (0.78, low * 0.86), (0.46, low), (0.14, 0.42)], closed=True
    )
    cell = smooth([(0.2, -0.24), (0.42, -0.56), (0.74, -0.66), (0.76, -0.44), (0.54, -0.16)], closed=True)
    veins = [poly((0.06, -0.1), (x, y)) for x, y in ((0.78, -0.78), (0.9, -0.52), (0.72, -0.12))]
    veins += [poly((0.06, 0.05), (x, y)) for x, y in ((0.74, 0.3), (0.62, 0.6), (0.36, 0.6))]
    feelers = smooth([(0.02, -0.4), (0.1, -0.72), (0.24, -0.9)])
    parts: list[Part] = []
    for turn in (lambda line: line, mirrored):
        parts += [
            fill(kit.main.shade(0.45), turn(lower), bulge=0.05),
            fill(kit.main, turn(lower * 0.88 + [0.05, 0.04]), bulge=0.08, lifted=False),
            fill(kit.main.shade(0.45), turn(upper), bulge=0.05),
            fill(kit.main, turn(upper * 0.88 + [0.05, -0.04]), bulge=0.08, lifted=False),
            fill(kit.second, turn(cell * 0.8 + [0.1, -0.08]), bulge=0.04, lifted=False),
            detail(kit.main.shade(0.4), 0.018, *(turn(vein) for vein in veins)),
            *(mark(kit.light, turn(ellipse(x, y, 0.04, 0.04))) for x, y in ((span * 0.88, -0.68),
                (span * 0.9, -0.54), (0.74, 0.5))),
            stroke(kit.dark, 0.05, turn(feelers)),
        ]  # fmt: skip
    body = tube(poly((0, -0.42), (0, -0.2), (0, 0.1), (0, 0.52)), [0.12, 0.16, 0.15, 0.06])
    return [*parts, fill(kit.dark.bare("organic"), body, bulge=0.08), fill(kit.dark.bare("organic"), ellipse(0,
        -0.44, 0.09, 0.09), bulge=0.08)]  # fmt: skip


def duck(kit: Kit) -> list[Part]:
    """A rubber duck looking to the left."""
    head, tail = 0.4 + 0.03 * kit.a, 0.12 * kit.b
    body = smooth([(-0.74, 0.2), (-0.36, -0.06), (0.2, 0.06), (0.62, -0.04), (0.98, -0.28 - tail), (0.94, 0.3),
        (0.56, 0.72), (-0.1, 0.82), (-0.6, 0.66)], closed=True)  # fmt: skip
    wing = smooth([(-0.16, 0.22), (0.26, 0.14), (0.66, 0.2), (0.5, 0.48), (0.1, 0.52)], closed=True)
    upper = smooth([(-0.62, -0.44), (-0.8, -0.5), (-1.02, -0.4), (-0.86, -0.32), (-0.6, -0.28)], closed=True)
    lower = smooth([(-0.62, -0.32), (-0.84, -0.32), (-0.92, -0.24), (-0.64, -0.2)], closed=True)
    return [
        fill(kit.main, body, bulge=0.4),
        fill(BEAK.shade(0.8), lower, bulge=0.06),
        fill(kit.main.bare(), ellipse(-0.34, -0.44, head, head), bulge=0.38),
        fill(BEAK, upper, bulge=0.08),
        fill(kit.main.bare(), wing, bulge=0.12),
        detail(kit.main.shade(0.72), 0.025, smooth([(0.24, 0.42), (0.44, 0.4), (0.58, 0.3)])),
        fill(kit.light, ellipse(-0.48, -0.52, 0.085, 0.1), bulge=0.04, lifted=False),
        mark(kit.dark, ellipse(-0.5, -0.51, 0.052, 0.062)),
        mark(kit.light, ellipse(-0.515, -0.535, 0.018, 0.018)),
    ]
