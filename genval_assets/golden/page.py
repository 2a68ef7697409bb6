"""The review page: one HTML file that shows candidates with their masks, and turns keys into a CSV of labels.

Nothing of a verdict reaches it: every candidate is shown as it was drawn, whatever was decided on it, and its mask
is found anew by one rule for all.
"""

import base64
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import cv2
import numpy as np
from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from PIL import Image

from genval_assets.export.gallery import svg_path
from genval_assets.golden.labels import COLUMNS, REASONS
from genval_assets.instances.gate import BORDER_PX, Frame
from genval_assets.instances.gate_settings import GateSettings
from genval_assets.instances.ground import contrasting_ground, flattened
from genval_assets.instances.mask import annotated_mask, object_mask
from genval_assets.types import Mask, Rgb, Rgba

LONGEST_SIDE = 640
"""px of a picture on the page; larger ones are scaled down."""
MARGIN = 0.12
"""Ground around the object, as a share of its longer side, as far as its frame has it."""
QUALITY = 88
"""Of WebP: some 10 kB a picture."""


@dataclass(frozen=True)
class Card:
    """One candidate as the page shows it. Lengths are px of the picture."""

    instance_id: str
    name: str  # of the category; data
    definition: str
    webp: bytes
    width: int
    height: int
    outline: str  # SVG path of the mask; empty where the picture has no alpha
    edges: str  # SVG path: sides on which the frame that it was drawn in cut it off

    @property
    def picture(self) -> str:
        """The picture as a data URI."""
        return f"data:image/webp;base64,{base64.b64encode(self.webp).decode()}"


def card(
    instance_id: str,
    name: str,
    definition: str,
    picture: Rgba | Rgb,
    frame: Frame,
    settings: GateSettings,
    *,
    real: bool,
) -> Card:
    """Return a candidate over a ground that contrasts with it, with the outline of its mask.

    Args:
        instance_id: of the candidate.
        name: of its category.
        definition: of its category; may be empty.
        picture: tight crop of everything visible, RGBA; RGB is shown as it is, without outline.
        frame: what it was drawn in, and where in it the crop lies.
        settings: of the gate, for its category: they say what belongs to a mask.
        real: it was cut out by an annotation, so that its frame says nothing.
    """
    rgba = picture if picture.shape[2] == 4 else np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
    left, top, right, bottom = _margins(rgba, frame, real=real)
    widened = cv2.copyMakeBorder(rgba, top, bottom, left, right, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))
    wide = np.asarray(widened, dtype=np.uint8)
    rgb, scale = _scaled(flattened(wide, contrasting_ground(rgba)))
    height, width = rgb.shape[:2]
    encoded = io.BytesIO()
    Image.fromarray(rgb).save(encoded, "WEBP", quality=QUALITY)
    mask = _mask(wide, settings, real=real) if picture.shape[2] == 4 else np.zeros(wide.shape[:2], dtype=bool)
    small = (
        cv2.resize(mask.astype(np.uint8) * 255, (width, height), interpolation=cv2.INTER_AREA) if scale < 1 else mask
    )
    return Card(
        instance_id=instance_id,
        name=name,
        definition=definition,
        webp=encoded.getvalue(),
        width=width,
        height=height,
        outline=svg_path(np.asarray(small > 127 if scale < 1 else small, dtype=bool), 0, 0, tolerance=0.5),
        edges="" if real else _edges((left, top, right, bottom), width, height),
    )


def _asked(rgba: Rgba) -> int:
    """Return the margin that a picture should have, in its px."""
    longest: int = max(rgba.shape[:2])
    return max(2, round(MARGIN * longest))


def _margins(rgba: Rgba, frame: Frame, *, real: bool) -> tuple[int, int, int, int]:
    """Return the margin on each side (left, top, right, bottom): at most what lies between crop and frame."""
    asked = _asked(rgba)
    if real:
        return asked, asked, asked, asked
    height, width = rgba.shape[:2]
    room = (frame.x, frame.y, frame.width - frame.x - width, frame.height - frame.y - height)
    left, top, right, bottom = (max(0, min(asked, one)) for one in room)
    return left, top, right, bottom


def _scaled(rgb: Rgb) -> tuple[Rgb, float]:
    """Return the picture, at most LONGEST_SIDE px long, and by how much it was scaled."""
    scale = min(1.0, LONGEST_SIDE / max(rgb.shape[:2]))
    if scale == 1.0:
        return rgb, scale
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8), scale


def _mask(rgba: Rgba, settings: GateSettings, *, real: bool) -> Mask:
    return (annotated_mask(rgba[..., 3]) if real else object_mask(rgba[..., 3], settings)).mask


def _edges(margins: tuple[int, int, int, int], width: int, height: int) -> str:
    sides = (f"M0 0V{height}", f"M0 0H{width}", f"M{width} 0V{height}", f"M0 {height}H{width}")
    return "".join(side for side, margin in zip(sides, margins, strict=True) if margin < BORDER_PX)


def review_page(cards: Sequence[Card]) -> str:
    """Return the page: everything is in it, nothing is loaded, and no script but its own may run.

    Names and definitions are escaped; a policy in the page admits one script by its hash, so that a name which got
    through all the same would do nothing.
    """
    script = files("genval_assets.golden").joinpath("templates/review.js.j2").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    mark = hashlib.sha256(json.dumps([one.instance_id for one in cards]).encode()).hexdigest()[:16]
    template = _templates().get_template("review.html.j2")
    return template.render(
        cards=cards, reasons=REASONS, columns=",".join(COLUMNS), script=script, digest=digest, mark=mark
    )


@cache
def _templates() -> SandboxedEnvironment:
    return SandboxedEnvironment(
        loader=PackageLoader("genval_assets.golden"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
