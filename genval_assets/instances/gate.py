"""The mask gate: whether a cut-out's alpha holds one whole object, before any model looks at it.

The gate sees shapes, never meaning: it takes a dog's head without the body for an object, and a cat for a dog.
Those are the vision model's questions. Reason codes are in `REASONS`; all thresholds in `gate_settings.py`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from genval_assets.instances.gate_settings import GateSettings
from genval_assets.instances.mask import (
    ObjectMask,
    annotated_mask,
    cleaned,
    contour,
    enclosed_px,
    object_mask,
    outline_step,
)
from genval_assets.instances.painted import shows_checkerboard
from genval_assets.types import Mask, Rgb, Rgba

GATE = "mask_gate"
GATE_VERSION = "1"
"""`judge` and `judge_version` of the gate's verdicts; raise the version when the same pixels may fare otherwise."""

REASONS = {
    "alpha_missing": "the picture has no alpha channel",
    "alpha_opaque": "the alpha channel is opaque everywhere: a scene, not a cut-out",
    "alpha_painted_background": "transparency is painted as a checkerboard",
    "alpha_too_soft": "the object has no firm outline, or is hardly there",
    "no_object": "nothing is visible",
    "too_small": "the object is too small",
    "too_large": "the object fills its frame",
    "fragmented": "the mask falls into parts",
    "incomplete": "the frame's border cuts the object",
    "residue": "remains are visible away from the object",
    "flat": "the object has a single tone",
    "moved": "a variation does not lie where its source did",
    "copy": "a variation is a copy of its source",
}
"""Reason code -> what it says. They stand in `verdicts.reasons`."""

OPAQUE_LEVEL = 250
OPAQUE_SHARE = 0.995
"""Where this share of the frame's pixels has at least that alpha, the alpha says nothing (our choice)."""
BORDER_PX = 2
"""Width of the frame's border: decoders often leave the outermost row faint (our choice)."""
LEAST_OBJECT_PX = 16
"""A mask of fewer pixels is no object (our choice)."""

Finding = tuple[str, str]
"""(reason code, what was measured and what would be accepted)."""


@dataclass(frozen=True)
class Frame:
    """The picture that a candidate was drawn in, and where its crop lies in it, in px."""

    width: int
    height: int
    x: int = 0
    y: int = 0


@dataclass(frozen=True)
class GateVerdict:
    """What the gate says of one candidate. Accepted ones carry the cut-out that scenes paste."""

    accepted: bool
    reasons: tuple[str, ...]  # keys of REASONS, in their order; empty when accepted
    explanation: str  # one clause per reason, with the measured value; empty when accepted
    threshold: int | None  # a pixel of `cleaned` with more alpha belongs to the mask; None without a usable alpha
    mask: Mask  # in the candidate's crop
    cleaned: Rgba | None  # tight crop of the object without residue; accepted only
    area_px: int  # of the mask
    measurements: dict[str, float] = field(default_factory=dict)


def judge_mask(rgba: Rgba | Rgb, frame: Frame, settings: GateSettings, *, real: bool) -> GateVerdict:
    """Return the verdict on a candidate's alpha.

    Args:
        rgba: (H, W, 4) tight crop of everything with alpha > 0; (H, W, 3) is refused as `alpha_missing`.
        frame: the picture it was drawn in; the crop lies wholly within it.
        settings: thresholds, already those of its category (`GateSettings.for_category`).
        real: the candidate was cut from a photograph by an annotation's mask. Such a mask is known to be the
            object's, so that its share of the frame, its parts and its border say nothing; size and tone still do.

    Raises:
        ValueError: the crop does not lie within the frame.
    """
    _refuse_outside(rgba, frame)
    without_alpha = list(_alpha_findings(rgba, frame, real=real))
    if without_alpha:
        return _refused(without_alpha, np.zeros(rgba.shape[:2], dtype=bool), None, {})
    found = annotated_mask(rgba[..., 3]) if real else object_mask(rgba[..., 3], settings)
    if found.area_px < LEAST_OBJECT_PX:
        nothing = ("no_object", f"{found.area_px} px of mask; at least {LEAST_OBJECT_PX} are an object")
        return _refused([nothing], found.mask, found.threshold, {"area_px": found.area_px})
    measured = _measurements(rgba, found, frame)
    findings = list(_real_findings(measured, settings) if real else _drawn_findings(measured, settings))
    if findings:
        return _refused(findings, found.mask, found.threshold, measured)
    clean = cleaned(rgba, found, settings)
    return GateVerdict(True, (), "", found.threshold, found.mask, clean, found.area_px, measured)


def refused(verdict: GateVerdict, findings: Sequence[Finding]) -> GateVerdict:
    """Return an accepting verdict turned into a refusal, for reasons that were found elsewhere; it has no cut-out."""
    return _refused(list(findings), verdict.mask, verdict.threshold, verdict.measurements)


