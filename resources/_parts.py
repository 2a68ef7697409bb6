"""Parts of diffusers' checkpoints: all weights of a part, or an error that names what is missing.

Not here: what else loading may raise (`_loading.py`).
"""

from collections.abc import Iterable, Set
from pathlib import Path
from typing import Any

import torch

from genval_assets.types import ModelUnavailable

LISTED = 10
"""So many names stand in an error; how many more there are is said."""


def whole(kind: Any, folder: Path, **given: Any) -> Any:  # noqa: ANN401 - the libraries' classes share no type
    """Return a network of `kind` from a checkpoint's folder; nothing is downloaded, unpickled or run.

    Args:
        kind: a class with `from_pretrained`, of diffusers or transformers.
        folder: of the checkpoint.
        given: further arguments of `from_pretrained`.

    Raises:
        ModelUnavailable: weights are missing, which the libraries would fill with noise; it lists them.
        Exception: one of `_loading.LOADING`.
    """
    network, found = kind.from_pretrained(
        folder, local_files_only=True, use_safetensors=True, output_loading_info=True, **given
    )
    if found["missing_keys"]:
        raise ModelUnavailable(
            f"{folder / given.get('subfolder', '')} has no weights for {listed(found['missing_keys'])}: fetch it again"
        )
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
