"""The numbers of a set: which picture and which object gets which id, the same in every format.

The order is by content (real images by id, then scenes by category, round and index), never by the order of the
rows, so that the same rows give the same bytes.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Literal

from genval_assets.export.content import IncompleteSet, SetContent, real_key, val_key
from genval_assets.export.settings import ExportSettings
from genval_assets.export.splits import Splits, split_pictures
from genval_assets.export.words import Split
from genval_assets.keys import recipe
from genval_assets.layout_rows import LayoutImage
from genval_assets.rows import Annotation, Background, Category, Export, Scene
from genval_assets.types import SourceAnnotation, SourceImage, Xywh

Origin = Literal["pasted", "drawn", "real"]
"""Of an object: pasted into its scene, drawn with the whole of it from a layout, or annotated by the user's file."""


@dataclass(frozen=True, slots=True)
class NumberedImage:
    """A picture of the set: a scene, or a real image that `include_real` takes over."""

    image_id: int
    file: str  # within the set; exactly one folder deep, as LVIS readers take the last two parts of `coco_url`
    width: int
    height: int
    scene: Scene | None
    background: Background | None  # that the scene was composed on
    drawn: LayoutImage | None  # that the scene is, where it was drawn as a whole from a layout
    source: SourceImage | None  # the real image itself, or the one that the scene was pasted onto
    split: Split = "train"
    validation: bool = False  # of the user's validation file, which has ids of its own


@dataclass(frozen=True, slots=True)
class NumberedAnnotation:
    """An object of the set: one of a scene (`row`), or a real one taken over unchanged (`source`)."""

    annotation_id: int
    image: NumberedImage
    category: str
    category_id: int
    box: Xywh
    area: float
    iscrowd: bool
    row: Annotation | None
    source: SourceAnnotation | None

    @property
    def origin(self) -> Origin:
        """Where the object comes from."""
        if self.row is None or self.row.source_annotation_id is not None:
            return "real"
        return "pasted" if self.row.node_id is None else "drawn"


@dataclass(frozen=True)
class LeftOut:
    """What the set does not hold although it was at hand, and why."""

    unscreened_scenes: int  # by setting
    retired_scenes: int  # composed for a category that the list no longer has
    retired_annotations: int  # of such a category, in pictures that are exported
    scenes_without_image: int  # pasted onto a training image that the user's file no longer names
    spoilt_scenes: int  # show an instance that was accepted when it was pasted and is refused now
    straddling: int  # pictures that share something with pictures of two splits
    real_images: tuple[tuple[str, int], ...]  # (reason, how many), by reason: with include_real
    val_images: tuple[tuple[str, int], ...]  # the same of validation images: with include_val


@dataclass(frozen=True)
class NumberedSet:
    """Pictures and objects with their ids; objects are grouped by picture, in the pictures' order."""

    categories: Mapping[int, Category]  # by exported id, ascending
    images: tuple[NumberedImage, ...]
    annotations: tuple[NumberedAnnotation, ...]
    splits: Splits
    left_out: LeftOut

    def ids(self) -> dict[str, int]:
        """Return the exported id of each category key."""
        return {category.category: number for number, category in self.categories.items()}


def category_ids(categories: Iterable[Category]) -> dict[str, int]:
    """Return the exported id per category key: the source's own, gaps and 0 kept; new ones above the largest.

    Categories without a source id are numbered by key, from 1 where there is no source id at all.

    Raises:
        IncompleteSet: two active categories share a source id.
    """
    active = [c for c in categories if c.state == "active"]
    ids = {c.category: c.source_id for c in active if c.source_id is not None}
    repeated = [number for number, times in Counter(ids.values()).items() if times > 1]
    if repeated:
        raise IncompleteSet(f"category ids must be unique; {repeated[0]} belongs to several categories")
    first = max(ids.values(), default=0) + 1
    new = sorted(c.category for c in active if c.source_id is None)
    return ids | {category: first + i for i, category in enumerate(new)}


