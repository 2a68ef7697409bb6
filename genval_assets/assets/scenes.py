"""Wiring of `composite_scenes`: one scene for each accepted instance that needs one, others joining it by deficit.

Scenes are made and stored in a fixed order, so that a run that was killed leaves a prefix of what an undisturbed one
makes. Of a scene its annotations are written first: the scene's row says that they are all there. A scene that shows
an instance which is refused now counts for nothing, so that its primary object gets another.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from genval_assets import keys
from genval_assets.assets.cost import chunks, metered
from genval_assets.backgrounds.generations import current
from genval_assets.batches import Batch
from genval_assets.compose.backdrop import backdrops
from genval_assets.compose.canvas import RealObject
from genval_assets.compose.choose import Candidate, by_category, choose_objects
from genval_assets.compose.scene import ComposedScene, Cutout, SceneObject, compose_scene
from genval_assets.compose.settings import SceneSettings
from genval_assets.compose.sizes import SizePriors, fit_sizes
from genval_assets.compose.unplaced import UNPLACED, unplaced_item
from genval_assets.concepts.register import active, by_source_id
from genval_assets.instances.in_force import in_force, refused_ids, spoilt_scenes
from genval_assets.ports import Images, Photographs, PhotographSource, Pictures
from genval_assets.rows import Annotation, Background, Category, Quarantined, Reference, Scene, Verdict
from genval_assets.topup.deficit import deficits
from genval_assets.types import RefusedItem, Rgb

STAGE = "composite_scenes"
SCENES_PER_FLUSH = 8


class NoBackgrounds(RuntimeError):
    """There is nothing to compose on."""


@dataclass(frozen=True)
class Stock:
    """What scenes of one run are made of; it does not change while they are made, but for `uses`."""

    accepted: dict[str, Verdict]  # by instance id
    pool: dict[str, list[Candidate]]  # by category, sorted
    deficits: dict[str, int]
    uses: Counter[str]  # how often each instance is pasted, its own scene counted before it is made
    settled: set[str]  # instances that need no scene: they have one, none could hold them, or they are left out
    next_index: Mapping[str, int]  # category of the batch -> index of its next scene; 0 where there is none
    priors: SizePriors
    backgrounds: list[Background]
    own_image: dict[str, int]  # reference id -> image id of its photograph
    key_of: dict[int, str]  # the user's category id -> partition key


@dataclass(frozen=True)
class Order:
    """One scene to make."""

    category: Category
    primary: Verdict
    index: int  # within the category


@dataclass(frozen=True)
class Canvas:
    """A background's pixels and the objects annotated in it."""

    background: Background
    pixels: Rgb
    real: list[RealObject]


def compose_scenes(
    batch: Batch,
    photographs: PhotographSource,
    pictures: Pictures,
    images: Images,
    settings: SceneSettings,
    left_out: Collection[str],
) -> None:
    """Compose, annotate and store the scenes that the batch's categories lack; instances `left_out` need none.

    Raises:
        NoBackgrounds: no background was screened yet.
    """
    stock = _stock(batch, settings, left_out)
    orders = list(_orders(batch, stock))
    if not orders:
        return
    if not stock.backgrounds:
        raise NoBackgrounds("no background is known; materialize the asset `backgrounds` (genval top-up does it first)")
    maker = SceneMaker(batch, stock, pictures, images, settings)
    with (
        photographs.open() as source,
        metered(batch, STAGE, model="compose", items=len(orders)),
        batch.progress.stage(STAGE, len(orders)) as advance,
    ):
        for chunk in chunks(orders, SCENES_PER_FLUSH):
            batch.stop_here()
            made = []
            for order in chunk:
                with batch.attempt(STAGE, order.category):
                    made.append(maker.make(order, source))
            maker.store([one for one in made if one is not None])
            advance(len(chunk))


def _orders(batch: Batch, stock: Stock) -> Iterator[Order]:
    """Yield the accepted instances without a scene, by category and (round, source, index)."""
    for category in batch.alive:
        own = [stock.accepted[one.instance_id] for one in stock.pool.get(category.category, ())]
        own.sort(key=lambda v: (v.round, v.source, v.index))
        missing = [verdict for verdict in own if verdict.instance_id not in stock.settled]
        for index, verdict in enumerate(missing, start=stock.next_index.get(category.category, 0)):
            yield Order(category, verdict, index)


@dataclass(frozen=True)
class Earlier:
    """What earlier runs composed, without the scenes that show an instance which is refused now."""

    composed: set[str]  # instances with a scene of their own
    unplaced: set[str]  # instances that no scene could hold
    pasted: Counter[str]  # how often each instance is pasted; what a killed run left without its scene does not count
    next_index: Mapping[str, int]  # category of the batch -> index of its next scene


