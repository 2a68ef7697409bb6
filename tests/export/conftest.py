"""A small world of rows, drawn by hand: what a set is exported from."""

import dataclasses
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import pytest
from pycocotools import mask as rle

from genval_assets.export.candidates import Candidates
from genval_assets.export.content import SetContent
from genval_assets.layout_rows import LayoutImage, QuestionAnswer
from genval_assets.negative_rows import HardNegative, NegativeList, PositiveCaption
from genval_assets.rows import Annotation, Background, Category, Instance, Reference, Scene, Verdict
from genval_assets.types import RefusedItem, SourceAnnotation, SourceImage

HEIGHT, WIDTH = 48, 64
STAMP = {"run_id": "run", "created_at": datetime(2026, 1, 2, tzinfo=UTC)}


def counts(mask: np.ndarray) -> str:
    return rle.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()


def tight_box(mask: np.ndarray) -> tuple[float, float, float, float]:
    ys, xs = np.nonzero(mask)
    return float(xs.min()), float(ys.min()), float(np.ptp(xs) + 1), float(np.ptp(ys) + 1)


@dataclass
class World:
    """Grows rows by short calls; `content()` freezes them."""

    categories: list[Category] = field(default_factory=list)
    scenes: list[Scene] = field(default_factory=list)
    annotations: list[Annotation] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    backgrounds: list[Background] = field(default_factory=list)
    layout_images: list[LayoutImage] = field(default_factory=list)
    questions: list[QuestionAnswer] = field(default_factory=list)
    captions: list[PositiveCaption] = field(default_factory=list)
    negatives: list[HardNegative] = field(default_factory=list)
    negative_lists: list[NegativeList] = field(default_factory=list)
    spoilt_captions: list[PositiveCaption] = field(default_factory=list)
    gone_captions: list[PositiveCaption] = field(default_factory=list)
    withdrawn_captions: list[str] = field(default_factory=list)
    source_images: list[SourceImage] = field(default_factory=list)
    spoilt_scenes: list[Scene] = field(default_factory=list)
    gone_images: list[int] = field(default_factory=list)
    candidates: Candidates = field(default_factory=Candidates)
    real_images: list[SourceImage] = field(default_factory=list)
    real_annotations: list[SourceAnnotation] = field(default_factory=list)
    real_refused: list[RefusedItem] = field(default_factory=list)
    val_images: list[SourceImage] = field(default_factory=list)
    val_annotations: list[SourceAnnotation] = field(default_factory=list)
    val_refused: list[RefusedItem] = field(default_factory=list)
    masks: dict[str, np.ndarray] = field(default_factory=dict)  # annotation id -> what was drawn

    def category(self, key: str, source_id: int | None = None, **changes: object) -> None:
        row = Category(
            **STAMP, category_row_id=key, category=key, name=key, generation=1, position=len(self.categories),
            state="active", source_id=source_id, supercategory=None, synset=None, definition=None, synonyms=[],
            frequency=None, image_count=3, instance_count=5, rare=True, rare_reason="few images", target=10,
        )  # fmt: skip
        self.categories.append(dataclasses.replace(row, **changes))

    def background(self, key: str, screened: str, image_id: int | None = None) -> None:
        kind = {"annotated": "training", "drawn": "drawn"}.get(screened, "yours")
        self.backgrounds.append(
            Background(
                **STAMP,
                background_id=key,
                generation=1,
                kind=kind,
                path=f"{key}.png",
                width=WIDTH,
                height=HEIGHT,
                image_id=image_id,
                phash="0" * 16,
                screened=screened,
            )
        )

    def scene(self, key: str, category: str, background: str, round: int = 1, index: int = 0) -> None:  # noqa: A002
        ground = next(b for b in self.backgrounds if b.background_id == background)
        self.scenes.append(
            Scene(
                **STAMP,
                scene_id=key,
                category=category,
                round=round,
                index=index,
                instance_id=f"i-{key}",
                background_id=background,
                canvas=ground.kind,
                image_id=ground.image_id,
                image=f"data/images/ab/{key}.jpg",
                width=WIDTH,
                height=HEIGHT,
                n_pasted=1,
                n_dropped=0,
                n_real=0,
                seed=1,
                settings="{}",
            )
        )

    def layout_scene(self, key: str, category: str, model: str = "gligen", index: int = 0, **changes: object) -> None:
        """Add a scene that was drawn as a whole from a layout, and the picture that it is."""
        row = LayoutImage(
            **STAMP, layout_image_id=f"p-{key}", layout_id=f"l-{key}", category=category, index=2,
            image=f"data/images/gh/{key}.jpg", width=WIDTH, height=HEIGHT, error="", model=model, revision="2", seed=3,
        )  # fmt: skip
        self.layout_images.append(row)
        scene = Scene(
            **STAMP, scene_id=key, category=category, round=0, index=index, instance_id=None, background_id=None,
            canvas="layout", image_id=None, image=f"data/images/gh/{key}.jpg", width=WIDTH, height=HEIGHT, n_pasted=1,
            n_dropped=0, n_real=0, seed=3, settings="{}", layout_image_id=row.layout_image_id, not_exhaustive=[],
        )  # fmt: skip
        self.scenes.append(dataclasses.replace(scene, **changes))

    def node(self, scene: str, category: str, mask: np.ndarray, *, crowd: bool = False) -> str:
        """Put an object into a scene that was drawn from a layout."""
        key = f"{scene}-{len(self.annotations):03d}"
        x, y, w, h = tight_box(mask)
        home = next(s for s in self.scenes if s.scene_id == scene)
        self.annotations.append(
            Annotation(
                **STAMP, annotation_id=key, scene_id=scene, category=category, scene_category=home.category,
                round=home.round, instance_id=None, source_annotation_id=None, x=x, y=y, w=w, h=h,
                area_px=int(mask.sum()), segmentation=counts(mask), amodal=None, z=len(self.annotations),
                visible_share=None, iscrowd=int(crowd), blend=None, node_id=f"n{len(self.annotations)}",
            )
        )  # fmt: skip
        self.masks[key] = mask
        return key

    def question(self, scene: str, question: str, answer: str, index: int = 0) -> None:
        home = next(s for s in self.scenes if s.scene_id == scene)
        self.questions.append(
            QuestionAnswer(
                **STAMP, question_answer_id=f"q-{len(self.questions)}", scene_id=scene, category=home.category,
                index=index, task="relation", template="beside", question=question, answer=answer, nodes=["n1"],
                grounding="[[0.1, 0.1, 0.5, 0.5]]",
            )
        )  # fmt: skip

    def caption(self, key: str, category: str, text: str, *said: tuple[str, ...], **changes: object) -> None:
        """Add the caption of an instance's picture; `said`: type, value, noun, and a synonym if any."""
        row = PositiveCaption(
            **STAMP, positive_id=key, category=category, kind="instance", subject_id=f"i-{key}",
            image=f"data/images/ij/{key}.webp", outcome="accepted", asked_of="now", caption=text, nouns=[category],
            attributes=json.dumps([{"type": t, "value": v, "noun": n, "word": (*w, v)[0]} for t, v, n, *w in said]),
            n_attributes=len(said), n_words=len(text.split()), requested="{}", faults=[], model="describer",
            revision="4", seed=1,
        )  # fmt: skip
        self.captions.append(dataclasses.replace(row, **changes))

    def negative(self, caption: str, text: str, *told: tuple[str, str, str, str], **changes: object) -> str:
        """Add an accepted negative; `told` are its changes: type, origin, target, noun. Without any it is trivial."""
        index = sum(row.positive_id == caption for row in self.negatives)
        names = ("type", "origin", "target", "noun")
        row = HardNegative(
            **STAMP, negative_id=f"{caption}-{index}", negative_list_id=f"l-{caption}", positive_id=caption,
            category=next(row.category for row in self.captions if row.positive_id == caption), index=index, attempt=0,
            sentence=text, level=("trivial", "hard", "medium", "easy")[len(told)],
            changes=json.dumps([dict(zip(names, one, strict=True)) for one in told]), n_changes=len(told),
            outcome="accepted", reasons=[], explanation="", confirmed_by=["vision"],
            other_positive_id=None if told else "another", model="writer", revision="9",
        )  # fmt: skip
        self.negatives.append(dataclasses.replace(row, **changes))
        return row.negative_id

    def ended(self, caption: str, counts: str, **changes: object) -> None:
        """End the list of a caption: `counts` are hard, medium, easy, trivial ones as digits; nothing is missing."""
        hard, medium, easy, trivial = map(int, counts)
        row = NegativeList(
            **STAMP, negative_list_id=f"l-{caption}", positive_id=caption,
            category=next(row.category for row in self.captions if row.positive_id == caption),
            wanted=hard + medium + easy, n_hard=hard, n_medium=medium, n_easy=easy, n_trivial=trivial, n_rejected=0,
            n_corrected=0, short=False, why_short="", verified_by="both",
        )  # fmt: skip
        self.negative_lists.append(dataclasses.replace(row, **changes))

    def instance(self, key: str, category: str, **changes: object) -> None:
        row = Instance(
            **STAMP, instance_id=key, category=category, source="cutout", round=1, index=len(self.instances),
            prompt_id=None, reference_id="ref-1", seed=7, model="genval-cutout", revision="1", settings="{}",
            image=f"data/images/cd/{key}.webp", width=10, height=8, frame_width=64, frame_height=48, frame_x=0,
            frame_y=0,
        )  # fmt: skip
        row = dataclasses.replace(row, **changes)
        self.instances.append(row)
        if row.reference_id and all(one.reference_id != row.reference_id for one in self.references):
            self.reference(row.reference_id, category)
        self.verdicts.append(
            Verdict(
                **STAMP,
                verdict_id=f"v-{key}",
                instance_id=key,
                category=category,
                source=row.source,
                reference_id=row.reference_id,
                round=1,
                index=row.index,
                outcome="accepted",
                stage="gate",
                reasons=[],
                explanation="",
                mask_threshold=128,
                area_px=60,
                cutout=f"data/images/ef/{key}.webp",
                width=10,
                height=8,
                measurements="{}",
                judge="mask gate",
                judge_version="1",
            )
        )

    def reference(self, key: str, category: str, **changes: object) -> None:
        """Add a real object; of a photograph of its own unless `changes` say otherwise."""
        number = 5000 + len(self.references)
        row = Reference(
            **STAMP, reference_id=key, category=category, index=len(self.references), annotation_id=number,
            image_id=number, photograph=f"day/{number}.jpg", photograph_width=WIDTH, photograph_height=HEIGHT, x=1, y=1,
            w=9, h=7, area_px=60, fill=0.9, image=f"data/images/kl/{key}.webp",
        )  # fmt: skip
        self.references.append(dataclasses.replace(row, **changes))

    def object(
        self, scene: str, category: str, mask: np.ndarray, *, real: int | None = None, crowd: bool = False, z: int = 0
    ) -> str:
        """Put an object into a scene: pasted, or with `real` the user's own annotation of that id."""
        key = f"{scene}-{len(self.annotations):03d}"
        if real is None and not any(i.category == category for i in self.instances):
            self.instance(f"inst-{category}", category)
        instance = None if real is not None else next(i.instance_id for i in self.instances if i.category == category)
        x, y, w, h = tight_box(mask)
        home = next(s for s in self.scenes if s.scene_id == scene)
        self.annotations.append(
            Annotation(
                **STAMP,
                annotation_id=key,
                scene_id=scene,
                category=category,
                scene_category=home.category,
                round=home.round,
                instance_id=instance,
                source_annotation_id=real,
                x=x,
                y=y,
                w=w,
                h=h,
                area_px=int(mask.sum()),
                segmentation=counts(mask),
                amodal=None if real is not None else counts(mask),
                z=-1 if real is not None else z,
                visible_share=1.0,
                iscrowd=int(crowd),
                blend=None,
            )
        )
        self.masks[key] = mask
        return key

    def real_image(self, image_id: int, neg: list[int] | None = None, partly: list[int] | None = None) -> None:
        """Add an image of the user's: to be pasted onto, and to be merged into the set where that is asked for."""
        lists = (None, None) if neg is None else (tuple(neg), tuple(partly or ()))
        image = SourceImage(image_id, f"day/{image_id}.JPG", WIDTH, HEIGHT, *lists)
        self.source_images.append(image)
        self.real_images.append(image)

    def real_annotation(self, annotation_id: int, image_id: int, category_id: int, crowd: bool = False) -> None:
        polygon = b"[[4,4,14,4,14,14,4,14]]"
        runs = b'{"size":[%d,%d],"counts":[100,50,%d]}' % (HEIGHT, WIDTH, HEIGHT * WIDTH - 150)
        self.real_annotations.append(
            SourceAnnotation(
                annotation_id, image_id, category_id, (4.0, 4.0, 10.0, 10.0), 100.0, crowd, runs if crowd else polygon
            )
        )

    def content(self) -> SetContent:
        others = ("candidates", "image_folder", "val_folder", "hashes")
        rows = {f.name: tuple(getattr(self, f.name)) for f in dataclasses.fields(SetContent) if f.name not in others}
        return SetContent(**rows, candidates=self.candidates, image_folder="/photos")


