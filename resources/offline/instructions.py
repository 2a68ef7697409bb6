"""What a system prompt asks for, read by phrase: the offline text model's understanding of instructions."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from resources.offline.rubric import Care, read_rubric
from resources.offline.wording import read_wording

WRITER, JUDGE = "prompt", "judge"
TRIGGERS = ("high-resolution", "highly realistic")
CRITERION: Mapping[str, str] = {
    "single": "single_object",
    "whole": "intact",
    "plain": "plain_background",
    "view": "single_view",
    "category": "correct_category",
}
"""Topic of the judge -> the criterion that it is about; a criterion asked for loosely still lacks its rule."""
_SENTENCE = re.compile(r"(?<=[.!?:])\s+|\s*\n\s*-\s+|\n\s*\n")
_FORM = re.compile(r"json|[{}]|\.\.\.", re.IGNORECASE)
_FIELD = re.compile(r"\b\w+_\w+\s*:|\bintact\s*:")
_AT_MOST_ONE = re.compile(r"\b(?:no|not|never|nothing)\s+(?:[\w-]+\s+)?more than one\b")
_OTHER_ONES = re.compile(
    r"\bmore than one\b|\bone by one\b|\b(?:each|every|no|any) one\b|\bone of\b|"
    r"\b(?:one|single)\s+(?:(?:fluent|flowing|short|long|vivid|clear|concise|varied)\s+)?"
    r"(?:sentence|prompt|paragraph|line|answer|text|view|viewpoint|angle|perspective|word|value)s?\b"
)
"""Counts of something else than objects."""


@dataclass(frozen=True)
class Topic:
    """One thing that a system prompt may ask for; see `advice.toml`."""

    reasons: tuple[str, ...]
    complaints: tuple[str, ...]
    heard: tuple[str, ...]
    rules: tuple[str, ...]
    said: tuple[str, ...] = ()


@cache
def topics(agent: str) -> Mapping[str, Topic]:
    """Return the topics of an agent (prompt | judge) by name, the most telling first."""
    return {name: Topic(**{key: tuple(v) for key, v in table.items()}) for name, table in _advice()[agent].items()}


@cache
def harmless() -> tuple[tuple[str, ...], ...]:
    """Return lists of phrases of which each may stand for any other of its list."""
    return tuple(tuple(phrases) for phrases in _advice()["harmless"].values())


@cache
def _advice() -> Mapping[str, Mapping[str, Mapping[str, list[str]]]]:
    return tomllib.loads(files("resources.offline").joinpath("advice.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=256)
def asked(agent: str, system: str) -> frozenset[str]:
    """Return the topics that a system prompt has a rule for; what describes the form of the answer is none."""
    text = _FIELD.sub(" ", rules_of(system))
    found = {name for name, topic in topics(agent).items() if _mentions(topic.said, text)}
    if agent == WRITER:
        wording = read_wording(_OTHER_ONES.sub(" ", _AT_MOST_ONE.sub("exactly one object", text)))
        found |= {name for name in ("single", "whole", "plain") if getattr(wording, name)}
        if all(trigger in text for trigger in TRIGGERS):
            found.add("triggers")
    if agent == JUDGE:
        care = read_rubric(system)
        found |= {name for name, criterion in CRITERION.items() if care[criterion] is Care.EXACT}
    return frozenset(found)


def rules_of(system: str) -> str:
    """Return a system prompt in lower case without the sentences that describe the form of the answer."""
    kept = (sentence for sentence in _SENTENCE.split(system) if not _FORM.search(sentence))
    return " ".join(" ".join(kept).lower().split())


def topics_heard(agent: str, point: str) -> list[str]:
    """Return the topics that a point of criticism is about."""
    text = " ".join(point.lower().split())
    return [name for name, topic in topics(agent).items() if _mentions(topic.heard, text)]


def topics_against(agent: str, reasons: Iterable[str]) -> set[str]:
    """Return the topics whose rules would prevent the faults that have these codes."""
    codes = set(reasons)
    return {name for name, topic in topics(agent).items() if codes.intersection(topic.reasons)}


def _mentions(phrases: tuple[str, ...], text: str) -> bool:
    return bool(phrases) and _compiled(phrases).search(text) is not None


@cache
def _compiled(phrases: tuple[str, ...]) -> re.Pattern[str]:
    alternatives = "|".join(re.escape(phrase).replace(r"\-", "[ -]") for phrase in phrases)
    return re.compile(rf"(?<![\w-])(?:{alternatives})(?![\w-])")
