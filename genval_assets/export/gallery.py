"""The gallery: static pages that show a set's scenes with their masks, and open from the file system, offline."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from genval_assets.export.facts import CategoryFacts, Facts
from genval_assets.export.numbering import NumberedAnnotation, NumberedImage, NumberedSet
from genval_assets.export.segmentation import visible_crop
from genval_assets.types import Mask

PAGE_SIZE = 24
"""Scenes per page."""
PAGES = "categories"
"""Folder of the categories' pages beside the index: a category may be called anything, `index` too."""


@dataclass(frozen=True)
class Outline:
    """One object as it is drawn over its picture."""

    path: str  # SVG path data in the picture's pixels
    name: str
    role: str  # subject: of the page's category | pasted | drawn | real
    iscrowd: bool
    visible_share: float | None  # None: unknown, of objects drawn from a layout


@dataclass(frozen=True)
class Figure:
    """One scene on a page."""

    image: NumberedImage
    outlines: tuple[Outline, ...]


@dataclass(frozen=True)
class Tile:
    """One category on the index: its first scene, and where its page is."""

    facts: CategoryFacts
    page: str  # relative to the index
    cover: Figure


def gallery(facts: Facts, numbered: NumberedSet, scenes_per_category: int) -> Iterator[tuple[str, bytes]]:
    """Yield the pages as (path within the set, HTML), the index last: one page per category and 24 scenes.

    A category's page shows the scenes made for it first, then others in which it was pasted or drawn. All names are
    escaped; nothing is loaded from outside the set.
    """
    environment = _templates()
    page_template = environment.get_template("gallery_page.html.j2")
    paths = _SvgPaths()
    chosen = _scenes_by_category(numbered, scenes_per_category)
    names = {category.category: category.name for category in numbered.categories.values()}
    tiles = []
    for category in facts.categories:
        shown = chosen.get(category.category, [])
        if not shown:
            continue
        figures = [_figure(image, objects, category.category, names, paths) for image, objects in shown]
        pages = [figures[i : i + PAGE_SIZE] for i in range(0, len(figures), PAGE_SIZE)]
        files = [_page_name(category, i) for i in range(len(pages))]
        tiles.append(Tile(category, f"{PAGES}/{files[0]}", figures[0]))
        for i, page in enumerate(pages):
            html = page_template.render(facts=facts, category=category, figures=page, pages=files, at=i)
            yield f"gallery/{PAGES}/{files[i]}", html.encode()
    index = environment.get_template("gallery_index.html.j2").render(facts=facts, tiles=tiles)
    yield "gallery/index.html", index.encode()


@cache
def _templates() -> SandboxedEnvironment:
    """Return the templates; compiled once per process, which takes longer than all else of a small gallery."""
    return SandboxedEnvironment(
        loader=PackageLoader("genval_assets.export"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def svg_path(mask: Mask, left: int, top: int, tolerance: float = 0.75) -> str:
    """Return a mask's contours as SVG path data, simplified by at most `tolerance` px; holes by the even-odd rule."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    simple = [cv2.approxPolyDP(contour, tolerance, closed=True)[:, 0, :] + (left, top) for contour in contours]
    return "".join("M" + "L".join(f"{x} {y}" for x, y in ring.tolist()) + "Z" for ring in simple)


class _SvgPaths:
    """Remembers path data by annotation: a scene is shown on the page of each of its categories."""

    def __init__(self) -> None:
        self._known: dict[int, str] = {}

    def of(self, annotation: NumberedAnnotation) -> str:
        if annotation.annotation_id not in self._known:
            assert annotation.row is not None
            image = annotation.image
            crop = visible_crop(annotation.row, image.height, image.width)
            self._known[annotation.annotation_id] = svg_path(*crop)
        return self._known[annotation.annotation_id]


Shown = list[tuple[NumberedImage, list[NumberedAnnotation]]]


def _scenes_by_category(numbered: NumberedSet, limit: int) -> dict[str, Shown]:
    """Return at most `limit` scenes per category key with all their objects."""
    objects: dict[int, list[NumberedAnnotation]] = {}
    for annotation in numbered.annotations:
        if annotation.image.scene is not None:
            objects.setdefault(annotation.image.image_id, []).append(annotation)
    candidates: dict[str, Shown] = {}
    for image in numbered.images:
        found = objects.get(image.image_id, [])
        for category in sorted({a.category for a in found if a.origin != "real" and not a.iscrowd}):
            candidates.setdefault(category, []).append((image, found))
    return {
        category: heapq.nsmallest(limit, scenes, key=lambda shown: (_is_other(shown[0], category), shown[0].image_id))
        for category, scenes in candidates.items()
    }


def _is_other(image: NumberedImage, category: str) -> bool:
    return image.scene is not None and image.scene.category != category


def _figure(
    image: NumberedImage,
    objects: Sequence[NumberedAnnotation],
    category: str,
    names: dict[str, str],
    paths: _SvgPaths,
) -> Figure:
    return Figure(image, tuple(_outline(a, category, names[a.category], paths) for a in objects))


def _outline(annotation: NumberedAnnotation, category: str, name: str, paths: _SvgPaths) -> Outline:
    row = annotation.row
    assert row is not None
    role = "subject" if annotation.origin != "real" and row.category == category else annotation.origin
    return Outline(paths.of(annotation), name, role, annotation.iscrowd, row.visible_share)


def _page_name(category: CategoryFacts, page: int) -> str:
    return f"{category.category}.html" if page == 0 else f"{category.category}.{page + 1}.html"
