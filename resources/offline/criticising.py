"""The critic by rule: names what a system prompt leaves unsaid, so far as the reasons of its examples show it.

Simulated. It knows nothing but the words it is shown: a fault that the system prompt already has a rule against brings
no point, since the errors that remain then are the generator's.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping

import numpy as np

from genval_assets.keys import seed_of
from genval_assets.textgrad.roles import Criticism
from genval_assets.types import ChatRequest
from resources.offline.instructions import JUDGE, asked, topics, topics_against

ASIDE = 0.25
"""How often the critic adds a remark on style, which helps nobody, as critics do."""


def criticise(request: ChatRequest) -> Criticism:
    """Return a point for each fault of the examples that the system prompt has no rule against, the commonest first."""
    task = json.loads(request.user)
    agent, examples = task["agent"], task["examples"]
    rng = np.random.default_rng(seed_of("criticise", request.user, request.seed))
    shown = Counter(name for example in examples for name in _against(agent, example))
    unsaid = [name for name, _ in shown.most_common() if name not in asked(agent, task["system_prompt"])]
    points = [f"{_complaint(agent, name, rng)} {_evidence(shown[name], len(examples), rng)}" for name in unsaid]
    if points and rng.random() < ASIDE:
        idle = [name for name, topic in topics(agent).items() if not topic.reasons and "_" not in name]
        points.append(_complaint(agent, idle[int(rng.integers(len(idle)))], rng))
    return Criticism(points=tuple(points[:10]))


def _against(agent: str, example: Mapping[str, object]) -> set[str]:
    """Return the topics whose rules would have prevented what came of one example."""
    reasons = example.get("reasons")
    said = [str(reason) for reason in reasons] if isinstance(reasons, list) else []
    codes = [re.sub(r"^[^:]*:\s*", "", reason) for reason in said]
    found = topics_against(agent, codes)
    if agent == JUDGE and any("wrongly refused" in text for text in (str(example.get("outcome", "")), *said)):
        return {f"{name}_lenient" for name in found}
    return found


def _complaint(agent: str, name: str, rng: np.random.Generator) -> str:
    complaints = topics(agent)[name].complaints
    return complaints[int(rng.integers(len(complaints)))]


def _evidence(times: int, of: int, rng: np.random.Generator) -> str:
    forms = ("It happened in {} of {} examples.", "({} of the {} examples)", "Seen in {} of {}.")
    return forms[int(rng.integers(len(forms)))].format(times, of)
