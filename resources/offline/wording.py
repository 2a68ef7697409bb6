"""What a prompt says, read by phrase: the offline models' understanding of language. The phrases are in `cues.toml`."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from resources.offline.studio import KINDS

_GROUND = re.compile(
    r"(?:(?:plain|solid|simple|clean|clear|pure|flat|light|dark|pale|bright|neutral|uniform|seamless|empty|blank|"
    r"transparent|contrasting|studio|colou?r(?:ed)?|white|black|gr[ae]y|red|blue|green|yellow|beige|pink)[\s-]+)+"
    r"(?:background|backdrop|ground)"
)


@dataclass(frozen=True)
class Wording:
    """What was understood; None where the prompt is silent."""

    kinds: tuple[str, ...]  # in order of mention, each once
    single: bool
    whole: bool
    plain: bool
    several: bool
    close: bool
    scene: bool
    colour: str | None
    second: str | None
    pattern: str | None
    material: str | None
    angle: float | None
    elevation: float | None
    flip: bool | None
    azimuth: float | None
    contrast: float | None


@dataclass(frozen=True)
class Mention:
    """Where a text names a kind."""

    kind: str
    plural: bool
    start: int  # place in the text
    end: int


@lru_cache(maxsize=1024)
def read_wording(prompt: str) -> Wording:
    """Return what the prompt says, case and order of phrases aside."""
    text = " ".join(prompt.lower().replace("’", "'").split())
    kinds, plural = mentioned_kinds(text)
    of_object = _GROUND.sub(" ", text)  # a white ground does not make a white mug
    colours = _said("colour", of_object)
    careful, careless = (cues()[group] for group in ("careful", "careless"))
    facing = _said("facing", text)
    return Wording(
        kinds=kinds,
        single=_has(careful["single"], text),
        whole=_has(careful["whole"], text),
        plain=_has(careful["plain"], text),
        several=plural or _has(careless["several"], text.replace("pair of scissors", "scissors")),
        close=_has(careless["close"], re.sub(r"\b(?:not|nothing|no) cropped\b", " ", text)),
        scene=_has(careless["scene"], text),
        colour=next(iter(colours), None),
        second=colours[1] if len(colours) > 1 else None,
        pattern=next(iter(_said("pattern", of_object)), None),
        material=next(iter(_said("material", of_object)), None),
        angle=_number("pose", text),
        elevation=_number("elevation", text),
        flip=facing[0] == "right" if facing else None,
        azimuth=_number("light", text),
        contrast=_number("contrast", text),
    )


def mentioned_kinds(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the kinds that a lower-case text names, in order, and whether one is named in the plural."""
    mentions = list(kind_mentions(text))
    return tuple(dict.fromkeys(mention.kind for mention in mentions)), any(mention.plural for mention in mentions)


def kind_mentions(text: str) -> Iterator[Mention]:
    """Yield every mention of a kind in a lower-case text, in order; idioms that hold a kind's name are none."""
    text = _phrase(cues()["idioms"]["words"]).sub(lambda match: " " * len(match[0]), text)
    for match in _phrase([*_by_alias(), *_by_plural()]).finditer(text.replace("_", " ")):
        word = match[0].replace(" ", "-")
        plural = word not in _by_alias()
        yield Mention(_by_plural()[word] if plural else _by_alias()[word], plural, match.start(), match.end())


def kind_named(name: str) -> str | None:
    """Return the kind that a category's name stands for; None where the studio has no such thing."""
    return _by_alias().get(re.sub(r"[\s_-]+", "-", re.sub(r"\(.*?\)", " ", name).strip().lower()))


@cache
def cues() -> Mapping[str, Mapping[str, list[str]]]:
    """Return the phrases by group and meaning."""
    return tomllib.loads(files("resources.offline").joinpath("cues.toml").read_text(encoding="utf-8"))


@cache
def _by_alias() -> Mapping[str, str]:
    """Return kind by name and alias, hyphenated."""
    return {alias.replace(" ", "-"): kind.name for kind in KINDS.values() for alias in (kind.name, *kind.aliases)}


@cache
def _by_plural() -> Mapping[str, str]:
    """Return kind by the plurals of its name and aliases, hyphenated."""
    return {plural_of(alias): kind for alias, kind in _by_alias().items() if plural_of(alias) != alias}


def plural_of(word: str) -> str:
    """Return the regular English plural; scissors are plural already."""
    if word.endswith("scissors"):
        return word
    if word.endswith("y"):
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "sh", "ch", "x")) else "s")


@cache
def _compiled(phrases: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=len, reverse=True)
    alternatives = "|".join(re.escape(phrase).replace(r"\-", "[ -]") for phrase in longest_first)
    return re.compile(rf"(?<![\w-])(?:{alternatives})(?![\w-])")


def _phrase(phrases: Iterable[str]) -> re.Pattern[str]:
    return _compiled(tuple(phrases))


def _has(phrases: Iterable[str], text: str) -> bool:
    return _phrase(phrases).search(text) is not None


def _said(group: str, text: str) -> list[str]:
    """Return the meanings of a group that the text expresses, in order of mention, each once."""
    places = [
        (match.start(), meaning)
        for meaning, phrases in cues()[group].items()
        for match in [_phrase(phrases).search(text)]
        if match
    ]
    return [meaning for _, meaning in sorted(places)]


def _number(group: str, text: str) -> float | None:
    said = _said(group, text)
    return float(said[0]) if said else None
