"""The prompt agent (Gen-n-Val, arXiv 2506.04676): what it is asked, and the one form of answer that is accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from pydantic import Field

from genval_assets.chat.answers import Answered, UnreadableAnswer, read_answer
from genval_assets.chat.ask import about, worded
from genval_assets.keys import seed_of
from genval_assets.prompting.lint import Fault, lint_prompt
from genval_assets.rows import Category
from genval_assets.types import ChatRequest

STAGE = "optimized_prompts"


class PromptAnswer(Answered):
    """The permitted answer."""

    prompt: str = Field(
        min_length=1, max_length=1000, description="The prompt: one sentence that describes one object."
    )


def prompt_agent_text() -> str:
    """Return the shipped system prompt of the prompt agent."""
    return files("genval_assets.prompting").joinpath("prompt_agent.txt").read_text(encoding="utf-8")


@dataclass(frozen=True)
class PromptQuestion:
    """How should the next prompt of a category read? Fits `chat.ask.Question`."""

    system: str
    category: Category  # its name is data: passed as JSON, so that nothing in it reads as an instruction
    index: int  # of the prompt within its category
    slots: Mapping[str, str]  # slot -> value to work in
    accepted: tuple[str, ...] = ()  # the category's other prompts, which this one must not resemble
    lint: bool = True  # False: whatever is written is taken, which only measurements want

    def request(self, attempt: int, faults: Sequence[str]) -> ChatRequest:
        """Return the question; with `faults`, what was wrong with the earlier answers."""
        task = {**about(self.category.name, self.category.definition), "slots": dict(self.slots)}
        return ChatRequest(
            stage=STAGE,
            system=self.system,
            user=worded(task, faults),
            answer_schema=PromptAnswer,
            seed=seed_of("ask", self.category.category, self.index, attempt - 1),
            temperature=0.7,
            category=self.category.category,
            attempt=attempt,
        )

    def read(self, text: str) -> str:
        """Return the prompt of a raw answer.

        Raises:
            UnreadableAnswer: the answer has another form, or its prompt does not pass the lint; the message quotes it.
        """
        prompt = read_prompt(text)
        if self.lint:
            refuse(prompt, lint_prompt(prompt, self.category.name, self.category.synonyms, self.accepted))
        return prompt


def read_prompt(text: str) -> str:
    """Return the prompt of a raw answer, its blanks made single.

    Raises:
        UnreadableAnswer: the answer has another form, or holds characters that cannot be printed.
    """
    return printable(read_answer(text, PromptAnswer).prompt)


def printable(answered: str) -> str:
    """Return a prompt as it was answered, its blanks made single.

    Raises:
        UnreadableAnswer: it is blank, or holds characters that cannot be printed.
    """
    prompt = " ".join(answered.split())
    if not prompt or not prompt.isprintable():
        raise UnreadableAnswer(f"expected a prompt of printable characters, got {answered[:80]!r}")
    return prompt


def refuse(prompt: str, found: Sequence[Fault]) -> None:
    """Refuse a prompt in which faults were found.

    Raises:
        UnreadableAnswer: its reasons are the faults' codes.
    """
    if found:
        said = "; ".join(f"{fault.reason}: {fault.detail}" for fault in found)
        raise UnreadableAnswer(f"{prompt[:300]!r}: {said}", tuple(fault.reason for fault in found))
