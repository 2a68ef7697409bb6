"""The one form in which a model's answer is read: a JSON object of the schema it was asked for, or nothing."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

LONGEST_ANSWER = 20_000
"""Characters; a longer answer is refused unread."""

A = TypeVar("A", bound="Answered")


class Answered(BaseModel):
    """Base of every permitted answer: immutable, no conversions, no fields beyond those asked for, no NaN."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class UnreadableAnswer(ValueError):
    """The model answered, but not in the form it was asked for. Asking again may help; guessing will not.

    `reasons` are short codes of what is wrong, for SQL.
    """

    def __init__(self, message: str, reasons: tuple[str, ...] = ("unreadable",)) -> None:
        super().__init__(message)
        self.reasons = reasons


def read_answer(text: str, schema: type[A]) -> A:
    """Return the answer: one JSON object that the schema permits, bare, in a code fence or amid prose.

    Raises:
        UnreadableAnswer: there is no such object or more than one, anything else in brackets, a repeated, missing or
            unknown key, a value of another type, NaN, or more than `LONGEST_ANSWER` characters.
    """
    if len(text) > LONGEST_ANSWER:
        raise UnreadableAnswer(f"expected at most {LONGEST_ANSWER:,} characters, got {len(text):,}")
    start = text.find("{")
    if start < 0:
        raise UnreadableAnswer(f"expected one JSON object, got {text[:80]!r}")
    try:
        found, stop = _DECODER.raw_decode(text, start)
        # as JSON, because there strict still takes a list for a tuple
        answer = schema.model_validate_json(json.dumps(found))
    except (ValueError, RecursionError) as err:
        why = _first_fault(err) if isinstance(err, ValidationError) else str(err)
        raise UnreadableAnswer(f"{why}; got {text[start : start + 80]!r}") from err
    if re.search(r"[{}\[\]]", text[:start] + text[stop:]):
        raise UnreadableAnswer(f"expected one JSON object, got more beside it: {text[:80]!r}")
    return answer


def refuse_other_ids(asked: Sequence[str], got: Sequence[str]) -> None:
    """Refuse an answer by ids that has not exactly one entry for each id of its question, in any order.

    Raises:
        UnreadableAnswer: an id is missing, unknown or there twice.
    """
    if Counter(asked) != Counter(got):
        raise UnreadableAnswer(f"expected one entry for each of {', '.join(asked)}, got {', '.join(got)}")


def _first_fault(err: ValidationError) -> str:
    first = err.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(step) for step in first["loc"])
    return f"{where}: {first['msg']}" if where else first["msg"]


def _refuse_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return the pairs as an object; a key that comes twice makes the answer ambiguous."""
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise ValueError(f"a key comes twice: {keys}")
    return dict(pairs)


def _refuse_constant(word: str) -> object:
    raise ValueError(f"{word} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_refuse_twins, parse_constant=_refuse_constant)
