"""A picture that gets a caption and hard negatives, and what the generator was asked to show in it."""

from collections.abc import Mapping
from dataclasses import dataclass

from genval_assets.types import Rgb


@dataclass(frozen=True)
class Thing:
    """An object that a picture is known to hold."""

    name: str  # its category's, as a sentence holds it
    requested: Mapping[str, str]  # attribute type -> value that the generator was asked for; types not asked for miss


@dataclass(frozen=True, eq=False)
class Pictured:
    """One accepted picture."""

    subject_id: str  # instance id, scene id or reference id
    kind: str  # instance | scene | real
    category: str  # partition key of the category that it was made for
    names: tuple[str, ...]  # what its things are called, as sentences hold it: that of its category first
    picture: Rgb  # as models see it
    things: tuple[Thing, ...]  # all that is known to stand in it; nothing is requested of real ones
    complete: bool  # nothing of its categories stands in it beyond `things`
    seed: int
