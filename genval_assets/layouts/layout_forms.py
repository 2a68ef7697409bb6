"""The forms in which an answered layout is read, each by a named rule: all of it, or nothing.

- `json`: the form that was asked for.
- `literal_list`: a Python list of (name, [x, y, w, h]), with lines such as `Background prompt: …` after it or without,
  as models write that have seen LLM-grounded Diffusion (arXiv 2305.13655). A name must mean one node.

Nothing is converted: boxes in pixels are refused, since nobody says of which picture.
"""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from genval_assets.chat.answers import Answered, UnreadableAnswer, read_answer
from genval_assets.layouts.graph import Node, SceneGraph
from genval_assets.types import Xywh

LONGEST_LIST = 5000
"""Characters of a literal list; 30 boxes take some 1,600 (our choice)."""
LARGEST_SHARE = 2.0
"""Shares a little over 1 are out of range; a number above this is none (our choice)."""

FORM_REASONS = (
    "unreadable", "no_boxes", "prose", "in_pixels", "not_numbers", "unknown_name", "ambiguous_name", "name_twice",
)  # fmt: skip
"""The codes with which an answer is refused before its boxes are looked at."""

_BRACKET = re.compile(r"[{\[]")
_REMARK = re.compile(r"^[A-Z][a-z]+ prompt:.*$")
_ARTICLE = re.compile(r"^(?:an?|the|one) ")


class BoxAnswer(Answered):
    """Where one object stands."""

    id: str = Field(min_length=1, max_length=20)
    box: tuple[float, ...] = Field(
        min_length=4, max_length=4, description="[x, y, w, h] of the box as shares of the picture."
    )  # no tuple of four: strict servers do not take its schema

    @property
    def xywh(self) -> Xywh:
        """The box."""
        x, y, w, h = self.box
        return x, y, w, h


class LayoutAnswer(Answered):
    """The permitted answer."""

    boxes: Annotated[tuple[BoxAnswer, ...], Field(max_length=60)]


@dataclass(frozen=True)
class Placed:
    """What an answer says, as (node id, box); ids may be unknown, missing or there twice."""

    form: Literal["json", "literal_list"]  # the rule that read it
    boxes: tuple[tuple[str, Xywh], ...]


def read_boxes(text: str, graph: SceneGraph) -> Placed:
    """Return the boxes of a raw answer by the rule that its first bracket calls for.

    Raises:
        UnreadableAnswer: no rule reads all of it; the code is one of `FORM_REASONS`.
    """
    bracket = _BRACKET.search(text)
    if bracket is None:
        raise UnreadableAnswer(f"expected one JSON object, got {text[:80]!r}", ("prose",))
    placed = _json(text) if bracket[0] == "{" else _literal_list(text, graph)
    if not placed.boxes:
        raise UnreadableAnswer("the list of boxes is empty", ("no_boxes",))
    return placed


def _json(text: str) -> Placed:
    answer = read_answer(text, LayoutAnswer)
    for box in answer.boxes:
        _refuse_pixels(box.xywh)
    return Placed("json", tuple((box.id, box.xywh) for box in answer.boxes))


def _literal_list(text: str, graph: SceneGraph) -> Placed:
    pairs = [_pair(entry) for entry in _evaluated(_without_remarks(text))]
    ids = _meant([name for name, _ in pairs], graph)
    return Placed("literal_list", tuple((node_id, box) for node_id, (_, box) in zip(ids, pairs, strict=True)))


def _without_remarks(text: str) -> str:
    """Return a text without the remarks that may follow a list; those between its lines make it unreadable."""
    lines = text.strip().split("\n")
    while lines and _REMARK.match(lines[-1].strip()):
        lines.pop()
    return "\n".join(lines).strip()


def _evaluated(text: str) -> list[object]:
    """Return the list that a text is, by Python's own reader of literals, which runs nothing."""
    if len(text) > LONGEST_LIST:
        raise UnreadableAnswer(f"expected at most {LONGEST_LIST:,} characters, got {len(text):,}")
    try:
        found = ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as err:
        # depth and size are bounded by the length: nothing is short of memory, the reader's stack is
        raise UnreadableAnswer(f"expected one JSON object, got {text[:80]!r}") from err
    if not isinstance(found, list):
        raise UnreadableAnswer(f"expected one JSON object, got {text[:80]!r}")
    return found


def _pair(entry: object) -> tuple[str, Xywh]:
    """Return the name and the numbers of one entry of a list."""
    if not isinstance(entry, tuple) or len(entry) != 2 or not isinstance(entry[0], str):
        raise UnreadableAnswer(f"expected (name, [x, y, w, h]), got {str(entry)[:80]}")
    name, box = entry
    is_box = isinstance(box, list | tuple) and len(box) == 4 and all(type(value) in (int, float) for value in box)
    if not is_box:
        raise UnreadableAnswer(f"expected [x, y, w, h] of {name[:80]!r}, got {str(box)[:80]}", ("not_numbers",))
    _refuse_pixels(box)  # before float(): a literal may hold more digits than a float can
    x, y, w, h = (float(value) for value in box)
    return name, (x, y, w, h)


def _refuse_pixels(box: Sequence[float]) -> None:
    """Refuse what cannot be meant as shares of a picture."""
    if any(abs(value) > LARGEST_SHARE for value in box):
        raise UnreadableAnswer(
            f"boxes are shares of the picture, between 0 and 1, not pixels; got {str(box)[:80]}", ("in_pixels",)
        )


def _meant(names: Sequence[str], graph: SceneGraph) -> list[str]:
    """Return the id of the node that each name means; nodes of one phrase are taken in the graph's order."""
    left = {node.node_id for node in graph.nodes}
    ids = []
    for name in names:
        candidates = _candidates(name, graph)
        unused = [node.node_id for node in candidates if node.node_id in left]
        if not unused:
            raise UnreadableAnswer(f"{name[:80]!r} is there more often than in the graph", ("name_twice",))
        ids.append(unused[0])
        left.remove(unused[0])
    return ids


def _candidates(name: str, graph: SceneGraph) -> list[Node]:
    """Return the nodes that a name may mean, all of one phrase: by phrase, else by bare name."""
    said = _bare(name)
    by_phrase = [node for node in graph.nodes if _bare(node.phrase) == said]
    found = by_phrase or [node for node in graph.nodes if _bare(node.name) == said]
    if not found:
        raise UnreadableAnswer(f"{name[:80]!r} is no object of the graph", ("unknown_name",))
    if len({node.phrase for node in found}) > 1:
        raise UnreadableAnswer(f"{name[:80]!r} may be {' or '.join(n.node_id for n in found)}", ("ambiguous_name",))
    return found


def _bare(name: str) -> str:
    """Return a name in lower case, without a leading article."""
    return _ARTICLE.sub("", " ".join(name.lower().split()))
