"""What hangs together through pairs, directly or through others."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def grouped(count: int, pairs: Iterable[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return, per item, the first of those that hang together with it, (count,).

    Args:
        count: of items.
        pairs: arrays (M, 2) of items that belong together; each array is read once and not kept.
    """
    first = np.arange(count, dtype=np.int64)
    for some in pairs:
        while True:
            ends = first[some]
            apart = ends[ends[:, 0] != ends[:, 1]]
            if not apart.size:
                break
            # a group's first item comes to point at another group's, and then every item at the end of its way; of a
            # group that should point at several the last counts, the others come in the next turn
            first[apart.max(axis=1)] = apart.min(axis=1)
            while not np.array_equal(first, first[first]):
                first = first[first]
    return first
