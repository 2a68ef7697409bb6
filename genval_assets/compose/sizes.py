"""How large objects are: a log-normal of sqrt(area share) per category, shrunk to what all categories share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genval_assets.compose.settings import SceneSettings


@dataclass(frozen=True)
class SizePrior:
    """Distribution of an object's side, sqrt(mask area / picture area): its logarithm is normal."""

    log_mean: float
    log_spread: float  # standard deviation

    def draw(self, rng: np.random.Generator) -> float:
        """Return one side, unclipped."""
        return float(np.exp(rng.normal(self.log_mean, self.log_spread)))


@dataclass(frozen=True)
class SizePriors:
    """The priors of the categories with real instances, and the one for all others."""

    shared: SizePrior
    by_category: Mapping[str, SizePrior]

    def of(self, category: str) -> SizePrior:
        """Return the category's prior; the shared one where it has no real instance."""
        return self.by_category.get(category, self.shared)


def default_prior(settings: SceneSettings) -> SizePrior:
    """Return the log-normal whose mean and standard deviation are the settings' (moment matching)."""
    variance = np.log1p((settings.default_side_spread / settings.default_side) ** 2)
    return SizePrior(float(np.log(settings.default_side) - variance / 2), float(np.sqrt(variance)))


def fit_sizes(sides: Mapping[str, Sequence[float]], settings: SceneSettings) -> SizePriors:
    """Return the priors fitted to the sides, sqrt(mask area / picture area) in (0, 1], of real instances.

    A category's mean and variance are averaged with the shared prior's, which weighs as much as `size_shrinkage`
    instances (our choice: 44 categories of LVIS have one instance). The shared prior is fitted to all sides in the
    same way, against the settings' default; without any side it is the default.
    """
    weight = settings.size_shrinkage
    logs = {category: np.log(np.asarray(sides[category], dtype=float)) for category in sorted(sides) if sides[category]}
    shared = default_prior(settings)
    if logs:
        shared = _shrunk(np.concatenate(list(logs.values())), shared, weight)
    return SizePriors(shared, {category: _shrunk(log, shared, weight) for category, log in logs.items()})


def _shrunk(logs: NDArray[np.float64], prior: SizePrior, weight: float) -> SizePrior:
    n = len(logs)
    mean = (logs.sum() + weight * prior.log_mean) / (n + weight)
    variance = (((logs - mean) ** 2).sum() + weight * prior.log_spread**2) / (n + weight)
    return SizePrior(float(mean), float(np.sqrt(variance)))


def scale_for(
    side: float, mask_area_px: int, cutout: tuple[int, int], canvas: tuple[int, int], settings: SceneSettings
) -> float | None:
    """Return the factor by which a cut-out is scaled so that its side comes near `side`; None if it stays too small.

    The side is clipped to [min_side_px, max_side], the factor to max_upscale and to what fits the canvas.

    Args:
        side: wanted sqrt(mask area / canvas area).
        mask_area_px: of the unscaled cut-out, above 0.
        cutout: (height, width) of the unscaled cut-out.
        canvas: (height, width).
        settings: the limits.
    """
    canvas_side = float(np.sqrt(canvas[0] * canvas[1]))
    wanted_px = min(max(side * canvas_side, settings.min_side_px), settings.max_side * canvas_side)
    own_px = float(np.sqrt(mask_area_px))
    fitting = min(canvas[0] / cutout[0], canvas[1] / cutout[1])
    scale = min(wanted_px / own_px, settings.max_upscale, fitting)
    # the tolerance lets a side that was clipped to the minimum pass its own check
    return scale if scale * own_px >= settings.min_side_px * (1 - 1e-9) else None
