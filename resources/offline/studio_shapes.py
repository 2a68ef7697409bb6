"""Shapes and parts: the vocabulary in which the studio's kinds describe themselves, before any pixel exists.

Object units: every kind lies roughly in [-1, 1] x [-1, 1], y down. Not here: pixels (`studio_raster.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Colour = tuple[float, float, float]
"""sRGB in [0, 1]."""
Line = NDArray[np.float64]
"""(N, 2) points in object units."""


@dataclass(frozen=True)
class Paint:
    """What a surface looks like before light falls on it."""

    rgb: Colour
    material: str = "plastic"
    pattern: str = "plain"
    second: Colour = (1.0, 1.0, 1.0)  # of the pattern

    def shade(self, factor: float) -> "Paint":
        """Return the plain paint, lighter (factor > 1) or darker."""
        r, g, b = (min(1.0, c * factor) for c in self.rgb)
        return replace(self, rgb=(r, g, b), pattern="plain")

    def bare(self, material: str | None = None) -> "Paint":
        """Return the paint without its pattern, of another material if one is named."""
        return replace(self, pattern="plain", material=material or self.material)


@dataclass(frozen=True)
class Lathe:
    """Curvature of a turned surface: half width `radii` at heights `ys`, about the vertical axis at `x`."""

    x: float
    ys: tuple[float, ...]
    radii: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Part:
    """One painted piece. Closed contours are filled even-odd; with `width` they are open lines of that width."""

    contours: tuple[Line, ...]
    paint: Paint
    bulge: float = 0.06  # how far in from its edge the surface keeps curving
    lathe: Lathe | None = None
    width: float = 0.0
    lifted: bool = True  # throws a soft shadow on what lies under it


@dataclass(frozen=True)
class Kit:
    """What a kind is drawn with: its paints, two free proportions in [-1, 1] and the camera's elevation."""

    main: Paint
    second: Paint
    dark: Paint
    light: Paint
    metal: Paint
    wood: Paint
    a: float
    b: float
    elevation: float  # half-height of a horizontal circle of radius 1


def poly(*points: tuple[float, float]) -> Line:
    """Return the points as a line."""
    return np.array(points, dtype=np.float64)


def ellipse(cx: float, cy: float, rx: float, ry: float, n: int = 56) -> Line:
    """Return an ellipse."""
    return arc(cx, cy, rx, ry, 0.0, 360.0, n)


def arc(cx: float, cy: float, rx: float, ry: float, start: float, stop: float, n: int = 32) -> Line:
    """Return an arc; degrees, 0 to the right, 90 down."""
    t = np.radians(np.linspace(start, stop, n))
    return np.stack([cx + rx * np.cos(t), cy + ry * np.sin(t)], axis=1)


def rounded(x: float, y: float, w: float, h: float, r: float) -> Line:
    """Return a rectangle with round corners, `x, y` its top left."""
    corners = [(x + w - r, y + r, -90), (x + w - r, y + h - r, 0), (x + r, y + h - r, 90), (x + r, y + r, 180)]
    return np.concatenate([arc(cx, cy, r, r, a, a + 90, 9) for cx, cy, a in corners])


def smooth(points: Sequence[tuple[float, float]], *, closed: bool = False, n: int = 10) -> Line:
    """Return a Catmull-Rom curve through the points, `n` steps between two of them."""
    p = np.array(points, dtype=np.float64)
    ends = (p[-1:], p[:2]) if closed else (2 * p[:1] - p[1:2], 2 * p[-1:] - p[-2:-1])
    q = np.concatenate([ends[0], p, ends[1]])
    t = np.linspace(0, 1, n, endpoint=False)[:, None]
    pieces = []
    for i in range(len(q) - 3):
        a, b, c, d = q[i : i + 4]
        pieces.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate(pieces if closed else [*pieces, p[-1:]])


def tube(spine: Line, widths: Sequence[float]) -> Line:
    """Return the outline of a limb along `spine`, its full width interpolated between `widths`."""
    along = np.linspace(0, 1, len(spine))
    half = np.interp(along, np.linspace(0, 1, len(widths)), widths)[:, None] / 2
    direction = np.gradient(spine, axis=0)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True) + 1e-9
    normal = np.stack([-direction[:, 1], direction[:, 0]], axis=1)
    return np.concatenate([spine + normal * half, (spine - normal * half)[::-1]])


def mirrored(line: Line) -> Line:
    """Return the line reflected at the vertical axis."""
    flipped: Line = line * np.array([-1.0, 1.0])
    return flipped


def fill(paint: Paint, *contours: Line, bulge: float = 0.06, lifted: bool = True) -> Part:
    """Return a filled part; contours inside others are holes."""
    return Part(contours, paint, bulge=bulge, lifted=lifted)


def stroke(paint: Paint, width: float, *lines: Line, lifted: bool = True) -> Part:
    """Return round-ended lines of one width, each as round as a rod."""
    return Part(lines, paint, bulge=width / 2, width=width, lifted=lifted)


def detail(paint: Paint, width: float, *lines: Line) -> Part:
    """Return lines drawn flat on the surface."""
    return Part(lines, paint, bulge=0.0, width=width, lifted=False)


def mark(paint: Paint, *contours: Line) -> Part:
    """Return a filled part that lies flat on the surface."""
    return Part(contours, paint, bulge=0.0, lifted=False)


def turned(paint: Paint, profile: Sequence[tuple[float, float]], elevation: float, x: float = 0.0) -> Part:
    """Return a body of revolution about a vertical axis.

    Args:
        paint: of its surface.
        profile: (y, radius) from top to bottom; a smooth curve is laid through them.
        elevation: half-height of a circle of radius 1 as the camera sees it.
        x: of the axis.
    """
    curve = smooth(profile, n=8)
    ys, radii = curve[:, 0], np.maximum(curve[:, 1], 0.0)
    right = np.stack([x + radii, ys], axis=1)
    left = np.stack([x - radii, ys], axis=1)[::-1]
    bottom = arc(x, ys[-1], radii[-1], radii[-1] * elevation, 0, 180, 20)
    top = arc(x, ys[0], radii[0], radii[0] * elevation, 180, 360, 20)
    outline = np.concatenate([right, bottom, left, top])
    lathe = Lathe(x, tuple(ys.tolist()), tuple(np.maximum(radii, 1e-3).tolist()))
    return Part((outline,), paint, lathe=lathe)


def opening(inside: Paint, rim: Paint, x: float, y: float, radius: float, elevation: float) -> list[Part]:
    """Return the mouth of a turned body: its rim and the dark inside."""
    outer = ellipse(x, y, radius, radius * elevation)
    inner = ellipse(x, y + 0.01, radius * 0.9, radius * elevation * 0.82)
    return [fill(rim, outer, bulge=0.02, lifted=False), fill(inside, inner, bulge=0.0, lifted=False)]