def _refused(findings: list[Finding], mask: Mask, threshold: int | None, measured: dict[str, float]) -> GateVerdict:
    reasons = tuple(reason for reason, _ in findings)
    explanation = "; ".join(f"{REASONS[reason]} ({seen})" for reason, seen in findings)
    return GateVerdict(False, reasons, explanation, threshold, mask, None, int(mask.sum()), measured)


def _refuse_outside(rgba: Rgba | Rgb, frame: Frame) -> None:
    height, width = rgba.shape[:2]
    if min(frame.x, frame.y) < 0 or frame.x + width > frame.width or frame.y + height > frame.height:
        raise ValueError(f"a crop of {width} x {height} px must lie within its frame; got {frame}")


def _alpha_findings(rgba: Rgba | Rgb, frame: Frame, *, real: bool) -> Iterator[Finding]:
    """Yield why there is no alpha worth judging. A real object may well be a rectangle: its crop may be opaque."""
    if rgba.shape[2] == 3:
        yield "alpha_missing", "3 channels; expected RGBA"
    elif not rgba[..., 3].any():
        yield "no_object", "alpha is 0 everywhere"
        return
    else:
        opaque = int((rgba[..., 3] >= OPAQUE_LEVEL).sum()) / (frame.width * frame.height)
        if real or opaque < OPAQUE_SHARE:
            return
        yield "alpha_opaque", f"{opaque:.1%} of the frame is opaque"
    if shows_checkerboard(rgba[..., :3]):
        yield "alpha_painted_background", "both borders alternate between two tones"


def _measurements(rgba: Rgba, found: ObjectMask, frame: Frame) -> dict[str, float]:
    """Return what the checks read, shares in [0, 1], rounded to what is worth storing. The mask is not empty."""
    red, green, blue = (rgba[..., c][found.mask].astype(np.float32) for c in range(3))
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    measured = {
        "area_px": found.area_px,
        "area_share": found.area_px / (frame.width * frame.height),
        "parts": found.parts,
        "largest_part_share": found.largest_part_share,
        "border_share": _border_share(found.mask, frame),
        "residue_share": found.residue_px / found.area_px,
        "haze_share": found.haze_px / (found.area_px + found.haze_px),
        "outline_step": outline_step(found),
        "opacity": float(rgba[..., 3][found.mask].mean()) / 255,
        "enclosed_share": enclosed_px(found.mask) / found.area_px,
        "luma_std": float(luma.std()),
    }
    return {name: round(value, 4) for name, value in measured.items()}


def _border_share(mask: Mask, frame: Frame) -> float:
    """Return how much of the mask's contour lies on the frame's border."""
    height, width = mask.shape
    rows, columns = np.arange(height) + frame.y, np.arange(width) + frame.x
    sides = (
        mask[rows < BORDER_PX].any(axis=0),
        mask[rows >= frame.height - BORDER_PX].any(axis=0),
        mask[:, columns < BORDER_PX].any(axis=1),
        mask[:, columns >= frame.width - BORDER_PX].any(axis=1),
    )
    return min(1.0, sum(int(side.sum()) for side in sides) / int(contour(mask).sum()))


def _drawn_findings(measured: dict[str, float], s: GateSettings) -> Iterator[Finding]:
    """Yield every check that a drawn object fails, in the order of REASONS."""
    if measured["haze_share"] > s.max_haze_share:
        yield "alpha_too_soft", f"haze_share {measured['haze_share']}, at most {s.max_haze_share}"
    elif measured["outline_step"] < s.min_outline_step:
        yield "alpha_too_soft", f"outline_step {measured['outline_step']}, at least {s.min_outline_step}"
    if measured["area_share"] < s.min_area_share:
        yield "too_small", f"area_share {measured['area_share']}, at least {s.min_area_share}"
    if measured["area_share"] > s.max_area_share:
        yield "too_large", f"area_share {measured['area_share']}, at most {s.max_area_share}"
    if measured["largest_part_share"] < s.min_largest_part_share:
        yield "fragmented", f"largest_part_share {measured['largest_part_share']}, at least {s.min_largest_part_share}"
    if measured["border_share"] > s.max_border_share:
        yield "incomplete", f"border_share {measured['border_share']}, at most {s.max_border_share}"
    if measured["residue_share"] > s.max_residue_share:
        yield "residue", f"residue_share {measured['residue_share']}, at most {s.max_residue_share}"
    yield from _flat_finding(measured, s)


def _real_findings(measured: dict[str, float], s: GateSettings) -> Iterator[Finding]:
    """Yield every check that a cut-out from a photograph fails."""
    if measured["area_px"] < s.real_min_area_px:
        yield "too_small", f"area_px {measured['area_px']:.0f}, at least {s.real_min_area_px}"
    yield from _flat_finding(measured, s)


def _flat_finding(measured: dict[str, float], s: GateSettings) -> Iterator[Finding]:
    if measured["luma_std"] < s.min_luma_std:
        yield "flat", f"luma_std {measured['luma_std']}, at least {s.min_luma_std}"
