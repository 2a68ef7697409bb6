"""Whether a caption says what it must: every thing by its name, in two to four sentences."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from genval_assets.language.nouns import shipped_words
from genval_assets.layouts.faults import Fault

SENTENCES = (2, 4)
"""Least and most of a caption (ACP, section 3.1)."""
_END = re.compile(r"[.!?]+[\"')\]”’]*(?:\s+|$)")


def caption_faults(caption: str, names: Sequence[str]) -> list[Fault]:
    """Return what is wrong with a caption.

    Args:
        caption: as it was answered.
        names: of all things, with repetitions; as many mentions are needed, or a plural.
    """
    said = _normal(caption)
    bare = _forms(names).sub("x", said)  # without names: they are the user's, and may hold any character
    found = [Fault("unmentioned", f"name {name!r} in the caption") for name in _unmentioned(said, names)]
    if not bare.isprintable():
        found.append(Fault("unprintable", f"the caption holds a character that cannot be printed: {caption[:80]!r}"))
    least, most = SENTENCES
    count = sum(1 for sentence in _END.split(bare) if sentence)
    if not least <= count <= most:
        found.append(Fault("sentences", f"the caption has {count} sentences; write {least} to {most}"))
    return found


def plurals(name: str) -> frozenset[str]:
    """Return the plurals that English may have of a name, right and likely ones alike: they are for reading."""
    first, _, last = name.rpartition(" ")
    lead = f"{first} " if first else ""
    forms = {f"{name}s", f"{name}es"}
    if name.endswith("y"):
        forms.add(f"{name[:-1]}ies")
    if name.endswith(("f", "fe")):
        forms.add(f"{name.removesuffix('e').removesuffix('f')}ves")
    irregular = shipped_words().irregular
    forms.update(f"{lead}{last.removesuffix(one)}{many}" for one, many in irregular.items() if last.endswith(one))
    if name.endswith("s"):  # may be its own plural, as scissors are: one mention may be all of them
        forms.add(name)
    return frozenset(forms)


def _normal(text: str) -> str:
    """Return a text in which spelling variants that mean nothing are gone: case, hyphens, Unicode forms, blanks."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return " ".join(folded.replace("-", " ").replace("_", " ").split())


def _forms(names: Sequence[str]) -> re.Pattern[str]:
    """Return what finds any of the names, in the singular or a plural; the longest first: a glass is no wine glass."""
    normal = {_normal(name) for name in names}
    forms = sorted(normal.union(*(plurals(name) for name in normal)), key=lambda form: (-len(form), form))
    return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(form) for form in forms)})(?!\w)")


def _unmentioned(said: str, names: Sequence[str]) -> list[str]:
    mentions = Counter(match[0] for match in _forms(names).finditer(said))
    wanted = Counter(_normal(name) for name in names)
    missing = {
        name
        for name, number in wanted.items()
        if mentions[name] < number and not any(mentions[plural] for plural in plurals(name))
    }
    return [name for name in dict.fromkeys(names) if _normal(name) in missing]
