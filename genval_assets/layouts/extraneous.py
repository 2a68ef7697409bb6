"""Objects of the dataset's categories that a picture shows outside its boxes (ACP, figure 1): nobody labels them."""

from collections.abc import Mapping, Sequence

from genval_assets.layouts.boxes import shared_area
from genval_assets.layouts.graph import Boxes, SceneGraph
from genval_assets.types import Found, Xywh


def extraneous(
    found: Sequence[Found], graph: SceneGraph, boxes: Boxes, size: tuple[int, int], key_of_name: Mapping[str, str]
) -> list[str]:
    """Return the keys of the categories that stand outside all boxes, each once, in order of the alphabet.

    A find is what a box asked for, whatever it is called, when at least half of it lies within that box: whether the
    box shows the right thing is CLIS-I's business. A find of the node's own category is the node also when it covers
    at least half of the node's box: objects are drawn too large, and a group is found as one. Our choice.

    Args:
        found: what the detector is sure enough of, boxes in px.
        graph: what the picture should show.
        boxes: one per node, as shares of the picture.
        size: (height, width) of the picture in px.
        key_of_name: partition key of each name that the detector was asked for.

    Raises:
        KeyError: a node has no box, or a find has a name that was not asked for.
    """
    height, width = size
    places = []
    for node in graph.nodes:
        x, y, w, h = boxes[node.node_id]
        places.append((node.category, (x * width, y * height, w * width, h * height)))
    keys = {key_of_name[find.name] for find in found if not _asked_for(find, key_of_name[find.name], places)}
    return sorted(keys)


def _asked_for(find: Found, key: str, places: Sequence[tuple[str, Xywh]]) -> bool:
    for category, box in places:
        shared = shared_area(find.box, box)
        inside = shared >= 0.5 * find.box[2] * find.box[3]
        covering = category == key and shared >= 0.5 * box[2] * box[3]
        if inside or covering:
            return True
    return False
