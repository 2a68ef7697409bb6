"""The objects of a kept picture as annotations: from masks, not from boxes.

Every part of a mask is kept (ACP's released code keeps the largest contour only). A node without a mask of its own is
never left as an unlabelled object: it becomes a region that training ignores. Whether it is missing from the picture
or badly segmented cannot be told, so both are treated alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from genval_assets.compose.rle import area_px, encode, tight_box
from genval_assets.layouts.graph import Boxes, SceneGraph
from genval_assets.layouts.settings import ClisISettings
from genval_assets.types import Mask, Segment, Xywh

EMPTY_MASK, UNSURE_MASK, LEFT_ITS_BOX, HIDDEN = "empty_mask", "unsure_mask", "left_its_box", "hidden"
NO_OBJECT = "no_object"
LEAST_LEFT = 0.5
"""Of a mask, once nearer ones have taken their pixels; less is `hidden` (our choice, as for pasted objects)."""
GROUND = 2.0
"""A mask of more than so many times its box's area is taken for the ground, not for an object (our choice)."""


@dataclass(frozen=True, eq=False)
class Outline:
    """Where one node is in the picture."""

    node_id: str
    category: str  # partition key
    mask: Mask | None  # (H, W), of what can be seen of it, disjoint with every other; None: it has none of its own
    ignored: (
        Mask | None
    )  # (H, W), where it may be instead, clear of all masks; None: it has a mask, or no pixel is left
    reason: str  # a code for why it has no mask; empty when it has
    box_px: Xywh  # that it was asked for in
    score: float  # of the segmenter, in [0, 1]
    z: int  # 0 is the back; no two nodes share one


@dataclass(frozen=True)
class NodeObject:
    """What an annotation says of one node."""

    node_id: str
    category: str  # partition key
    box: tuple[int, int, int, int]  # of the mask, xywh in px
    area_px: int
    counts: str  # COCO compressed RLE counts of the mask
    iscrowd: int  # 1: a region that training ignores
    z: int  # 0 is the back


def outlines(
    graph: SceneGraph, boxes: Boxes, segments: Sequence[Segment], size: tuple[int, int], settings: ClisISettings
) -> list[Outline]:
    """Return one outline per node, in the graph's order.

    A pixel that two masks claim goes to the node in the nearer layer, within a layer to the one that the segmenter is
    surer of, then to the later node. Masks that are refused claim nothing.

    Args:
        graph: what the picture should show.
        boxes: one per node, as shares of the picture.
        segments: one per node of the graph, in its order, of the picture's size.
        size: (height, width) of the picture in px.
        settings: how sure the segmenter must be, and how much of a mask must lie in its box.

    Raises:
        ValueError: there is another number of segments than of nodes, or a mask has another size.
        KeyError: a node has no box.
    """
    wrong = [segment.mask.shape for segment in segments if segment.mask.shape != size]
    if wrong or len(segments) != len(graph.nodes):
        raise ValueError(f"expected {len(graph.nodes)} masks of {size}; got {len(segments)}, of other sizes {wrong}")
    found = _claims(graph, boxes, segments, settings)
    taken = np.zeros(size, dtype=np.bool_)
    for i in sorted(range(len(found)), key=lambda i: found[i].z, reverse=True):  # nearest first
        found[i] = _what_is_left(found[i], taken)
    return [_with_ignored(outline, segment.mask, taken) for outline, segment in zip(found, segments, strict=True)]


def reasons_against(found: Sequence[Outline], category: str) -> tuple[str, ...]:
    """Return `no_object` when no node of the category that the scene was made for has a mask, else nothing.

    Such a scene would count for its category and teach nothing of it. Other nodes may be missing: their regions are
    ignored in training, which costs little (our choice).
    """
    return () if any(one.category == category and one.mask is not None for one in found) else (NO_OBJECT,)


def scene_objects(found: Sequence[Outline]) -> list[NodeObject]:
    """Return what is annotated, back to front: masks, and regions to ignore; nodes without a pixel are left out."""
    return [
        _object(one, mask)
        for one in sorted(found, key=lambda one: one.z)
        for mask in (one.mask, one.ignored)
        if mask is not None
    ]


def dropped_json(found: Sequence[Outline]) -> str:
    """Return node id -> why it has no mask of its own, as it is stored."""
    return msgspec.json.encode({one.node_id: one.reason for one in found if one.reason}).decode()


def _claims(graph: SceneGraph, boxes: Boxes, segments: Sequence[Segment], settings: ClisISettings) -> list[Outline]:
    """Return each node with its whole mask, or why it has none."""
    order = sorted(range(len(segments)), key=lambda i: (graph.depth(graph.nodes[i].node_id), segments[i].score, i))
    found = []
    for i, (node, segment) in enumerate(zip(graph.nodes, segments, strict=True)):
        height, width = segment.mask.shape
        x, y, w, h = boxes[node.node_id]
        box = (x * width, y * height, w * width, h * height)
        reason = _refusal(segment, box, settings)
        mask = None if reason else segment.mask
        found.append(Outline(node.node_id, node.category, mask, None, reason, box, segment.score, order.index(i)))
    return found


def _refusal(segment: Segment, box: Xywh, settings: ClisISettings) -> str:
    """Return the code of what is wrong with a mask; empty when it is an object's."""
    area = area_px(segment.mask)
    if not area:
        return EMPTY_MASK
    if segment.score < settings.mask_score:
        return UNSURE_MASK
    inside = area_px(segment.mask & _box_mask(box, segment.mask.shape))
    return LEFT_ITS_BOX if inside < settings.inside * area else ""


def _what_is_left(outline: Outline, taken: Mask) -> Outline:
    """Return an outline without the pixels that nearer ones have taken, and take its own."""
    if outline.mask is None:
        return outline
    left = outline.mask & ~taken
    if area_px(left) < LEAST_LEFT * area_px(outline.mask):
        return replace(outline, mask=None, reason=HIDDEN)
    taken |= left
    return replace(outline, mask=left)


def _with_ignored(outline: Outline, claimed: Mask, taken: Mask) -> Outline:
    """Return an outline with the region where it may be, if it has no mask.

    A hidden node's is what it has left; every other's is its box and, unless that is the ground, the mask that was
    refused.
    """
    if outline.mask is not None:
        return outline
    box = _box_mask(outline.box_px, taken.shape)
    region = box
    if outline.reason == HIDDEN:
        region = claimed
    elif area_px(claimed) <= GROUND * area_px(box):
        region = box | claimed
    region = region & ~taken
    return replace(outline, ignored=region if region.any() else None)


def _box_mask(box: Xywh, size: tuple[int, ...]) -> Mask:
    """Return the pixels that a box touches."""
    x, y, w, h = box
    mask = np.zeros(size, dtype=np.bool_)
    mask[int(np.floor(y)) : int(np.ceil(y + h)), int(np.floor(x)) : int(np.ceil(x + w))] = True
    return mask


def _object(outline: Outline, mask: Mask) -> NodeObject:
    x, y, w, h = box = tight_box(mask)
    height, width = mask.shape
    counts = encode(np.ascontiguousarray(mask[y : y + h, x : x + w]), (height, width), x, y)
    iscrowd = int(outline.mask is None)
    return NodeObject(outline.node_id, outline.category, box, area_px(mask), counts, iscrowd, outline.z)
