"""Slot values for prompts: what varies from one prompt of a category to the next, balanced over its prompts."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence

from genval_assets.keys import seed_of

FACTORS: Mapping[str, tuple[str, ...]] = {
    "status": ("brand-new", "well-used", "freshly cleaned", "slightly worn", "carefully polished", "weathered"),
    "colour": ("red", "blue", "green", "yellow", "white", "black", "orange", "purple", "brown", "grey"),
    "style": ("modern", "classic", "minimalist", "rustic", "elegant", "playful", "industrial"),
    "mood": ("calm", "cheerful", "serious", "nostalgic", "bold", "gentle"),
    "lighting": (
        "soft light", "diffuse light", "light from the left", "light from the right", "light from above",
        "dramatic light", "bright sunlight",
    ),
    "viewpoint": (
        "front view", "side view", "three-quarter view", "eye-level view", "slightly raised view", "high-angle view",
        "low-angle view",
    ),
    "texture": (
        "smooth", "glossy", "matte", "finely grained", "striped", "dotted", "checkered", "brushed", "softly shaded",
    ),
    "time_period": ("contemporary", "1950s", "1970s", "1990s", "early twentieth-century", "vintage"),
    "medium": (
        "studio photograph", "product photograph", "catalogue photograph", "film photograph", "digital photograph",
        "photorealistic render",
    ),
}  # fmt: skip
"""The built-in factor table, for any category (six to ten values each, our choice). The tenth slot is
the subject: the category itself."""


def choose_slots(
    category: str,
    name: str,
    index: int,
    used: Sequence[Mapping[str, str]],
    factors: Mapping[str, Sequence[str]] = FACTORS,
) -> dict[str, str]:
    """Return slot -> value for the prompt at `index`: of each factor a value used least so far.

    Ties are broken by a seed of (category, factor, index), so the choice depends on nothing but its arguments.

    Args:
        category: partition key.
        name: the category's name; it becomes the slot `subject`.
        index: of the prompt within its category.
        used: the slots of the category's earlier prompts; what lacks a slot counts for none of its values.
        factors: slot -> values.
    """
    chosen = {"subject": name}
    for slot, values in factors.items():
        times = Counter(slots[slot] for slots in used if slot in slots)
        chosen[slot] = min(values, key=lambda v: (times[v], seed_of("slot", category, slot, index, v)))
    return chosen


def read_slots(stored: str) -> dict[str, str]:
    """Return the slots that a prompt's row holds as JSON."""
    slots: dict[str, str] = json.loads(stored)
    return slots
