"""How tests hold tiny networks: on one thread, for they are small, and away from the hub."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

import pytest


@contextmanager
def tiny_networks(*makers: str) -> Iterator[list[ModuleType]]:
    """Hand out the modules of this folder that make checkpoints; the tests are skipped without the extra `models`."""
    reason = "models in this process need the extra 'models'"
    torch = pytest.importorskip("torch", reason=reason)
    for package in ("diffusers", "transformers"):
        pytest.importorskip(package, reason=reason)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        modules = [import_module(f"tests.resources.{maker}") for maker in makers]
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        gc.freeze()  # what is imported by now need not be looked through whenever a model is closed: 0.25 s each time
        yield modules
        gc.unfreeze()
        torch.set_num_threads(before)