def _earlier(batch: Batch, refused: Collection[str]) -> Earlier:
    scenes = batch.tables.values(Scene, ("scene_id", "instance_id"))  # those of layouts have no instance
    pasted = batch.tables.values(Annotation, ("scene_id", "instance_id"))
    sound = {str(scene) for scene, _ in scenes} - spoilt_scenes(pasted, refused)
    unplaced = [row for row in batch.tables.read(Quarantined) if row.stage == STAGE and row.category is not None]
    return Earlier(
        composed={str(instance) for scene, instance in scenes if instance is not None and scene in sound},
        unplaced={row.item.removeprefix(UNPLACED) for row in unplaced},
        pasted=Counter(str(instance) for scene, instance in pasted if instance is not None and scene in sound),
        next_index=_next_index(batch.tables.read(Scene, batch.keys), unplaced),
    )


def _next_index(scenes: Sequence[Scene], unplaced: Sequence[Quarantined]) -> dict[str, int]:
    """Return category -> an index above that of every object which has or had a scene, or found no place in one.

    Scenes drawn from layouts are numbered by their graphs and do not count.
    """
    objects: dict[str, set[str]] = defaultdict(set)
    highest: dict[str, int] = {}
    for scene in scenes:
        if scene.instance_id is not None:
            objects[scene.category].add(scene.instance_id)
            highest[scene.category] = max(highest.get(scene.category, -1), scene.index)
    for row in unplaced:
        objects[row.category or ""].add(row.item.removeprefix(UNPLACED))
    return {category: max(len(seen), highest.get(category, -1) + 1) for category, seen in objects.items()}


def _stock(batch: Batch, settings: SceneSettings, left_out: Collection[str]) -> Stock:
    categories = active(batch.tables.read(Category))
    references = batch.tables.read(Reference)
    verdicts = in_force(batch.tables.read(Verdict))
    accepted = {
        verdict.instance_id: verdict
        for verdict in verdicts
        if verdict.outcome == "accepted" and verdict.category in categories
    }
    earlier = _earlier(batch, refused_ids(verdicts))
    settled = earlier.composed | earlier.unplaced | set(left_out)
    sides: dict[str, list[float]] = {}
    for row in references:
        share = row.area_px / (row.photograph_width * row.photograph_height)
        sides.setdefault(row.category, []).append(float(np.sqrt(share)))
    return Stock(
        accepted=accepted,
        pool=by_category(Candidate(verdict.category, verdict.instance_id) for verdict in accepted.values()),
        deficits=deficits(batch.tables.tallies()),
        # the use of an accepted instance whose own scene is still to be made is kept free for it
        uses=earlier.pasted + Counter(instance for instance in accepted if instance not in settled),
        settled=settled,
        next_index=earlier.next_index,
        priors=fit_sizes(sides, settings),
        backgrounds=current(batch.tables.read(Background)),
        own_image={row.reference_id: row.image_id for row in references},
        key_of=by_source_id(categories),
    )


@dataclass(frozen=True)
class Made:
    """A composed scene on its way to the tables."""

    order: Order
    seed: int
    canvas: Canvas
    scene: ComposedScene


