"""Partition keys, row ids and seeds: everything that is derived from names and recipes, in one place."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping

KEY_LENGTH = 60
"""Longest slug in characters, before a hash suffix: file systems and the UI stay comfortable (our choice)."""


class MeaninglessName(ValueError):
    """The name holds nothing that could name a concept."""


class ClashingNames(ValueError):
    """Two names of one list look the same to people, who would take them for one concept."""


def clean_name(name: str) -> str:
    """Return the name in NFC, outer white space removed; everything else about it is data and stays.

    Raises:
        MeaninglessName: it has no letter and no digit, or holds a lone surrogate, which no file can store.
    """
    if any("\ud800" <= c <= "\udfff" for c in name):
        raise MeaninglessName(f"a category name must be valid Unicode; got a lone surrogate in {name[:80]!r}")
    cleaned = unicodedata.normalize("NFC", name).strip()
    if not any(unicodedata.category(c)[0] in "LN" for c in cleaned):
        raise MeaninglessName(f"a category name needs at least one letter or digit; got {name[:80]!r}")
    return cleaned


def look(name: str) -> str:
    """Return what people see of a name: equal for two names that differ only in case or Unicode form.

    Unicode's NFKC_Casefold with white space collapsed: compatibility forms, case and invisible characters (zero
    width, direction, control) make no difference.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", clean_name(name)).casefold())
    visible = "".join(c for c in folded if c.isspace() or unicodedata.category(c) not in ("Cf", "Cc"))
    return " ".join(visible.split())


def category_key(name: str, taken: Collection[str] = ()) -> str:
    """Return the partition key of a category: a slug of [a-z0-9_], with a hash suffix where the slug lost something.

    A name that is its own slug keeps it; every other gets `-` and 10 hex digits of its hash, and `-` occurs in no
    plain slug. Injective over cleaned names up to an accident of 40 bits (20,000 lossy names: 1 in 5,000); giving
    the keys that others hold as `taken` excludes that too.

    Raises:
        MeaninglessName: see `clean_name`.
    """
    cleaned = clean_name(name)
    plain = re.fullmatch(rf"[a-z0-9_]{{1,{KEY_LENGTH}}}", cleaned)
    key = cleaned if plain else _hashed(cleaned, cleaned)
    attempt = 0
    while key in taken:
        attempt += 1
        key = _hashed(cleaned, f"{cleaned}\n{attempt}")
    return key


def _hashed(cleaned: str, hashed: str) -> str:
    ascii_form = unicodedata.normalize("NFKD", cleaned).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "_", ascii_form).strip("_")[:KEY_LENGTH].strip("_")
    return f"{slug or 'x'}-{hashlib.sha256(hashed.encode()).hexdigest()[:10]}"


def refuse_clashes(names: Iterable[str]) -> None:
    """Refuse a list in which a name occurs twice, or two differ only in case, Unicode form or invisible characters.

    Raises:
        ClashingNames: it lists every such pair.
    """
    seen: dict[str, str] = {}
    clashes = []
    for name in names:
        appearance = look(name)
        if appearance in seen:
            clashes.append((seen[appearance], name))
        seen.setdefault(appearance, name)
    if clashes:
        pairs = "; ".join(f"{a!r} and {b!r}" for a, b in clashes)
        raise ClashingNames(f"names that people cannot tell apart: {pairs}. Rename or remove one of each pair")


Ingredient = str | int | float | bool | None


def recipe(table: str, **ingredients: Ingredient | list[str] | Mapping[str, Ingredient]) -> str:
    """Return the id of a row: 20 hex digits (80 bits) of the hash of what it is made of, in any order."""
    text = json.dumps([table, ingredients], sort_keys=True, ensure_ascii=False, allow_nan=False, default=dict)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def seed_of(*parts: str | int) -> int:
    """Return a seed in [0, 2**31) that depends on the parts alone, so that order and parallelism do not matter."""
    text = json.dumps(parts, ensure_ascii=False)
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:4], "big") >> 1


def agent_version(system: str) -> str:
    """Return a name for an agent's system prompt: 12 hex digits of its hash."""
    return hashlib.sha256(system.encode()).hexdigest()[:12]
