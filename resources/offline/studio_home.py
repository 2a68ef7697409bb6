"""Kinds that stand about the house. Each function returns a kind's parts, back to front, in object units."""

import numpy as np

from resources.offline.studio_shapes import (
    Kit,
    Part,
    arc,
    detail,
    ellipse,
    fill,
    mark,
    opening,
    poly,
    rounded,
    smooth,
    stroke,
    tube,
    turned,
)


def mug(kit: Kit) -> list[Part]:
    """A mug with its handle to the right."""
    e, top, r = kit.elevation, -0.72 - 0.16 * kit.a, 0.56 + 0.06 * kit.b
    handle = smooth([(r - 0.1, top + 0.28), (r + 0.36, top + 0.26), (r + 0.42, 0.1), (r + 0.2, 0.42), (r - 0.12, 0.46)])
    body = turned(kit.main, [(top, r), (0.1, r * 0.98), (0.66, r * 0.95), (0.78, r * 0.84)], e)
    return [stroke(kit.main.bare(), 0.15, handle), body, *opening(kit.main.shade(0.4), kit.light, 0, top, r, e)]


def teapot(kit: Kit) -> list[Part]:
    """A round teapot, spout to the left, handle to the right."""
    e, r = kit.elevation * 0.8, 0.66 + 0.06 * kit.a
    spout = smooth([(-0.45, 0.34), (-0.8, 0.22), (-0.92, -0.16), (-1.16 - 0.05 * kit.b, -0.4)])
    handle = smooth([(0.42, -0.34), (0.86, -0.5), (1.1, -0.12), (0.92, 0.26), (0.52, 0.42)])
    neck = [(-0.5, 0.34), (-0.36, 0.5), (0.06, r), (0.46, r * 0.86), (0.66, 0.42), (0.72, 0.44)]
    lid = [(-0.78, 0.03), (-0.74, 0.16), (-0.62, 0.31), (-0.52, 0.37)]
    return [
        stroke(kit.main.bare(), 0.13, handle),
        fill(kit.main.bare(), tube(spout, [0.36, 0.25, 0.18, 0.17]), bulge=0.12),
        mark(kit.dark, ellipse(-1.165 - 0.05 * kit.b, -0.415, 0.075, 0.035)),
        turned(kit.main, neck, e),
        turned(kit.second, lid, e),
        fill(kit.second, ellipse(0, -0.86, 0.12, 0.11), bulge=0.11),
    ]


def wine_glass(kit: Kit) -> list[Part]:
    """A wine glass: clear glass, wine to half its height."""
    e, r, stem = kit.elevation, 0.5 + 0.06 * kit.a, 0.62 + 0.1 * kit.b
    glass, wine = kit.light.bare("glass"), kit.main.bare("liquid")
    foot = 0.1 + stem
    level = -0.52
    bowl = [(-1.0, r * 0.74), (-0.6, r * 0.95), (-0.3, r), (-0.02, r * 0.68), (0.13, 0.09)]
    drink = [(level, r * 0.93), (-0.3, r * 0.95), (-0.03, r * 0.63), (0.09, 0.08)]
    stalk = [(0.1, 0.09), (0.22, 0.06), (foot - 0.1, 0.06), (foot, 0.12)]
    return [
        fill(glass, ellipse(0, foot, 0.46, 0.46 * max(e, 0.14)), bulge=0.05, lifted=False),
        turned(glass, stalk, e),
        turned(wine, drink, e),
        fill(wine.shade(1.15), ellipse(0, level, r * 0.92, r * 0.9 * e), bulge=0.03, lifted=False),
        turned(glass, bowl, e),
        detail(glass.bare("ceramic"), 0.03, ellipse(0, -1.0, r * 0.74, r * 0.74 * e)),
    ]


def watering_can(kit: Kit) -> list[Part]:
    """A watering can, its rose to the left."""
    e, r = kit.elevation, 0.5 + 0.05 * kit.a
    reach = 1.2 + 0.06 * kit.b
    spout = smooth([(-0.35, 0.5), (-0.72, 0.16), (-reach + 0.12, -0.5)])
    rose = poly((-reach - 0.12, -0.42), (-reach + 0.06, -0.72), (-reach + 0.24, -0.48), (-reach + 0.14, -0.4))
    hoop = smooth([(-0.34, -0.34), (-0.2, -0.86), (0.36, -0.92), (0.86, -0.5), (0.88, 0.1), (0.48, 0.42)])
    return [
        stroke(kit.second, 0.11, hoop),
        fill(kit.main.bare(), tube(spout, [0.3, 0.18, 0.15]), bulge=0.08),
        fill(kit.second, rose, bulge=0.08),
        stroke(kit.second, 0.07, poly((-reach - 0.14, -0.46), (-reach + 0.06, -0.76))),
        turned(kit.main, [(-0.4, r * 0.9), (0.2, r * 0.98), (0.72, r)], e),
        *opening(kit.dark, kit.main.shade(1.2), 0, -0.4, r * 0.9, e),
        detail(
            kit.main.shade(0.6), 0.035, arc(0, 0.6, r, r * e, 0, 180), arc(0, -0.26, r * 0.92, r * e * 0.92, 0, 180)
        ),
    ]


