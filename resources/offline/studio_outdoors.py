"""Kinds that move under the open sky. Each function returns a kind's parts, back to front, in object units."""

from dataclasses import replace

import numpy as np

from resources.offline.studio_shapes import (
    Kit,
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


def bicycle(kit: Kit) -> list[Part]:
    """A bicycle, front wheel to the left."""
    wheel, rise = 0.48 + 0.03 * kit.a, 0.52 + 0.05 * kit.b
    front, back, crank, y = -0.78, 0.78, 0.04, 0.42
    head, seat = (-0.52, y - rise - 0.22), (0.24, y - rise - 0.14)
    spokes = [
        poly((x, y), (x + wheel * np.cos(t), y + wheel * np.sin(t)))
        for x in (front, back)
        for t in np.radians(np.arange(15, 375, 45))
    ]
    tubes = [poly((crank, y), head, seat, (crank, y), (back, y), seat), poly(head, (front, y))]
    tyres = [ellipse(x, y, wheel, wheel) for x in (front, back)]
    bars = smooth([(head[0] + 0.02, head[1]), (-0.58, head[1] - 0.22), (-0.76, head[1] - 0.24), (-0.84, head[1] - 0.1)])
    return [
        detail(kit.metal, 0.022, *spokes),
        stroke(kit.dark.bare("rubber"), 0.1, *tyres),
        stroke(kit.main.bare(), 0.05, *(ellipse(x, y, wheel - 0.06, wheel - 0.06) for x in (front, back))),
        *(fill(kit.metal, ellipse(x, y, 0.075, 0.075), bulge=0.05) for x in (front, back)),
        stroke(kit.main, 0.115, *tubes),
        stroke(kit.main.bare(), 0.09, poly(seat, (seat[0] + 0.03, seat[1] - 0.16))),
        fill(kit.dark.bare("rubber"), smooth([(0.02, seat[1] - 0.2), (0.3, seat[1] - 0.26),
            (0.52, seat[1] - 0.24), (0.42, seat[1] - 0.12)], closed=True), bulge=0.06),
        stroke(kit.dark.bare("rubber"), 0.085, bars),
        fill(kit.metal, ellipse(crank, y, 0.15, 0.15), ellipse(crank, y, 0.06, 0.06), bulge=0.04),
        stroke(kit.dark, 0.06, poly((crank, y), (crank + 0.12, y + 0.24)), poly((crank + 0.03, y + 0.25),
            (crank + 0.2, y + 0.25))),
    ]  # fmt: skip


def sailboat(kit: Kit) -> list[Part]:
    """A sailing boat under main sail and jib."""
    mast, bow = -1.06 - 0.1 * kit.a, 0.1 * kit.b
    hull = smooth([(-0.98 - bow, 0.46), (-0.8, 0.72), (-0.5, 0.92), (0.52, 0.92), (0.78, 0.74), (0.88, 0.46)], n=8)
    sail = np.concatenate([smooth([(0.04, mast + 0.06), (0.42, -0.4), (0.8, 0.26)]), smooth([(0.8, 0.26),
        (0.42, 0.31), (0.04, 0.28)])])  # fmt: skip
    jib = np.concatenate([smooth([(-0.02, mast + 0.16), (-0.5, -0.24), (-0.82, 0.28)]), smooth([(-0.82, 0.28),
        (-0.4, 0.26), (-0.02, 0.34)])])  # fmt: skip
    seams = [poly((0.04 + (0.76 * (y - mast) / 1.32), y), (0.04, y + 0.03)) for y in (-0.62, -0.32, -0.02)]
    return [
        stroke(kit.wood, 0.075, poly((0, mast), (0, 0.5))),
        stroke(kit.wood, 0.05, poly((0, 0.32), (0.84, 0.3))),
        fill(kit.main, sail, bulge=0.2),
        detail(kit.main.shade(0.75), 0.018, *seams),
        fill(kit.main.bare(), jib, bulge=0.16),
        fill(kit.second, poly((0.03, mast - 0.02), (0.3, mast + 0.06), (0.03, mast + 0.14)), bulge=0.04),
        fill(kit.wood, hull, bulge=0.18),
        fill(kit.second, smooth([(-0.98 - bow, 0.46), (-0.93, 0.56), (0.0, 0.6), (0.87, 0.56),
            (0.88, 0.46)], n=6), bulge=0.05),
    ]  # fmt: skip


def rocket(kit: Kit) -> list[Part]:
    """A toy rocket standing on its fins."""
    r, nose = 0.36 + 0.04 * kit.a, -1.1 - 0.08 * kit.b
    fin = smooth([(r * 0.7, 0.2), (r + 0.22, 0.46), (r + 0.34, 1.04), (r * 0.6, 0.76)])
    body = [(-0.62, r * 0.76), (-0.3, r * 0.96), (0.1, r), (0.5, r * 0.92), (0.8, r * 0.7)]
    return [
        turned(kit.metal.shade(0.6), [(0.76, r * 0.5), (0.98, r * 0.66)], 0.2),
        fill(kit.second, fin, bulge=0.07),
        fill(kit.second, mirrored(fin), bulge=0.07),
        turned(kit.main, body, 0.16),
        turned(kit.second, [(nose, 0.02), (nose + 0.14, r * 0.34), (-0.62, r * 0.77)], 0.16),
        fill(kit.metal, ellipse(0, -0.22, 0.2, 0.2), bulge=0.05),
        fill(kit.dark, ellipse(0, -0.22, 0.145, 0.145), bulge=0.08, lifted=False),
        mark(kit.light, arc(-0.02, -0.25, 0.09, 0.08, 180, 290, 10)),
        detail(kit.main.shade(0.6), 0.025, arc(0, 0.24, r, r * 0.16, 0, 180)),
        fill(kit.second, tube(poly((0, 0.3), (0, 1.06)), [0.06, 0.15, 0.13]), bulge=0.06),
    ]


def kite(kit: Kit) -> list[Part]:
    """A diamond kite with a bowed tail."""
    wide, drop = 0.66 + 0.05 * kit.a, 0.42 + 0.06 * kit.b
    top, left, bottom, right = (0.0, -1.16), (-wide, -0.46), (0.0, drop), (wide, -0.46)
    centre = (0.0, -0.46)
    tail = smooth([bottom, (0.22, drop + 0.18), (0.0, drop + 0.36), (-0.26, drop + 0.52), (-0.04, drop + 0.74)])
    bows = [(0.17, drop + 0.2, 20), (-0.17, drop + 0.46, -30), (-0.06, drop + 0.72, 30)]
    return [
        stroke(kit.dark, 0.055, tail),
        *(part for x, y, t in bows for part in _bow(kit, x, y, t)),
        fill(kit.main, poly(top, left, centre), bulge=0.04),
        fill(kit.second, poly(top, centre, right), bulge=0.04, lifted=False),
        fill(kit.second, poly(left, bottom, centre), bulge=0.04, lifted=False),
        fill(kit.main, poly(centre, bottom, right), bulge=0.04, lifted=False),
        stroke(kit.wood, 0.04, poly(top, bottom), poly(left, right), lifted=False),
        detail(kit.main.shade(0.6), 0.03, poly(top, left, bottom, right, top)),
    ]


def _bow(kit: Kit, x: float, y: float, degrees: float) -> list[Part]:
    """Return a bow tied into the kite's tail."""
    t = np.radians(degrees)
    turn = np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]])
    wing = poly((0, 0), (0.22, -0.12), (0.22, 0.12))
    return [fill(kit.main.bare(), line @ turn + [x, y], bulge=0.04) for line in (wing, mirrored(wing))]


