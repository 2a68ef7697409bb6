"""One picture of what a project has made: accepted with masks, rejected with reasons, scenes with masks."""

import io
from collections import defaultdict
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from genval_assets.assets.previews import drawn_scene, still_there, verdict_tile
from genval_assets.instances.contact_sheet import contact_sheet
from genval_assets.instances.in_force import in_force
from genval_assets.ports import Images, Tables
from genval_assets.rows import Annotation, Instance, Scene, Verdict
from genval_assets.types import Rgb

COLUMNS = 8
TILE_PX = 150
WIDTH = COLUMNS * TILE_PX
SCENES = 3
TITLE_PX = 34
JPEG_QUALITY = 88


def showcase(tables: Tables, images: Images) -> bytes:
    """Return the picture as JPEG, WIDTH px wide."""
    instances = {row.instance_id: row for row in tables.read(Instance)}
    judged = [row for row in in_force(tables.read(Verdict)) if row.stage != "draw"]
    accepted = _spread([row for row in judged if row.outcome == "accepted"], 2 * COLUMNS, by="category")
    rejected = _spread([row for row in judged if row.outcome == "rejected"], COLUMNS, by="reasons")
    annotations = tables.read(Annotation)
    scenes = tables.read(Scene)
    composed = _richest([one for one in scenes if one.layout_image_id is None])
    drawn = _richest([one for one in scenes if one.layout_image_id is not None])
    bands = [
        *_band("accepted: the outline is the mask", _sheet(accepted, instances, images)),
        *_band("rejected: with the reason", _sheet(rejected, instances, images)),
        *_scene_bands("composed: visible masks and boxes", composed, annotations, images),
    ]
    if drawn:
        bands += _scene_bands("drawn as a whole from layouts: masks and boxes", drawn, annotations, images)
    out = io.BytesIO()
    Image.fromarray(np.vstack([_padded(band) for band in bands])).save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()


def _spread(verdicts: Sequence[Verdict], limit: int, *, by: str) -> list[Verdict]:
    """Return up to `limit` verdicts, the groups in turn."""
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in sorted(verdicts, key=lambda v: (v.source != "cutout", v.category, v.round, v.index)):
        groups[str(getattr(verdict, by))].append(verdict)
    turns = max((len(group) for group in groups.values()), default=0)
    return [group[turn] for turn in range(turns) for group in groups.values() if turn < len(group)][:limit]


def _richest(scenes: Sequence[Scene]) -> list[Scene]:
    """Return scenes with a middling number of objects, on different backgrounds; without one, of other categories."""
    chosen: list[Scene] = []
    for scene in sorted(scenes, key=lambda s: (abs(s.n_pasted - 6), s.scene_id)):
        if all(_ground(scene) != _ground(one) for one in chosen):
            chosen.append(scene)
    return chosen[:SCENES]


def _ground(scene: Scene) -> str:
    return scene.background_id or scene.category


def _scene_bands(title: str, scenes: Sequence[Scene], annotations: Sequence[Annotation], images: Images) -> list[Rgb]:
    """Return the scenes with their masks, and below them as they are."""
    return [
        *_band(title, _row([drawn_scene(one, annotations, images) for one in scenes])),
        *_band("", _row([images.get(one.image)[..., :3] for one in scenes])),
    ]


def _sheet(verdicts: Sequence[Verdict], instances: dict[str, Instance], images: Images) -> Rgb:
    tiles = still_there(verdicts, lambda verdict: verdict_tile(verdict, instances[verdict.instance_id], images))
    return contact_sheet(tiles, COLUMNS, TILE_PX)


def _row(pictures: Sequence[Rgb]) -> Rgb:
    width = WIDTH // SCENES
    scaled = [
        np.asarray(cv2.resize(p, (width, round(p.shape[0] * width / p.shape[1])), interpolation=cv2.INTER_AREA))
        for p in pictures
    ]
    height = min((p.shape[0] for p in scaled), default=1)
    return np.hstack([p[:height] for p in scaled]).astype(np.uint8) if scaled else np.zeros((1, 1, 3), np.uint8)


def _band(title: str, picture: Rgb) -> list[Rgb]:
    if not title:
        return [picture]
    head = Image.new("RGB", (WIDTH, TITLE_PX), "white")
    ImageDraw.Draw(head).text((8, 6), title, fill=(40, 40, 40), font=ImageFont.load_default(size=19))
    return [np.asarray(head), picture]


def _padded(band: Rgb) -> Rgb:
    width = min(band.shape[1], WIDTH)
    canvas = np.full((band.shape[0], WIDTH, 3), 255, np.uint8)
    canvas[:, :width] = band[:, :width]
    return canvas
