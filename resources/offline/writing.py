"""Prompts by rule, simulated: slots in a sentence, with the cues that the system prompt asks for and no others."""

import json
import re
from collections.abc import Mapping, Sequence

import numpy as np

from genval_assets.keys import seed_of
from genval_assets.prompting.agent import PromptAnswer
from genval_assets.prompting.lint import spoken_name
from genval_assets.types import ChatRequest
from resources.offline.instructions import TRIGGERS, WRITER, asked, topics, topics_against

LONE = ("a single", "one single", "a lone", "exactly one", "one solitary")
WHOLE = (
    "the whole object in view", "shown in its entirety", "complete and not cropped", "entirely visible",
    "fully inside the frame",
)  # fmt: skip
PLAIN = (
    "isolated on a plain background", "against a plain white background", "on a plain grey background",
    "set against a seamless plain backdrop", "on a transparent background",
)  # fmt: skip
ADJECTIVES = ("status", "style", "time_period", "colour", "texture")
FOLLOWING: Mapping[str, tuple[str, ...]] = {
    "lighting": ("{}", "in {}", "shown in {}", "under {}"),
    "viewpoint": ("{}", "in {}", "shown in {}", "photographed in {}"),
    "mood": ("{} mood", "with a {} mood", "{} in mood", "a {} feel"),
}
"""Slots that follow the subject, each in one of several wordings; slots of other names follow as they are."""
_QUOTED = re.compile(r"\b(?:plural|second_subject|scene|multi_view): (['\"])(.+?)\1")
"""What the lint quotes of a prompt when it refuses a phrase."""


def compose_prompt(request: ChatRequest) -> PromptAnswer:
    """Return a prompt made of the request's slots, with the cues that the system prompt asks for and no others.

    What was wrong with earlier answers is heeded like a rule of the system prompt, for this prompt alone.
    """
    task = json.loads(request.user)
    faults = task.get("faults_of_earlier_answers", [])
    rng = np.random.default_rng(seed_of("compose", request.user, request.seed))
    cues = asked(WRITER, request.system) | _demanded(faults)
    slots = _bearable(task.get("slots", {}), faults)
    article = _one_of(LONE, rng) if "single" in cues else "a"
    phrases = _phrases(slots, rng)
    if "whole" in cues:
        phrases.append(_one_of(WHOLE, rng))
    if "plain" in cues:
        phrases.append(_one_of(PLAIN, rng))
    rng.shuffle(phrases)
    subject = _subject(article, spoken_name(task["category"]), slots, rng)
    opening = [t for t in TRIGGERS if "triggers" in cues or t in request.system.lower()]
    return PromptAnswer(prompt=", ".join([_head(opening, slots.get("medium", "picture"), subject, rng), *phrases]))


def _demanded(faults: Sequence[str]) -> set[str]:
    """Return the topics that the faults' codes are about."""
    codes = {code for topic in topics(WRITER).values() for code in topic.reasons}
    text = " ".join(faults)
    return topics_against(WRITER, (code for code in codes if re.search(rf"\b{code}\b", text)))


def _bearable(slots: Mapping[str, str], faults: Sequence[str]) -> dict[str, str]:
    """Return the slots without those that an earlier answer was refused for; only the needed ones after `too_long`."""
    text = " ".join(faults)
    refused = [match[2].lower() for match in _QUOTED.finditer(text)]
    kept = {slot: v for slot, v in slots.items() if not any(v.lower() in hit or hit in v.lower() for hit in refused)}
    if re.search(r"\btoo_long\b", text):
        return {slot: v for slot, v in kept.items() if slot in ("colour", "texture", "viewpoint", "lighting")}
    return kept


def _head(opening: list[str], medium: str, subject: str, rng: np.random.Generator) -> str:
    """Return quality, medium and subject in one of two orders, beginning with a capital."""
    if rng.random() < 0.5:
        opening.reverse()
    quality = ", ".join(opening)
    head = f"{quality} {medium} of {subject}".strip()
    if rng.random() < 0.5:
        head = f"{subject}, {quality} {medium}"
    head = " ".join(head.split())
    return head[0].upper() + head[1:]


def _one_of(choices: Sequence[str], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]


def _subject(article: str, name: str, slots: Mapping[str, str], rng: np.random.Generator) -> str:
    """Return the noun phrase: article, some adjectives in varied order, the category's name."""
    adjectives = [slots[s] for s in ADJECTIVES if s in slots]
    order = rng.permutation(len(adjectives))
    words = " ".join(adjectives[i] for i in order)
    return " ".join(f"{article} {words} {name}".split())


def _phrases(slots: Mapping[str, str], rng: np.random.Generator) -> list[str]:
    """Return the slots that follow the subject, in words."""
    worded = [_one_of(forms, rng).format(slots[slot]) for slot, forms in FOLLOWING.items() if slot in slots]
    return worded + [v for slot, v in slots.items() if slot not in {*FOLLOWING, *ADJECTIVES, "medium", "subject"}]
