"""A set before it has a format: what is in it, under which number and in which split, and what can be said of it."""

from dataclasses import dataclass
from functools import cached_property

from genval_assets.export.captions import CaptionSet, exported_captions
from genval_assets.export.content import SetContent
from genval_assets.export.facts import Facts, facts
from genval_assets.export.numbering import NumberedAnnotation, NumberedImage, NumberedSet, number
from genval_assets.export.pool import Pool, pool
from genval_assets.export.segmentation import exact_counts
from genval_assets.export.settings import ExportSettings
from genval_assets.export.words import Split
from genval_assets.export.written import Links

ORDER: tuple[Split, ...] = ("train", "val", "test")


@dataclass(frozen=True)
class Prepared:
    """What every format is written from. `numbered` holds neither what was left out nor what two splits share."""

    name: str  # as it is printed
    content: SetContent
    settings: ExportSettings
    numbered: NumberedSet
    cutouts: Pool
    captions: CaptionSet
    facts: Facts

    @cached_property
    def splits(self) -> tuple[Split, ...]:
        """The splits with pictures, training first; training alone where there are none."""
        found = {image.split for image in self.numbered.images}
        return tuple(split for split in ORDER if split in found) or ORDER[:1]

    @cached_property
    def classes(self) -> dict[int, int]:
        """Exported category id -> class index, from 0 without gaps, by ascending id: as trainers number classes."""
        return {number: index for index, number in enumerate(self.numbered.categories)}

    @cached_property
    def masks(self) -> dict[int, str]:
        """Exported annotation id -> exact visible mask, COCO compressed counts at its picture's size."""
        return {a.annotation_id: exact_counts(a) for a in self.numbered.annotations}

    @cached_property
    def of_image(self) -> dict[int, tuple[NumberedAnnotation, ...]]:
        """Exported image id -> its objects, by exported id; regions to ignore included."""
        found: dict[int, list[NumberedAnnotation]] = {image.image_id: [] for image in self.numbered.images}
        for annotation in self.numbered.annotations:
            found[annotation.image.image_id].append(annotation)
        return {image_id: tuple(objects) for image_id, objects in found.items()}

    def images_of(self, split: Split) -> tuple[NumberedImage, ...]:
        """Return the pictures of a split, in order."""
        return tuple(image for image in self.numbered.images if image.split == split)

    def picture_source(self, image: NumberedImage) -> str:
        """Return the path of a picture's file: relative to the home, or absolute for the user's own."""
        if image.scene is not None:
            return image.scene.image
        assert image.source is not None
        folder = self.content.val_folder if image.validation else self.content.image_folder
        return f"{folder}/{image.source.path}"

    @property
    def links(self) -> Links:
        """Every picture as (path within the set, where it comes from), in order."""
        return tuple((image.file, self.picture_source(image)) for image in self.numbered.images)


def prepare(name: str, content: SetContent, settings: ExportSettings) -> Prepared:
    """Return the set `name` of the given rows, in any order.

    Raises:
        IncompleteSet: a row names another that the content lacks.
    """
    numbered = number(content, settings)
    cutouts = pool(content, numbered)
    captions = exported_captions(content, numbered)
    return Prepared(name, content, settings, numbered, cutouts, captions, facts(name, content, numbered, captions))