def hot_air_balloon(kit: Kit) -> list[Part]:
    """A hot-air balloon with its basket."""
    r, drop = 0.74 + 0.05 * kit.a, 0.86 + 0.06 * kit.b
    profile = [(-1.2, 0.03), (-1.12, 0.34), (-0.84, r * 0.88), (-0.42, r), (0.02, r * 0.8), (0.34, 0.36), (0.48, 0.2)]
    curve = smooth(profile, n=6)
    envelope = turned(kit.main, profile, 0.1)
    gores = []
    for left, right in ((-0.78, -0.34), (0.34, 0.78)):
        sides = [np.stack([curve[:, 1] * s, curve[:, 0]], axis=1) for s in (left, right)]
        gores.append(
            replace(envelope, contours=(np.concatenate([sides[0], sides[1][::-1]]),), paint=kit.second, lifted=False)
        )
    seams = [np.stack([curve[:, 1] * s, curve[:, 0]], axis=1) for s in (-0.78, -0.34, 0.34, 0.78)]
    ropes = [poly((s * 0.17, 0.46), (s * 0.17, drop)) for s in (-1, 1)]
    skirt = turned(kit.dark, [(0.46, 0.2), (0.56, 0.17)], 0.15)
    basket = fill(kit.wood, poly((-0.23, drop), (0.23, drop), (0.19, drop + 0.3), (-0.19, drop + 0.3)), bulge=0.08)
    weave = [poly((-0.2, drop + d), (0.2, drop + d)) for d in (0.1, 0.19)]
    return [
        stroke(kit.dark, 0.06, *ropes),
        basket,
        detail(kit.wood.shade(0.6), 0.02, *weave),
        stroke(kit.wood.shade(0.7), 0.08, poly((-0.23, drop), (0.23, drop))),
        skirt,
        envelope,
        *gores,
        detail(kit.main.shade(0.6), 0.015, *seams),
        fill(kit.main.shade(0.5), rounded(-0.1, -1.24, 0.2, 0.05, 0.02), bulge=0.02, lifted=False),
    ]
