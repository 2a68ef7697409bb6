"""The `[export]` group of `genval.toml`: what an exported set holds, and in which form."""

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from genval_assets.export.words import Document, Masks, Shared, YoloTask
from genval_assets.types import Settings

CATEGORY_SETS = "categories"
"""Folder below data/datasets of the sets that hold one category each."""
EXPORTS = "exports"
"""Folder below data/datasets of the sets that assets export in one format each."""


class SplitSettings(Settings):
    """How a set is divided into training, validation and test pictures that have nothing in common."""

    val: float = Field(default=0.0, ge=0, lt=1, description="Share of the pictures for validation (0 to under 1).")
    test: float = Field(default=0.0, ge=0, lt=1, description="Share of the pictures for testing (0 to under 1).")
    by: tuple[Shared, ...] = Field(
        default=("photograph", "reference", "background", "prompt"),
        min_length=1,
        description="What pictures of two splits may not have in common: photograph (source photograph), reference "
        "(real instance that cut-outs and variations come from), background, prompt (of an instance, or of a whole "
        "scene). Fewer words keep more pictures, and let more leak.",
    )
    phash_distance: int = Field(
        default=4,
        ge=0,
        le=20,
        description="Pictures whose 64-bit perceptual hashes differ in at most so many bits stay in one split (0..20).",
    )

    @property
    def wanted(self) -> bool:
        """Whether there is more than one split."""
        return self.val > 0 or self.test > 0

    @model_validator(mode="after")
    def _something_to_train_on(self) -> Self:
        if self.val + self.test >= 1:
            raise ValueError(f"val and test together must be under 1; got {self.val} and {self.test}")
        return self


class ExportSettings(Settings):
    """How `category_dataset`, `training_dataset` and the exports leave genval."""

    name: str = Field(
        default="training",
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$",
        description="Folder of the merged set below data/datasets: letters, digits, _ and -; not categories or "
        "exports, which hold other sets.",
    )
    formats: tuple[Document, ...] = Field(
        default=("coco", "lvis"),
        min_length=1,
        description="Annotation files of the merged set: coco (COCO instances), lvis (LVIS v1 JSON). Other formats "
        "leave by genval export.",
    )
    masks: Literal["by_format", "rle", "polygons"] = Field(
        default="by_format",
        description="Form of the masks in COCO and LVIS files: rle (compressed, exact), polygons (outer contours with "
        "bridged holes; what they lose is measured and stated in the card), by_format (rle in COCO, polygons in LVIS: "
        "Detectron2's LVIS loader reads nothing else). Real annotations keep the form that your file has, but for run "
        "lengths where polygons are asked for.",
    )
    include_real: bool = Field(
        default=False,
        description="Merge your own training images and annotations into the set, as your file has them.",
    )
    include_val: bool = Field(
        default=False,
        description="Add your validation images ([data] val) as the split val, as that file has them, for trainers "
        "that want both in one folder. They are never sources or backgrounds.",
    )
    allow_unscreened: bool = Field(
        default=True,
        description="Export scenes whose background nobody has searched for unlabelled objects. Their number is in the "
        "card; false leaves these scenes out.",
    )
    pool: bool = Field(
        default=True, description="Also export the accepted RGBA cut-outs, for copy-paste at training time."
    )
    gallery_size: int = Field(
        default=24, ge=0, le=50_000, description="Pictures per category in the gallery; 0 writes no gallery."
    )
    yolo_task: YoloTask = Field(
        default="segment", description="Labels of the yolo format: segment (polygons) or detect (boxes)."
    )
    splits: SplitSettings = Field(
        default_factory=SplitSettings, description="How the set is divided; see its own keys."
    )

    def masks_of(self, document: Document) -> Masks:
        """Return the form of the masks in one kind of annotation file."""
        if self.masks != "by_format":
            return self.masks
        return "polygons" if document == "lvis" else "rle"

    @field_validator("name")
    @classmethod
    def _not_taken(cls, name: str) -> str:
        if name.casefold() in (CATEGORY_SETS, EXPORTS):
            raise ValueError(f"data/datasets/{name.casefold()} holds other sets; choose another name")
        return name
