"""What is wrong with a prompt, found by rule before any picture is drawn (after Gen-n-Val; the word lists are ours)."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

MAX_TOKENS = 75
"""CLIP's window without its two end marks (Gen-n-Val)."""
MAX_SIMILARITY = 0.6
"""Largest Jaccard index of word 3-grams with a prompt of the same category; our choice."""
TRIGGERS = ("high-resolution", "highly realistic")
"""Words that every prompt must hold (Gen-n-Val)."""

_WORD = r"[^\W_]+(?:['’][^\W_]+)*"
_SINGULAR = re.compile(
    r"\b(?:single|exactly one|just one|only one|one|lone|solitary|sole|individual|by itself|on its own|alone)\b"
)
_NUMBER = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|dozens?|several|many|multiple|various|numerous|assorted|both|"
    r"few|(?:couple|pair|set|group|collection|pile|bunch|row|stack|cluster|series|array|trio) of|[2-9]|1[0-9])\b(?!-)"
)
_JOINED = re.compile(
    r"\b(?:next to|beside|alongside|together with|accompanied by|surrounded by|holding|held by|worn by|in front of|"
    r"leaning against|attached to|(?:with|and|on|under|near|behind) (?:a|an|another|some|its|the|two))\b\s*"
    r"(?P<rest>(?:[\w'-]+\s*){0,5})"
)
_OWN = frozenset({
    "accent", "accents", "angle", "background", "backdrop", "band", "bands", "body", "bow", "brim", "cap", "character",
    "coating", "colour", "color", "contours", "curve", "design", "detail", "details", "dots", "edge", "edges", "effect",
    "exterior", "feel", "finish", "frame", "glaze", "grain", "grip", "handle", "head", "left", "lid", "light",
    "lighting", "look", "mood", "neck", "outline", "outside", "palette", "pattern", "patterns", "perspective", "pose",
    "proportions", "quality", "right", "rim", "sense", "shadow", "shadows", "shape", "sheen", "side", "silhouette",
    "stem", "strap", "stripes", "structure", "style", "surface", "tail", "texture", "tip", "tone", "tones", "view",
    "viewpoint",
})  # fmt: skip
"""Nouns that belong to one object or to its picture: `with a glossy finish` joins no second object."""
_GROUND = re.compile(
    r"\b(?:isolated|cut out|set|placed|shown|standing)?\s*(?:on|against|over|before|with|in front of)?\s*"
    r"(?:an?|the)?\s*(?:[\w-]+\s+){0,2}?"
    r"(?:plain|blank|empty|transparent|solid|neutral|uniform|seamless|simple|clean|pure)\s"
    r"(?:[\w-]+\s){0,2}?(?:background|backdrop|ground)\b"
)
"""A plain ground is asked for by every good prompt; it is no scene."""
_SCENE = re.compile(
    r"\b(?:background|backdrop|scene|scenery|landscape|cityscape|environment|surroundings|indoors|outdoors|bokeh|"
    r"(?:in|at|on|inside|outside|across|amid|among|near|by) (?:an?|the|its) (?:[\w-]+ )?"
    r"(?:table|desk|shelf|floor|ground|wall|room|kitchen|house|garden|park|street|road|field|forest|woods|meadow|"
    r"beach|city|town|sea|lake|river|sky|mountains?|market|shop|office|workshop|bedroom|bathroom|window|grass|lawn|"
    r"farm|desert|snow))\b"
)
_MULTI_VIEW = re.compile(
    r"\b(?:views|multi-view|several angles|different angles|various angles|all sides|all angles|collage|"
    r"split[- ]screen|side[- ]by[- ]side|turnaround|(?:character|contact|sprite) sheet|diptych|triptych|"
    r"before and after|mirror(?:ed)? reflection|exploded)\b"
)


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a prompt: a code for SQL and a sentence for the agent."""

    reason: str
    detail: str


def lint_prompt(text: str, name: str, synonyms: Sequence[str] = (), accepted: Iterable[str] = ()) -> list[Fault]:
    """Return what is wrong with a prompt, in a fixed order; empty when nothing is.

    Args:
        text: the prompt.
        name: the category's name.
        synonyms: other names of it, as good.
        accepted: the category's other prompts, which this one must not resemble.
    """
    lowered = " ".join(text.lower().split())
    names = [spoken_name(n) for n in (name, *synonyms)]
    bare = _GROUND.sub(" ", lowered)
    checks: tuple[Callable[[], str | None], ...] = (
        lambda: _no_category(lowered, names),
        lambda: None if _SINGULAR.search(lowered) else "say that it is a single object",
        lambda: _too_long(text),
        lambda: _plural(bare, names),
        lambda: _second_subject(bare),
        lambda: _hit(_SCENE, bare, "names a place, a surface or a background"),
        lambda: _hit(_MULTI_VIEW, lowered, "asks for more than one view"),
        lambda: _no_triggers(lowered),
        lambda: _too_similar(text, accepted),
    )
    found = [(reason, check()) for reason, check in zip(REASONS, checks, strict=True)]
    return [Fault(reason, detail) for reason, detail in found if detail]


REASONS = (
    "no_category", "no_singular_cue", "too_long", "plural", "second_subject", "scene", "multi_view",
    "no_trigger_words", "too_similar",
)  # fmt: skip
"""The codes of `lint_prompt`, in its order."""


def spoken_name(name: str) -> str:
    """Return a category's name as a sentence would hold it: lower case, no underscores, no part in parentheses."""
    outside = re.sub(r"\([^)]*\)", " ", name)
    return " ".join((outside if outside.strip() else name).replace("_", " ").lower().split())


