"""What stages ask of stores and of the user's files, as Protocols. Resources fit them; `definitions.py` proves it.

A port hands out plain values of `types.py` and `rows.py`. Not here: models (`model_ports.py`).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from genval_assets.export.build import ExportedSet, Landed
from genval_assets.rows import Row
from genval_assets.types import (
    CategoryStat,
    Concept,
    DrawnLook,
    InvalidRate,
    JudgeAgreement,
    LabelledDraw,
    Latent,
    Listed,
    LockState,
    Mask,
    NegativeValidity,
    Published,
    RefusedItem,
    Rgb,
    Rgba,
    SourceAnnotation,
    SourceImage,
    Tally,
)

R = TypeVar("R", bound=Row)


class Tables(Protocol):
    """The record: immutable Parquet parts."""

    def append(self, rows: Sequence[Row]) -> None:
        """Store rows, all of one table and one run, as one new part: whole or not at all, synced before it returns.

        An empty sequence stores nothing.
        """

    def read(self, kind: type[R], categories: Collection[str] | None = None) -> list[R]:
        """Return the stored rows of a table, each id once, sorted by (category, round, index) where it has those.

        `categories` are the partitions that made the rows: for annotations those of their scenes.
        """

    def ids(self, kind: type[Row], categories: Collection[str] | None = None) -> set[str]:
        """Return the ids of `read`, reading nothing else."""

    def values(
        self, kind: type[Row], columns: Sequence[str], categories: Collection[str] | None = None
    ) -> list[tuple[object, ...]]:
        """Return some columns of `read`, one tuple per row, reading nothing else: for tables too long for objects."""

    def tallies(self) -> list[Tally]:
        """Return one tally per active category, rarest first; published rollup plus unpublished parts."""

    def free_bytes(self) -> int:
        """Return the bytes left on the home's disk."""


class Images(Protocol):
    """Content-addressed pictures below the home."""

    def put(self, pictures: Sequence[Rgba | Rgb], *, lossless: bool = True) -> list[str]:
        """Store pictures, encoding off the caller's thread, and return their paths relative to the home.

        All are on disk and synced when it returns, so that a row may name them. RGBA keeps the colour under
        alpha 0.
        """

    def get(self, path: str) -> Rgba | Rgb:
        """Return the pixels: RGBA where the file has alpha.

        Raises:
            FileNotFoundError: the file is not there (removed by hand, or by gc).
        """


class Latents(Protocol):
    """Content-addressed latents of drawn candidates, kept until a candidate is judged."""

    def put(self, latents: Sequence[Latent]) -> list[str]:
        """Store latents and return their paths relative to the home; all are on disk and synced when it returns."""

    def get(self, path: str) -> Latent:
        """Return a stored latent.

        Raises:
            FileNotFoundError: the file is not there (removed by hand, or by gc).
        """


class Photographs(Protocol):
    """The user's annotated images (COCO or LVIS v1), read-only."""

    @property
    def refused(self) -> Sequence[RefusedItem]:
        """What of the file cannot be used, and why."""

    def concepts(self) -> list[Concept]:
        """Return the file's categories in its order, with image and instance counts, crowds not counted."""

    def images(self) -> Iterable[SourceImage]:
        """Return the usable images, by id."""

    def image(self, image_id: int) -> SourceImage:
        """Return one image's record.

        Raises:
            KeyError: the file does not name it, or not as one that can be used.
        """

    def refuse_unlike_stored(self, image_id: int) -> None:
        """Refuse a photograph whose file does not show, as it is stored, what was annotated; only its head is read.

        Raises:
            RefusedItem: there is no file, it is no picture, has another size, or an EXIF orientation.
        """

    def of_category(self, source_id: int) -> list[SourceAnnotation]:
        """Return the non-crowd annotations of a category, by id."""

    def of_image(self, image_id: int) -> list[SourceAnnotation]:
        """Return all annotations of an image, crowds included, by id."""

    def pixels(self, image_id: int) -> Rgb:
        """Return the photograph.

        Raises:
            RefusedItem: the file is missing, is no picture, or has another size than the annotations say.
        """

    def mask(self, annotation: SourceAnnotation) -> Mask:
        """Return the annotation's mask on its image.

        Raises:
            RefusedItem: the segmentation is not one that can be decoded safely.
        """


