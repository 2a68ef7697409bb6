"""Latents of drawn candidates below the home: `data/latents/ab/<sha256>.npy`, one file each, named by content.

They wait for a verdict: an accepted candidate's final picture is decoded of its latent. `gc.py` takes the others.
"""

import hashlib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import dagster as dg
import numpy as np
from pydantic import Field

from genval_assets.types import Latent
from resources.files import make_folder, sync, write_atomically

LATENTS = Path("data") / "latents"


class LatentFiles(dg.ConfigurableResource[None]):
    """Stores latents once each; 128 KB for a picture of 1024 px."""

    home: str = Field(description="Folder of the project.")

    def put(self, latents: Sequence[Latent]) -> list[str]:
        """Store latents and return their paths relative to the home, in order."""
        paths = [self._store(latent) for latent in latents]
        for folder in {(Path(self.home) / path).parent for path in paths}:
            sync(folder)
        return paths

    def get(self, path: str) -> Latent:
        """Return a stored latent.

        Raises:
            FileNotFoundError: it is not there: removed by hand, or by gc.
            ValueError: the path leaves the home's latents, or the file holds something else.
        """
        if ".." in Path(path).parts or not Path(path).is_relative_to(LATENTS):
            raise ValueError(f"{path!r} is no latent of this home: expected a path below {LATENTS}/")
        latent: Latent = np.load(Path(self.home) / path, allow_pickle=False)
        return latent

    def _store(self, latent: Latent) -> str:
        if latent.ndim != 3 or latent.dtype != np.float16:
            raise ValueError(f"expected a (C, h, w) float16 latent, got {latent.shape} {latent.dtype}")
        file = BytesIO()
        np.save(file, latent, allow_pickle=False)
        name = f"{hashlib.sha256(file.getvalue()).hexdigest()}.npy"
        path = LATENTS / name[:2] / name
        target = Path(self.home) / path
        if not target.exists():
            make_folder(target.parent)
            write_atomically(target, file.getvalue(), sync_folder=False)
        return path.as_posix()