def estimate_tokens(text: str) -> int:
    """Return an upper estimate of CLIP's tokens: 1.3 for each word and 1 for each punctuation mark (our choice)."""
    words = re.findall(_WORD, text)
    marks = re.sub(rf"{_WORD}|\s", "", text)
    return math.ceil(1.3 * len(words)) + len(marks)


def similarity(first: str, second: str) -> float:
    """Return the Jaccard index of the two texts' word 3-grams, in [0, 1]; texts too short for one count as one gram."""
    a, b = _grams(first), _grams(second)
    return len(a & b) / len(a | b)


def _grams(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[\w'-]+", text.lower())
    return {tuple(words[i : i + 3]) for i in range(max(1, len(words) - 2))}


def _no_category(lowered: str, names: Sequence[str]) -> str | None:
    spaced = lowered.replace("-", " ")
    if any(_word(name.replace("-", " ")).search(spaced) for name in names):
        return None
    return f"name the category: {names[0]!r}"


def _word(phrase: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(phrase)}(?!\w)")


def _too_long(text: str) -> str | None:
    tokens = estimate_tokens(text)
    return f"about {tokens} tokens; at most {MAX_TOKENS} are read" if tokens > MAX_TOKENS else None


def _plural(lowered: str, names: Sequence[str]) -> str | None:
    for name in names:  # names that hold a number or are a pair: scissors, a six-pack, two-wheeler
        lowered = re.sub(rf"(?:pair of )?{_word(name).pattern}", " ", lowered) if _is_pair(name) else lowered
        hit = re.search(rf"(?<!\w){re.escape(name)}(?:s|es)(?!\w)", lowered)
        if hit and not _is_pair(name):
            return f"{hit[0]!r} is more than one"
    hit = _NUMBER.search(lowered)
    return f"{hit[0]!r} asks for more than one" if hit else None


def _is_pair(name: str) -> bool:
    return name.endswith("s") or _NUMBER.search(name) is not None


def _second_subject(bare: str) -> str | None:
    for match in _JOINED.finditer(bare):
        if not _OWN.intersection(re.findall(r"[\w'-]+", match["rest"])):
            return f"{match[0].strip()!r} brings in a second object"
    return None


def _hit(pattern: re.Pattern[str], text: str, complaint: str) -> str | None:
    match = pattern.search(text)
    return f"{match[0].strip()!r} {complaint}" if match else None


def _no_triggers(lowered: str) -> str | None:
    missing = [t for t in TRIGGERS if t.replace("-", " ") not in lowered.replace("-", " ")]
    return f"use the words {' and '.join(repr(t) for t in missing)}" if missing else None


def _too_similar(text: str, accepted: Iterable[str]) -> str | None:
    nearest = max(accepted, key=lambda other: similarity(text, other), default=None)
    if nearest is None or similarity(text, nearest) < MAX_SIMILARITY:
        return None
    return f"too close to an earlier prompt, {nearest[:120]!r}: change words and order"
