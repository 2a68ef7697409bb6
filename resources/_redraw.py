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
        picture: as it would be stored.
        finite: whether every value that it was made of is a number.
    """
    if not finite:
        return "not a number: the network overflowed"
    if (picture == picture[:1, :1]).all():
        return "of one colour"
    return ""


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
