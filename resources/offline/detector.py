"""The offline detector: finds the studio's kinds in a picture by their names. Simulated, from pixels alone."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from genval_assets.types import Found, Rgb
from resources.offline.opinion import NAMELESS
from resources.offline.scene_sight import things
from resources.offline.wording import kind_named

MODEL_NAME = "genval-offline-detector"
REVISION = "1"


class OfflineDetector:
    """Fits `model_ports.Detector`; names that the studio does not know are never found."""

    model = MODEL_NAME
    revision = REVISION
    best_batch = 16

    def find(self, pictures: Sequence[Rgb], names: Sequence[str]) -> list[list[Found]]:
        """Return what is found in each picture, the surest first; a spot has one find, by the first name that fits."""
        name_of_kind: dict[str, str] = {}
        for name in names:
            if kind := kind_named(name):
                name_of_kind.setdefault(kind, name)
        return [_found(picture, name_of_kind) for picture in pictures]


class OfflineDetectors:
    """Opens the offline detector; a plain object, because there is nothing to set. Fits `model_ports.Detectors`."""

    @contextmanager
    def open(self) -> Iterator[OfflineDetector]:
        """Return the model for the length of one `with` block."""
        yield OfflineDetector()

    def fingerprint(self) -> str:
        """Return model and revision in one line."""
        return f"{MODEL_NAME}@{REVISION}"

    def fault(self) -> str:
        """Return nothing: it is part of this package."""
        return ""


def _found(picture: Rgb, name_of_kind: Mapping[str, str]) -> list[Found]:
    found = [
        Found(name_of_kind[thing.kind], thing.box, thing.fit)
        for thing in things(picture)
        if thing.called != NAMELESS and thing.kind in name_of_kind
    ]
    return sorted(found, key=lambda one: -one.score)
