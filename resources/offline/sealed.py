"""The sealed truth: what the offline foreground model really drew. Written by it, read by evaluation alone."""

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import dagster as dg
import msgspec
import polars as pl
from pydantic import Field

from genval_assets.keys import recipe
from genval_assets.types import DrawnLook
from resources.files import write_atomically
from resources.offline.drawing import Draft

FOLDER = Path("data") / "sealed"


@dataclass(frozen=True)
class Truth:
    """One draw: what was asked, what is in the picture, and whether all criteria of a good draw are met."""

    instance_id: str
    category: str  # partition key
    drawn: str  # the kind in the picture
    valid: bool
    faults: list[str]  # names of the criteria that it fails
    attributes: str  # JSON of the look


def truth_of(instance_id: str, category: str, draft: Draft, *, meant: str | None) -> Truth:
    """Return the truth of a draft; `meant` is the kind that the category stands for, None where there is none."""
    faults = draft.faults.reasons()
    if draft.look.kind != meant and "wrong_category" not in faults:
        faults = ["wrong_category", *faults]
    return Truth(instance_id, category, draft.look.kind, not faults, faults, json.dumps(asdict(draft.look)))


def seal(home: Path, truths: Sequence[Truth]) -> None:
    """Append the truths as one part, synced; the same draws again are the same part."""
    if not truths:
        return
    part = io.BytesIO()
    pl.DataFrame([asdict(t) for t in truths], schema_overrides={"faults": pl.List(pl.String)}).write_parquet(part)
    name = recipe("sealed", ids=[t.instance_id for t in truths])
    write_atomically(home / FOLDER / f"{name}.parquet", part.getvalue())


def read_truths(home: Path) -> list[Truth]:
    """Return all sealed truths, each instance once, by instance id; none where nothing was sealed."""
    by_id: dict[str, Truth] = {}
    for path in sorted((home / FOLDER).glob("*.parquet")):
        for row in pl.read_parquet(path, glob=False).iter_rows(named=True):
            by_id.setdefault(row["instance_id"], Truth(**row))
    return [by_id[key] for key in sorted(by_id)]


class SealedTruthFiles(dg.ConfigurableResource[None]):
    """Opens the seal. Evaluation holds this resource; no stage that makes or judges instances does."""

    home: str = Field(description="The project's home folder.")

    def read(self) -> dict[str, bool]:
        """Return instance id -> whether the draw is good; empty where there is no truth (real data)."""
        return {truth.instance_id: truth.valid for truth in read_truths(Path(self.home))}

    def looks(self) -> dict[str, DrawnLook]:
        """Return instance id -> what the picture shows, where that is one thing: of two, the second is not sealed."""
        told = (truth for truth in read_truths(Path(self.home)) if "multiple_objects" not in truth.faults)
        return {truth.instance_id: msgspec.json.decode(truth.attributes, type=DrawnLook) for truth in told}
