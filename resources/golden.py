"""Golden labels of the profiles that bring none: people make them with `genval review`."""

from collections.abc import Mapping

from genval_assets.types import LabelledDraw


class NoGolden:
    """Fits `ports.GoldenSource`: nobody knows the truth of what real models draw."""

    def labelled(self, names: Mapping[str, str], per_category: int) -> tuple[LabelledDraw, ...]:
        """Return nothing."""
        del names, per_category
        return ()
