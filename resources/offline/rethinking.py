"""How the offline text model rewrites a prompt: by rule, as the system prompt that it is given says. Simulated."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from genval_assets.keys import seed_of
from genval_assets.prompting.lint import TRIGGERS, spoken_name
from genval_assets.prompting.records import states
from genval_assets.prompting.rewrite import RethinkAnswer, SlotValue
from genval_assets.types import ChatRequest
from resources.offline.wording import read_wording

ALONE = ("with nothing else in the picture", "standing alone", "by itself", "no other objects")
WHOLE = ("the whole object in view", "entirely visible", "shown in its entirety", "fully inside the frame")
PLAIN = ("isolated on a plain background", "against a plain white background", "on a plain grey background")
ONE_VIEW = ("seen from one viewpoint", "in one view only")

FORBIDDEN_BY = {
    "multiple_objects": ALONE, "mixed_categories": ALONE, "fragmented": ALONE, "incomplete": WHOLE, "too_large": WHOLE,
    "cluttered_background": PLAIN, "residue": PLAIN, "alpha_opaque": PLAIN, "alpha_painted_background": PLAIN,
    "mixed_views": ONE_VIEW,
}  # fmt: skip
"""Reason code -> phrases that ask for the opposite."""

CLEARLY = {
    "lighting": "clearly lit by {}", "viewpoint": "clearly in {}", "mood": "with a clearly {} mood",
    "medium": "clearly a {}",
}  # fmt: skip
"""Slots that follow the object's name, and how they are said plainly; the others stand before it."""
_GLUE = frozenset({
    "a", "an", "the", "in", "with", "under", "of", "by", "lit", "clearly", "shown", "seen", "photographed", "mood",
    "feel",
})  # fmt: skip
"""Words that say nothing once the value between them is gone."""


@dataclass(frozen=True)
class _Orders:
    """Which of the findings the system prompt says what to do about."""

    drop: bool
    state: bool
    forbid: bool


def rethink(request: ChatRequest) -> RethinkAnswer:
    """Return the prompt without what is ignored, with what is missing said plainly, and with extras forbidden.

    Each of the three only if the system prompt asks for it, and so the cues for a single, whole object on a plain
    ground. What the answer lists is what its text states.
    """
    task = json.loads(request.user)
    rng = np.random.default_rng(seed_of("rethink", request.user, request.seed))
    orders = _orders(request.system)
    slots: Mapping[str, str] = task["slots"]
    name = spoken_name(task["category"])
    text = task["prompt"]
    for slot in task["ignored"] if orders.drop else ():
        text = _without(text, slots[slot], name)
    for slot in task["missing"] if orders.state else ():
        text = _plainly(_without(text, slots[slot], name), slot, slots[slot], name)
    too_long = any("too_long" in fault for fault in task.get("faults_of_earlier_answers", ()))
    text = _careful(text, name, request.system, task["extra"] if orders.forbid and not too_long else (), rng)
    text = _articles(text[0].upper() + text[1:])
    stated = {slot: value for slot, value in slots.items() if slot not in task["ignored"] and states(text, value)}
    return RethinkAnswer(prompt=text, slots=tuple(SlotValue(name=n, value=v) for n, v in stated.items()))


def _orders(system: str) -> _Orders:
    def told(finding: str, verbs: str) -> bool:
        either = rf"\b{finding}\b.{{0,200}}?\b(?:{verbs})\b|\b(?:{verbs})\b.{{0,60}}?\b{finding}\b"
        return re.search(either, system, re.IGNORECASE | re.DOTALL) is not None

    return _Orders(
        drop=told("ignored", "drop|remove|omit|leave out"),
        state=told("missing", "state|say|clearly|plainly|emphasise"),
        forbid=told("extra", "forbid|rule out|exclude"),
    )


def _without(text: str, value: str, name: str) -> str:
    """Return the text without a value, and without the phrase around it where nothing else stands in that."""
    kept = []
    for phrase in text.split(","):
        bare = re.sub(rf"\s*{_found(value).pattern}", "", phrase, flags=re.IGNORECASE)
        emptied = bare != phrase and set(re.findall(r"\w+", bare.lower())) <= _GLUE and not _found(name).search(bare)
        if not emptied:
            kept.append(bare)
    return ",".join(kept).strip(" ,")


def _plainly(text: str, slot: str, value: str, name: str) -> str:
    """Return the text with a value beside the category's name, or in front of all where that is not in it."""
    after = CLEARLY.get(slot)
    said = after.format(value) if after else f"clearly {value}"
    match = _found(name).search(text)
    if match is None:
        return f"{name}, {said}, {text}"
    if after is None:
        return f"{text[: match.start()]}{said} {text[match.start() :]}"
    return f"{text[: match.end()]}, {said}{text[match.end() :]}"


def _careful(text: str, name: str, system: str, extra: Sequence[str], rng: np.random.Generator) -> str:
    """Return the text with the cues that the system prompt asks for, if it lacks them, and those against the extras."""
    asked, said = read_wording(system), read_wording(text)
    if asked.single and not said.single:
        text = _single(text, name)
    wanted = [FORBIDDEN_BY[reason] for reason in extra if reason in FORBIDDEN_BY]
    wanted += [WHOLE] if asked.whole and not said.whole else []
    wanted += [PLAIN] if asked.plain and not said.plain else []
    phrases = [cues[int(rng.integers(len(cues)))] for cues in dict.fromkeys(wanted)]
    triggers = [t for t in TRIGGERS if t in system.lower() and t not in text.lower()]
    return ", ".join([text.rstrip(" ."), *(phrase for phrase in phrases if phrase not in text.lower()), *triggers])


def _single(text: str, name: str) -> str:
    """Return the text with `a single` for the article before the name, or before the name where it has none."""
    article = re.compile(rf"\b(?:an?|the)\b(?=(?:\s+[\w-]+){{0,12}}?\s+{_found(name).pattern})", re.IGNORECASE)
    if article.search(text):
        return article.sub("a single", text, count=1)
    return _found(name).sub(lambda match: f"a single {match[0]}", text, count=1)


def _found(phrase: str) -> re.Pattern[str]:
    """Return what finds a phrase, its hyphens and blanks alike."""
    words = r"[\s-]+".join(re.escape(word) for word in re.split(r"[\s-]+", phrase))
    return re.compile(rf"(?<![\w-]){words}(?![\w-])", re.IGNORECASE)


def _articles(text: str) -> str:
    """Return the text with a or an as the letter after it asks for."""

    def article(match: re.Match[str]) -> str:
        a = "an" if match[2] in "aeiouAEIOU" else "a"
        return f"{a.capitalize() if match[1][0].isupper() else a} {match[2]}"

    return re.sub(r"\b(an?) (?!one\b|uni|use)(\w)", article, text, flags=re.IGNORECASE)
