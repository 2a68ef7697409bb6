"""Wiring of the final decode: what validation accepts on a quick decode is decoded with all care, and gated again.

Not here: what the gate says (`instances/gate.py`), how a latent is decoded (the foreground model's finisher).
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from genval_assets.assets.candidates import cropped
from genval_assets.instances.gate import Frame
from genval_assets.instances.gate_settings import GateSettings
from genval_assets.model_ports import Finisher, Foregrounds
from genval_assets.ports import Latents
from genval_assets.rows import Instance
from genval_assets.types import Finished, Latent
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
        """Return what validation says in the end: of accepted candidates with a latent, of their final picture.

        Where none could be made it is an error; where only the device had no room, nothing is decided.
        """
        due = [(i, row.latent) for i, (row, one) in enumerate(found) if row.latent and one.outcome == "accepted"]
        results = dict(zip([i for i, _ in due], self._results([path for _, path in due]), strict=True))
        return [_ended(one, results[i], gate) if i in results else one for i, (_, one) in enumerate(found)]

    def _results(self, paths: Sequence[str]) -> list[Finished]:
        """Return one result per stored latent; one that is lost or damaged has none."""
        read = [self._read(path) for path in paths]
        latents = [latent for latent in read if not isinstance(latent, Finished)]
        decoded = iter(self.finisher.finish(latents) if self.finisher is not None and latents else [])
        return [one if isinstance(one, Finished) else next(decoded) for one in read]

    def _read(self, path: str) -> Latent | Finished:
        try:
            return self.latents.get(path)
        except (FileNotFoundError, ValueError, EOFError) as err:
            return Finished(None, f"its latent {path} is lost or damaged: {err}")


def _ended(one: Examined, result: Finished, gate: GateSettings) -> Examined:
    if result.rgba is None:
        return replace(one, unanswered=result.error) if result.owed else replace(one, unfinished=result.error)
    last = cropped(result.rgba)
    return finished(one, last.crop, Frame(*last.frame), gate)
