"""A second opinion on one exported line of hard negatives, written without any code or word list of the generator.

Own tokeniser, own words typed by hand, own alignment (difflib), own list of articles. What it finds is a string: a
code, a colon, and what was seen.
"""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

COLOURS = {"black", "white", "grey", "blue", "green", "red", "brown", "pink", "purple", "yellow", "orange"}
MATERIALS = {
    "plastic", "metal", "glass", "wooden", "fabric", "leather", "stone", "ceramic", "paper", "wool", "rattan",
    "velvet", "crochet",
}  # fmt: skip
PATTERNS = {"striped", "checkered", "floral", "dotted", "plain", "woven", "studded", "perforated", "logo"}
TRANSPARENCIES = {"transparent", "translucent", "opaque"}
SHADES = ("light", "dark")
TYPE_OF = {
    **dict.fromkeys(COLOURS, "colour"),
    **{f"{shade} {colour}": "colour" for shade in SHADES for colour in COLOURS},
    **dict.fromkeys(MATERIALS, "material"),
    **dict.fromkeys(PATTERNS, "pattern"),
    **dict.fromkeys(TRANSPARENCIES, "transparency"),
}
MEANS = {
    "gray": "grey", "wood": "wooden", "metallic": "metal", "steel": "metal", "stainless steel": "metal",
    "aluminium": "metal", "aluminum": "metal", "woollen": "wool", "woolen": "wool", "porcelain": "ceramic",
    "cloth": "fabric", "textile": "fabric", "canvas": "fabric", "crocheted": "crochet", "chequered": "checkered",
    "checked": "checkered", "plaid": "checkered", "tartan": "checkered", "stripy": "striped", "stripey": "striped",
    "banded": "striped", "spotted": "dotted", "polka-dot": "dotted", "polka-dotted": "dotted", "flowered": "floral",
    "flowery": "floral", "see-through": "transparent", "pierced": "perforated",
    "violet": "purple", "lilac": "purple", "crimson": "red", "scarlet": "red", "navy": "blue", "azure": "blue",
    "emerald": "green", "tan": "brown", "chestnut": "brown", "ivory": "white",
}  # fmt: skip
WITHIN = {("wool", "fabric"), ("velvet", "fabric"), ("crochet", "fabric"), ("crochet", "wool"), ("rattan", "wooden"),
          ("transparent", "translucent")}  # fmt: skip
"""(narrower, wider): neither can stand for the other in a sentence that must be false."""
VOWEL_BUT_A = ("uni", "use", "usu", "util", "euro", "ukulele", "one", "once")
SILENT_BUT_AN = ("hour", "honest", "honour", "heir")
LEVELS = {1: "hard", 2: "medium", 3: "easy"}
MOST = 10


class Change(msgspec.Struct):
    attribute: str
    origin: str
    target: str
    noun: str


class Negative(msgspec.Struct):
    sentence: str
    level: str
    attribute_change: list[Change]


class Subtext(msgspec.Struct):
    noun: str
    adjectives: list[str]
    label: int
    sentence: str


class Line(msgspec.Struct):
    image_name: str
    positive: str
    negatives: list[Negative]
    trivial: list[str]
    subtext: list[Subtext]
    short: bool
    wanted: int


def faults(line: object) -> list[str]:
    """All that is wrong with a line, in the order of its fields; nothing where it may be exported."""
    try:
        read = msgspec.convert(line, Line)
    except msgspec.ValidationError as err:
        return [f"form: {err}"]
    return [
        *positive_faults(read),
        *(fault for one in read.negatives for fault in negative_faults(read, one)),
        *list_faults(read),
        *subtext_faults(read),
    ]


def tokens(text: str) -> list[str]:
    """Words and marks in lower case; light blue is one token, and an counts as a."""
    words = re.findall(r"\w+(?:['’-]\w+)*|[^\w\s]", text.lower())
    joined: list[str] = []
    for word in words:
        whole = f"{joined[-1]} {word}" if joined else word
        if meant(whole) in TYPE_OF and " " in whole:
            joined[-1] = whole
        else:
            joined.append("a" if word == "an" else word)
    return joined


