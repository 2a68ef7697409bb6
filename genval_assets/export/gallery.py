"""The gallery: static pages that show a set's pictures with their masks, and open from the file system, offline.

Pages are made when they are written, one at a time: a set of 50,000 pictures has thousands of them.
"""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import msgspec
import numpy as np

from genval_assets.export.content import PictureBytes
from genval_assets.export.facts import CategoryFacts
from genval_assets.export.numbering import NumberedAnnotation, NumberedImage
from genval_assets.export.pages import page_links, page_name, template
from genval_assets.export.prepared import Prepared
from genval_assets.export.reject_sheets import reject_sheets
from genval_assets.export.segmentation import visible_crop_of
from genval_assets.export.statistics_pages import statistics_pages
from genval_assets.export.written import FileContent
from genval_assets.types import Mask

PAGE_SIZE = 24
"""Pictures per page."""
INDEX_SIZE = 240
"""Categories per page of the index."""
PAGES = "categories"
"""Folder of the categories' pages beside the index: a category may be called anything, `index` too."""
FINEST_PX = 0.75
FINEST_SHARE = 1 / 900
"""Outlines are simplified by so many px, or by this share of the picture's longer side: pages show it no larger."""


@dataclass(frozen=True)
class Outline:
    """One object as it is drawn over its picture."""

    path: str  # SVG path data in the picture's pixels
    name: str
    role: str  # subject: of the page's category | pasted | drawn | real
    iscrowd: bool
    visible_share: float | None  # None: unknown, of objects drawn from a layout and of real images


@dataclass(frozen=True)
class Figure:
    """One picture on a page."""

    image: NumberedImage
    objects: int  # without regions to ignore
    outlines: tuple[Outline, ...]


@dataclass(frozen=True)
class Tile:
    """One category on the index: its first picture, and where its page is."""

    facts: CategoryFacts
    page: str  # relative to the index
    cover: Figure


Shown = Mapping[str, Sequence[NumberedImage]]
"""Category key -> the pictures of its pages, in order."""


def gallery(prepared: Prepared, picture: PictureBytes) -> Iterator[tuple[str, FileContent]]:
    """Yield all pages of a set as (path within the set, what makes it): gallery, statistics, sheets of rejects.

    A category's pages show the scenes made for it first, then others in which it was pasted or drawn, then real
    images with it; `gallery_size` of these. All names are escaped; nothing is loaded from outside the set.

    Raises:
        ValueError: a reason of a rejected candidate is no code.
    """
    shown = _pictures_by_category(prepared)
    categories = [category for category in prepared.facts.categories if category.category in shown]
    for category in categories:
        pictures = shown[category.category]
        starts = range(0, len(pictures), PAGE_SIZE)
        files = [page_name(category.category, i) for i in range(len(starts))]
        for at, start in enumerate(starts):
            page = partial(_page, prepared, category, pictures[start : start + PAGE_SIZE], files, at)
            yield f"gallery/{PAGES}/{files[at]}", page
    starts = range(0, max(1, len(categories)), INDEX_SIZE)
    files = [page_name("index", i) for i in range(len(starts))]
    for at, start in enumerate(starts):
        tiles = categories[start : start + INDEX_SIZE]
        yield f"gallery/{files[at]}", partial(_index, prepared, categories, tiles, shown, files, at)
    yield from statistics_pages(prepared, shown)
    yield from reject_sheets(prepared, picture)


def _page(
    prepared: Prepared, category: CategoryFacts, images: Sequence[NumberedImage], files: Sequence[str], at: int
) -> bytes:
    names = _names(prepared)
    figures = [_figure(image, prepared.of_image[image.image_id], category.category, names) for image in images]
    html = template("gallery_page.html.j2").render(
        facts=prepared.facts, category=category, figures=figures, pager=page_links(at, files)
    )
    return html.encode()


