"""The sealed truth of the offline layout model: what each picture really shows. Written by it, read by evaluation."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from genval_assets.compose.rle import decode, encode
from genval_assets.keys import recipe
from genval_assets.types import Mask, Xywh
from resources.files import write_atomically
from resources.offline.layout_drawing import LayoutDraft, ShownThing

FOLDER = Path("data") / "sealed_layouts"


@dataclass(frozen=True)
class BoxTruth:
    """What stands for one asked thing."""

    index: int  # of the box
    kind: str | None  # drawn; None: nothing
    colour: str | None
    pattern: str | None
    faults: tuple[str, ...]  # wrong_kind | missing | wrong_colour | two | moved | cut
    counts: str  # COCO's compressed counts of what is visible of the right thing; empty where nothing is

    def mask(self, height: int, width: int) -> Mask:
        """Return (height, width): what is visible of the right thing. The masks of one picture share no pixel.

        Raises:
            RefusedItem: the picture has another size.
        """
        return decode(self.counts, (height, width)) if self.counts else np.zeros((height, width), dtype=np.bool_)


@dataclass(frozen=True)
class ExtraTruth:
    """A thing outside all boxes that nobody asked for."""

    kind: str
    box: Xywh  # px


@dataclass(frozen=True)
class LayoutTruth:
    """One picture: whether it shows what was asked and nothing else, and what it shows."""

    layout_id: str
    seed: int
    valid: bool
    faults: tuple[str, ...]  # codes of what is wrong with any box, and `extra`
    height: int
    width: int
    boxes: tuple[BoxTruth, ...]
    extras: tuple[ExtraTruth, ...]


def layout_truth(layout_id: str, seed: int, draft: LayoutDraft) -> LayoutTruth:
    """Return the truth of a picture."""
    height, width = draft.rgb.shape[:2]
    faults = tuple(draft.faults())
    return LayoutTruth(
        layout_id=layout_id,
        seed=seed,
        valid=not faults,
        faults=faults,
        height=height,
        width=width,
        boxes=tuple(_box_truth(i, thing) for i, thing in enumerate(draft.things)),
        extras=tuple(ExtraTruth(extra.kind, extra.box) for extra in draft.extras),
    )


def _box_truth(index: int, thing: ShownThing) -> BoxTruth:
    look = thing.look
    return BoxTruth(
        index=index,
        kind=look.kind if look else None,
        colour=look.colour if look else None,
        pattern=look.pattern if look else None,
        faults=tuple(thing.faults),
        counts=encode(thing.visible, (thing.visible.shape[0], thing.visible.shape[1])) if thing.visible.any() else "",
    )


def seal_layouts(home: Path, truths: Sequence[LayoutTruth]) -> None:
    """Append the truths as one part, synced; the same draws again are the same part."""
    if not truths:
        return
    part = io.BytesIO()
    rows = [
        {
            "layout_id": truth.layout_id,
            "seed": truth.seed,
            "valid": truth.valid,
            "faults": list(truth.faults),
            "truth": msgspec.json.encode(truth).decode(),
        }
        for truth in truths
    ]
    pl.DataFrame(rows, schema_overrides={"faults": pl.List(pl.String)}).write_parquet(part)
    name = recipe("sealed_layouts", ids=[f"{truth.layout_id} {truth.seed}" for truth in truths])
    write_atomically(home / FOLDER / f"{name}.parquet", part.getvalue())


def read_layout_truths(home: Path) -> dict[tuple[str, int], LayoutTruth]:
    """Return all sealed truths by layout id and seed; none where nothing was sealed."""
    truths: dict[tuple[str, int], LayoutTruth] = {}
    for path in sorted((home / FOLDER).glob("*.parquet")):
        for stored in pl.read_parquet(path, columns=["truth"], glob=False)["truth"]:
            truth = msgspec.json.decode(stored, type=LayoutTruth)
            truths.setdefault((truth.layout_id, truth.seed), truth)
    return dict(sorted(truths.items()))
