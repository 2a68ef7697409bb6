"""Wiring of what people see of a finished category in the UI: counts that plot, reasons as a table, pictures."""

import base64
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

import dagster as dg
import numpy as np

from genval_assets.compose.overlay import overlay
from genval_assets.compose.rle import decode
from genval_assets.instances.contact_sheet import Tile, contact_sheet, preview_jpeg
from genval_assets.ports import Images
from genval_assets.rows import Annotation, Instance, Scene, Verdict
from genval_assets.types import Rgb

SHEET_TILES = 12
REJECTED_TILES = 4
SHEET_COLUMNS = 6
TILE_PX = 96
SCENES_SHOWN = 3
SCENE_PX = 240
COLOURS = ((230, 60, 60), (60, 160, 230), (80, 190, 80), (240, 170, 40), (170, 90, 220), (40, 190, 180))

R = TypeVar("R")
P = TypeVar("P")
Metadata = dict[str, dg.MetadataValue | int | float | str]


def inline_picture(rgb: Rgb, caption: str) -> dg.MetadataValue:
    """Return the picture as metadata that the UI draws; it lives in the event log, so it stays under 30 KB."""
    data = base64.b64encode(preview_jpeg(rgb)).decode()
    return dg.MetadataValue.md(f"![{caption}](data:image/jpeg;base64,{data})")


def verdict_metadata(verdicts: Sequence[Verdict], instances: Mapping[str, Instance], images: Images) -> Metadata:
    """Return a contact sheet of the newest candidates of one category, yield, counts and reject reasons."""
    metadata: Metadata = {}
    tiles = still_there(_shown(verdicts), lambda one: verdict_tile(one, instances[one.instance_id], images))
    if tiles:
        sheet = contact_sheet(tiles, SHEET_COLUMNS, TILE_PX)
        metadata["contact_sheet"] = inline_picture(sheet, "accepted outlined green, rejected red with the reason")
    outcomes = Counter(verdict.outcome for verdict in verdicts)
    judged = outcomes["accepted"] + outcomes["rejected"]
    if judged:
        metadata["yield"] = outcomes["accepted"] / judged
    metadata |= {
        "generated": len(verdicts),
        "accepted": outcomes["accepted"],
        "rejected": outcomes["rejected"],
        "errors": outcomes["error"],
    }
    reasons = Counter(reason for verdict in verdicts for reason in verdict.reasons)
    if reasons:
        metadata["reasons"] = dg.MetadataValue.table(
            [dg.TableRecord({"reason": reason, "candidates": n}) for reason, n in reasons.most_common()],
            schema=dg.TableSchema([dg.TableColumn("reason", "string"), dg.TableColumn("candidates", "int")]),
        )
    return metadata


def _shown(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the newest accepted ones, then the newest rejected ones: those are few, and tell more."""
    newest = sorted(verdicts, key=lambda verdict: (verdict.round, verdict.index), reverse=True)
    rejected = [verdict for verdict in newest if verdict.outcome == "rejected"][:REJECTED_TILES]
    accepted = [verdict for verdict in newest if verdict.outcome == "accepted"]
    return [*accepted[: SHEET_TILES - len(rejected)], *rejected]


def still_there(rows: Iterable[R], draw: Callable[[R], P]) -> list[P]:
    """Return the rows drawn, without those whose picture is gone: `genval gc` takes those of old rejects."""
    drawn = []
    for row in rows:
        with suppress(FileNotFoundError):
            drawn.append(draw(row))
    return drawn


def verdict_tile(verdict: Verdict, instance: Instance, images: Images) -> Tile:
    """Return a candidate as a tile: its cleaned cut-out if accepted, else what was drawn, with the reasons."""
    accepted = verdict.outcome == "accepted"
    rgba = images.get(verdict.cutout if verdict.cutout is not None else instance.image)
    if rgba.shape[2] == 3:
        rgba = np.dstack([rgba, np.full(rgba.shape[:2], 255, np.uint8)])
    threshold = verdict.mask_threshold if verdict.mask_threshold is not None else 127
    return Tile(rgba, rgba[..., 3] > threshold, accepted, "ok" if accepted else ", ".join(verdict.reasons))


def scene_metadata(scenes: Sequence[Scene], annotations: Sequence[Annotation], images: Images) -> Metadata:
    """Return counts, visible shares and the newest composed scenes of one category with their masks drawn."""
    composed = [scene for scene in scenes if scene.layout_image_id is None]
    pasted = [row for row in annotations if row.instance_id is not None]
    metadata: Metadata = {
        **newest_scenes(composed, annotations, images),
        "scenes": len(composed),
        "pasted_objects": len(pasted),
        "real_objects": sum(row.source_annotation_id is not None for row in annotations),
        "left_out": sum(scene.n_dropped for scene in composed),
    }
    shares = [row.visible_share for row in pasted if row.visible_share is not None]
    if shares:
        metadata["mean_visible_share"] = float(np.mean(shares))
    return metadata


def newest_scenes(scenes: Sequence[Scene], annotations: Sequence[Annotation], images: Images) -> Metadata:
    """Return the scenes with the highest indices side by side, their masks drawn; nothing where none is there."""
    newest = sorted(scenes, key=lambda s: s.index)[-SCENES_SHOWN:]
    drawn = still_there(newest, lambda scene: drawn_scene(scene, annotations, images))
    return {"newest_scenes": inline_picture(_side_by_side(drawn), "scenes with the visible masks")} if drawn else {}


def drawn_scene(scene: Scene, annotations: Sequence[Annotation], images: Images) -> Rgb:
    """Return a scene with the visible mask and the box of each of its objects drawn."""
    rgb = images.get(scene.image)[..., :3]
    size = scene.height, scene.width
    own = sorted((row for row in annotations if row.scene_id == scene.scene_id), key=lambda row: row.z)
    return overlay(
        rgb,
        [
            (decode(row.segmentation, size), (row.x, row.y, row.w, row.h), COLOURS[i % len(COLOURS)])
            for i, row in enumerate(own)
        ],
    )


def _side_by_side(pictures: Sequence[Rgb]) -> Rgb:
    import cv2

    scaled = [
        np.asarray(cv2.resize(p, (round(p.shape[1] * SCENE_PX / p.shape[0]), SCENE_PX), interpolation=cv2.INTER_AREA))
        for p in pictures
    ]
    return np.hstack(scaled).astype(np.uint8)
