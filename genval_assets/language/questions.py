"""Question-answer pairs about a kept scene, with the boxes that show the answer (ACP, appendix A.3)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from genval_assets.keys import seed_of
from genval_assets.language.candidates import Candidate, candidates
from genval_assets.language.facts import Corners, SceneFacts, corners
from genval_assets.language.templates import TASKS, Kind, Task, Template, task_of, wordings

MOST_OF_A_TASK = 4
"""Questions about one scene: at most twelve in all (our choice)."""


@dataclass(frozen=True)
class Asked:
    """One question about a scene with its answer."""

    task: Task
    template: str
    question: str  # one line
    answer: str  # one line
    nodes: tuple[str, ...]  # ids of the objects that it is about
    grounding: tuple[Corners, ...]  # box of each of them


def question_answers(facts: SceneFacts, seed: int) -> list[Asked]:
    """Return questions about a scene, task by task; none where nothing can be said for certain.

    Of each task at most `MOST_OF_A_TASK`: its kinds of question take turns, and no two questions of one topic are about
    the same objects, since one would tell the other's answer. Which ones, and their wording, depend on the facts and
    the seed alone.
    """
    possible = candidates(facts, seed)
    chosen = [one for task in TASKS for one in _spread([c for c in possible if task_of(c.kind) == task], seed)]
    times: Counter[Kind] = Counter()
    asked = []
    for candidate in chosen:
        asked.append(_worded(facts, candidate, _wording(candidate.kind, times[candidate.kind], seed)))
        times[candidate.kind] += 1
    return asked


def _spread(possible: Sequence[Candidate], seed: int) -> list[Candidate]:
    """Return some of the questions of one task: one of each kind in turn, in a seeded order."""
    waiting = sorted(possible, key=lambda c: _lot(c, seed))
    turns = sorted({c.kind for c in possible}, key=lambda kind: seed_of("turn", seed, kind))
    chosen: list[Candidate] = []
    while waiting and len(chosen) < MOST_OF_A_TASK:
        turn = turns[0]
        turns = [*turns[1:], turn]
        of_turn = next((c for c in waiting if c.kind == turn), None)
        if of_turn is not None:
            chosen.append(of_turn)
            waiting = [c for c in waiting if _subject(c) != _subject(of_turn)]
    return chosen


def _lot(candidate: Candidate, seed: int) -> int:
    told = (f"{slot}={words}" for slot, words in sorted(candidate.slots.items()))
    return seed_of("lot", seed, candidate.kind, *(seen.node_id for seen in candidate.about), *told)


def _subject(candidate: Candidate) -> tuple[str, frozenset[str]]:
    return candidate.topic, frozenset(seen.node_id for seen in candidate.about)


def _wording(kind: Kind, times: int, seed: int) -> Template:
    """Return the template of a kind's next question: each is used once before one returns."""
    ways = sorted(wordings(kind), key=lambda template: seed_of("wording", seed, template.id))
    return ways[times % len(ways)]


def _worded(facts: SceneFacts, candidate: Candidate, template: Template) -> Asked:
    question, answer = template.filled(candidate.slots)
    nodes = tuple(seen.node_id for seen in candidate.about)
    return Asked(template.task, template.id, question, answer, nodes, tuple(corners(facts, s) for s in candidate.about))


def grounding_json(asked: Asked) -> str:
    """Return the boxes of a question as they are stored."""
    return msgspec.json.encode(asked.grounding).decode()
