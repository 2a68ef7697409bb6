"""Pictures that the offline eyes are shown: one drawing on a plain ground, and several in a room."""

from functools import cache

import cv2
import numpy as np

from genval_assets.instances.gate import Frame
from genval_assets.instances.ground import in_frame
from genval_assets.types import Rgb
from resources.offline.scenery import paint_place
from resources.offline.studio import MODEL, draw, sample_look


@cache
def cut_out(kind: str, colour: str, pattern: str = "plain", seed: int = 1) -> Rgb:
    """A drawing as the stage shows it: on a plain ground with a margin."""
    look = sample_look(kind, np.random.default_rng(seed), MODEL, colour=colour, second="white", pattern=pattern)
    rgba = draw(look, 256, margin=0.0)
    return in_frame(rgba, Frame(296, 296, 20, 20), 768)


@cache
def scene(*stood: tuple[str, str]) -> Rgb:
    """Things of a kind and a colour side by side in a room."""
    picture = cv2.GaussianBlur(paint_place("room", np.random.default_rng(3), 640, 480)[0], (0, 0), 1.2)
    for i, (kind, colour) in enumerate(stood):
        look = sample_look(kind, np.random.default_rng(i), MODEL, colour=colour, pattern="plain")
        rgba, x = draw(look, 170, margin=0.02), 30 + 210 * i
        alpha = rgba[..., 3:] / 255
        picture[200:370, x : x + 170] = picture[200:370, x : x + 170] * (1 - alpha) + rgba[..., :3] * alpha
    return picture
