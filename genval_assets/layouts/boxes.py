"""What two boxes have in common. Boxes are left, top, width, height, both in the same unit, sides above 0."""

from genval_assets.types import Xywh


def shared_length(a: Xywh, b: Xywh, axis: int) -> float:
    """Return the length that two boxes share along an axis, 0 for x, 1 for y; negative for a gap."""
    return min(a[axis] + a[axis + 2], b[axis] + b[axis + 2]) - max(a[axis], b[axis])


def shared_area(a: Xywh, b: Xywh) -> float:
    """Return the area that two boxes share; 0 where they only touch."""
    return max(0.0, shared_length(a, b, 0)) * max(0.0, shared_length(a, b, 1))


def iou(a: Xywh, b: Xywh) -> float:
    """Return intersection over union, in [0, 1]."""
    shared = shared_area(a, b)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)
