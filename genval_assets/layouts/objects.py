"""What one picture should hold, before anybody says how it hangs together: lists of objects.

Not here: scene graphs, which are asked for such a list (`scene_graph.py`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from genval_assets.keys import seed_of
from genval_assets.prompting.lint import spoken_name
from genval_assets.rows import Category

From = Literal["training image", "list", "alone"]


@dataclass(frozen=True)
class ObjectList:
    """The objects of one picture as partition keys, with repetitions."""

    keys: tuple[str, ...]
    source: From
    image_id: int | None = None  # of the training image whose objects they are


@dataclass(frozen=True)
class Thing:
    """One object of a list as a model is told of it."""

    node_id: str  # n1, n2, …
    category: str  # partition key
    name: str  # as a sentence would hold it
    definition: str | None = None


def object_lists(
    category: str,
    indices: Sequence[int],
    images: Sequence[tuple[int, tuple[str, ...]]],
    lists: Sequence[tuple[str, ...]],
    most: int,
    drawable: Collection[str],
) -> list[ObjectList]:
    """Return the object list of each graph index, in order; each depends on the category and its index alone.

    Objects that stand together in the user's own images keep the user's co-occurrence (ACP, section 3.1). The user's
    lists come first where there are any: a list without the category is not its, and a category of none is alone.

    Args:
        category: partition key.
        indices: of the category's graphs.
        images: id and keys of the objects, with repetitions, of each training image that shows the category.
        lists: the user's lists, as keys.
        most: objects of one list, at least 1; the category is kept at least once, the others by a seeded choice.
        drawable: keys of what the model can draw; others are left out, the category is not.
    """
    wanted = frozenset(drawable) | {category}
    own = [keys for keys in lists if category in keys]
    by_image = _shuffled(category, images)
    found: list[ObjectList] = []
    for index in indices:
        if own:
            seen = ObjectList(own[index % len(own)], "list")
        elif by_image and not lists:
            image_id, keys = by_image[index % len(by_image)]
            seen = ObjectList(keys, "training image", image_id)
        else:
            seen = ObjectList((category,), "alone")
        kept = tuple(key for key in seen.keys if key in wanted)
        found.append(ObjectList(_at_most(kept, category, most, index), seen.source, seen.image_id))
    return found


def things(keys: Sequence[str], categories: Mapping[str, Category]) -> tuple[Thing, ...]:
    """Return the objects of a list with ids n1, n2, … in its order.

    Raises:
        KeyError: a key names no category.
    """
    return tuple(
        Thing(f"n{i}", key, spoken_name(categories[key].name), categories[key].definition)
        for i, key in enumerate(keys, start=1)
    )


def _shuffled(category: str, images: Sequence[tuple[int, tuple[str, ...]]]) -> list[tuple[int, tuple[str, ...]]]:
    ordered = sorted(images)  # whatever order they come in
    order = np.random.default_rng(seed_of("object images", category)).permutation(len(ordered))
    return [ordered[int(i)] for i in order]


def _at_most(keys: tuple[str, ...], category: str, most: int, index: int) -> tuple[str, ...]:
    """Return `most` of the keys in their order, the first of the category among them."""
    if len(keys) <= most:
        return keys
    first = keys.index(category)
    others = [i for i in range(len(keys)) if i != first]
    rng = np.random.default_rng(seed_of("objects kept", category, index))
    kept = {first, *(int(i) for i in rng.choice(others, most - 1, replace=False))}
    return tuple(key for i, key in enumerate(keys) if i in kept)
