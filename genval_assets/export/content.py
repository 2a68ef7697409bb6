"""What goes into an exported set: the rows and source records that a set is made of, nothing read yet."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from genval_assets.export.candidates import Candidates
from genval_assets.layout_rows import LayoutImage, QuestionAnswer
from genval_assets.negative_rows import HardNegative, NegativeList, PositiveCaption
from genval_assets.rows import Annotation, Background, Category, Instance, Reference, Scene, Verdict
from genval_assets.types import RefusedItem, SourceAnnotation, SourceImage

PictureBytes = Callable[[str], bytes]
"""Returns the bytes of a picture file by its path, relative to the home or absolute."""


class IncompleteSet(ValueError):
    """A row names another that the set was not given, so that the way back to its source would break."""


@dataclass(frozen=True)
class SetContent:
    """The rows of a set, in any order: the export sorts them itself."""

    categories: tuple[Category, ...]  # newest generation of each; retired ones are left out with all that is theirs
    scenes: tuple[Scene, ...] = ()
    annotations: tuple[Annotation, ...] = ()  # of these scenes
    instances: tuple[Instance, ...] = ()  # at least those that were pasted
    verdicts: tuple[Verdict, ...] = ()  # of these instances: of each the one in force
    references: tuple[Reference, ...] = ()  # at least those that these instances come from
    backgrounds: tuple[Background, ...] = ()  # at least those of the scenes
    layout_images: tuple[LayoutImage, ...] = ()  # at least those that scenes drawn from layouts are
    questions: tuple[QuestionAnswer, ...] = ()  # about these scenes
    captions: tuple[PositiveCaption, ...] = ()  # of pictures that are in force, in this set or beside it
    negatives: tuple[HardNegative, ...] = ()  # of these captions, every attempt
    negative_lists: tuple[NegativeList, ...] = ()  # of these captions, as far as they have ended
    spoilt_captions: tuple[PositiveCaption, ...] = ()  # no part of the set: of an instance that is not accepted now
    gone_captions: tuple[PositiveCaption, ...] = ()  # nor these: of an image that the user's file no longer names
    withdrawn_captions: frozenset[str] = frozenset()  # ids of captions of all sets that none may quote any more
    source_images: tuple[SourceImage, ...] = ()  # those pasted onto
    spoilt_scenes: tuple[Scene, ...] = ()  # no part of the set: each shows an instance that is refused now
    gone_images: tuple[int, ...] = ()  # ids of those pasted onto that the user's file no longer names
    real_images: tuple[SourceImage, ...] = ()  # to be merged into the set: with include_real only, as the next two
    real_annotations: tuple[SourceAnnotation, ...] = field(default=(), repr=False)  # of these images, all decodable
    real_refused: tuple[RefusedItem, ...] = ()  # one per training image that is not among them
    val_images: tuple[SourceImage, ...] = ()  # of the user's validation file: with include_val only, as the next two
    val_annotations: tuple[SourceAnnotation, ...] = field(default=(), repr=False)  # of these images, all decodable
    val_refused: tuple[RefusedItem, ...] = ()  # one per validation image that is not among them
    hashes: Mapping[str, str] = field(default_factory=dict)  # of pictures and photographs, by key; for splits
    candidates: Candidates = field(default_factory=Candidates)  # of the whole project; none in a set of one category
    image_folder: str = ""  # absolute: where the paths of the user's images begin
    val_folder: str = ""  # absolute: where those of the validation images begin


def real_key(image_id: int) -> str:
    """Return the key of one of the user's own images."""
    return f"real-{image_id}"


def val_key(image_id: int) -> str:
    """Return the key of an image of the user's validation file."""
    return f"val-{image_id}"


def one_scene_each(scenes: Iterable[Scene]) -> list[Scene]:
    """Return one scene per primary instance, and one per picture drawn from a layout: of several the first by id.

    Two runs at once may each have made one.
    """
    by_id = sorted(scenes, key=lambda scene: scene.scene_id, reverse=True)
    kept = {(scene.instance_id, scene.layout_image_id): scene for scene in by_id}
    return sorted(kept.values(), key=lambda scene: scene.scene_id)


def composed_for(content: SetContent, category: str) -> SetContent:
    """Return the part of a content that was made for one category: its scenes and all that they name, its captions.

    Real images are no part of it.
    """
    scenes = tuple(scene for scene in content.scenes if scene.category == category)
    ids = {scene.scene_id for scene in scenes}
    annotations = tuple(row for row in content.annotations if row.scene_id in ids)
    pasted = {row.instance_id for row in annotations}
    used = {scene.image_id for scene in scenes}
    drawn = {scene.layout_image_id for scene in scenes}
    return replace(
        content,
        scenes=scenes,
        spoilt_scenes=tuple(scene for scene in content.spoilt_scenes if scene.category == category),
        annotations=annotations,
        instances=tuple(row for row in content.instances if row.instance_id in pasted),
        verdicts=tuple(row for row in content.verdicts if row.instance_id in pasted),
        layout_images=tuple(row for row in content.layout_images if row.layout_image_id in drawn),
        questions=tuple(row for row in content.questions if row.scene_id in ids),
        captions=_of(category, content.captions),
        negatives=_of(category, content.negatives),
        negative_lists=_of(category, content.negative_lists),
        spoilt_captions=_of(category, content.spoilt_captions),
        gone_captions=_of(category, content.gone_captions),
        source_images=tuple(image for image in content.source_images if image.image_id in used),
        real_images=(),
        real_annotations=(),
        real_refused=(),
        val_images=(),
        val_annotations=(),
        val_refused=(),
        candidates=Candidates(),
    )


def without_language(content: SetContent) -> SetContent:
    """Return the content without questions and captions, for which formats of pictures and objects have no place."""
    return replace(
        content,
        questions=(),
        captions=(),
        negatives=(),
        negative_lists=(),
        spoilt_captions=(),
        gone_captions=(),
        withdrawn_captions=frozenset(),
    )


Named = TypeVar("Named", PositiveCaption, HardNegative, NegativeList)


def _of(category: str, rows: Iterable[Named]) -> tuple[Named, ...]:
    return tuple(row for row in rows if row.category == category)
