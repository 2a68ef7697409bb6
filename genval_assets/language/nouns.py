"""Names of categories as words of an English sentence: number, article and verb. Names are data and may hold anything.

What no rule is sure of is said in another way: "3 objects of the kind scissors". A remark in parentheses, as LVIS has
them, follows the noun: "3 bows (weapon)".
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_REMARKED = re.compile(r"(?P<noun>[^()]*[^() ])(?P<remark> \([^()]*\))")
_PLAIN = re.compile(r"[A-Za-z]+(?:[ -][A-Za-z]+)*")
_SPOKEN_WITH_VOWEL = "AEFHILMNORSX"
"""Letters whose own names begin with a vowel: an SUV, a UFO."""


@dataclass(frozen=True)
class Words:
    """What `words.toml` holds."""

    irregular: Mapping[str, str]  # singular -> plural
    endings: tuple[str, ...]  # of longer words that are formed as the ending is
    pairs: frozenset[str]  # always many: scissors
    mass: frozenset[str]  # never counted by themselves: bread
    joining: frozenset[str]  # bowl of soup
    spoken_with_a: tuple[str, ...]  # beginnings
    spoken_with_an: tuple[str, ...]
    spellings: Mapping[str, str]  # other spelling -> basic colour term
    other_colours: frozenset[str]


@cache
def shipped_words() -> Words:
    """Return the shipped lists."""
    read = tomllib.loads(files("genval_assets.language").joinpath("words.toml").read_text(encoding="utf-8"))
    return Words(
        irregular=read["irregular"],
        endings=tuple(read["endings"]["parts"]),
        pairs=frozenset(read["numberless"]["pairs"]),
        mass=frozenset(read["numberless"]["mass"]),
        joining=frozenset(read["numberless"]["joining"]),
        spoken_with_a=tuple(read["article"]["a"]),
        spoken_with_an=tuple(read["article"]["an"]),
        spellings=read["colours"]["spelt"],
        other_colours=frozenset(read["colours"]["other"]),
    )


def spoken(name: str) -> str:
    """Return a name as a sentence holds it: on one line, blanks for underscores and control characters."""
    visible = ("_" if unicodedata.category(c) == "Cc" else c for c in name)
    return " ".join("".join(visible).replace("_", " ").split())


def is_many(name: str) -> bool:
    """Return whether a name takes the verb of the plural: scissors are."""
    return _last_word(name) in shipped_words().pairs


def kinds(name: str) -> str:
    """Return several of a category: mugs; objects of the kind scissors."""
    return _plural(name) or f"objects of the kind {name}"


def counted(number: int, name: str) -> str:
    """Return so many of a category: 1 mug, 3 mugs, 1 object of the kind scissors."""
    plural = _plural(name)
    if number == 1:
        return f"1 {name}" if plural else f"1 object of the kind {name}"
    return f"{number} {plural}" if plural else f"{number} objects of the kind {name}"


def with_article(phrase: str) -> str:
    """Return a phrase with a or an before it; with none where its noun has no singular or is not counted."""
    words = shipped_words()
    if _last_word(phrase) in words.pairs | words.mass:
        return phrase
    return f"{'an' if _begins_with_vowel(phrase) else 'a'} {phrase}"


def _begins_with_vowel(phrase: str) -> bool:
    """Return whether the first sound is a vowel's, as far as spelling tells."""
    if re.match(r"[A-Z](?:[A-Z0-9]|\b)", phrase):  # spelt out letter by letter
        return phrase[0] in _SPOKEN_WITH_VOWEL
    start = unicodedata.normalize("NFD", phrase).lower()
    if start.startswith(shipped_words().spoken_with_an):
        return True
    if start.startswith(shipped_words().spoken_with_a):
        return False
    return bool(re.match(r"[aeiou]|8|1[18](?!\d)", start))


def _parted(name: str) -> tuple[str, str]:
    """Return the noun and the remark behind it, which may be empty."""
    match = _REMARKED.fullmatch(name)
    return (match["noun"], match["remark"]) if match else (name, "")


def _last_word(name: str) -> str:
    return re.split(r"[ -]", _parted(name)[0])[-1].lower()


def _plural(name: str) -> str | None:
    """Return the plural of a name; None where no rule is sure of it."""
    noun, remark = _parted(name)
    if not _PLAIN.fullmatch(noun) or shipped_words().joining & set(re.split(r"[ -]", noun.lower())):
        return None
    last = re.split(r"[ -]", noun)[-1]
    formed = _plural_word(last) if last.islower() else None
    return f"{noun.removesuffix(last)}{formed}{remark}" if formed else None


def _plural_word(word: str) -> str | None:
    words = shipped_words()
    if word in words.pairs | words.mass:
        return None
    if word in words.irregular:
        return words.irregular[word]
    for part in words.endings:
        if word.endswith(part) and part in words.irregular:
            return word.removesuffix(part) + words.irregular[part]
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    if re.search(r"(?:ss|us|x|ch|sh|lens|compass)$", word):
        return f"{word}es"
    return None if word.endswith(("s", "z")) else f"{word}s"
