"""A language model in this process, from weights on this machine: what can be said of it without loading anything.

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
from resources.weights import Weights, missing_device

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

    weights: str = Field(min_length=1, description="Hub id (owner/name) whose files were fetched, or a folder.")
    revision: str = Field(default="", description="Of a hub id: commit, tag or branch; of a folder: your own mark.")
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

        model = LocalChatModel(self._files, self.device, self.dtype, self.batch, self.max_tokens, self.constrained)
        with closing(model):
            yield model

    def fault(self) -> str:
        """Return why the model cannot be opened now, with what to do; empty when it can. No weights are read.

        torch is imported only to look for another device than the CPU.
        """
        return _missing_package() or _missing_file(self._files) or missing_device(self.device, "[chat.local]")

    @property
    def _files(self) -> Weights:
        return Weights(weights=self.weights, revision=self.revision)


def _missing_package() -> str:
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if not missing:
        return ""
    return f"the local chat model needs {', '.join(missing)}: pip install 'genval[models]'"


def _missing_file(weights: Weights) -> str:
    """Return what the folder lacks; a checkpoint that was fetched in part lacks some of its shards."""
    fetch, folder = _fetch(weights), weights.folder()
    if folder is None and weights.is_hub_id:
        return f"the local chat model {weights.weights}@{weights.revision or 'main'} is not on this machine: {fetch}"
    if folder is None:
        return f"the folder of the local chat model, {weights.weights!r}, is not there: {fetch}"
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
    return f"the local chat model in {str(folder)!r} lacks {missing[0]}{more}: {fetch}"


def _fetch(weights: Weights) -> str:
    """Return the command that brings all files; for a folder the id is the user's to choose."""
    if not weights.is_hub_id:
        return f"hf download {SUGGESTED} --local-dir {shlex.quote(weights.weights)} (or the id of your own model)"
    revision = f" --revision {shlex.quote(weights.revision)}" if weights.revision else ""
    return f"hf download {weights.weights}{revision}"


def _shards(folder: Path) -> list[str]:
    """Return the names of the files that hold the weights. Pickled weights (.bin) do not count: they run code.

    Raises:
        ValidationError: the index is not one.
    """
    index = folder / SHARDS
    if not index.is_file():
        return ["model.safetensors"]
    return sorted(set(ShardIndex.model_validate_json(index.read_bytes()).weight_map.values()))
