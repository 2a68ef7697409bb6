"""How many scene graphs each category still owes: planned ones that were not worked to their end."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

STAGES = ("scene_graphs", "layouts", "layout_scenes", "question_answers")
"""The stages that a graph passes. What they cost, and that they fail, says nothing of instances."""


@dataclass(frozen=True)
class Worked:
    """What is stored of the graphs of some categories; ids only."""

    graphs: Mapping[str, tuple[str, int]]  # graph id -> category, and index within it
    layouts: Mapping[str, str]  # layout id -> graph id
    rejected: Collection[str]  # layout ids that are not drawn
    ended: Mapping[str, str | None]  # layout id -> scene id, None where no picture was kept
    asked: Collection[str]  # scene ids with question-answer pairs, or of which nothing can be asked


def owed_graphs(wanted: Mapping[str, int], worked: Worked, *, questions: bool) -> dict[str, int]:
    """Return category -> graphs to go, where there are any: so many wanted, less those that came to their end.

    A graph ends with a layout that is not drawn, with pictures of which none is kept, or with a kept scene and, where
    `questions` are wanted, its question-answer pairs. What is stored beyond the wanted number does not count.
    """
    over = {worked.graphs[g] for layout, g in worked.layouts.items() if _ended(layout, worked, questions=questions)}
    done = Counter(category for category, index in over if index < wanted.get(category, 0))
    return {category: n - done[category] for category, n in wanted.items() if n > done[category]}


def _ended(layout: str, worked: Worked, *, questions: bool) -> bool:
    if layout in worked.rejected:
        return True
    if layout not in worked.ended:
        return False
    scene = worked.ended[layout]
    return scene is None or not questions or scene in worked.asked


def wanted_graphs(targets: Iterable[tuple[str, int, int]], graphs: int) -> dict[str, int]:
    """Return category -> graphs that it should have: as many as the settings say, where its target is not real.

    Args:
        targets: (category, target, real instances) of each category that the profile can draw.
        graphs: of the settings.
    """
    return {category: graphs for category, target, real in targets if graphs and target > real}
