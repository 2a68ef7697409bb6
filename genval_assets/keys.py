"""Partition keys, row ids and seeds: everything that is derived from names and recipes, in one place."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping

KEY_LENGTH = 60
"""Longest slug in characters, before a hash suffix: file systems and the UI stay comfortable (our choice)."""


class MeaninglessName(ValueError):
    """The name holds nothing that could name a concept."""


class ClashingNames(ValueError):
    """Two names of one list differ only in case or Unicode form, so people would take them for one concept."""


def clean_name(name: str) -> str:
    """Return the name in NFC, outer white space removed; everything else about it is data and stays.

    Raises:
        MeaninglessName: nothing but white space, control or punctuation characters is left.
    """
    cleaned = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8")).strip()
    if not any(unicodedata.category(c)[0] in "LN" for c in cleaned):
        raise MeaninglessName(f"a category name needs at least one letter or digit; got {name[:80]!r}")
    return cleaned


def category_key(name: str) -> str:
    """Return the partition key of a category: a slug of [a-z0-9_], with a hash suffix where the slug lost something.

    Injective over cleaned names: a name that is its own slug keeps it; every other gets `-` and 8 hex digits of
    its hash, and `-` occurs in no plain slug.
    """
    cleaned = clean_name(name)
    if re.fullmatch(rf"[a-z0-9_]{{1,{KEY_LENGTH}}}", cleaned):
        return cleaned
    ascii_form = unicodedata.normalize("NFKD", cleaned).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "_", ascii_form).strip("_")[:KEY_LENGTH].strip("_")
    return f"{slug or 'x'}-{hashlib.sha256(cleaned.encode()).hexdigest()[:8]}"


def refuse_clashes(names: Iterable[str]) -> None:
    """Refuse a list in which two names differ only in case or Unicode form, or occur twice.

    Raises:
        ClashingNames: it lists every such pair.
    """
    seen: dict[str, str] = {}
    clashes = []
    for name in names:
        folded = unicodedata.normalize("NFKC", clean_name(name)).casefold()
        if folded in seen:
            clashes.append((seen[folded], name))
        seen.setdefault(folded, name)
    if clashes:
        pairs = "; ".join(f"{a!r} and {b!r}" for a, b in clashes)
        raise ClashingNames(f"names that people cannot tell apart: {pairs}. Rename or remove one of each pair")


Ingredient = str | int | float | bool | None


def recipe(table: str, **ingredients: Ingredient | list[str] | Mapping[str, Ingredient]) -> str:
    """Return the id of a row: 20 hex digits (80 bits) of the hash of what it is made of, in any order."""
    text = json.dumps([table, ingredients], sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def seed_of(*parts: str | int) -> int:
    """Return a seed in [0, 2**31) that depends on the parts alone, so that order and parallelism do not matter."""
    text = json.dumps(parts, ensure_ascii=False)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1