def number(content: SetContent, settings: ExportSettings) -> NumberedSet:
    """Return the set's pictures and objects with ids from 1; real ones first, by their ids in the user's file.

    Raises:
        IncompleteSet: a row names a scene, background, drawn picture or training image that the content lacks.
    """
    ids = category_ids(content.categories)
    by_id = {ids[c.category]: c for c in content.categories if c.category in ids}
    backgrounds = {b.background_id: b for b in content.backgrounds}
    of_category = [s for s in content.scenes if s.category in ids]
    gone = set(content.gone_images)
    placed = [s for s in of_category if s.image_id not in gone]
    scenes = [s for s in placed if settings.allow_unscreened or not _is_unscreened(s, backgrounds)]
    real = sorted(content.real_images, key=lambda image: image.image_id) if settings.include_real else []
    refused = Counter(one.reason for one in content.real_refused) if settings.include_real else {}
    splits = split_pictures(content, real, scenes, settings.splits)
    images = _numbered_images(real, scenes, backgrounds, content, splits)
    if settings.include_val:
        images += _validation_images(content, len(images) + 1)
    unfit = Counter(one.reason for one in content.val_refused) if settings.include_val else {}
    annotations, retired = _numbered_annotations(content, images, ids)
    left_out = LeftOut(
        unscreened_scenes=len(placed) - len(scenes),
        retired_scenes=len(content.scenes) - len(of_category),
        retired_annotations=retired,
        scenes_without_image=len(of_category) - len(placed),
        spoilt_scenes=len(content.spoilt_scenes),
        straddling=len(splits.straddling),
        real_images=tuple(sorted(refused.items())),
        val_images=tuple(sorted(unfit.items())),
    )
    return NumberedSet(dict(sorted(by_id.items())), images, annotations, splits, left_out)


def export_rows(numbered: NumberedSet, dataset: str, run_id: str, created_at: datetime) -> list[Export]:
    """Return one row per exported annotation, in order: the way back from a trainer's file to the tables.

    Those of the user's validation file have none: no table knows them.

    `dataset` names one immutable set; a later set of that name with other content needs another.
    """
    known = (annotation for annotation in numbered.annotations if not annotation.image.validation)
    return [_export_row(annotation, dataset, run_id, created_at) for annotation in known]


def _export_row(annotation: NumberedAnnotation, dataset: str, run_id: str, created_at: datetime) -> Export:
    row, source = annotation.row, annotation.source
    return Export(
        run_id=run_id,
        created_at=created_at,
        export_id=recipe("exports", dataset=dataset, exported_annotation_id=annotation.annotation_id),
        dataset=dataset,
        category=annotation.category,
        exported_image_id=annotation.image.image_id,
        exported_annotation_id=annotation.annotation_id,
        annotation_id=row.annotation_id if row else None,
        source_annotation_id=row.source_annotation_id if row else source.annotation_id if source else None,
    )


def _background_of(scene: Scene, backgrounds: Mapping[str, Background]) -> Background | None:
    if scene.background_id is None:
        return None
    if scene.background_id not in backgrounds:
        raise IncompleteSet(f"scene {scene.scene_id} names background {scene.background_id}, which was not given")
    return backgrounds[scene.background_id]


def _is_unscreened(scene: Scene, backgrounds: Mapping[str, Background]) -> bool:
    background = _background_of(scene, backgrounds)
    return background is not None and background.screened == "unscreened"


def _numbered_images(
    real: list[SourceImage],
    scenes: list[Scene],
    backgrounds: Mapping[str, Background],
    content: SetContent,
    splits: Splits,
) -> tuple[NumberedImage, ...]:
    sources = {image.image_id: image for image in content.source_images}
    drawn = {row.layout_image_id: row for row in content.layout_images}
    kept = [image for image in real if real_key(image.image_id) not in splits.straddling]
    images = [_own_image(i, real_key(one.image_id), one, splits) for i, one in enumerate(kept, start=1)]
    composed = sorted((scene for scene in scenes if scene.scene_id not in splits.straddling), key=_scene_order)
    for i, scene in enumerate(composed, start=len(images) + 1):
        images.append(
            NumberedImage(
                image_id=i,
                file=f"images/{scene.scene_id}{_suffix(scene.image)}",
                width=scene.width,
                height=scene.height,
                scene=scene,
                background=_background_of(scene, backgrounds),
                drawn=_drawn_of(scene, drawn),
                source=_source_of(scene, sources),
                split=splits.of(scene.scene_id),
            )
        )
    return tuple(images)