def _index(
    prepared: Prepared,
    categories: Sequence[CategoryFacts],
    on_page: Sequence[CategoryFacts],
    shown: Shown,
    files: Sequence[str],
    at: int,
) -> bytes:
    names = _names(prepared)
    tiles = [_tile(category, shown[category.category][0], prepared, names) for category in on_page]
    html = template("gallery_index.html.j2").render(
        facts=prepared.facts,
        tiles=tiles,
        categories=[(category, _place(category)) for category in categories],
        pager=page_links(at, files),
        has_rejects=bool(prepared.content.candidates.rejects),
    )
    return html.encode()


def _tile(category: CategoryFacts, image: NumberedImage, prepared: Prepared, names: Mapping[str, str]) -> Tile:
    """Return a tile with the outlines of its own category alone: an index of 1,200 categories stays small."""
    own = [a for a in prepared.of_image[image.image_id] if a.category == category.category]
    return Tile(category, _place(category), _figure(image, own, category.category, names))


def _place(category: CategoryFacts) -> str:
    return f"{PAGES}/{page_name(category.category, 0)}"


def _names(prepared: Prepared) -> dict[str, str]:
    return {category.category: category.name for category in prepared.numbered.categories.values()}


def _pictures_by_category(prepared: Prepared) -> Shown:
    """Return at most `gallery_size` pictures per category key; without those that have none."""
    found: dict[str, list[NumberedImage]] = {}
    for image in prepared.numbered.images:
        for category in _categories_of(image, prepared.of_image[image.image_id]):
            found.setdefault(category, []).append(image)
    return {
        category: heapq.nsmallest(
            prepared.settings.gallery_size, images, key=lambda image: (_rank(image, category), image.image_id)
        )
        for category, images in found.items()
    }


def _categories_of(image: NumberedImage, objects: Sequence[NumberedAnnotation]) -> set[str]:
    """Return the categories that show a picture: those of its synthetic objects; all of a real image."""
    return {a.category for a in objects if not a.iscrowd and (image.scene is None or a.origin != "real")}


def _rank(image: NumberedImage, category: str) -> int:
    if image.scene is None:
        return 2
    return 0 if image.scene.category == category else 1


def _figure(
    image: NumberedImage, objects: Sequence[NumberedAnnotation], category: str, names: Mapping[str, str]
) -> Figure:
    return Figure(
        image, sum(not a.iscrowd for a in objects), tuple(_outline(a, category, names[a.category]) for a in objects)
    )


def _outline(annotation: NumberedAnnotation, category: str, name: str) -> Outline:
    is_subject = annotation.origin != "real" and annotation.category == category
    visible_share = annotation.row.visible_share if annotation.row is not None else None
    role = "subject" if is_subject else annotation.origin
    return Outline(_path(annotation), name, role, annotation.iscrowd, visible_share)


def _path(annotation: NumberedAnnotation) -> str:
    tolerance = max(FINEST_PX, FINEST_SHARE * max(annotation.image.width, annotation.image.height))
    source = annotation.source
    if source is not None and source.segmentation.lstrip().startswith(b"["):  # already what a page needs
        parts = msgspec.json.decode(source.segmentation, type=list[list[float]])
        rings = [np.rint(np.array(part).reshape(-1, 1, 2)).astype(np.int32) for part in parts]
        return "".join(_ring(ring, tolerance) for ring in rings)
    return svg_path(*visible_crop_of(annotation), tolerance)


def svg_path(mask: Mask, left: int, top: int, tolerance: float = FINEST_PX) -> str:
    """Return a mask's contours as SVG path data, simplified by at most `tolerance` px; holes by the even-odd rule."""
    contours, _ = cv2.findContours(
        mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE, offset=(int(left), int(top))
    )
    return "".join(_ring(contour, tolerance) for contour in contours)


def _ring(corners: cv2.typing.MatLike, tolerance: float) -> str:
    simple = cv2.approxPolyDP(corners, tolerance, closed=True)[:, 0, :]
    return "M" + "L".join(f"{x} {y}" for x, y in simple.tolist()) + "Z"
