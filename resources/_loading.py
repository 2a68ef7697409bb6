"""Loading a transformers checkpoint: from safetensors, whole, on this machine, without code of its own.

What is damaged, incomplete or of another kind is refused by name: transformers fills what is missing with noise.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from transformers import PreTrainedConfig

from genval_assets.types import ModelUnavailable
from resources._quiet import hush

LOADING = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    ImportError,
    RuntimeError,
    SafetensorError,
    StrictDataclassError,
)
"""What transformers raises for files that are damaged, of another kind, or too large for the device."""


@contextmanager
def loading(name: str, folder: Path) -> Iterator[None]:
    """Turn what transformers raises while the block loads into one error that names the model and its folder.

    Raises:
        ModelUnavailable: the files are damaged, incomplete, of another kind, or do not fit.
    """
    hush()
    try:
        yield
    except ModelUnavailable as err:
        raise ModelUnavailable(f"{name}: {err}") from err
    except LOADING as err:
        said = str(err).strip().splitlines() or [""]  # some errors list every model there is
        raise ModelUnavailable(f"{name} in {folder} cannot be loaded: {type(err).__name__}: {said[0][:300]}") from err


def checkpoint_settings(folder: Path, kinds: Collection[str]) -> dict[str, Any]:
    """Return a checkpoint's config.json as it is written.

    Raises:
        ModelUnavailable: its kind is none of `kinds`.
        OSError: it cannot be read.
    """
    settings, _ = PreTrainedConfig.get_config_dict(folder, local_files_only=True)
    if settings.get("model_type") not in kinds:
        raise ModelUnavailable(
            f"{folder} is a checkpoint of the kind {settings.get('model_type')!r}; accepted: {', '.join(sorted(kinds))}"
        )
    return settings


def loaded(kind: Any, folder: Path, config: PreTrainedConfig, device: str) -> Any:  # noqa: ANN401 - untyped there
    """Return the network of a checkpoint on the device, in float32, ready to be asked.

    Args:
        kind: one of transformers' models.
        folder: of config and weights.
        config: settings of the network.
        device: any torch device.

    Raises:
        ModelUnavailable: weights are missing in the file.
        Exception: one of `LOADING`.
    """
    network, found = kind.from_pretrained(
        folder,
        config=config,
        local_files_only=True,
        use_safetensors=True,
        dtype=torch.float32,
        output_loading_info=True,
    )
    if found["missing_keys"]:
        missing = sorted(found["missing_keys"])
        raise ModelUnavailable(f"{folder} lacks {len(missing)} weights, such as {missing[0]}: fetch it again")
    return network.eval().to(device)
