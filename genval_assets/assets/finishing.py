"""Wiring of the final decode: what validation accepts on a quick decode is decoded with all care, and gated again.

Not here: what the gate says (`instances/gate.py`), how a latent is decoded (the foreground model's finisher).
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from genval_assets.assets.candidates import cropped
from genval_assets.instances.gate import Frame
from genval_assets.instances.gate_settings import GateSettings
from genval_assets.model_ports import Finisher, Foregrounds
from genval_assets.ports import Latents
from genval_assets.rows import Instance
from genval_assets.validation.examine import Examined, finished


@dataclass(frozen=True)
class Finishing:
    """Who finishes, and where the latents are."""

    foregrounds: Foregrounds
    latents: Latents

    @contextmanager
    def opened(self, instances: Collection[Instance]) -> Iterator["Finish"]:
        """Return what finishes candidates; the model is opened if any of them came with a latent."""
        if any(one.latent is not None for one in instances):
            with self.foregrounds.finishing() as finisher:
                yield Finish(finisher, self.latents)
        else:
            yield Finish(None, self.latents)


@dataclass(frozen=True)
class Finish:
    """An open finisher, or none where every picture is final as it is."""

    finisher: Finisher | None
    latents: Latents

    def finished(self, found: Sequence[tuple[Instance, Examined]], gate: GateSettings) -> list[Examined]:
        """Return what validation says in the end: of accepted candidates with a latent, of their final picture."""
        due = [(i, row.latent) for i, (row, one) in enumerate(found) if row.latent and one.outcome == "accepted"]
        if self.finisher is None or not due:
            return [one for _, one in found]
        frames = self.finisher.finish([self.latents.get(path) for _, path in due])
        last = {i: cropped(frame) for (i, _), frame in zip(due, frames, strict=True)}
        return [
            finished(one, last[i].crop, Frame(*last[i].frame), gate) if i in last else one
            for i, (_, one) in enumerate(found)
        ]
