"""Memory of the device: giving it back, and going on with half a batch when it ends."""

import gc
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

A = TypeVar("A")
B = TypeVar("B")


def free() -> None:
    """Give back what no tensor holds any more."""
    gc.collect()
    if torch.accelerator.is_available():
        torch.accelerator.empty_cache()


def fitting(items: Sequence[A], work: Callable[[Sequence[A]], Sequence[B]], failed: Callable[[A, str], B]) -> list[B]:
    """Return `work(items)`; out of memory, that of each half; a half that does not fit either fails by itself.

    Args:
        items: one batch.
        work: returns one result per item, in order.
        failed: returns the result of an item that did not fit, with the reason.
    """
    done = _that_fit(items, work)
    if done is not None:
        return done
    results: list[B] = []
    half = (len(items) + 1) // 2
    for part in (items[:half], items[half:]) if len(items) > 1 else ():
        done = _that_fit(part, work)
        results += _failures(part, failed) if done is None else done
    return results or _failures(items, failed)


def _that_fit(items: Sequence[A], work: Callable[[Sequence[A]], Sequence[B]]) -> list[B] | None:
    try:
        return list(work(items))
    except torch.OutOfMemoryError:
        pass  # only here, where the error and with it every tensor of the batch is gone, can memory be freed
    free()
    return None


def _failures(items: Sequence[A], failed: Callable[[A, str], B]) -> list[B]:
    return [failed(one, f"out of memory with {len(items)} at once: lower the model's batch") for one in items]
