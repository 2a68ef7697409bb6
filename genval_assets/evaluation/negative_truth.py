"""Whether hard negatives are really false of their pictures, by what was really drawn.

Independent of what made them: the words here are the drawing world's, and nothing of `negatives` is used. In doubt an
attribute counts as true of its picture, so that the share of valid negatives is rather too low.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from genval_assets.evaluation.clustered import clustered_share
from genval_assets.types import DrawnLook, NegativeValidity

COLOURS = frozenset({"red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "grey"})
PATTERNS = frozenset({"plain", "striped", "dotted", "checkered", "floral", "woven", "studded", "perforated", "logo"})
MATERIALS: Mapping[str, frozenset[str]] = {
    "plastic": frozenset({"plastic"}),
    "ceramic": frozenset({"ceramic"}),
    "metal": frozenset({"metal"}),
    "wood": frozenset({"wooden", "rattan"}),
    "fabric": frozenset({"fabric", "wool", "velvet", "crochet"}),
    "glass": frozenset({"glass"}),
    "rubber": frozenset({"rubber"}),
    "organic": frozenset(),
}
"""Drawn material -> words that may be true of it, narrower ones too: nothing in a drawing says that they are not."""
MATERIAL_WORDS = frozenset({"leather", "stone", "paper"}.union(*MATERIALS.values()))
TRANSPARENCIES = frozenset({"transparent", "translucent", "opaque"})
LEVELS: Mapping[int, str] = {1: "hard", 2: "medium", 3: "easy"}
"""Exchanged attributes -> level (FG-OVD)."""


@dataclass(frozen=True)
class Told:
    """One exchanged attribute, as the row of a negative lists it."""

    type: str
    target: str  # the word that the negative has instead of its caption's
    noun: str


@dataclass(frozen=True)
class Stored:
    """One accepted negative, as it is stored."""

    positive_id: str
    subject_id: str  # of the picture
    level: str
    changes: str  # JSON: [{type, target, noun, ...}]


def false_of(looks: Sequence[DrawnLook], told: Told) -> bool | None:
    """Return whether an attribute is false of a picture that holds exactly these things; None where it cannot be told.

    It is when no thing that the noun names has it; where the noun names none of their kinds (it may be another word
    for one), no thing at all. A type or a word that the drawing world does not know is not judged.
    """
    meant = [look for look in looks if told.noun in (look.kind, f"{look.kind}s", f"{look.kind}es")] or looks
    true = [_true_of(look, told) for look in meant]
    return None if None in true else True not in true


def valid(negative: Stored, looks: Sequence[DrawnLook], of_type: str | None = None) -> bool | None:
    """Return whether a negative is well formed and false of the picture in all exchanged attributes, or in a type's.

    Well formed: one to three attributes are exchanged, and the level says how many. None: it cannot be told.
    """
    told = _told(negative)
    if LEVELS.get(len(told)) != negative.level:
        return False
    false = [false_of(looks, one) for one in told if of_type in (None, one.type)]
    return False if False in false else None if None in false else True


def validity(negatives: Iterable[Stored], looks: Mapping[str, DrawnLook]) -> list[NegativeValidity]:
    """Return one row for all negatives, one per level and one per attribute type, where there are any, in that order.

    Where the truth of some is known, a row is about these alone. Trivial ones exchange nothing: they are left out.

    Args:
        negatives: accepted ones of pictures that hold one thing each.
        looks: subject id -> what its picture shows; one without a look is unknown.
    """
    judged = [one for one in negatives if one.level != "trivial"]
    groups: dict[tuple[str, str], list[Stored]] = defaultdict(list)
    groups["all", "all"] = judged
    for level in LEVELS.values():
        groups["level", level] = [one for one in judged if one.level == level]
    types = [{told.type for told in _told(one)} for one in judged]
    for of_type in sorted(set().union(*types)):
        groups["attribute", of_type] = [one for one, its in zip(judged, types, strict=True) if of_type in its]
    return [_row(scope, name, group, looks) for (scope, name), group in groups.items() if group]


def _row(scope: str, name: str, negatives: Sequence[Stored], looks: Mapping[str, DrawnLook]) -> NegativeValidity:
    of_type = name if scope == "attribute" else None
    of_looks = [(one, valid(one, [looks[one.subject_id]], of_type)) for one in negatives if one.subject_id in looks]
    known = [(one.positive_id, is_valid) for one, is_valid in of_looks if is_valid is not None]
    share = clustered_share(known) if known else None
    counted = [positive for positive, _ in known] if known else [one.positive_id for one in negatives]
    return NegativeValidity(
        scope=scope,
        name=name,
        positives=len(set(counted)),
        negatives=len(counted),
        valid=share.value if share else None,
        low=share.low if share else None,
        high=share.high if share else None,
        truth="simulated" if share else "unknown",
    )


def _told(negative: Stored) -> list[Told]:
    return msgspec.json.decode(negative.changes, type=list[Told])


def _true_of(look: DrawnLook, told: Told) -> bool | None:
    """Return whether one thing has an attribute; None where the type or the word is not known here."""
    if told.type == "colour":
        return _is_coloured(look, told.target.removeprefix("light ").removeprefix("dark "))
    if told.type == "pattern" and told.target in PATTERNS:
        return told.target == look.pattern or (told.target == "woven" and look.material == "fabric")
    if told.type == "material" and told.target in MATERIAL_WORDS:
        return told.target in MATERIALS[look.material]
    if told.type == "transparency" and told.target in TRANSPARENCIES:
        return (told.target == "opaque") != (look.material == "glass")
    return None


def _is_coloured(look: DrawnLook, colour: str) -> bool | None:
    """Return whether a colour, without its shade, is the main one, or the second of a thing with a pattern."""
    if colour not in COLOURS:
        return None
    return colour == look.colour or (look.pattern != "plain" and colour == look.second)
