"""The studio: everyday kinds drawn from parameters, as anti-aliased RGBA pictures of one object.

Not here: scenes (`world.py`), errors (`foregrounds.py`).
"""

import colorsys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from genval_assets.types import Rgba
from resources.offline import studio_home, studio_nature, studio_outdoors, studio_tools
from resources.offline.studio_raster import Light, fitted, pose, raster
from resources.offline.studio_shapes import Colour, Kit, Paint, Part

COLOURS: Mapping[str, tuple[int, int, int]] = {
    "red": (205, 35, 38), "orange": (240, 128, 24), "yellow": (246, 206, 36), "green": (46, 148, 62),
    "blue": (36, 88, 204), "purple": (122, 52, 164), "pink": (240, 130, 176), "brown": (122, 74, 40),
    "black": (38, 38, 42), "white": (236, 236, 232), "grey": (140, 142, 146),
}  # fmt: skip
"""The colours that the studio mixes, by name; sRGB."""

PATTERNS = ("plain", "striped", "dotted", "checkered")
MATERIALS = ("plastic", "ceramic", "metal", "wood", "fabric", "rubber")
"""What a kind can be made of when asked; `organic` and `glass` come with the kinds that have them."""


@dataclass(frozen=True)
class Kind:
    """One kind of object: how it is drawn, what people call it, and how it looks when nobody says otherwise."""

    name: str
    supercategory: str
    parts: Callable[[Kit], list[Part]]
    material: str
    colours: tuple[str, ...]  # natural ones, the commonest first
    patterned: bool = False  # whether it naturally comes in patterns
    lean: float = 0.0  # half range of natural rotation, degrees
    aliases: tuple[str, ...] = ()


_ANY = ("red", "blue", "green", "yellow", "white", "orange", "purple", "pink", "grey", "black")

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("mug", "kitchen", studio_home.mug, "ceramic", _ANY, True, 8, ("coffee mug", "coffee cup", "cup")),
        Kind("teapot", "kitchen", studio_home.teapot, "ceramic", ("white", "blue", "green", "brown", "pink"), True, 8),
        Kind("wine glass", "kitchen", studio_home.wine_glass, "glass", ("red", "purple",
            "yellow"), False, 6, ("wineglass", "goblet")),
        Kind("watering can", "garden", studio_home.watering_can, "metal", ("green", "grey", "red", "blue",
            "yellow"), False, 10),
        Kind("lamp", "furniture", studio_home.lamp, "fabric", ("white", "yellow", "red", "green",
            "grey"), True, 4, ("table lamp", "desk lamp")),
        Kind("chair", "furniture", studio_home.chair, "wood", ("brown", "white", "red", "black", "blue"), False, 4),
        Kind("wristwatch", "accessory", studio_home.wristwatch, "rubber", ("brown", "black", "blue",
            "red"), False, 90, ("watch", "wrist watch")),
        Kind("backpack", "accessory", studio_home.backpack, "fabric", _ANY, True, 8, ("rucksack", "knapsack")),
        Kind("guitar", "music", studio_home.guitar, "wood", ("orange", "brown", "red", "black",
            "yellow"), False, 60, ("acoustic guitar",)),
        Kind("hammer", "tool", studio_tools.hammer, "rubber", ("red", "blue", "black", "yellow",
            "orange"), False, 90, ("claw hammer",)),
        Kind("scissors", "tool", studio_tools.scissors, "plastic", ("red", "blue", "orange", "green",
            "black"), False, 90, ("pair of scissors",)),
        Kind("key", "tool", studio_tools.key, "metal", ("yellow", "grey", "brown",
            "orange"), False, 90, ("door key", "house key")),
        Kind("padlock", "tool", studio_tools.padlock, "metal", ("yellow", "grey", "red", "blue",
            "black"), False, 12, ("lock",)),
        Kind("ladder", "tool", studio_tools.ladder, "wood", ("brown", "grey", "yellow", "orange",
            "red"), False, 20, ("stepladder",)),
        Kind("umbrella", "accessory", studio_tools.umbrella, "fabric", _ANY, True, 30, ("parasol",)),
        Kind("traffic cone", "street", studio_tools.traffic_cone, "plastic", ("orange", "red",
            "yellow"), False, 6, ("cone", "road cone", "pylon")),
        Kind("banana", "fruit", studio_nature.banana, "organic", ("yellow", "yellow", "green"), False, 50),
        Kind("pineapple", "fruit", studio_nature.pineapple, "organic", ("orange", "yellow",
            "brown"), False, 25, ("ananas",)),
        Kind("mushroom", "plant", studio_nature.mushroom, "organic", ("red", "brown", "orange",
            "white"), False, 12, ("toadstool",)),
        Kind("cactus", "plant", studio_nature.cactus, "organic", ("green",), False, 5),
        Kind("fish", "animal", studio_nature.fish, "organic", ("orange", "blue", "grey", "yellow",
            "red"), True, 20, ("goldfish",)),
        Kind("butterfly", "animal", studio_nature.butterfly, "organic", ("orange", "blue", "yellow", "purple",
            "red"), False, 60),
        Kind("duck", "animal", studio_nature.duck, "plastic", ("yellow", "yellow", "pink",
            "blue"), False, 10, ("rubber duck", "toy duck")),
        Kind("bicycle", "vehicle", studio_outdoors.bicycle, "metal", ("red", "blue", "green", "orange",
            "pink"), False, 8, ("bike",)),
        Kind("sailboat", "vehicle", studio_outdoors.sailboat, "fabric", ("white", "red", "blue", "orange",
            "yellow"), True, 10, ("sailing boat", "sail boat")),
        Kind("rocket", "toy", studio_outdoors.rocket, "metal", ("white", "red", "grey", "blue",
            "yellow"), False, 40, ("toy rocket", "spaceship")),
        Kind("kite", "toy", studio_outdoors.kite, "fabric", ("red", "blue", "yellow", "green", "purple"), False, 35),
        Kind("hot-air balloon", "vehicle", studio_outdoors.hot_air_balloon, "fabric", ("red", "yellow", "blue",
            "green", "purple"), True, 5, ("hot air balloon",)),
    )
}  # fmt: skip
"""All kinds by name."""


