"""Parts of diffusers' checkpoints: all weights of a part, or an error that names what is missing.

Not here: what else loading may raise (`_loading.py`).
"""

import pickle
from collections.abc import Iterable, Set
from pathlib import Path
from typing import Any

import torch

from genval_assets.types import ModelUnavailable

LISTED = 10
"""So many names stand in an error; how many more there are is said."""


def whole(kind: Any, folder: Path, *, safe: bool = True, **given: Any) -> Any:  # noqa: ANN401 - they share no type
    """Return a network of `kind` from a checkpoint's folder; nothing is downloaded or run.

    Args:
        kind: a class with `from_pretrained`, of diffusers or transformers.
        folder: of the checkpoint.
        safe: read safetensors; else .bin files, which both libraries read as tensors alone (torch's weights_only).
        given: further arguments of `from_pretrained`.

    Raises:
        ModelUnavailable: weights are missing, which the libraries would fill with noise; it lists them. Or a .bin file
            holds more than tensors.
        Exception: one of `_loading.LOADING`.
    """
    part = folder / given.get("subfolder", "")
    try:
        network, found = kind.from_pretrained(
            folder, local_files_only=True, use_safetensors=safe, output_loading_info=True, **given
        )
    except pickle.UnpicklingError as err:  # only of .bin files; diffusers makes an OSError of it, transformers nothing
        raise ModelUnavailable(f"{part} holds more than tensors, or is damaged: fetch it again") from err
    if missing := found["missing_keys"]:
        raise ModelUnavailable(f"{part} has no weights for {listed(missing)}: fetch it again")
    return network.eval().requires_grad_(False)


def listed(names: Iterable[str]) -> str:
    """Return the first ten names in order, and how many more there are."""
    ordered = sorted(names)
    more = f" and {len(ordered) - LISTED} more" if len(ordered) > LISTED else ""
    return ", ".join(ordered[:LISTED]) + more


def refuse_keys(file: Path, unknown: Set[str], missing: Set[str], shaped: Set[str]) -> None:
    """Refuse a file of weights that does not fit its network.

    Args:
        file: the weights.
        unknown: keys that it has and the network lacks.
        missing: keys that it lacks.
        shaped: keys of another shape than the network's.

    Raises:
        ModelUnavailable: one of the three is not empty; it lists the keys.
    """
    kinds = (("keys that the network lacks", unknown), ("no weights for", missing), ("another shape for", shaped))
    wrong = [f"{what} {listed(keys)}" for what, keys in kinds if keys]
    if wrong:
        raise ModelUnavailable(f"{file} does not fit its network: it has {'; '.join(wrong)}")


def dtype_of(name: str) -> torch.dtype:
    """Return torch's type of a setting's name."""
    found: torch.dtype = getattr(torch, name)
    return found
