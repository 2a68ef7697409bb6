"""Wiring of the last part of `layout_scenes`: the best picture of each layout becomes a scene, or says why none does.

Of a scene its annotations are written first, then its row, then the row that ends the layout.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from genval_assets import keys
from genval_assets.assets.cost import chunks, metered
from genval_assets.assets.layout_drawing import Planned
from genval_assets.batches import Batch
from genval_assets.concepts.register import active
from genval_assets.layout_rows import ImageScore, LayoutImage, LayoutScene
from genval_assets.layouts.best_image import Choice, best
from genval_assets.layouts.clis_i import read_terms
from genval_assets.layouts.ending import LOST_PICTURE, RETIRED, outcome, seen_against
from genval_assets.layouts.extraneous import extraneous
from genval_assets.layouts.outlines import Outline, dropped_json, outlines, scene_objects
from genval_assets.layouts.seeing import STAGE
from genval_assets.layouts.settings import ClisISettings
from genval_assets.model_ports import Detector, Detectors, Segmenter, Segmenters
from genval_assets.ports import Images
from genval_assets.rows import Annotation, Category, Scene
from genval_assets.types import Found, Rgb

LAYOUTS_PER_FLUSH = 8
CANVAS = "layout"


@dataclass(frozen=True)
class Decided:
    """A layout all of whose pictures are drawn and scored, with the best of them."""

    planned: Planned
    choice: Choice
    picture: LayoutImage | None  # the best

    @property
    def category(self) -> Category:
        """The category it was made for."""
        return self.planned.category


@dataclass(frozen=True)
class Storing:
    """Where pictures are, and whether those of scenes are stored without loss."""

    images: Images
    lossless: bool


@dataclass(frozen=True)
class Looked:
    """What the segmenter and the detector found in a picture."""

    found: Sequence[Outline]
    extraneous: Sequence[str]


@dataclass(frozen=True)
class Eyes:
    """The open models that find masks and things, and the names that are looked for."""

    segmenter: Segmenter
    detector: Detector | None
    key_of_name: Mapping[str, str]


def end_retired(batch: Batch, planned: Sequence[Planned]) -> list[Planned]:
    """End the layouts that hold something of a retired category, which no set would label; return the others."""
    known = active(batch.tables.read(Category)) if planned else {}
    gone = [one for one in planned if not {node.category for node in one.graph.nodes} <= known.keys()]
    choice = Choice(None, None, (RETIRED,), "an object of it belongs to a category that the list no longer has")
    batch.tables.append([_refused(batch, Decided(one, choice, None)) for one in gone])
    return [one for one in planned if one not in gone]


def keep_best(
    batch: Batch,
    planned: Sequence[Planned],
    storing: Storing,
    segmenters: Segmenters,
    detectors: Detectors,
    settings: ClisISettings,
) -> None:
    """Decide every layout whose pictures are all scored, and store the scenes that are kept."""
    decided = _decided(batch, planned, settings)
    batch.tables.append([_refused(batch, one) for one in decided if not one.choice.kept])
    kept = [one for one in decided if one.choice.kept]
    if not kept:
        return
    with (
        metered(batch, STAGE, model="masks") as meter,
        ExitStack() as stack,
        batch.progress.stage(f"{STAGE}, masks", len(kept)) as advance,
    ):
        segmenter, detector = stack.enter_context(segmenters.open()), stack.enter_context(detectors.open())
        meter.opened(f"{segmenter.model}@{segmenter.revision}")
        names = {row.name: key for key, row in active(batch.tables.read(Category)).items()}
        maker = _Maker(batch, storing, Eyes(segmenter, detector, names), settings)
        for some in chunks(kept, LAYOUTS_PER_FLUSH):
            batch.stop_here()
            batch.attempt_together(STAGE, some, maker.make)
            meter.items += len(some)
            advance(len(some))


def _decided(batch: Batch, planned: Sequence[Planned], settings: ClisISettings) -> list[Decided]:
    living = [one for one in planned if one.category.category not in batch.failed]
    if not living:
        return []
    pictures: dict[str, list[LayoutImage]] = defaultdict(list)
    for row in batch.tables.read(LayoutImage, batch.keys):
        pictures[row.layout_id].append(row)
    scores = {row.layout_image_id: row for row in batch.tables.read(ImageScore, batch.keys)}
    decided = []
    for one in living:
        seen = [row for row in pictures[one.layout.layout_id] if row.layout_image_id in scores]
        choice = best([(row.layout_image_id, read_terms(scores[row.layout_image_id].terms)) for row in seen], settings)
        chosen = next((row for row in seen if row.layout_image_id == choice.picture_id), None)
        decided.append(Decided(one, choice, chosen))
    return decided


class _Maker:
    """Makes scenes of the pictures that CLIS-I keeps."""

    def __init__(self, batch: Batch, storing: Storing, eyes: Eyes, settings: ClisISettings) -> None:
        self._batch = batch
        self._storing = storing
        self._eyes = eyes
        self._settings = settings

    def make(self, some: Sequence[Decided]) -> None:
        """Find what is in some pictures, and store the scenes and how the layouts ended."""
        there, pictures, ends = [], [], []
        for one in some:
            try:
                pictures.append(self._storing.images.get(_picture(one).image or "")[..., :3])
                there.append(one)
            except FileNotFoundError:
                lost = replace(one.choice, reasons=(LOST_PICTURE,), explanation="the best picture is not on disk")
                ends.append(_refused(self._batch, replace(one, choice=lost)))
        annotations, scenes = [], []
        for one, picture, looked in zip(there, pictures, self._looked(there, pictures), strict=True):
            against = seen_against(looked.found, looked.extraneous, one.category.category, self._settings)
            scene = None
            if not against:
                (path,) = self._storing.images.put([picture], lossless=self._storing.lossless)
                scene = _scene(self._batch, one, looked, path)
                scenes.append(scene)
                annotations += _annotations(scene, looked.found)
            ends.append(_looked_at(self._batch, one, looked, scene, against, self._eyes))
        self._batch.tables.append(annotations)
        self._batch.tables.append(scenes)
        self._batch.tables.append(ends)

    def _looked(self, some: Sequence[Decided], pictures: Sequence[Rgb]) -> list[Looked]:
        sizes = [(picture.shape[0], picture.shape[1]) for picture in pictures]
        boxes = [
            [
                (x * width, y * height, w * width, h * height)
                for x, y, w, h in (one.planned.boxes[node.node_id] for node in one.planned.graph.nodes)
            ]
            for one, (height, width) in zip(some, sizes, strict=True)
        ]
        segments = self._eyes.segmenter.masks(pictures, boxes)
        found = self._found(pictures)
        return [
            Looked(
                outlines(one.planned.graph, one.planned.boxes, masks, size, self._settings),
                extraneous(seen, one.planned.graph, one.planned.boxes, size, self._eyes.key_of_name),
            )
            for one, masks, seen, size in zip(some, segments, found, sizes, strict=True)
        ]

    def _found(self, pictures: Sequence[Rgb]) -> list[list[Found]]:
        """Return what the detector finds; nothing where the profile has none."""
        detector = self._eyes.detector
        return detector.find(pictures, sorted(self._eyes.key_of_name)) if detector else [[] for _ in pictures]


def _scene(batch: Batch, one: Decided, looked: Looked, path: str) -> Scene:
    picture, found = _picture(one), scene_objects(looked.found)
    return Scene(
        scene_id=keys.recipe("scenes", layout_image_id=picture.layout_image_id, image=path),
        run_id=batch.run_id,
        created_at=batch.now,
        category=one.category.category,
        round=0,
        index=one.planned.layout.index,
        instance_id=None,
        background_id=None,
        canvas=CANVAS,
        image_id=None,
        image=path,
        width=picture.width or 0,
        height=picture.height or 0,
        n_pasted=sum(not item.iscrowd for item in found),
        n_dropped=sum(outline.mask is None for outline in looked.found),
        n_real=0,
        seed=picture.seed,
        settings=json.dumps({"layout_id": picture.layout_id}),
        layout_image_id=picture.layout_image_id,
        not_exhaustive=sorted(looked.extraneous),
    )


def _annotations(scene: Scene, found: Sequence[Outline]) -> list[Annotation]:
    rows = []
    for item in scene_objects(found):
        x, y, w, h = item.box
        rows.append(
            Annotation(
                annotation_id=keys.recipe("annotations", scene_id=scene.scene_id, node_id=item.node_id),
                run_id=scene.run_id,
                created_at=scene.created_at,
                scene_id=scene.scene_id,
                category=item.category,
                scene_category=scene.category,
                round=scene.round,
                instance_id=None,
                source_annotation_id=None,
                x=float(x),
                y=float(y),
                w=float(w),
                h=float(h),
                area_px=item.area_px,
                segmentation=item.counts,
                amodal=None,
                z=item.z,
                visible_share=None,
                iscrowd=item.iscrowd,
                blend=None,
                node_id=item.node_id,
            )
        )
    return rows


def _picture(one: Decided) -> LayoutImage:
    if one.picture is None:
        raise ValueError(f"layout {one.planned.layout.layout_id} keeps a picture that is not stored")
    return one.picture


def _refused(batch: Batch, one: Decided) -> LayoutScene:
    """Return the row that ends a layout whose pictures were not looked at once more."""
    reasons = list(one.choice.reasons)
    return LayoutScene(
        layout_scene_id=keys.recipe("layout_scenes", layout_id=one.planned.layout.layout_id),
        run_id=batch.run_id,
        created_at=batch.now,
        layout_id=one.planned.layout.layout_id,
        category=one.category.category,
        layout_image_id=one.choice.picture_id,
        scene_id=None,
        outcome=outcome(reasons),
        reasons=reasons,
        explanation=one.choice.explanation,
        clis_i=one.choice.clis_i,
        n_objects=0,
        dropped="{}",
        extraneous=[],
        segmenter="",
        detector="",
    )


def _looked_at(
    batch: Batch, one: Decided, looked: Looked, scene: Scene | None, against: Sequence[str], eyes: Eyes
) -> LayoutScene:
    """Return the row that ends a layout whose best picture was searched and masked."""
    detector = eyes.detector
    return replace(
        _refused(batch, one),
        scene_id=scene.scene_id if scene else None,
        outcome=outcome(against),
        reasons=list(against),
        n_objects=scene.n_pasted if scene else 0,
        dropped=dropped_json(looked.found),
        extraneous=sorted(looked.extraneous),
        segmenter=f"{eyes.segmenter.model}@{eyes.segmenter.revision}",
        detector=f"{detector.model}@{detector.revision}" if detector else "",
    )
