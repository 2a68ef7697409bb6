"""A language model in this process, from a folder of weights: what can be said of it without loading anything.

Not here: torch and transformers (`_chat_local.py`), which take seconds to import. Nothing is ever downloaded.
"""

import shlex
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import dagster as dg
from pydantic import BaseModel, Field, ValidationError

from genval_assets.types import ModelUnavailable

if TYPE_CHECKING:
    from resources._chat_local import LocalChatModel

SUGGESTED = "Qwen/Qwen3-VL-4B-Instruct"
"""Named where weights are missing: small enough for one card, and it sees images."""

PACKAGES = ("torch", "transformers", "safetensors")
SHARDS = "model.safetensors.index.json"


class ShardIndex(BaseModel):
    """Which file holds which weight, in a checkpoint of several files."""

    weight_map: dict[str, str]


class LocalChat(dg.ConfigurableResource[None]):
    """Holds one transformers checkpoint on `device` for the length of one `with` block."""

    weights: str = Field(min_length=1, description="Folder of the checkpoint. Nothing is downloaded at run time.")
    revision: str = Field(default="", description="Its revision; stored with every row.")
    device: str = Field(default="cuda", description="Any torch device.")
    dtype: Literal["bfloat16", "float16", "float32"] = Field(default="bfloat16", description="Of the weights.")
    batch: int = Field(default=8, ge=1, description="Questions answered at once.")
    max_tokens: int = Field(default=1024, ge=1, description="Longest answer, in tokens.")

    @property
    def constrained(self) -> bool:
        """Whether answers are held to their schema while they are written (xgrammar is installed)."""
        return find_spec("xgrammar") is not None

    @contextmanager
    def open(self) -> Iterator["LocalChatModel"]:
        """Return the model for the length of one `with` block.

        Raises:
            ModelUnavailable: see `fault`; or the files are damaged, incomplete, or of a kind that cannot be asked.
        """
        if why := self.fault():
            raise ModelUnavailable(why)
        # imported here: torch and transformers take 2 s each, and listing assets should not pay for them
        from resources._chat_local import LocalChatModel

        model = LocalChatModel(
            self.weights, self.revision, self.device, self.dtype, self.batch, self.max_tokens, self.constrained
        )
        with closing(model):
            yield model

    def fault(self) -> str:
        """Return why the model cannot be opened now, with what to do; empty when it can. No weights are read.

        torch is imported only to look for another device than the CPU.
        """
        return _missing_package() or _missing_file(self.weights) or _missing_device(self.device)


def _missing_package() -> str:
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if not missing:
        return ""
    return f"the local chat model needs {', '.join(missing)}: pip install 'genval[models]'"


def _missing_file(weights: str) -> str:
    """Return what the folder lacks; a checkpoint that was fetched in part lacks some of its shards."""
    fetch = f"hf download {SUGGESTED} --local-dir {shlex.quote(weights)} (or the id of your own model)"
    folder = Path(weights)
    if not folder.is_dir():
        return f"the folder of the local chat model, {weights!r}, is not there: {fetch}"
    try:
        missing = [
            name
            for name in ("config.json", "tokenizer_config.json", *_shards(folder))
            if not folder.joinpath(name).is_file()
        ]
    except ValidationError as err:
        return f"{folder / SHARDS} is damaged ({err.errors()[0]['msg']}): {fetch}"
    if not missing:
        return ""
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    return f"the local chat model in {weights!r} lacks {missing[0]}{more}: {fetch}"


def _shards(folder: Path) -> list[str]:
    """Return the names of the files that hold the weights. Pickled weights (.bin) do not count: they run code.

    Raises:
        ValidationError: the index is not one.
    """
    index = folder / SHARDS
    if not index.is_file():
        return ["model.safetensors"]
    return sorted(set(ShardIndex.model_validate_json(index.read_bytes()).weight_map.values()))


def _missing_device(device: str) -> str:
    if device == "cpu":
        return ""
    import torch

    try:
        wanted = torch.device(device)
    except RuntimeError as err:
        return f"device {device!r} is none that torch knows ({str(err).splitlines()[0]}): set device in [chat.local]"
    here = torch.accelerator.current_accelerator(check_available=True)
    found = torch.accelerator.device_count() if here is not None else 0
    if wanted.type == "cpu" or (here is not None and here.type == wanted.type and (wanted.index or 0) < found):
        return ""
    seen = f"{found} x {here.type}" if here is not None else "only cpu"
    return f"device {device!r} is not available here ({seen}): set device in [chat.local], or run where it is"
