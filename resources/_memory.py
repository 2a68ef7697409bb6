"""Memory of the device: giving it back, and going on with half a batch when it ends."""

import gc
import re
import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

A = TypeVar("A")
B = TypeVar("B")
NO_ROOM = re.compile(r"out.of.memory|can't allocate memory|CU[A-Z]+_STATUS_\w*ALLOC\w*_FAILED", re.IGNORECASE)
"""What CUDA, MPS, torch's allocator on the CPU, cuBLAS and cuDNN say in a plain RuntimeError when memory ends."""


def free() -> None:
    """Give back what no tensor holds any more."""
    gc.collect()
    if torch.accelerator.is_available():
        torch.accelerator.empty_cache()


def forget_compiled() -> None:
    """Let go of what was compiled in this process, for it holds the weights; what is still open compiles again."""
    if "torch._dynamo" in sys.modules:  # nothing is compiled without it
        sys.modules["torch._dynamo"].reset()


def ended(err: RuntimeError) -> bool:
    """Return whether an error says that the device's memory ended; libraries below torch say it in words alone."""
    return isinstance(err, torch.OutOfMemoryError) or NO_ROOM.search(str(err)) is not None


def fitting(items: Sequence[A], work: Callable[[Sequence[A]], Sequence[B]], failed: Callable[[A, str], B]) -> list[B]:
    """Return `work(items)`; out of memory, that of each half; a half that does not fit either fails by itself.

    Args:
        items: one batch.
        work: returns one result per item, in order.
        failed: returns the result of an item that did not fit, with the reason.
    """
    done = that_fit(items, work)
    if done is not None:
        return done
    results: list[B] = []
    half = (len(items) + 1) // 2
    for part in (items[:half], items[half:]) if len(items) > 1 else ():
        done = that_fit(part, work)
        results += _failures(part, failed) if done is None else done
    return results or _failures(items, failed)


def that_fit(items: Sequence[A], work: Callable[[Sequence[A]], Sequence[B]]) -> list[B] | None:
    """Return `work(items)`; None where the device's memory ends, which is given back. Other errors pass."""
    try:
        return list(work(items))
    except RuntimeError as err:
        if not ended(err):
            raise
        # only below, where the error and with it every tensor of the batch is gone, can memory be freed
    free()
    return None


def _failures(items: Sequence[A], failed: Callable[[A, str], B]) -> list[B]:
    return [failed(one, f"out of memory with {len(items)} at once: lower the model's batch") for one in items]
