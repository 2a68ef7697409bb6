"""Whether a picture without transparency shows a painted checkerboard, as image editors draw it for 'transparent'."""

import numpy as np
from numpy.typing import NDArray

from genval_assets.types import Rgb

CORRELATION = 0.7
"""How clearly a shift by one cell must invert the border's pattern (our choice)."""
SMALLEST_CELL_PX = 4


def shows_checkerboard(rgb: Rgb) -> bool:
    """Return whether a border along x and one along y alternate with the same cell size.

    Looked at are the outermost 3 px of each side, where the object of a picture seldom reaches. Our choice.
    """
    along_x = [_cell_px(side.mean(axis=(0, 2))) for side in (rgb[:3], rgb[-3:])]
    along_y = [_cell_px(side.mean(axis=(1, 2))) for side in (rgb[:, :3], rgb[:, -3:])]
    return any(a and b and abs(a - b) <= 1 + 0.1 * max(a, b) for a in along_x for b in along_y)


def _cell_px(line: NDArray[np.floating]) -> int:
    """Return the cell size of a line that alternates between two levels, in px; 0 where it does not."""
    lags = range(SMALLEST_CELL_PX, line.size // 4)
    if not lags or line.std() < 1:
        return 0
    centred = line - line.mean()
    against = [_correlation(centred, lag) for lag in lags]
    cell = lags[int(np.argmin(against))]
    return cell if min(against) < -CORRELATION else 0


def _correlation(centred: NDArray[np.floating], lag: int) -> float:
    """Return the correlation, in [-1, 1], of a line of mean 0 with itself `lag` px further."""
    a, b = centred[:-lag], centred[lag:]
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / scale if scale else 0.0