@dataclass(frozen=True)
class Look:
    """Everything that decides one picture of one kind; the same look gives the same pixels."""

    kind: str
    colour: str
    second: str
    pattern: str
    material: str
    angle: float  # degrees, clockwise
    flip: bool
    elevation: float  # half-height of a horizontal circle of radius 1: 0 is eye level
    a: float  # two proportions of the kind, in [-1, 1]
    b: float
    tint: tuple[float, float, float]  # shift of hue (turns), factors of saturation and value
    light: Light


@dataclass(frozen=True)
class Style:
    """The ranges from which a look is drawn where nobody asked: the world and the models use different ones."""

    proportion: tuple[float, float]
    elevation: tuple[float, float]
    azimuth: tuple[float, float]  # of the light, degrees
    height: tuple[float, float]  # of the light
    contrast: tuple[float, float]
    gloss: tuple[float, float]
    rim: tuple[float, float]
    hue: tuple[float, float]  # shift, turns
    saturation: tuple[float, float]
    value: tuple[float, float]
    grain: float
    lean: float  # factor on the kind's natural rotation


WORLD = Style((-1.0, 0.6), (0.1, 0.3), (200, 290), (0.55, 0.8), (0.5, 0.8), (0.3, 0.8), (0.25, 0.5), (-0.012, 0.012),
              (0.75, 1.0), (0.8, 1.0), 0.01, 1.0)  # fmt: skip
"""The demo's 'real' things: photographed by daylight from above and left."""

MODEL = Style((-0.5, 1.0), (0.06, 0.26), (235, 330), (0.6, 0.85), (0.6, 0.95), (0.6, 1.1), (0.4, 0.65), (-0.02, 0.02),
              (0.9, 1.15), (0.85, 1.05), 0.007, 0.6)  # fmt: skip
"""The foreground model's hand: glossier, more saturated, fuller proportions, other light."""


def sample_look(
    kind: str,
    rng: np.random.Generator,
    style: Style,
    *,
    colour: str | None = None,
    second: str | None = None,
    pattern: str | None = None,
    material: str | None = None,
) -> Look:
    """Return a look of the kind within the style; what is asked for is kept, the rest is drawn.

    The number of draws does not depend on what is asked, so the same generator gives the same pose and light.

    Raises:
        KeyError: the studio has no such kind.
    """
    known = KINDS[kind]
    drawn_colour = known.colours[int(rng.integers(len(known.colours)))]
    drawn_pattern = PATTERNS[int(rng.integers(1, 4))] if known.patterned and rng.random() < 0.4 else "plain"
    main = colour or drawn_colour
    contrasting = [name for name in ("white", "yellow", "blue", "red", "black") if name != main]
    drawn_second = contrasting[int(rng.integers(len(contrasting)))]
    u = rng.random(13)

    def between(span: tuple[float, float], i: int) -> float:
        return float(span[0] + (span[1] - span[0]) * u[i])

    light = Light(between(style.azimuth, 0), between(style.height, 1), between(style.contrast, 2),
                  between(style.gloss, 3), between(style.rim, 4), style.grain, int(rng.integers(2**31)))  # fmt: skip
    tint = (between(style.hue, 5), between(style.saturation, 6), between(style.value, 7))
    lean = known.lean * style.lean
    return Look(kind, main, second or drawn_second, pattern or drawn_pattern, material or known.material,
                between((-lean, lean), 8), bool(u[9] < 0.5), between(style.elevation, 10),
                between(style.proportion, 11), between(style.proportion, 12), tint, light)  # fmt: skip


def draw(look: Look, size: int, margin: float = 0.08) -> Rgba:
    """Return a (size, size, 4) picture of one object, centred, whole, on transparent ground.

    Args:
        look: what to draw.
        size: of the frame in px.
        margin: share of the frame that stays free at each end of the longer side.
    """
    parts = KINDS[look.kind].parts(_kit(look))
    linear = pose(look.angle, flip=look.flip, squash=1.0 - 0.18 * max(look.elevation, 0.0))
    return raster(parts, fitted(parts, linear, size, margin), look.light, (size, size))


def _kit(look: Look) -> Kit:
    """Return the paints and proportions of a look."""
    second = tinted(look.second, look.tint)
    main = Paint(tinted(look.colour, look.tint), look.material, look.pattern, second)
    return Kit(
        main=main,
        second=Paint(second, "plastic" if look.material == "glass" else look.material),
        dark=Paint((0.13, 0.13, 0.15), "plastic"),
        light=Paint((0.94, 0.94, 0.92), "plastic"),
        metal=Paint((0.7, 0.72, 0.75), "metal"),
        wood=Paint((0.62, 0.42, 0.24), "wood"),
        a=look.a,
        b=look.b,
        elevation=look.elevation,
    )


def tinted(colour: str, tint: tuple[float, float, float]) -> Colour:
    """Return a named colour, shifted in hue and scaled in saturation and value."""
    r, g, b = (c / 255 for c in COLOURS[colour])
    h, s, v = colorsys.rgb_to_hsv(r, g, b)
    return colorsys.hsv_to_rgb((h + tint[0]) % 1.0, min(1.0, s * tint[1]), min(1.0, v * tint[2]))
