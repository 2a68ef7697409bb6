"""Question-answer pairs in the conversation form that LLaVA is tuned on: a JSON list, one conversation per picture."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

IMAGE_TOKEN = "<image>"  # noqa: S105 - a mark that stands for the picture, no secret
_MARKS = str.maketrans(
    {"<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}", ">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"}
)


@dataclass(frozen=True)
class Conversation:
    """One picture and what is asked about it."""

    image_id: str
    file: str  # relative to the set's folder
    pairs: tuple[tuple[str, str], ...]  # question, answer: in their order, at least one


class _Turn(msgspec.Struct, frozen=True, rename={"speaker": "from"}):
    speaker: str  # human | gpt
    value: str


class _Entry(msgspec.Struct, frozen=True):
    id: str
    image: str
    conversations: list[_Turn]


def llava_document(entries: Iterable[Conversation]) -> bytes:
    """Return the JSON of conversations, in the order given; of none, an empty list.

    The mark for the picture stands once, before the first question. Angle brackets of questions and answers become
    single quotation marks of that shape: a category's name may read `<image>`, and trainers take every such mark, and
    others in angle brackets, for a token (our choice).

    Raises:
        ValueError: a picture has no pair, or two have one id.
    """
    entries = list(entries)
    empty = [entry.image_id for entry in entries if not entry.pairs]
    twice = [image_id for image_id, times in Counter(entry.image_id for entry in entries).items() if times > 1]
    if empty or twice:
        raise ValueError(f"each picture comes once and with pairs; without pairs {empty[:5]}, repeated {twice[:5]}")
    return msgspec.json.encode([_Entry(e.image_id, e.file, _turns(e.pairs)) for e in entries])


def _turns(pairs: Sequence[tuple[str, str]]) -> list[_Turn]:
    turns = []
    for i, (question, answer) in enumerate(pairs):
        asked = plain(question)
        turns += [_Turn("human", asked if i else f"{IMAGE_TOKEN}\n{asked}"), _Turn("gpt", plain(answer))]
    return turns


def plain(text: str) -> str:
    """Return a text that holds no mark of a trainer's: `<` and `>` become `‹` and `›`."""
    return text.translate(_MARKS)
