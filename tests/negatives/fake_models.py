"""Plain fakes of the chat model that writes, mends and looks: they remember what they were asked, and err at will."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from genval_assets.negatives.claims import ClaimsAnswer
from genval_assets.negatives.picture import Pictured, Thing
from genval_assets.negatives.positive import Positive, read_positive
from genval_assets.negatives.verification import Captioned
from genval_assets.negatives.vocabulary import vocabulary
from genval_assets.negatives.writing import CorrectionAnswer, NegativesAnswer
from genval_assets.types import ChatAnswer, ChatRequest

Task = Mapping[str, Any]
Says = Callable[[Task], object]
"""Task -> an answer: what becomes JSON, a raw text, or a whole `ChatAnswer`."""

WORDS = vocabulary()
END = "mug stands by itself in the very middle of things."
CAPTION = f"A red striped ceramic {END}"
SHOWN = ("red", "striped", "ceramic")


def mug(looks: str) -> str:
    """Return the caption's sentence of a mug that looks otherwise."""
    return f"{'An' if looks.startswith('orange') else 'A'} {looks} {END}"


TEN = tuple(
    map(
        mug,
        (
            *("blue striped ceramic", "green striped ceramic", "red floral ceramic", "red striped wooden"),
            *("blue floral ceramic", "yellow striped glass", "red dotted leather"),
            *("blue floral wooden", "orange dotted plastic", "black checkered metal"),
        ),
    )
)
"""Four hard, three medium, three easy."""


class Model:
    """A chat model that answers by what it is asked for. `asked` keeps every request."""

    model, revision, best_batch, max_tokens = "fake", "1", 4, 0

    def __init__(self, write: Says, see: Says, mend: Says = lambda task: mends(task, CAPTION)) -> None:
        self.says: dict[type, Says] = {NegativesAnswer: write, CorrectionAnswer: mend, ClaimsAnswer: see}
        self.asked: list[ChatRequest] = []
        self.batches: list[int] = []

    def ask(self, requests: Sequence[ChatRequest]) -> list[ChatAnswer]:
        self.batches.append(len(requests))
        self.asked += requests
        return [_as_answer(self.says[one.answer_schema](json.loads(one.user))) for one in requests]

    def count(self) -> dict[str, int]:
        """Return how often it was asked to write, to mend and to look."""
        names = {NegativesAnswer: "write", CorrectionAnswer: "mend", ClaimsAnswer: "see"}
        return dict(Counter(names[one.answer_schema] for one in self.asked))

    def tasks(self, schema: type) -> list[Task]:
        """Return what it was told each time it was asked for such an answer."""
        return [json.loads(one.user) for one in self.asked if one.answer_schema is schema]


class NoModel(Model):
    """A model that must not be asked."""

    def __init__(self) -> None:
        super().__init__(refuse, refuse, refuse)


def refuse(task: Task) -> object:
    raise AssertionError(f"the model was asked: {task}")


def unreached(_task: Task) -> ChatAnswer:
    """Answer nothing: the endpoint is down."""
    return ChatAnswer("", error="connection refused")


def writes(*sentences: str) -> Says:
    """Return a writer that gives the same sentences each time."""
    return lambda _task: {"sentences": list(sentences)}


def in_turn(*answers: object) -> Says:
    """Return a model that gives one answer after the other; a function among them is called with the task."""
    left = list(answers)

    def says(task: Task) -> object:
        answer = left.pop(0)
        return answer(task) if callable(answer) else answer

    return says


def mends(task: Task, *sentences: str) -> object:
    """Return corrections: the sentences in order, the last for all that follow."""
    ids = [one["id"] for one in task["mend"]]
    given = [*sentences, *[sentences[-1]] * len(ids)]
    return {"corrections": [{"id": i, "sentence": s} for i, s in zip(ids, given, strict=False)]}


def sees(true: Iterable[str] = SHOWN, unclear: Iterable[str] = (), thing: str = "mug") -> Says:
    """Return eyes for which a mug has some looks, has not got all others, and some cannot be told."""
    told = {f"{word} {thing}.": "true" for word in true} | {f"{word} {thing}.": "unclear" for word in unclear}

    def says(task: Task) -> object:
        statements = [(one["id"], one["says"].removeprefix("There is ").split(" ", 1)[1]) for one in task["statements"]]
        return {"claims": [{"id": i, "holds": told.get(says, "false")} for i, says in statements]}

    return says


def always(holds: str) -> Says:
    """Return eyes that say the same of everything."""
    return lambda task: {"claims": [{"id": one["id"], "holds": holds} for one in task["statements"]]}


def pictured(
    *things: Thing, complete: bool = True, seed: int = 1, names: tuple[str, ...] = ("mug",), category: str = "mug"
) -> Pictured:
    """Return a picture of a mug, of which nothing was requested unless said otherwise."""
    held = things or (Thing("mug", {}),)
    return Pictured(f"i{seed}", "instance", category, names, np.zeros((8, 8, 3), np.uint8), held, complete, seed)


def captioned(
    *things: Thing, caption: str = CAPTION, complete: bool = True, seed: int = 1, names: tuple[str, ...] = ("mug",)
) -> Captioned:
    """Return such a picture with its caption."""
    return Captioned(pictured(*things, complete=complete, seed=seed, names=names), positive(caption, *names))


def positive(caption: str = CAPTION, *names: str) -> Positive:
    """Return an accepted caption."""
    return read_positive(caption, names or ("mug",), WORDS)


def _as_answer(said: object) -> ChatAnswer:
    if isinstance(said, ChatAnswer):
        return said
    return ChatAnswer(said if isinstance(said, str) else json.dumps(said))
