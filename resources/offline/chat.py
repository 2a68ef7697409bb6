"""The offline text model: answers by rule, and does what the system prompt asks for, no more. Simulated."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
from pydantic import BaseModel

from genval_assets.keys import seed_of
from genval_assets.prompting.agent import PromptAnswer
from genval_assets.prompting.lint import spoken_name
from genval_assets.types import ChatAnswer, ChatRequest
from resources.offline.wording import read_wording

MODEL_NAME = "genval-offline-rules"
REVISION = "1"

LONE = ("a single", "one single", "a lone", "exactly one", "one solitary")
WHOLE = (
    "the whole object in view", "shown in its entirety", "complete and not cropped", "entirely visible",
    "fully inside the frame",
)  # fmt: skip
PLAIN = (
    "isolated on a plain background", "against a plain white background", "on a plain grey background",
    "set against a seamless plain backdrop", "on a transparent background",
)  # fmt: skip
TRIGGERS = ("high-resolution", "highly realistic")


class UnansweredSchema(ValueError):
    """The offline text model has no rule for the answer that is asked of it."""


class OfflineChatModel:
    """Fits `ports.ChatModel`; text only."""

    model = MODEL_NAME
    revision = REVISION
    best_batch = 64

    def ask(self, requests: Sequence[ChatRequest]) -> list[ChatAnswer]:
        """Return one answer per request, in order; each depends on its own request alone.

        Raises:
            UnansweredSchema: a request asks for an answer that no rule writes.
        """
        return [self._answer(request) for request in requests]

    def _answer(self, request: ChatRequest) -> ChatAnswer:
        started = time.perf_counter()
        rule = RULES.get(request.answer_schema)
        if rule is None:
            known = ", ".join(sorted(schema.__name__ for schema in RULES))
            raise UnansweredSchema(f"the offline text model answers {known}, not {request.answer_schema.__name__}")
        text = rule(request).model_dump_json()
        words = len((request.system + request.user).split())
        return ChatAnswer(text, words, len(text.split()), time.perf_counter() - started)


class OfflineChat:
    """Opens the offline text model; a plain object, because there is nothing to set."""

    @contextmanager
    def open(self) -> Iterator[OfflineChatModel]:
        """Return the model for the length of one `with` block."""
        yield OfflineChatModel()

    def fault(self) -> str:
        """Return nothing: it needs no weights and no endpoint."""
        return ""


def compose_prompt(request: ChatRequest) -> PromptAnswer:
    """Return a prompt made of the request's slots, with the cues that the system prompt asks for and no others."""
    task = json.loads(request.user)
    rng = np.random.default_rng(seed_of("compose", request.user, request.seed))
    asked = read_wording(request.system)
    article = _one_of(LONE, rng) if asked.single else "a"
    phrases = _phrases(task.get("slots", {}), rng)
    if asked.whole:
        phrases.append(_one_of(WHOLE, rng))
    if asked.plain:
        phrases.append(_one_of(PLAIN, rng))
    rng.shuffle(phrases)
    subject = _subject(article, spoken_name(task["category"]), task.get("slots", {}), rng)
    opening = [trigger for trigger in TRIGGERS if trigger in request.system.lower()]
    if rng.random() < 0.5:
        opening.reverse()
    medium = task.get("slots", {}).get("medium", "picture")
    head = f"{', '.join(opening)} {medium} of {subject}".strip()
    if rng.random() < 0.5:  # the other order: subject first
        head = f"{subject}, {', '.join(opening)} {medium}"
    return PromptAnswer(prompt=", ".join([head[0].upper() + head[1:], *phrases]))


def _one_of(choices: Sequence[str], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]


def _subject(article: str, name: str, slots: Mapping[str, str], rng: np.random.Generator) -> str:
    """Return the noun phrase: article, some adjectives in varied order, the category's name."""
    adjectives = [slots[s] for s in ("status", "style", "time_period", "colour", "texture") if s in slots]
    order = rng.permutation(len(adjectives))
    words = " ".join(adjectives[i] for i in order)
    return " ".join(f"{article} {words} {name}".split())


def _phrases(slots: Mapping[str, str], rng: np.random.Generator) -> list[str]:
    """Return the slots that follow the subject, each in one of several wordings."""
    wordings = {
        "lighting": ("{}", "in {}", "shown in {}", "under {}"),
        "viewpoint": ("{}", "in {}", "shown in {}", "photographed in {}"),
        "mood": ("{} mood", "with a {} mood", "{} in mood", "a {} feel"),
    }
    return [_one_of(forms, rng).format(slots[slot]) for slot, forms in wordings.items() if slot in slots]


RULES: Mapping[type[BaseModel], Callable[[ChatRequest], BaseModel]] = {PromptAnswer: compose_prompt}
"""What the model can answer, by the schema of the answer."""
