"""The prompt agent (Gen-n-Val, arXiv 2506.04676): what it is asked, and the one form of answer that is accepted."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from genval_assets.types import ChatRequest

LONGEST_ANSWER = 20_000
"""Characters; a longer answer is refused unread."""


class PromptAnswer(BaseModel):
    """The permitted answer."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    prompt: str = Field(
        min_length=1, max_length=1000, description="The prompt: one sentence that describes one object."
    )


class UnreadableAnswer(ValueError):
    """The agent answered, but not in the form it was asked for. Asking again may help; guessing will not."""


def system_prompt() -> str:
    """Return the shipped system prompt."""
    return files("genval_assets.prompting").joinpath("prompt_agent.txt").read_text(encoding="utf-8")


def agent_version(system: str) -> str:
    """Return a name for the system prompt: 12 hex digits of its hash."""
    return hashlib.sha256(system.encode()).hexdigest()[:12]


def prompt_request(
    system: str,
    name: str,
    definition: str | None,
    slots: Mapping[str, str],
    seed: int,
    faults: Sequence[str] = (),
) -> ChatRequest:
    """Return the question for one prompt.

    Args:
        system: the system prompt.
        name: the category's name; data, passed as JSON so that nothing in it reads as an instruction.
        definition: of the category, if there is one.
        slots: slot -> value to work in.
        seed: of the model's sampling.
        faults: what was wrong with the earlier answers to this question, as sentences, the latest last.
    """
    task: dict[str, object] = {"category": name}
    if definition:
        task["definition"] = definition
    task["slots"] = dict(slots)
    if faults:
        task["faults_of_earlier_answers"] = list(faults)
    user = json.dumps(task, ensure_ascii=False, indent=1)
    return ChatRequest("optimized_prompts", system, user, PromptAnswer, seed=seed, temperature=0.7)


def read_prompt_answer(text: str) -> str:
    """Return the prompt from a raw answer: one JSON object of the permitted form, in a code fence or prose or bare.

    Raises:
        UnreadableAnswer: no such object, more than one, anything else in brackets, a repeated or unknown key, NaN.
    """
    if len(text) > LONGEST_ANSWER:
        raise UnreadableAnswer(f"expected at most {LONGEST_ANSWER:,} characters, got {len(text):,}")
    start = text.find("{")
    if start < 0:
        raise UnreadableAnswer(f'expected {{"prompt": "..."}}, got {text[:80]!r}')
    try:
        found, stop = _DECODER.raw_decode(text, start)
        answer = PromptAnswer.model_validate(found)
    except (ValueError, RecursionError) as err:
        why = err.errors(include_url=False, include_input=False)[0]["msg"] if isinstance(err, ValidationError) else err
        raise UnreadableAnswer(f'expected {{"prompt": "..."}}, got {text[start : start + 80]!r}: {why}') from err
    if re.search(r"[{}\[\]]", text[:start] + text[stop:]):
        raise UnreadableAnswer(f"expected one JSON object, got more beside it: {text[:80]!r}")
    prompt = " ".join(answer.prompt.split())
    if not prompt or not prompt.isprintable():
        raise UnreadableAnswer(f"expected a prompt of printable characters, got {answer.prompt[:80]!r}")
    return prompt


def _refuse_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return the pairs as an object; a key that comes twice makes the answer ambiguous."""
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise ValueError(f"a key comes twice: {keys}")
    return dict(pairs)


def _refuse_constant(word: str) -> object:
    raise ValueError(f"{word} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_refuse_twins, parse_constant=_refuse_constant)