def _validation_images(content: SetContent, first: int) -> tuple[NumberedImage, ...]:
    ordered = sorted(content.val_images, key=lambda image: image.image_id)
    return tuple(_own_image(i, val_key(one.image_id), one, None) for i, one in enumerate(ordered, start=first))


def _own_image(number: int, key: str, source: SourceImage, splits: Splits | None) -> NumberedImage:
    """Return an image of the user's; without `splits` it is of the validation file."""
    return NumberedImage(
        image_id=number,
        file=f"images/{key}{_suffix(source.path)}",
        width=source.width,
        height=source.height,
        scene=None,
        background=None,
        drawn=None,
        source=source,
        split="val" if splits is None else splits.of(key),
        validation=splits is None,
    )


def _drawn_of(scene: Scene, drawn: Mapping[str, LayoutImage]) -> LayoutImage | None:
    if scene.layout_image_id is None:
        return None
    if scene.layout_image_id not in drawn:
        raise IncompleteSet(f"scene {scene.scene_id} is the drawn picture {scene.layout_image_id}, which was not given")
    return drawn[scene.layout_image_id]


def _source_of(scene: Scene, sources: Mapping[int, SourceImage]) -> SourceImage | None:
    if scene.image_id is None:
        return None
    if scene.image_id not in sources:
        raise IncompleteSet(f"scene {scene.scene_id} was pasted onto image {scene.image_id}, which was not given")
    return sources[scene.image_id]


def _scene_order(scene: Scene) -> tuple[str, int, int, str]:
    return scene.category, scene.round, scene.index, scene.scene_id


def _suffix(path: str) -> str:
    """Return the file's ending in lower case, or nothing where it is no plain one: names are data."""
    suffix = PurePosixPath(path).suffix.lower()
    return suffix if re.fullmatch(r"\.[a-z0-9]{1,5}", suffix) else ""


def _numbered_annotations(
    content: SetContent, images: tuple[NumberedImage, ...], ids: Mapping[str, int]
) -> tuple[tuple[NumberedAnnotation, ...], int]:
    known = {scene.scene_id for scene in content.scenes}
    of_scene: dict[str, list[Annotation]] = {}
    for row in content.annotations:
        if row.scene_id not in known:
            raise IncompleteSet(f"annotation {row.annotation_id} names scene {row.scene_id}, which was not given")
        of_scene.setdefault(row.scene_id, []).append(row)
    of_image: dict[tuple[bool, int], list[SourceAnnotation]] = {}
    for validation, sources in ((False, content.real_annotations), (True, content.val_annotations)):
        for source in sources:
            of_image.setdefault((validation, source.image_id), []).append(source)
    keys = {c.source_id: c.category for c in content.categories if c.category in ids and c.source_id is not None}

    numbered: list[NumberedAnnotation] = []
    retired = 0
    for image in images:
        if image.scene is not None:
            rows = sorted(of_scene.get(image.scene.scene_id, ()), key=_row_order)
            kept = [row for row in rows if row.category in ids]
            numbered += [_of_row(i, image, row, ids) for i, row in enumerate(kept, start=len(numbered) + 1)]
            retired += len(rows) - len(kept)
        elif image.source is not None:
            place = (image.validation, image.source.image_id)
            real = sorted(of_image.get(place, ()), key=lambda a: a.annotation_id)
            taken = [a for a in real if a.category_id in keys]
            first = len(numbered) + 1
            numbered += [_of_source(i, image, a, keys[a.category_id]) for i, a in enumerate(taken, start=first)]
            retired += len(real) - len(taken)
    return tuple(numbered), retired


def _row_order(row: Annotation) -> tuple[int, int, str]:
    return row.z, row.source_annotation_id or 0, row.annotation_id


def _of_row(number: int, image: NumberedImage, row: Annotation, ids: Mapping[str, int]) -> NumberedAnnotation:
    box = (row.x, row.y, row.w, row.h)
    iscrowd = bool(row.iscrowd)
    return NumberedAnnotation(
        number, image, row.category, ids[row.category], box, row.area_px, iscrowd, row=row, source=None
    )


def _of_source(number: int, image: NumberedImage, source: SourceAnnotation, category: str) -> NumberedAnnotation:
    return NumberedAnnotation(
        number, image, category, source.category_id, source.box, source.area, source.iscrowd, row=None, source=source
    )
