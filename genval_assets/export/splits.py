"""Splits that share nothing: pictures that come from the same photograph, instance, background or prompt stay together.

Not here: what a picture comes from (`provenance.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from genval_assets.export.content import SetContent
from genval_assets.export.settings import Split, SplitSettings
from genval_assets.rows import Scene
from genval_assets.types import SourceImage


@dataclass(frozen=True)
class Splits:
    """Which picture is in which split. Pictures are named by key: a scene's id, or `real-<id in the user's file>`."""

    by_key: Mapping[str, Split] = field(default_factory=dict)  # empty: everything is for training
    straddling: frozenset[str] = frozenset()  # left out: they share something with pictures of two splits
    held_out: frozenset[str] = frozenset()  # what validation and test pictures come from, as `provenance.py` names it
    groups: int = 0  # of pictures that hang together
    largest: int = 0  # pictures of the largest group

    def of(self, key: str) -> Split:
        """Return the split of a picture that was not left out."""
        return self.by_key.get(key, "train")


def real_key(image_id: int) -> str:
    """Return the key of one of the user's own images."""
    return f"real-{image_id}"


def split_pictures(
    content: SetContent, real: Sequence[SourceImage], scenes: Sequence[Scene], settings: SplitSettings
) -> Splits:
    """Return the splits of a set's pictures."""
    del content, real, scenes, settings
    return Splits()
