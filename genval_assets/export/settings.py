"""The `[export]` group of `genval.toml`: what an exported set holds, and in which form."""

from typing import Literal

from pydantic import Field, field_validator

from genval_assets.types import Settings

Format = Literal["coco", "lvis"]
CATEGORY_SETS = "categories"
"""Folder below data/datasets of the sets that hold one category each."""


class ExportSettings(Settings):
    """How `category_dataset` and `training_dataset` leave genval."""

    name: str = Field(
        default="training",
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$",
        description="Folder of the merged set below data/datasets: letters, digits, _ and -; not categories, which "
        "holds the sets of single categories.",
    )
    formats: tuple[Format, ...] = Field(
        default=("coco", "lvis"),
        min_length=1,
        description="Annotation files to write: coco (COCO instances), lvis (LVIS v1 JSON).",
    )
    masks: Literal["rle", "polygons"] = Field(
        default="rle",
        description="Form of the masks: rle (compressed, exact) or polygons (outer contours with bridged holes; what "
        "they lose is measured and stated in the card). Detectron2's LVIS loader reads polygons only. "
        "Real annotations keep the form that your file has.",
    )
    include_real: bool = Field(
        default=False,
        description="Merge your own training images and annotations into the set, as your file has them.",
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
        default=24, ge=0, le=500, description="Scenes per category in the gallery; 0 writes no gallery."
    )

    @field_validator("name")
    @classmethod
    def _not_taken(cls, name: str) -> str:
        if name.casefold() == CATEGORY_SETS:
            raise ValueError(f"data/datasets/{CATEGORY_SETS} holds the sets of single categories; choose another name")
        return name