class ConceptSource(Protocol):
    """The user's list of categories: an annotation file, or a list of names."""

    def read(self) -> Listed:
        """Return the concepts in the file's order, and what of the file cannot be used."""

    def fingerprint(self) -> str:
        """Return a short text that changes when the file changes, without reading it."""


class PhotographSource(Protocol):
    """Opens the user's annotation file; None where the project has none (a list of names)."""

    def open(self) -> AbstractContextManager[Photographs | None]:
        """Return the indexed file for the length of one `with` block."""


class Pictures(Protocol):
    """Folders of plain pictures: the user's backgrounds, the validation images, the home's own drawings."""

    def paths(self, kind: str) -> list[str]:
        """Return the picture files of a kind (yours | validation | drawn), sorted, relative to its folder."""

    def pixels(self, kind: str, path: str) -> Rgb:
        """Return one picture, upright, 8-bit RGB.

        Raises:
            RefusedItem: it is no picture that can be read, or too large.
        """


class GoldenSource(Protocol):
    """Labelled candidates that a profile brings along: the offline world does, others have none."""

    def labelled(self, names: Mapping[str, str], per_category: int) -> Iterable[LabelledDraw]:
        """Return so many candidates of each category that the source knows; `names` is key -> name."""


class Datasets(Protocol):
    """The exported sets: each is complete, verified and immutable, or not there."""

    def write(self, exported: ExportedSet) -> str:
        """Write a set below `data/datasets`, read it back, rename it into place; return its folder below the home.

        One of that name is replaced as a whole. Pictures are linked where the file system can, else copied.

        Raises:
            ExportDiffers: another reader did not find what was written; nothing is replaced.
        """

    def write_to(self, exported: ExportedSet, folder: str, *, overwrite: bool) -> Landed:
        """Write a set to a folder anywhere, pictures copied.

        Raises:
            TargetTaken: the folder holds something, and `overwrite` is false, or it holds what must not be moved.
            ExportDiffers: another reader did not find what was written; nothing is replaced.
        """

    def picture(self, path: str) -> bytes:
        """Return a picture file's bytes; the path is relative to the home, or absolute.

        Raises:
            FileNotFoundError: it is not there.
        """


class Warehouse(Protocol):
    """The published answer: `data/genval.duckdb`."""

    def publish(
        self,
        stats: Sequence[CategoryStat],
        rates: Sequence[InvalidRate],
        agreement: Sequence[JudgeAgreement] = (),
        validity: Sequence[NegativeValidity] = (),
    ) -> Published:
        """Take in the parts not yet published, replace the rollups, rename the new file into place."""

    def compact(self) -> int:
        """Merge small published parts; return how many files went away."""


class SealedTruth(Protocol):
    """What the offline world really drew. Only evaluation reads it."""

    def read(self) -> dict[str, bool]:
        """Return instance id -> whether the draw is good; empty where there is no truth (real data)."""

    def looks(self) -> dict[str, DrawnLook]:
        """Return instance id -> what the picture shows, where that is one thing; empty where there is no truth."""


class Progress(Protocol):
    """Told what a stage does, item by item."""

    def stage(self, name: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
        """Return a block that hands out `advance(n)` for a stage of `total` items."""


class Locks(Protocol):
    """Which runs live on this machine, told by locks that die with their process."""

    def hold(self, name: str) -> AbstractContextManager[None]:
        """Hold `locks/<name>` while the block lasts.

        Raises:
            BlockingIOError: another process holds it.
        """

    def state(self, name: str) -> LockState:
        """Return what is known of `locks/<name>`."""
