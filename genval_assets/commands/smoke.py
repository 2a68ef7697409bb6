"""`genval doctor --smoke`: four results of each model, looked at and saved, before a night is spent on it."""

import io
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import cast

from PIL import Image

from genval_assets.commands import trials
from genval_assets.commands.findings import Finding
from genval_assets.commands.trials import Tried
from genval_assets.model_ports import Gauge
from genval_assets.types import ModelUnavailable, Rgb, Rgba
from resources.files import write_atomically

FOLDER = "smoke"
TRIALS: Mapping[str, Callable[..., Tried]] = {
    "chat": trials.try_chat,
    "foregrounds": trials.try_foregrounds,
    "variations": trials.try_variations,
    "segmenters": trials.try_segmenters,
    "embedders": trials.try_embedders,
    "painters": trials.try_painters,
    "detectors": trials.try_detectors,
    "layout_images": trials.try_layouts,
}
"""Role -> what tries its model."""


def smoke(home: Path, resources: Mapping[str, object], roles: Sequence[str]) -> Iterator[Finding]:
    """Yield one finding per role, each opened by itself; pictures go to `<home>/smoke`."""
    gauge = cast(Gauge, resources["gauge"])
    for role, trial in _trials(resources).items():
        if role in roles:
            yield _tried(role, trial, gauge, home / FOLDER)


def _trials(resources: Mapping[str, object]) -> Mapping[str, Callable[[], Tried]]:
    """Return role -> what tries it, for the roles that the profile has."""
    # what a rehearsal draws is no candidate, and neither is this
    drawing = {"foregrounds": resources.get("rehearsal_foregrounds") or resources.get("foregrounds")}
    found = {**resources, **drawing}
    return {role: partial(trial, found[role]) for role, trial in TRIALS.items() if found.get(role) is not None}


def _tried(role: str, trial: Callable[[], Tried], gauge: Gauge, folder: Path) -> Finding:
    """Return what became of one role, whatever its model does: how it breaks is what people should read."""
    try:
        return _seen(role, trial, gauge, folder)
    except ModelUnavailable as err:
        return Finding(f"smoke, {role}", False, str(err))
    except Exception as err:  # noqa: BLE001 - of any library, at any call: a finding, and the other roles are tried
        return Finding(f"smoke, {role}", False, f"{type(err).__name__}: {err}")


def _seen(role: str, trial: Callable[[], Tried], gauge: Gauge, folder: Path) -> Finding:
    gauge.reset()
    began = time.monotonic()
    result = trial()
    cost = f"{time.monotonic() - began:.1f} s, opening included"
    if (peak := gauge.peak_mb()) is not None:
        cost += f", peak {peak:,.0f} MB"
    for i, picture in enumerate(result.pictures):
        write_atomically(folder / f"{role}-{i}.png", _png(picture))
    where = f"; look at {folder / f'{role}-*.png'}" if result.pictures else ""
    said = result.faults[0] if result.faults else result.said
    return Finding(f"smoke, {role}", not result.faults, "; ".join(filter(None, (said, cost))) + where)


def _png(picture: Rgb | Rgba) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()
