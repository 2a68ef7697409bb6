"""Nouns of a caption as English needs them: whether several are meant, one of them, and the article before them.

Lower case throughout, as `sentence.Attribute` has its nouns.
"""

import re
from collections.abc import Collection, Sequence

from genval_assets.language.nouns import kinds, shipped_words, with_article


def is_plural(noun: str, known: Collection[str] = ()) -> bool:
    """Return whether a noun means several: mice, eyes, scissors, wall clocks, bowls of soup.

    What no rule tells is one thing: sheep.

    Args:
        noun: as it stands in a sentence.
        known: nouns in the singular, whose plurals are known thereby: the menus of a menu.
    """
    head, _ = _parted(noun)
    words, last = shipped_words(), re.split(r"[ -]", head)[-1]
    if _of_plural(head, known) or last in set(words.irregular.values()) - set(words.irregular):
        return True
    # no plural is formed of what is one already or never counted as one, while that of a dress is
    return head.endswith("s") and last not in words.mass and kinds(head) == f"objects of the kind {head}"


def singular(noun: str, known: Collection[str]) -> str:
    """Return one of the things that a noun means, where it ends with the plural of a known one; else the noun."""
    one = _of_plural(noun, known)
    return f"{noun.removesuffix(kinds(one))}{one}" if one else noun


def described(said: Sequence[str], noun: str, known: Collection[str] = ()) -> str:
    """Return a thing with its adjectives, and the article that it needs: an orange mug, green eyes, white bread."""
    head, rest = _parted(noun)
    phrase = " ".join((*said, head))
    return f"{phrase if is_plural(noun, known) else with_article(phrase)}{rest}"


def _of_plural(noun: str, known: Collection[str]) -> str | None:
    """Return the known noun whose plural a noun is, or ends with."""
    return next(
        (one for one in known if kinds(one) != one and re.search(rf"(?:^| ){re.escape(kinds(one))}$", noun)), None
    )


def _parted(noun: str) -> tuple[str, str]:
    """Return what a noun is about, and the rest: a bowl, of soup."""
    joined = re.search(rf"(?<=\S) (?:{'|'.join(sorted(shipped_words().joining))}) ", noun)
    return (noun[: joined.start()], noun[joined.start() :]) if joined else (noun, "")
