"""What a system prompt asks the offline vision model to look at, read by phrase. The phrases are in `rubric.toml`."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from enum import IntEnum
from functools import cache, lru_cache
from importlib.resources import files

from genval_assets.validation.judge import CRITERIA


class Care(IntEnum):
    """How carefully one criterion is judged."""

    NONE = 0  # the prompt does not speak of it: it is taken to be met
    LOOSE = 1  # it is asked for: gross failures are seen
    EXACT = 2  # the prompt says what to look out for: fine ones too


@lru_cache(maxsize=256)
def read_rubric(system: str) -> Mapping[str, Care]:
    """Return criterion -> care, for all of them."""
    text = " | ".join(_read_sentences(system))
    return {criterion: _care(criterion, text) for criterion in CRITERIA}


def _care(criterion: str, text: str) -> Care:
    if _phrases(criterion, "exact").search(text):
        return Care.EXACT
    return Care.LOOSE if _phrases(criterion, "asked").search(text) else Care.NONE


def _read_sentences(system: str) -> Iterator[str]:
    """Yield what the prompt says, sentence by sentence, in lower case, without the form of the answer."""
    text = re.sub(r"\{.*\}", " ", system.lower().replace("’", "'").replace("_", " "), flags=re.DOTALL)
    for sentence in re.split(r"[.!?;]\s|\n\s*[-*•]|\n\s*\n", text):
        if not _phrases("sentences", "unread").search(sentence):
            yield " ".join(sentence.split())


@cache
def _phrases(group: str, name: str) -> re.Pattern[str]:
    longest_first = sorted(_rubric()[group][name], key=len, reverse=True)
    alternatives = "|".join(re.escape(phrase).replace(r"\ ", r"[\s-]+") for phrase in longest_first)
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)")


@cache
def _rubric() -> Mapping[str, Mapping[str, list[str]]]:
    return tomllib.loads(files("resources.offline").joinpath("rubric.toml").read_text(encoding="utf-8"))
