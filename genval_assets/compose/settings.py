"""The `[scenes]` settings: how many objects a scene holds, how large, where, and how they are blended in."""

from typing import Literal, Self

from pydantic import Field, model_validator

from genval_assets.types import Settings

Harmonise = Literal["none", "reinhard", "poisson"]


class SceneSettings(Settings):
    """How scenes are composed. The size limits are those of X-Paste's code, the other defaults are our choice."""

    max_objects: int = Field(
        default=10,
        ge=1,
        le=50,
        description="Most objects pasted into one scene; the number is uniform from 1.",
    )
    max_uses: int = Field(default=4, ge=1, description="How often one cut-out may be pasted, over all scenes.")
    real_canvas_share: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Share of scenes composed on the annotated training images instead of on backgrounds, 0 to 1.",
    )
    longest_side: int = Field(
        default=1024,
        ge=64,
        le=8192,
        description="Longest side of a scene in px; larger pictures are scaled down.",
    )

    default_side: float = Field(
        default=0.15,
        gt=0,
        lt=1,
        description="Mean object side, as sqrt(mask area / picture area), where the data has no real instance.",
    )
    default_side_spread: float = Field(
        default=0.08,
        gt=0,
        lt=1,
        description="Standard deviation that goes with default_side, in the same unit.",
    )
    size_shrinkage: float = Field(
        default=5.0,
        ge=0,
        description="How many instances the prior over all categories weighs against a category's own sizes.",
    )
    min_side_px: float = Field(
        default=10.0,
        ge=1,
        description="Smallest object side in px, as sqrt(mask area); smaller ones are left out.",
    )
    max_side: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="Largest object side, as sqrt(mask area / picture area), 0 to 1.",
    )
    max_upscale: float = Field(default=1.5, ge=1, description="Largest factor by which a cut-out is enlarged.")

    min_visible: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Least share of an object, real ones too, that must stay visible, 0 to 1; "
        "a pasted object below it is not painted.",
    )
    tries: int = Field(default=50, ge=1, le=1000, description="Positions tried for each object before it is left out.")

    blend_none: float = Field(default=0.4, ge=0, description="Weight of objects pasted as they are.")
    blend_harmonised: float = Field(
        default=0.4,
        ge=0,
        description="Weight of objects harmonised with their surroundings by `harmonise`.",
    )
    blend_feathered: float = Field(default=0.2, ge=0, description="Weight of objects pasted with a feathered rim.")
    harmonise: Harmonise = Field(
        default="reinhard",
        description="How harmonised objects are made to fit: none | reinhard (Lab statistics) | poisson (gradients).",
    )
    reinhard_strength: float = Field(
        default=0.6,
        ge=0,
        le=1,
        description="0 leaves an object's colours, 1 gives it those of its surroundings.",
    )
    reinhard_max_ratio: float = Field(
        default=2.0,
        ge=1,
        le=10,
        description="Contrast is stretched at most by this factor and squeezed at most by its inverse.",
    )

    lossless: bool = Field(default=False, description="Store scenes as lossless WebP instead of JPEG.")
    jpeg_quality: int = Field(default=95, ge=1, le=100, description="JPEG quality of stored scenes, 1 to 100.")

    @model_validator(mode="after")
    def _some_blend_has_weight(self) -> Self:
        if self.blend_none + self.blend_harmonised + self.blend_feathered == 0:
            raise ValueError("blend_none, blend_harmonised and blend_feathered are all 0; at least one must be above 0")
        return self
