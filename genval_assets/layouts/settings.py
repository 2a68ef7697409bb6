"""`[layouts]`: scenes from scene graphs and layouts (Auto Cherry-Picker)."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from genval_assets.keys import clean_name
from genval_assets.types import Settings

Name = Annotated[str, Field(min_length=1), AfterValidator(clean_name)]
Names = Annotated[tuple[Name, ...], Field(min_length=1)]


class PoolSettings(Settings):
    """The real object pairs that layouts are compared with."""

    own: bool = Field(default=True, description="Derive pairs from your own annotations ([data] coco).")
    pairs_per_image: int = Field(
        default=12, ge=1, le=1000, description="At most so many pairs of one image, pairs with rare classes first."
    )
    relations: str = Field(
        default="",
        description="A file of real pairs: JSON list of {image_id, obj1: [name, [x, y, w, h]], obj2, relation}, boxes "
        "as shares of the picture. Empty: none.",
    )


class ClisLSettings(Settings):
    """CLIS-L, how real a layout is, and what is done with layouts that are not (ACP, equations 3 to 9)."""

    matching: Literal["separate", "joint"] = Field(
        default="separate",
        description="separate: the nearest real pair is found for size, distance and direction each (the paper); "
        "joint: one pair for all three.",
    )
    iou_weight: float = Field(
        default=0.5, ge=0, le=1, description="Weight of overlap in the distance term; the rest is centre distance."
    )
    filter: Literal["percentile", "paper", "off"] = Field(
        default="percentile",
        description="percentile: a layout must not look less real than `percentile` percent of the real pairs do; "
        "paper: its raw score must reach `floor`; off: all are drawn.",
    )
    percentile: float = Field(default=10.0, ge=0, lt=100, description="Percent of real pairs that would be refused.")
    floor: float = Field(default=70.0, ge=0, le=100, description="Raw score for `paper`; the paper has 50 and 70.")
    without_evidence: Literal["keep", "drop", "flag"] = Field(
        default="flag",
        description="Layouts of which no pair has three real examples to compare with. flag: drawn, and marked.",
    )


class ClisISettings(Settings):
    """CLIS-I, how well a picture shows its layout, and what is done with pictures that do not (ACP, equation 10)."""

    floor: float = Field(
        default=70.0, ge=0, le=100, description="Least CLIS-I of a kept picture; 80 where words are open."
    )
    local_floor: float = Field(default=40.0, ge=0, le=100, description="Least score of each single object.")
    extraneous: Literal["drop", "not_exhaustive"] = Field(
        default="drop",
        description="What an object of your categories outside all boxes does: drop the picture, or keep it and mark "
        "the category as not exhaustively annotated (LVIS).",
    )
    mask_score: float = Field(
        default=0.5, ge=0, le=1, description="Least certainty of the segmenter; less, and the object has no mask."
    )
    inside: float = Field(
        default=0.8, ge=0, le=1, description="Share of a mask that must lie within its box, or it left the box."
    )


class LayoutSettings(Settings):
    """Scenes drawn from scene graphs (Auto Cherry-Picker). They come on top of targets."""

    graphs: int = Field(
        default=0,
        ge=0,
        le=10_000,
        description="Scene graphs of each category that has a target above its real instances; 0 switches them off. "
        "In the offline profile their pictures are simulated: drawn things, no photographs.",
    )
    objects: tuple[Names, ...] = Field(
        default=(),
        description='What stands together, as lists of category names, such as [["mug", "teapot"]]. Empty: as in '
        "your own training images.",
    )
    max_objects: int = Field(default=6, ge=1, le=30, description="Objects of one scene, 1 to 30.")
    images: int = Field(default=4, ge=1, le=16, description="Pictures drawn of one layout; the best is kept.")
    questions: bool = Field(default=True, description="Write question-answer pairs about kept scenes.")
    pool: PoolSettings = Field(default_factory=PoolSettings)
    clis_l: ClisLSettings = Field(default_factory=ClisLSettings)
    clis_i: ClisISettings = Field(default_factory=ClisISettings)

    @model_validator(mode="after")
    def _fit(self) -> "LayoutSettings":
        too_many = [names for names in self.objects if len(names) > self.max_objects]
        if too_many:
            raise ValueError(
                f"objects has a list of {len(too_many[0])} names, more than max_objects = {self.max_objects}"
            )
        return self
