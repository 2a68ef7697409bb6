"""Where a model's files are on this machine, and what to do when they are not. Nothing is ever downloaded.

A model is named by a folder, or by a hub id whose files were fetched into the hub's cache with `hf download`. Only
what is on disk counts: the commit that was fetched is the model's revision, and rows store it.

Not here: torch, diffusers and transformers (`_x.py`), which take seconds to import.
"""

import re
import shlex
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import dagster as dg
from pydantic import Field

from genval_assets.types import ModelUnavailable

HUB_ID = re.compile(r"(?!.*(--|\.\.|\.git$))\w([\w.-]*\w)?/\w([\w.-]{0,94}\w)?")
"""What the hub takes for owner/name; its client raises on anything else."""
PACKAGES = ("torch", "diffusers", "transformers", "safetensors", "accelerate")
"""What the models in this process are made of: the extra `models`."""


class Weights(dg.Config):
    """The weights of one model: a folder, or a hub id with a revision."""

    weights: str = Field(description="Hub id (owner/name) whose files were fetched, or a folder.")
    revision: str = Field(default="", description="Of a hub id: commit, tag or branch; of a folder: your own mark.")

    @property
    def is_hub_id(self) -> bool:
        """Whether it names a model of the hub: it has the form of one, and no folder of that name is there."""
        return HUB_ID.fullmatch(self.weights) is not None and not Path(self.weights).is_dir()

    def folder(self) -> Path | None:
        """Return the folder of the files; of a hub id that of the commit that was fetched; None when there is none."""
        if not self.is_hub_id:
            folder = Path(self.weights).expanduser()
            return folder if folder.is_dir() else None
        return _snapshot(self.weights, self.revision or "main")

    @property
    def identity(self) -> tuple[str, str]:
        """The model and the revision that rows store: of a hub id the commit that was fetched."""
        folder = self.folder()
        if not self.is_hub_id:
            return Path(self.weights).expanduser().resolve().name, self.revision
        return self.weights, folder.name if folder is not None else self.revision or "main"

    def fault(self, what: str, files: Sequence[str]) -> str:
        """Return what is missing, with the command that fetches it; empty when every file is there.

        Args:
            what: the model's name for people, such as "the segmenter (SAM 2.1)".
            files: paths within the folder; one with alternatives is written "a|b".
        """
        if missing := missing_packages():
            return missing
        folder = self.folder()
        if folder is None:
            return f"{what}: {self._named} is not on this machine: {self._fetch(files)}"
        lacking = [one for one in files if not any((folder / part).is_file() for part in one.split("|"))]
        if not lacking:
            return ""
        more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
        return f"{what}: {self._named} lacks {lacking[0].split('|')[0]}{more}: {self._fetch(files)}"

    def here(self, what: str, files: Sequence[str]) -> Path:
        """Return the folder of the files.

        Raises:
            ModelUnavailable: see `fault`.
        """
        folder = self.folder()
        if why := self.fault(what, files):
            raise ModelUnavailable(why)
        assert folder is not None, "a folder without fault is there"
        return folder

    @property
    def _named(self) -> str:
        return f"{self.weights}@{self.revision or 'main'}" if self.is_hub_id else f"the folder {self.weights!r}"

    def _fetch(self, files: Sequence[str]) -> str:
        """Return the command that brings the files; for a folder its own id is the user's to fill in."""
        names = " ".join(shlex.quote(one.split("|")[0]) for one in files)
        if self.is_hub_id:
            revision = f" --revision {shlex.quote(self.revision)}" if self.revision else ""
            return f"hf download {self.weights} {names}{revision}"
        return f"hf download OWNER/NAME {names} --local-dir {shlex.quote(self.weights)}"


def all_of(*faults: str) -> str:
    """Return all faults, a line each and each once, so that everything can be fetched in one go; empty without any."""
    return "\n".join(dict.fromkeys(fault for fault in faults if fault))


def missing_packages() -> str:
    """Return which packages of the extra `models` are missing, with what to do; empty when none is."""
    missing = [name for name in PACKAGES if find_spec(name) is None]
    return f"models in this process need {', '.join(missing)}: pip install 'genval[models]'" if missing else ""


def missing_device(device: str, key: str) -> str:
    """Return why a device cannot be used, with what to do; empty when it can, or cannot be asked without torch.

    Args:
        device: any torch device.
        key: the group of the settings that names it, such as "[models]".
    """
    if device == "cpu" or find_spec("torch") is None:  # without torch, `missing_packages` says what to do
        return ""
    import torch

    try:
        wanted = torch.device(device)
    except RuntimeError as err:
        return f"device {device!r} is none that torch knows ({str(err).splitlines()[0]}): set device in {key}"
    here = torch.accelerator.current_accelerator(check_available=True)
    found = torch.accelerator.device_count() if here is not None else 0
    if wanted.type == "cpu" or (here is not None and here.type == wanted.type and (wanted.index or 0) < found):
        return ""
    seen = f"{found} x {here.type}" if here is not None else "only cpu"
    return f"device {device!r} is not available here ({seen}): set device in {key}, or run where it is"


def _snapshot(repo: str, revision: str) -> Path | None:
    """Return the folder of a fetched commit in the hub's cache; None when nothing of it was fetched."""
    if find_spec("huggingface_hub") is None:
        return None
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(snapshot_download(repo, revision=revision, local_files_only=True))
    except LocalEntryNotFoundError:
        return None
