"""The shipped wordings of questions and answers, in `templates.toml` (after ACP, appendix A.3; the words are ours)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Task = Literal["localisation", "attribute", "relation"]
TASKS: tuple[Task, ...] = ("localisation", "attribute", "relation")
Kind = Literal["where", "at", "colour", "colour_at", "count", "compare", "relation", "confirm"]


@dataclass(frozen=True)
class Template:
    """One wording of one kind of question."""

    id: str
    kind: Kind
    task: Task
    question: str  # with {slots}
    answer: str

    def filled(self, slots: Mapping[str, str]) -> tuple[str, str]:
        """Return question and answer; whatever stands in a slot's words, braces too, goes in as it is.

        Args:
            slots: slot -> words.

        Raises:
            KeyError: a slot has no words.
        """
        return self.question.format_map(slots), self.answer.format_map(slots)


@cache
def templates() -> tuple[Template, ...]:
    """Return the shipped templates."""
    read = tomllib.loads(files("genval_assets.language").joinpath("templates.toml").read_text(encoding="utf-8"))
    return tuple(Template(**entry) for entry in read["template"])


def wordings(kind: Kind) -> tuple[Template, ...]:
    """Return the templates of one kind of question, in the file's order."""
    return tuple(template for template in templates() if template.kind == kind)


def task_of(kind: Kind) -> Task:
    """Return the task that a kind of question belongs to."""
    return wordings(kind)[0].task