class SceneMaker:
    """Makes scenes of one stock, one after the other."""

    def __init__(self, batch: Batch, stock: Stock, pictures: Pictures, images: Images, settings: SceneSettings) -> None:
        self._batch = batch
        self._stock = stock
        self._pictures = pictures
        self._images = images
        self._settings = settings
        self._refused: dict[str, RefusedItem] = {}  # backgrounds that this run could not read, by id
        self._settings_json = json.dumps(settings.model_dump(mode="json"), sort_keys=True)

    def make(self, order: Order, source: Photographs | None) -> Made | None:
        """Return the scene, or None where the primary object could not be placed: then a quarantine row says so."""
        seed = keys.seed_of(order.category.category, order.primary.instance_id, "scene")
        canvas = self._canvas(order, seed, source)
        primary = Candidate(order.category.category, order.primary.instance_id)
        stock = self._stock
        others = choose_objects(primary, stock.pool, stock.deficits, stock.uses, seed, self._settings)
        cutouts = [self._cutout(order.primary), *self._companions(others)]
        scene = compose_scene(canvas.pixels, canvas.real, cutouts, stock.priors, self._settings, seed)
        pasted = [item.instance_id for item in scene.objects if item.instance_id is not None]
        if primary.instance_id not in pasted:
            reason = next(gone.reason for gone in scene.omitted if gone.instance_id == primary.instance_id)
            refusal = RefusedItem(unplaced_item(primary.instance_id), reason, "its own scene could not hold the object")
            self._batch.quarantine(STAGE, order.category.category, refusal)
            return None
        stock.uses.update(one for one in pasted if one != primary.instance_id)
        return Made(order, seed, canvas, scene)

    def _companions(self, others: Sequence[Candidate]) -> Iterator[Cutout]:
        """Yield the cut-outs that join a scene; one whose picture was lost is quarantined and does not."""
        for one in others:
            verdict = self._stock.accepted[one.instance_id]
            try:
                yield self._cutout(verdict)
            except FileNotFoundError:
                detail = f"the cut-out of instance {one.instance_id} of {one.category} is not on disk"
                self._batch.quarantine(STAGE, None, RefusedItem(str(verdict.cutout), "lost_picture", detail))

    def _cutout(self, verdict: Verdict) -> Cutout:
        if verdict.cutout is None or verdict.mask_threshold is None:
            raise ValueError(f"accepted instance {verdict.instance_id} has no cut-out; its verdict row is damaged")
        return Cutout(verdict.instance_id, verdict.category, self._images.get(verdict.cutout), verdict.mask_threshold)

    def _canvas(self, order: Order, seed: int, source: Photographs | None) -> Canvas:
        """Return the first background that can be read; each that cannot is quarantined and not tried again.

        Raises:
            NoBackgrounds: none is left for this object.
        """
        own_image = self._stock.own_image.get(order.primary.reference_id or "")
        for background in backdrops(self._stock.backgrounds, own_image, seed, self._settings):
            if background.background_id in self._refused:
                continue
            try:
                return self._read(background, source)
            except RefusedItem as refusal:
                self._refused[background.background_id] = refusal
                self._batch.quarantine(STAGE, None, refusal)
        if not self._refused:
            raise NoBackgrounds(
                "the only background is the photograph that the object was cut from; give more pictures "
                "([data] backgrounds), or set [backgrounds] painted"
            )
        raise NoBackgrounds(f"no background can be read: {[str(one) for one in self._refused.values()][:5]}")

    def _read(self, background: Background, source: Photographs | None) -> Canvas:
        if background.image_id is None:
            return Canvas(background, self._pictures.pixels(background.kind, background.path), [])
        if source is None:
            raise RefusedItem(background.path, "no_annotations", "a training image needs the annotation file")
        try:
            source.image(background.image_id)
        except KeyError as err:
            raise RefusedItem(background.path, "image_gone", "the annotation file no longer names this image") from err
        real = [
            RealObject(one.annotation_id, self._stock.key_of[one.category_id], source.mask(one), one.iscrowd)
            for one in source.of_image(background.image_id)
            if one.category_id in self._stock.key_of
        ]
        return Canvas(background, source.pixels(background.image_id), real)

    def store(self, made: Sequence[Made]) -> None:
        """Store pictures, then annotations, then the scenes that name them."""
        paths = self._images.put([one.scene.rgb for one in made], lossless=self._settings.lossless)
        annotations, scenes = [], []
        for one, path in zip(made, paths, strict=True):
            row = self._scene_row(one, path)
            scenes.append(row)
            annotations += [_annotation(row, item) for item in one.scene.objects]
        self._batch.tables.append(annotations)
        self._batch.tables.append(scenes)

    def _scene_row(self, made: Made, path: str) -> Scene:
        scene, background = made.scene, made.canvas.background
        height, width = scene.rgb.shape[:2]
        return Scene(
            scene_id=keys.recipe(
                "scenes", instance_id=made.order.primary.instance_id, settings=self._settings_json, image=path
            ),
            run_id=self._batch.run_id,
            created_at=self._batch.now,
            category=made.order.category.category,
            round=made.order.primary.round,
            index=made.order.index,
            instance_id=made.order.primary.instance_id,
            background_id=background.background_id,
            canvas=background.kind,
            image_id=background.image_id,
            image=path,
            width=width,
            height=height,
            n_pasted=sum(item.instance_id is not None for item in scene.objects),
            n_dropped=sum(gone.instance_id is not None for gone in scene.omitted),
            n_real=sum(item.instance_id is None for item in scene.objects),
            seed=made.seed,
            settings=self._settings_json,
        )


def _annotation(scene: Scene, item: SceneObject) -> Annotation:
    return Annotation(
        annotation_id=keys.recipe(
            "annotations",
            scene_id=scene.scene_id,
            instance_id=item.instance_id,
            source_annotation_id=item.source_annotation_id,
        ),
        run_id=scene.run_id,
        created_at=scene.created_at,
        scene_id=scene.scene_id,
        scene_category=scene.category,
        round=scene.round,
        **vars(item),
    )
