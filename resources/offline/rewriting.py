"""The optimizer by rule: adds the rules that a criticism calls for, as far as it understands it. Simulated.

It keeps what describes the form of the answer. Points that it does not understand change nothing; without any that it
does, it says the same in other words.
"""

import json
import re
from collections.abc import Sequence

import numpy as np

from genval_assets.keys import seed_of
from genval_assets.textgrad.roles import Rewrite
from genval_assets.types import ChatRequest
from resources.offline.instructions import asked, harmless, topics, topics_heard

_LAST_BULLET = re.compile(r"^- .*(?:\n  .*)*$", re.MULTILINE)
_FORM = re.compile(r"[^.!?\n]*\bJSON\b", re.IGNORECASE)


def rewrite(request: ChatRequest) -> Rewrite:
    """Return the system prompt with a rule for each criticised topic that it has none for."""
    task = json.loads(request.user)
    agent, system = task["agent"], task["system_prompt"]
    rng = np.random.default_rng(seed_of("rewrite", request.user, request.seed))
    heard = dict.fromkeys(name for point in task["criticism"] for name in topics_heard(agent, point))
    unsaid = [name for name in heard if name not in asked(agent, system)]
    if not unsaid:
        return Rewrite(system_prompt=paraphrased(system, rng))
    rules = [topics(agent)[name].rules for name in unsaid]
    return Rewrite(system_prompt=with_rules(system, [choices[int(rng.integers(len(choices)))] for choices in rules]))


def with_rules(system: str, rules: Sequence[str]) -> str:
    """Return the system prompt with more rules: after its last list item, else before the form of the answer."""
    bullets = list(_LAST_BULLET.finditer(system))
    form = _FORM.search(system)
    if bullets:
        at = bullets[-1].end()
        return system[:at] + "".join(f"\n- {rule}" for rule in rules) + system[at:]
    if form is None:
        return f"{system.rstrip()} {' '.join(rules)}"
    before, after = system[: form.start()].rstrip(), system[form.start() :].lstrip()
    gap = "\n" if "\n" in system[: form.start()] else " "
    return f"{before} {' '.join(rules)}{gap}{after}"


def paraphrased(system: str, rng: np.random.Generator) -> str:
    """Return the system prompt with one phrase replaced by one that means the same, where it has such a phrase."""
    found = [(phrase, group) for group in harmless() for phrase in group if _phrase(phrase).search(system)]
    if not found:
        return system
    phrase, group = found[int(rng.integers(len(found)))]
    others = [other for other in group if other != phrase]
    other = others[int(rng.integers(len(others)))]
    return _phrase(phrase).sub(lambda match: other.capitalize() if match[0][0].isupper() else other, system)


def _phrase(phrase: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(phrase)}\b", re.IGNORECASE)