def meant(word: str) -> str:
    shade, _, bare = word.partition(" ")
    return f"{shade} {MEANS.get(bare, bare)}" if shade in SHADES and bare else MEANS.get(word, word)


def positive_faults(line: Line) -> Iterator[str]:
    words = re.findall(r"[\w'’-]+", line.positive)
    if not 10 <= len(words) <= 25:
        yield f"length: {len(words)} words"
    if not said(line.positive, nouns_of(line)):
        yield f"no_attribute: {line.positive}"
    yield from article_faults(line.positive)


def nouns_of(line: Line) -> set[str]:
    changed = {change.noun for one in line.negatives for change in one.attribute_change}
    return {noun.lower() for noun in changed | {sub.noun for sub in line.subtext}}


def said(sentence: str, nouns: Iterable[str]) -> dict[int, tuple[str, str]]:
    """Place of the token -> (what it means, the noun it is said of)."""
    parts = tokens(sentence)
    at = noun_places(parts, nouns)
    inside = {i for start, noun in at.items() for i in range(start, start + len(tokens(noun)))}
    found = {i: (meant(word), noun_after(parts, i, at)) for i, word in enumerate(parts) if i not in inside}
    return {i: (value, noun) for i, (value, noun) in found.items() if noun and value in TYPE_OF}


def noun_places(parts: Sequence[str], nouns: Iterable[str]) -> dict[int, str]:
    """Place of the first token -> noun; the longest where several begin or overlap."""
    found: dict[int, str] = {}
    taken: set[int] = set()
    for noun in sorted(nouns, key=lambda n: -len(tokens(n))):
        length = len(tokens(noun))
        for i in range(len(parts) - length + 1):
            span = set(range(i, i + length))
            if parts[i : i + length] == tokens(noun) and not span & taken:
                found[i] = noun
                taken |= span
    return found


def noun_after(parts: Sequence[str], place: int, at: Mapping[int, str]) -> str:
    """The noun that a value stands before: other values, commas and `and` between them, and at most two more words."""
    others = 0
    for i in range(place + 1, len(parts)):
        if i in at:
            return at[i]
        if meant(parts[i]) in TYPE_OF or parts[i] in {",", "and"}:
            continue
        others += 1
        if others > 2 or not parts[i][0].isalnum():
            return ""
    return ""


def negative_faults(line: Line, one: Negative) -> Iterator[str]:
    changes = one.attribute_change
    if one.level != LEVELS.get(len(changes)):
        yield f"level: {len(changes)} changes are listed as {one.level}"
    pairs = exchanged(tokens(line.positive), tokens(one.sentence))
    if pairs is None:
        yield f"other_words: {one.sentence}"
        return
    there = said(line.positive, nouns_of(line))
    seen = Counter((*there.get(i, (before, "")), after) for i, before, after in pairs)
    listed = Counter((change.origin, change.noun.lower(), change.target) for change in changes)
    if seen != listed:
        yield f"changes: {sorted((seen - listed).elements())} and not {sorted((listed - seen).elements())}"
    yield from (fault for change in changes for fault in change_faults(change, list(there.values())))
    yield from article_faults(one.sentence)


def exchanged(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, str, str]] | None:
    """(Place, old, new) of each token that differs; None where some were added, left out or moved."""
    pairs: list[tuple[int, str, str]] = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal" and j - i != m - k:
            # two values that change places look like a move to difflib
            if len(before) != len(after):
                return None
            return [(i, *pair) for i, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]]
        if tag != "equal":
            pairs += zip(range(i, j), before[i:j], after[k:m], strict=True)
    return pairs