@pytest.fixture
def world() -> World:
    return World()


def drawn(*parts: tuple[int, int, int, int], holes: tuple[tuple[int, int, int, int], ...] = ()) -> np.ndarray:
    """Draw a mask of rectangles (left, top, width, height) with holes."""
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    for value, boxes in ((True, parts), (False, holes)):
        for x, y, w, h in boxes:
            mask[y : y + h, x : x + w] = value
    return mask


@pytest.fixture
def draw():
    return drawn


@pytest.fixture
def laid_out(world: World) -> World:
    """A composed scene with a zebra, and one drawn from a layout: a zebra, two parts of a dog, a dog to ignore."""
    world.category("zebra", source_id=0)
    world.category("dog", source_id=7)
    world.category("cat", source_id=9)
    world.background("plain", "drawn")
    world.scene("s1", "zebra", "plain")
    world.object("s1", "zebra", drawn((2, 2, 20, 20)))
    world.layout_scene("d1", "zebra", not_exhaustive=["cat"])
    world.node("d1", "zebra", drawn((2, 2, 9, 9)))
    world.node("d1", "dog", drawn((30, 5, 4, 30), (40, 5, 4, 30), holes=((31, 10, 2, 2),)))
    world.node("d1", "dog", drawn((50, 40, 6, 6)), crowd=True)
    return world


@pytest.fixture
def mixed(world: World) -> World:
    """Two scenes of a zebra and a dog, one on a real image: parts, a hole, a sliver, and real objects."""
    world.category("zebra", source_id=0, name="zebra")
    world.category("dog", source_id=7, name="dog")
    world.category("unicorn")
    world.background("plain", "drawn")
    world.background("photo", "annotated", image_id=42)
    world.real_image(42)
    world.scene("s1", "zebra", "plain", index=0)
    world.scene("s2", "zebra", "photo", index=1)
    world.object("s1", "zebra", drawn((2, 2, 20, 20), holes=((8, 8, 6, 6), (4, 4, 1, 1))), z=0)
    world.object("s1", "unicorn", drawn((30, 5, 4, 30), (40, 5, 4, 30), (50, 40, 1, 1)), z=1)
    world.object("s2", "dog", drawn((0, 0, 12, 12)), real=901)
    world.object("s2", "dog", drawn((60, 40, 3, 2)), real=902, crowd=True)
    world.object("s2", "zebra", drawn((20, 20, 25, 9)), z=0)
    return world
