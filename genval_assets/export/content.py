"""What goes into an exported set: the rows and source records that a set is made of, nothing read yet."""

from dataclasses import dataclass, field, replace

from genval_assets.rows import Annotation, Background, Category, Instance, Scene, Verdict
from genval_assets.types import SourceAnnotation, SourceImage


class IncompleteSet(ValueError):
    """A row names another that the set was not given, so that the way back to its source would break."""


@dataclass(frozen=True)
class SetContent:
    """The rows of a set, in any order: the export sorts them itself."""

    categories: tuple[Category, ...]  # newest generation of each; retired ones are left out with all that is theirs
    scenes: tuple[Scene, ...] = ()
    annotations: tuple[Annotation, ...] = ()  # of these scenes
    instances: tuple[Instance, ...] = ()  # at least those that were pasted
    verdicts: tuple[Verdict, ...] = ()  # of these instances
    backgrounds: tuple[Background, ...] = ()  # at least those of the scenes
    source_images: tuple[SourceImage, ...] = ()  # at least those pasted onto; with include_real all training images
    source_annotations: tuple[SourceAnnotation, ...] = field(default=(), repr=False)  # read with include_real only
    image_folder: str = ""  # absolute: where the paths of `source_images` begin


def composed_for(content: SetContent, category: str) -> SetContent:
    """Return the part of a content that was composed for one category: its scenes and all that they name."""
    scenes = tuple(scene for scene in content.scenes if scene.category == category)
    ids = {scene.scene_id for scene in scenes}
    annotations = tuple(row for row in content.annotations if row.scene_id in ids)
    pasted = {row.instance_id for row in annotations}
    used = {scene.image_id for scene in scenes}
    return replace(
        content,
        scenes=scenes,
        annotations=annotations,
        instances=tuple(row for row in content.instances if row.instance_id in pasted),
        verdicts=tuple(row for row in content.verdicts if row.instance_id in pasted),
        source_images=tuple(image for image in content.source_images if image.image_id in used),
        source_annotations=tuple(row for row in content.source_annotations if row.image_id in used),
    )