def change_faults(change: Change, there: Sequence[tuple[str, str]]) -> Iterator[str]:
    if TYPE_OF.get(change.target) is None:
        yield f"not_in_vocabulary: {change.target}"
    elif not TYPE_OF.get(change.origin) == TYPE_OF[change.target] == change.attribute:
        yield f"type: {change.origin} for {change.target} is no {change.attribute}"
    if same(change.origin, change.target):
        yield f"same_meaning: {change.origin} and {change.target}"
    if (change.target, change.noun.lower()) in there:
        yield f"already_there: {change.target} {change.noun}"


def same(one: str, other: str) -> bool:
    """Whether one word means the other or includes it; blue includes light blue."""
    one, other = meant(one), meant(other)
    wider = {one.split()[-1], other.split()[-1]}
    shaded = len(wider) == 1 and (one in wider or other in wider)
    return one == other or shaded or (one, other) in WITHIN or (other, one) in WITHIN


def article_faults(sentence: str) -> Iterator[str]:
    for article, word in re.findall(r"\b(an?)\s+([\w'’-]+)", sentence.lower()):
        vowel = word[0] in "aeiou" and not word.startswith(VOWEL_BUT_A)
        if (article == "an") != (vowel or word.startswith(SILENT_BUT_AN)):
            yield f"article: {article} {word}"


def list_faults(line: Line) -> Iterator[str]:
    written = [" ".join(tokens(text)) for text in (*(one.sentence for one in line.negatives), *line.trivial)]
    yield from (f"twice: {text}" for text, times in Counter(written).items() if times > 1)
    if " ".join(tokens(line.positive)) in written:
        yield "positive: it stands among the negatives"
    if len(line.negatives) > min(MOST, line.wanted):
        yield f"too_many: {len(line.negatives)}"
    if line.short != (len(line.negatives) < line.wanted):
        yield f"short: {len(line.negatives)} of {line.wanted}, marked {line.short}"
    levels = Counter(one.level for one in line.negatives)
    quota = allowed(len(said(line.positive, nouns_of(line))))
    yield from (f"quota: {n} {level}" for level, n in levels.items() if n > quota.get(level, 0))


def allowed(attributes: int) -> dict[str, int]:
    """Most of each level among ten: what a caption with too few attributes cannot have is hard."""
    if attributes >= 3:
        return {"hard": 4, "medium": 3, "easy": 3}
    return {"hard": 7, "medium": 3} if attributes == 2 else {"hard": 10}


def subtext_faults(line: Line) -> Iterator[str]:
    keys = [(sub.noun.lower(), frozenset(map(meant, sub.adjectives))) for sub in line.subtext]
    for (noun, adjectives), times in Counter(keys).items():
        if times > 1:
            yield f"subtext_twice: {sorted(adjectives)} {noun}"
    nouns = nouns_of(line)
    true = of_nouns(said(line.positive, nouns))
    false = [of_nouns(said(one.sentence, nouns)) for one in line.negatives]
    for sub, (noun, adjectives) in zip(line.subtext, keys, strict=True):
        if sub.label not in (0, 1):
            yield f"subtext_label: {sub.label}"
        of_positive = adjectives <= true.get(noun, set())
        if sub.label == 1 and not of_positive:
            yield f"subtext_label: the caption says nothing of {sorted(adjectives)} {noun}"
        if sub.label == 0 and (of_positive or not any(adjectives <= one.get(noun, set()) for one in false)):
            yield f"subtext_label: {sorted(adjectives)} {noun} is of no negative alone"
        shown = {value for value, of in said(sub.sentence, nouns).values() if of == noun}
        if shown != adjectives or not adjectives:
            yield f"subtext_sentence: {sub.sentence}"
        yield from article_faults(sub.sentence)


def of_nouns(values: Mapping[int, tuple[str, str]]) -> dict[str, set[str]]:
    """Noun -> what is said of it anywhere in a sentence."""
    found: dict[str, set[str]] = {}
    for value, noun in values.values():
        found.setdefault(noun, set()).add(value)
    return found
