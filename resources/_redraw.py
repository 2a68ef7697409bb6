"""Pictures in batches: drawn again when they are black or broken, a bounded number of times; halves when memory ends.

A request is any frozen dataclass with a `seed`. Not here: how a picture is drawn.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from genval_assets.keys import seed_of
from genval_assets.types import Latent
from resources import _memory

AGAIN = 3
"""A black or broken picture is drawn so many times again (our choice)."""
BLANK_SPREAD = 1.0
"""A picture shows nothing whose every channel spreads less (standard deviation, levels of 255; our choice)."""
FAINT = 8
"""Alpha up to this level of 255 is not seen (our choice)."""
LEAST_SEEN = 0.0005
"""A frame of which a smaller share of the pixels is seen holds no object (our choice): 524 of 1024 x 1024."""


class Seeded(Protocol):
    """A frozen dataclass with a seed."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def seed(self) -> int:
        """What decides the noise."""


R = TypeVar("R", bound=Seeded)


@dataclass(frozen=True, eq=False)
class Made(Generic[R]):
    """What came of a request: a picture, or None and why."""

    request: R  # with the seed that was used in the end
    picture: NDArray[np.uint8] | None
    latent: Latent | None = None
    error: str = ""
    owed: bool = False  # the device's memory ended: another run may draw it


def made(
    requests: Sequence[R], draw: Callable[[Sequence[R]], Sequence[Made[R]]], batch: int, *, least: int = 1
) -> list[Made[R]]:
    """Return one result per request, in order; black and broken pictures are drawn again with other seeds.

    Args:
        requests: any number.
        draw: returns one result per request of a batch; a black or broken picture is None, with the reason.
        batch: most requests drawn at once. Out of memory halves a batch once; then that half fails by itself.
        least: a batch of fewer is filled up with its last request.
    """
    results = _in_batches(requests, draw, batch, least)
    for attempt in range(1, AGAIN + 1):
        spoilt = [i for i, one in enumerate(results) if one.picture is None and not one.owed]
        again = [replace(requests[i], seed=seed_of("again", requests[i].seed, attempt)) for i in spoilt]
        for i, one in zip(spoilt, _in_batches(again, draw, batch, least), strict=True):
            results[i] = replace(one, request=requests[i]) if one.owed else one
    return [one if one.picture is not None or one.owed else _given_up(one) for one in results]


def fault_of(picture: NDArray[np.uint8], *, finite: bool) -> str:
    """Return what is wrong with a picture of (H, W, C); empty when nothing is.

    Args:
        picture: as it would be stored, RGB or RGBA; what is colour under no alpha does not count.
        finite: whether every value that it was made of is a number.
    """
    if not finite:
        return "not a number: the network overflowed"
    colours = picture[..., :3].reshape(-1, 3)
    if picture.shape[2] == 4:
        seen = picture[..., 3].reshape(-1) > FAINT
        if seen.mean() < LEAST_SEEN:
            return "transparent all over"
        colours = colours[seen]
    return "of one colour" if colours.std(axis=0).max() < BLANK_SPREAD else ""


def _in_batches(
    requests: Sequence[R], draw: Callable[[Sequence[R]], Sequence[Made[R]]], batch: int, least: int
) -> list[Made[R]]:
    results: list[Made[R]] = []
    for part in _parts(requests, batch):
        filled = [*part, *[part[-1]] * (least - len(part))]
        done: list[Made[R]] = _memory.fitting(filled, draw, _owed)
        results += done[: len(part)]
    return results


def _parts(requests: Sequence[R], batch: int) -> Iterator[Sequence[R]]:
    for start in range(0, len(requests), batch):
        yield requests[start : start + batch]


def _owed(request: R, why: str) -> Made[R]:
    return Made(request, None, error=why, owed=True)


def _given_up(one: Made[R]) -> Made[R]:
    return replace(one, error=f"the picture is {one.error}, and so it was with {AGAIN} other seeds")
