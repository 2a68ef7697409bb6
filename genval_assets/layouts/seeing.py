"""What is asked about a drawn picture: what it shows, as a whole and in each box, and whether that is what it should.

Auto Cherry-Picker captions the whole picture, each box and each crop, and lets a text model compare each caption with
the words that were drawn from (section 3.3). Not here: how the scores become CLIS-I (`clis_i.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import Field

from genval_assets.chat.answers import Answered, UnreadableAnswer, read_answer
from genval_assets.chat.ask import worded
from genval_assets.keys import seed_of
from genval_assets.types import ChatRequest, Rgb

STAGE = "layout_scenes"
BEST = 5
"""Best score of a comparison; times 20 it is on CLIS-I's scale (ACP)."""

Corners = tuple[float, float, float, float]
"""left, top, right, bottom as shares of the picture, in [0, 1]."""


class CaptionAnswer(Answered):
    """What a picture, or a box of it, shows."""

    caption: str = Field(min_length=1, max_length=3000)  # as the graph's: thirty things may have to be named


class MatchAnswer(Answered):
    """How well what is shown is what should be."""

    score: int = Field(ge=0, le=BEST, description="0: nothing of it; 5: all of it, and nothing else.")


@cache
def caption_prompt() -> str:
    """Return the system prompt of the model that looks."""
    return files("genval_assets.layouts").joinpath("caption_agent.txt").read_text(encoding="utf-8")


@cache
def match_prompt() -> str:
    """Return the system prompt of the model that compares."""
    return files("genval_assets.layouts").joinpath("match_agent.txt").read_text(encoding="utf-8")


@dataclass(frozen=True, eq=False)
class CaptionQuestion:
    """What one picture shows: all of it, or what stands in `box`. Fits `chat.ask.Question`."""

    picture: Rgb
    box: Corners | None  # None: the whole picture
    category: str  # partition key, for the record
    seed: int

    def request(self, attempt: int, faults: Sequence[str]) -> ChatRequest:
        """Return the question; with `faults`, what was wrong with the earlier answers."""
        task: dict[str, object] = {"describe": "the whole picture"}
        if self.box is not None:
            task = {"describe": "what stands in the box", "box": [round(edge, 4) for edge in self.box]}
        return ChatRequest(
            stage=STAGE,
            system=caption_prompt(),
            user=worded(task, faults),
            answer_schema=CaptionAnswer,
            images=(self.picture,),
            seed=seed_of("caption", self.seed, attempt),
            temperature=0.0 if attempt == 1 else 0.7,
            category=self.category,
            attempt=attempt,
        )

    def read(self, text: str) -> str:
        """Return the caption of a raw answer, its blanks made single.

        Raises:
            UnreadableAnswer: the answer has another form, or says nothing.
        """
        caption = " ".join(read_answer(text, CaptionAnswer).caption.split())
        if not caption:
            raise UnreadableAnswer("expected a caption, got blanks")
        return caption


@dataclass(frozen=True)
class MatchQuestion:
    """How well what is said of a picture agrees with the words that it was drawn from. Fits `chat.ask.Question`."""

    should_show: str
    shows: str
    category: str  # partition key, for the record
    seed: int

    def request(self, attempt: int, faults: Sequence[str]) -> ChatRequest:
        """Return the question; with `faults`, what was wrong with the earlier answers."""
        return ChatRequest(
            stage=STAGE,
            system=match_prompt(),
            user=worded({"should_show": self.should_show, "shows": self.shows}, faults),
            answer_schema=MatchAnswer,
            seed=seed_of("match", self.seed, attempt),
            temperature=0.0 if attempt == 1 else 0.7,
            category=self.category,
            attempt=attempt,
        )

    def read(self, text: str) -> float:
        """Return the agreement of a raw answer, 0 to 100.

        Raises:
            UnreadableAnswer: the answer has another form.
        """
        return read_answer(text, MatchAnswer).score * 100 / BEST
