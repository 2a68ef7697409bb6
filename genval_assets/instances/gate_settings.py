"""What the mask gate accepts: thresholds with their units, and where a category differs from the rest."""

from pydantic import Field, field_validator

from genval_assets.types import Settings


class GateOverrides(Settings):
    """Thresholds of one category; a key that is left out keeps the general value.

    A pair of earrings has two equal parts, a pencil covers little of its frame, a curtain may reach the border.
    """

    min_area_share: float | None = Field(default=None, ge=0, le=1, description="Least mask area / frame area.")
    max_area_share: float | None = Field(default=None, ge=0, le=1, description="Largest mask area / frame area.")
    min_largest_part_share: float | None = Field(
        default=None, ge=0, le=1, description="Least area of the largest connected part / mask area."
    )
    max_border_share: float | None = Field(
        default=None, ge=0, le=1, description="Largest share of the mask's contour that lies on the frame's border."
    )
    max_haze_share: float | None = Field(
        default=None, ge=0, le=1, description="Largest share of all visible pixels that are too faint for the mask."
    )
    min_luma_std: float | None = Field(
        default=None, ge=0, le=127, description="Least standard deviation of luma in the mask, in levels of 255."
    )


class GateSettings(Settings):
    """Thresholds of the mask gate. Defaults are our choice unless a source is named."""

    min_area_share: float = Field(
        default=0.05, ge=0, le=1, description="Least mask area / frame area of a drawn object (0..1; X-Paste's code)."
    )
    max_area_share: float = Field(
        default=0.95, ge=0, le=1, description="Largest mask area / frame area of a drawn object (0..1; X-Paste's code)."
    )
    min_largest_part_share: float = Field(
        default=0.90, ge=0, le=1, description="Least area of the largest connected part / mask area (0..1)."
    )
    min_part_share: float = Field(
        default=0.01,
        ge=0,
        le=0.5,
        description="A connected part smaller than this share of the mask is removed; larger ones stay (0..0.5).",
    )
    max_border_share: float = Field(
        default=0.02,
        ge=0,
        le=1,
        description="Largest share of the mask's contour that may lie on the frame's border (0..1).",
    )
    max_residue_share: float = Field(
        default=0.01,
        ge=0,
        le=1,
        description="Largest area of visible remains away from the object / mask area (0..1).",
    )
    residue_distance: float = Field(
        default=0.08,
        gt=0,
        le=1,
        description="How far from the object remains begin, in square roots of the mask area (0..1).",
    )
    rim: float = Field(
        default=0.02,
        ge=0,
        le=1,
        description="How far the soft rim may reach beyond the mask in the cleaned cut-out, in square roots of the "
        "mask area (0..1); never under 2 px.",
    )
    max_haze_share: float = Field(
        default=0.30,
        ge=0,
        le=1,
        description="Largest share of all visible pixels that are too faint for the mask (0..1).",
    )
    min_outline_step: float = Field(
        default=32.0,
        ge=0,
        le=255,
        description="Least fall of alpha within 2 px of the outline, median along it, 0..255; a fog has under 20.",
    )
    min_luma_std: float = Field(
        default=3.0,
        ge=0,
        le=127,
        description="Least standard deviation of luma in the mask, in levels of 255 (0..127).",
    )
    median_kernel: int = Field(
        default=5, ge=1, le=31, description="Side of the median filter on alpha, in px; odd (1..31)."
    )
    visible_alpha: int = Field(
        default=8,
        ge=0,
        le=126,
        description="Alpha up to this level counts as nothing there, in levels of 255 (0..126).",
    )
    real_min_area_px: int = Field(
        default=400, ge=1, description="Least mask area of a cut-out from a photograph, in px (at least 1)."
    )
    overrides: dict[str, GateOverrides] = Field(
        default_factory=dict, description="Thresholds that differ for single categories, by partition key."
    )

    @field_validator("median_kernel")
    @classmethod
    def _odd(cls, kernel: int) -> int:
        if kernel % 2 == 0:
            raise ValueError(f"a median filter has an odd side; got {kernel}")
        return kernel

    def for_category(self, category: str) -> "GateSettings":
        """Return the thresholds in force for one partition key."""
        own = self.overrides.get(category, GateOverrides()).model_dump(exclude_none=True)
        return self.model_copy(update=own)