def lamp(kit: Kit) -> list[Part]:
    """A table lamp with a tapered shade."""
    e, wide, foot = kit.elevation, 0.72 + 0.08 * kit.a, 0.34 + 0.05 * kit.b
    base = [(0.12, 0.07), (0.2, 0.08), (0.42, foot * 0.86), (0.62, foot), (0.8, foot * 0.6), (0.88, 0.12)]
    plate = [(0.86, 0.4), (0.97, 0.43)]
    return [
        turned(kit.second.bare("metal"), plate, e),
        turned(kit.second.bare("ceramic"), base, e * 0.6),
        stroke(kit.metal, 0.09, poly((0, -0.05), (0, 0.16))),
        fill(kit.main.shade(0.45), ellipse(0, 0.02, wide, wide * e * 0.8), bulge=0.0, lifted=False),
        turned(kit.main, [(-0.86, wide * 0.5), (-0.4, wide * 0.78), (0.02, wide)], e),
        *opening(kit.light, kit.main.shade(0.7), 0, -0.86, wide * 0.5, e),
    ]


def chair(kit: Kit) -> list[Part]:
    """A wooden chair with a slatted back, seen a little from the side."""
    tall, seat = 0.98 + 0.1 * kit.a, 0.14 + 0.04 * kit.b
    frame, dark = kit.main.bare(), kit.main.shade(0.72)
    slats = [
        fill(frame, rounded(-0.5 + 0.05, y, 0.8, 0.13, 0.04), bulge=0.05)
        for y in (-tall + 0.06, -tall + 0.33, -tall + 0.6)
    ]
    cushion = poly((-0.58, seat), (0.38, seat), (0.62, seat + 0.26), (-0.5, seat + 0.26))
    edge = poly((-0.5, seat + 0.24), (0.62, seat + 0.24), (0.62, seat + 0.36), (-0.5, seat + 0.36))
    return [
        stroke(dark, 0.1, poly((0.32, seat), (0.4, 0.86))),
        stroke(dark, 0.1, poly((-0.52, seat), (-0.6, 0.84))),
        stroke(dark, 0.06, poly((-0.56, 0.56), (0.37, 0.56))),
        stroke(frame, 0.11, poly((-0.5, seat + 0.1), (-0.56, -tall)), poly((0.34, seat + 0.1), (0.38, -tall))),
        *slats,
        stroke(frame, 0.06, poly((0.56, 0.66), (-0.44, 0.66))),
        stroke(frame, 0.12, poly((-0.42, seat + 0.3), (-0.44, 1.0)), poly((0.54, seat + 0.3), (0.58, 1.0))),
        fill(kit.main, cushion, bulge=0.08),
        fill(kit.main.shade(0.8), edge, bulge=0.05),
    ]


def wristwatch(kit: Kit) -> list[Part]:
    """A wristwatch laid flat, strap up and down."""
    wide, long = 0.36 + 0.03 * kit.a, 1.22 + 0.08 * kit.b
    strap_up = tube(poly((0, -0.3), (0, -long)), [wide * 2, wide * 1.6])
    strap_down = tube(poly((0, 0.3), (0, long)), [wide * 2, wide * 1.6])
    ticks = [
        poly((0.33 * np.sin(t), 0.33 * np.cos(t)), (0.4 * np.sin(t), 0.4 * np.cos(t)))
        for t in np.radians(np.arange(0, 360, 30))
    ]
    return [
        fill(kit.main, strap_up, bulge=0.08),
        fill(kit.main, strap_down, bulge=0.08),
        detail(kit.main.shade(0.55), 0.02, *(poly((s * wide * 0.78, y * 0.4),
            (s * wide * 0.62, y * (long - 0.06))) for s in (-1, 1) for y in (-1, 1))),
        *(mark(kit.dark, ellipse(0, y, 0.035, 0.03)) for y in (0.7, 0.85, 1.0)),
        fill(kit.metal, rounded(-wide * 0.86, -long - 0.1, wide * 1.72, 0.18, 0.05), bulge=0.04),
        stroke(kit.metal, 0.13, poly((0.5, 0), (0.62, 0))),
        fill(kit.metal, ellipse(0, 0, 0.56, 0.56), bulge=0.12),
        fill(kit.second, ellipse(0, 0, 0.45, 0.45), bulge=0.03),
        detail(kit.dark, 0.03, *ticks),
        detail(kit.dark, 0.045, poly((0, 0), (-0.16, -0.18))),
        detail(kit.dark, 0.032, poly((0, 0), (0.2, -0.26))),
        mark(kit.metal, ellipse(0, 0, 0.045, 0.045)),
    ]  # fmt: skip


