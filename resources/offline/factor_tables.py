"""Factor tables by rule: the built-in table, without what makes no sense for living and soft things. Simulated."""

import json
from collections.abc import Mapping

import numpy as np

from genval_assets.keys import seed_of
from genval_assets.prompting.factors import Factor, FactorAnswer
from genval_assets.prompting.slots import FACTORS
from genval_assets.types import ChatRequest
from resources.offline.studio import KINDS
from resources.offline.wording import kind_named

GROWN: Mapping[str, tuple[str, ...]] = {
    "status": ("fresh", "young", "full-grown", "freshly washed", "slightly bruised", "weathered", "dewy"),
    "style": ("natural", "rustic", "elegant", "playful", "plain-looking", "exotic"),
    "texture": ("smooth", "glossy", "matte", "finely grained", "striped", "softly shaded", "dotted"),
}
"""What grown things have in place of the built-in values; they come from no time."""
LEFT_OUT_FOR_GROWN = "time_period"
FEWEST, MOST = 6, 10


def factor_table(request: ChatRequest) -> FactorAnswer:
    """Return a table for the category that the request names: its kind decides the factors, the seed the values."""
    name = str(json.loads(request.user)["category"])
    rng = np.random.default_rng(seed_of("factor table", name, request.seed))
    table = {**FACTORS, **GROWN} if is_grown(name) else dict(FACTORS)
    if is_grown(name):
        del table[LEFT_OUT_FOR_GROWN]
    return FactorAnswer(factors=tuple(Factor(name=slot, values=_some(v, rng)) for slot, v in table.items()))


def is_grown(name: str) -> bool:
    """Return whether a category's name stands for something that grows; what the studio does not know is made."""
    kind = kind_named(name)
    return kind is not None and KINDS[kind].material == "organic"


def _some(values: tuple[str, ...], rng: np.random.Generator) -> tuple[str, ...]:
    """Return six to ten of the values, in the table's order."""
    size = int(rng.integers(FEWEST, min(MOST, len(values)) + 1))
    return tuple(values[i] for i in sorted(rng.permutation(len(values))[:size]))
