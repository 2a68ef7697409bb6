"""Which things a description of a picture speaks of: kind, colour, pattern, material, each thing once. Words only."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from resources.offline.opinion import NAMELESS
from resources.offline.wording import Mention, cues, kind_mentions, read_wording

NUMBERS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "a pair of": 2,
    "a couple of": 2, "both": 2,
}  # fmt: skip
_STARTS = re.compile(
    rf"\b(?:(?:(?:the|these|those) )?(?:{'|'.join(NUMBERS)}|\d{{1,2}})|an?|the|one|another|its|their|this|that|these|"
    r"those|some|several|many)\b"
)
"""Words with which the naming of a thing begins."""
_KNOWN = re.compile(r"\b(?:the|this|that|these|those|both)\b")
_IS = re.compile(r"\s*,?\s*(?:(?:which|that)\s+)?(?:is|are|looks?)\b")
_JOINING = frozenset({"and", "both", "all"})
_NAMELESS = re.compile(rf"\b(?:{NAMELESS}|things that cannot be recogni[sz]ed)\b")


@dataclass(frozen=True)
class SaidThing:
    """One thing that a description speaks of; None where it is silent."""

    kind: str  # a kind of the studio, or `something`
    colour: str | None = None
    pattern: str | None = None
    material: str | None = None

    def agrees(self, other: "SaidThing") -> bool:
        """Return whether both may be the same thing: of one kind, and nothing said of one speaks against the other."""
        pairs = zip(self.attributes, other.attributes, strict=True)
        return self.kind == other.kind and all(a is None or b is None or a == b for a, b in pairs)

    @property
    def attributes(self) -> tuple[str | None, str | None, str | None]:
        """Colour, pattern, material."""
        return self.colour, self.pattern, self.material


def said_things(text: str) -> list[SaidThing]:
    """Return the things, in order of first mention.

    `the mug` is the mug that was spoken of before, if nothing that is said of it speaks against that; a plural without
    a number is two.
    """
    things: list[SaidThing] = []
    for sentence in re.split(r"[.!?;:]+\s", text.lower().replace("’", "'") + " "):
        for known, number, thing in _named(sentence):
            again = next((i for i, other in enumerate(things) if known and thing.agrees(other)), None)
            if again is None:
                things += [thing] * number
            else:
                things[again] = _together(things[again], thing)
    return things


def _named(sentence: str) -> Iterator[tuple[bool, int, SaidThing]]:
    """Yield for each mention whether it is of something known, how many are meant, and the thing."""
    nameless = [Mention(NAMELESS, False, m.start(), m.end()) for m in _NAMELESS.finditer(sentence)]
    mentions = sorted([*kind_mentions(sentence), *nameless], key=lambda mention: mention.start)
    ends = [0, *(mention.end for mention in mentions)]
    starts = [*(mention.start for mention in mentions), len(sentence)]
    for i, mention in enumerate(mentions):
        before, after = sentence[ends[i] : starts[i]], sentence[ends[i + 1] : starts[i + 1]]
        lead = _lead(before)
        words = read_wording(f"{lead} {after[: _said_of_it(after)]}")
        thing = SaidThing(mention.kind, words.colour, _patterned(words.pattern), words.material)
        yield bool(_KNOWN.search(lead)), _number(lead, mention), thing


def _lead(before: str) -> str:
    """Return the words that name the thing they lead to; others belong to what was named before it."""
    openings = list(_STARTS.finditer(before))
    if openings:
        return before[openings[-1].start() :]
    return before[_said_of_it(before) :]


def _said_of_it(after: str) -> int:
    """Return the length of what is said of the thing named before: `is`, and the attributes that follow at once."""
    said = _IS.match(after)
    if said is None:
        return 0
    end = said.end()
    for word in re.compile(r"[\s,]*([\w-]+)").finditer(after, end):
        if word[1] not in _attribute_words():
            break
        end = word.end()
    return end


@cache
def _attribute_words() -> frozenset[str]:
    groups = [cues()[group].values() for group in ("colour", "pattern", "material")]
    phrases = [phrase for group in groups for said in group for phrase in said]
    return _JOINING.union(word for phrase in phrases for word in phrase.split())


def _number(lead: str, mention: Mention) -> int:
    """Return how many are meant; a plural without a number is two."""
    opening = _STARTS.match(lead)
    said = opening[0] if opening else ""
    digits = re.search(r"\d+", said)
    if digits:
        return int(digits[0])
    return next((number for word, number in NUMBERS.items() if said.endswith(word)), 2 if mention.plural else 1)


def _patterned(pattern: str | None) -> str | None:
    return None if pattern == "plain" else pattern


def _together(one: SaidThing, other: SaidThing) -> SaidThing:
    return replace(
        one,
        colour=one.colour or other.colour,
        pattern=one.pattern or other.pattern,
        material=one.material or other.material,
    )
