"""The prompts of painted backgrounds: places by light and camera, in `places.toml` (Gen-n-Val, arXiv 2506.04676).

The paper asks for diverse backgrounds without publishing its list; this one is ours.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from genval_assets.keys import seed_of
from genval_assets.types import PaintRequest


@dataclass(frozen=True)
class Setting:
    """Places that share their lights: indoors or outdoors."""

    places: tuple[str, ...]
    lights: tuple[str, ...]


@dataclass(frozen=True)
class Wording:
    """What `places.toml` holds."""

    text: str  # with {place}, {light} and {camera}
    negative: str
    cameras: tuple[str, ...]
    settings: tuple[Setting, ...]


@cache
def wording() -> Wording:
    """Return the shipped places, lights and cameras."""
    read = tomllib.loads(files("genval_assets.backgrounds").joinpath("places.toml").read_text(encoding="utf-8"))
    settings = (Setting(tuple(read[key]["places"]), tuple(read[key]["lights"])) for key in ("indoors", "outdoors"))
    return Wording(read["text"], read["negative"], tuple(read["cameras"]), tuple(settings))


def background_prompts(count: int, seed: int) -> list[PaintRequest]:
    """Return the first `count` of a project's painted backgrounds: a longer list begins with the shorter one.

    Indoors and outdoors alternate. The places of each come in a seeded order, again and again; with every round each
    place moves on by one pair of light and camera, so that a prompt returns only when its place has had every pair
    (after 1,152 prompts, of which only the seeds differ then). Our choice.

    Args:
        count: how many.
        seed: the project's; orders the places, and is part of each picture's own seed.
    """
    said = wording()
    orders = [sorted(of.places, key=lambda place: seed_of("place", seed, place)) for of in said.settings]
    return [_request(said, orders, index, seed) for index in range(count)]


def _request(said: Wording, orders: list[list[str]], index: int, seed: int) -> PaintRequest:
    turn, which = divmod(index, len(said.settings))
    places, lights = orders[which], said.settings[which].lights
    round_, rank = divmod(turn, len(places))
    pair = (rank + round_) % (len(lights) * len(said.cameras))
    light, camera = lights[pair % len(lights)], said.cameras[(pair + pair // len(lights)) % len(said.cameras)]
    text = said.text.format(place=places[rank], light=light, camera=camera)
    return PaintRequest(index, text, said.negative, seed_of("background", seed, index))