def backpack(kit: Kit) -> list[Part]:
    """A backpack from the front: flap, pocket, straps at the sides."""
    wide, tall = 0.62 + 0.05 * kit.a, 0.92 + 0.05 * kit.b
    body = smooth([(-wide, 0.84), (-wide * 1.04, 0.1), (-wide * 0.86, -tall * 0.72), (0, -tall),
        (wide * 0.86, -tall * 0.72), (wide * 1.04, 0.1), (wide, 0.84), (0, 0.92)], closed=True)  # fmt: skip
    flap = smooth([(-wide * 0.84, -0.62), (0, -tall + 0.02), (wide * 0.84, -0.62), (wide * 0.8, -0.2), (0, -0.08),
        (-wide * 0.8, -0.2)], closed=True)  # fmt: skip
    straps = [smooth([(s * wide * 0.7, -0.7), (s * wide * 1.36, -0.2), (s * wide * 1.3, 0.5),
        (s * wide * 0.9, 0.76)]) for s in (-1, 1)]  # fmt: skip
    zipped = smooth([(-wide * 0.64, 0.36), (-wide * 0.6, 0.26), (wide * 0.6, 0.26), (wide * 0.64, 0.36)])
    return [
        stroke(kit.main.shade(0.6), 0.13, *straps),
        stroke(kit.dark, 0.09, arc(0, -tall + 0.02, 0.2, 0.17, 180, 360)),
        fill(kit.main, body, bulge=0.26),
        fill(kit.main.bare(), flap, bulge=0.12),
        fill(kit.second, rounded(-wide * 0.74, 0.16, wide * 1.48, 0.62, 0.14), bulge=0.1),
        detail(kit.metal, 0.035, zipped),
        fill(kit.dark, rounded(-0.09, -0.24, 0.18, 0.34, 0.04), bulge=0.03),
        fill(kit.metal, rounded(-0.12, -0.02, 0.24, 0.12, 0.03), bulge=0.03),
    ]


def guitar(kit: Kit) -> list[Part]:
    """An acoustic guitar, neck up."""
    low, neck = 0.56 + 0.05 * kit.a, 0.3 + 0.1 * kit.b
    right = [(0.12, -0.24), (0.36, -0.2), (0.42, 0.02), (0.33, 0.22), (low * 0.92, 0.46), (low, 0.72),
        (0.34, 1.0), (0, 1.05)]  # fmt: skip
    body = smooth([*right, *((-x, y) for x, y in right[-2::-1])], closed=True)
    top = -0.86 - neck
    strings = [poly((x, top + 0.1), (x * 1.3, 0.72)) for x in (-0.045, -0.015, 0.015, 0.045)]
    pegs = [poly((s * 0.1, y), (s * 0.19, y)) for s in (-1, 1) for y in (top - 0.02, top - 0.12, top - 0.22)]
    return [
        fill(kit.main, body, bulge=0.09),
        detail(kit.main.shade(0.5), 0.03, body),
        mark(kit.main.shade(0.3), ellipse(0, 0.2, 0.2, 0.2), ellipse(0, 0.2, 0.15, 0.15)),
        mark(kit.dark, ellipse(0, 0.2, 0.155, 0.155)),
        fill(kit.dark.bare("wood"), tube(poly((0, top), (0, 0.08)), [0.15, 0.19]), bulge=0.06),
        detail(kit.metal, 0.015, *(poly((-0.08, y), (0.08, y)) for y in np.linspace(top + 0.1, -0.06, 9))),
        stroke(kit.metal, 0.07, *pegs),
        fill(kit.wood, poly((-0.08, top + 0.04), (-0.13, top - 0.3), (0, top - 0.35), (0.13, top - 0.3),
            (0.08, top + 0.04)), bulge=0.04),
        fill(kit.dark.bare("wood"), rounded(-0.25, 0.68, 0.5, 0.1, 0.03), bulge=0.03),
        detail(kit.light, 0.012, *strings),
    ]  # fmt: skip
