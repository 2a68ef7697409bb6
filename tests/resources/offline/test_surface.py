"""The offline vision model tells the colour that a thing bears, and its pattern, or says nothing."""

import numpy as np
import pytest

from genval_assets.instances.ground import contrasting_ground, flattened
from resources.offline.descriptor import polar, thumbnail
from resources.offline.hands import HANDS
from resources.offline.opinion import opinion
from resources.offline.seen import sight
from resources.offline.studio import COLOURS, KINDS, PATTERNS, draw, sample_look
from resources.offline.surface import NAMES, Surface, main_colour, named_pixels, pattern, surface


def picture_of(kind: str, seed: int = 0, **asked) -> np.ndarray:
    rgba = draw(sample_look(kind, np.random.default_rng(seed), HANDS["golden"], **asked), 192)
    return flattened(rgba, contrasting_ground(rgba))


def test_the_studios_colours_are_called_by_their_names():
    assert set(NAMES) == set(COLOURS)
    swatch = np.array([list(COLOURS.values())], dtype=np.uint8)
    assert [NAMES[i] for i in named_pixels(swatch)[0]] == list(COLOURS)


def test_a_colour_that_is_told_is_right_and_most_are_told():
    told, right = 0, 0
    colours = list(COLOURS)
    for i, kind in enumerate(KINDS):
        for j in range(5):
            colour = colours[(i + 2 * j) % len(colours)]
            seen = opinion(picture_of(kind, j, colour=colour, pattern="plain"))
            told += bool(seen and seen.colour)
            right += bool(seen and seen.colour == colour)
    assert told >= 0.85 * 5 * len(KINDS)
    assert right >= 0.95 * told


def test_the_colour_is_that_of_the_paint_and_not_of_the_rest():
    assert opinion(picture_of("hammer", colour="blue", pattern="plain")).colour == "blue"  # most of it is steel
    assert (
        opinion(picture_of("mushroom", colour="purple", pattern="plain")).colour == "purple"
    )  # cream stem, white dots


def test_a_pattern_that_is_told_is_mostly_right():
    kinds = ("mug", "backpack", "lamp", "umbrella", "padlock", "fish", "cactus", "key")
    right = dict.fromkeys(PATTERNS, 0)
    told = dict(right)
    for kind in kinds:
        for name in PATTERNS:
            for seed in range(3):
                asked = {"colour": "blue" if kind != "cactus" else "green", "second": "white", "pattern": name}
                seen = opinion(picture_of(kind, seed, **asked))
                told[name] += bool(seen.pattern)
                right[name] += seen.pattern == name
    assert sum(right.values()) >= 0.9 * sum(told.values())
    assert sum(told.values()) >= 0.6 * 12 * len(kinds)


def flat(*rows: str) -> Surface:
    """A surface drawn by hand: letters are the first ones of colours; a blank is not painted."""
    initial = {"r": "red", "w": "white", "b": "blue", "o": "orange", "n": "brown"}
    names = np.array([[NAMES.index(initial.get(c, "black")) for c in row] for row in rows])
    return Surface(names, np.array([[c != " " for c in row] for row in rows]))


@pytest.mark.parametrize(
    ("rows", "colour", "told"),
    [
        (["rrrrrr"] * 6, "red", "plain"),
        (["rrrrrrrrrrrr", "rrrrrrrrrrrr", "wwwwwwwwwwww"] * 5, "red", "striped"),
        (["rrrrwwww"] * 4 + ["wwwwrrrr"] * 4, "", ""),  # two patches are no pattern, and no colour is in front
        (["oooonnnn"] * 6, "", "plain"),  # brown is orange in shade
        (["rr"] * 3, "", ""),  # too few pixels to say
        (["rrrr    "] * 4, "red", "plain"),
    ],
)
def test_colour_and_pattern_of_a_surface_drawn_by_hand(rows, colour, told):
    assert main_colour(flat(*rows)) == colour
    assert pattern(flat(*rows)) == told


def test_squares_in_turn_are_checkered_and_spots_are_dotted():
    rows, columns = np.mgrid[:32, :32]
    red, white = NAMES.index("red"), NAMES.index("white")
    everywhere = np.ones((32, 32), dtype=bool)
    squares = (rows // 8 + columns // 8) % 2 == 0
    assert pattern(Surface(np.where(squares, red, white), everywhere)) == "checkered"
    spots = (rows % 8 - 4) ** 2 + (columns % 8 - 4) ** 2 < 5
    assert pattern(Surface(np.where(spots, white, red), everywhere)) == "dotted"


def test_only_pixels_under_the_paint_count():
    picture = picture_of("padlock", colour="red", pattern="plain")
    thumb = thumbnail(picture, sight(picture).mask)
    reds = (named_pixels(thumb.rgb) == NAMES.index("red")) & (thumb.cover > 0.9)
    painted = surface(thumb, polar(thumb, reds.astype(np.float32))).painted
    assert painted.any()
    assert (painted & ~reds).sum() <= 0.1 * painted.sum()
