"""The `[top_up]` and `[budget]` settings: how much is made at a time, when to give up, and what it may cost."""

from pydantic import Field

from genval_assets.types import Settings


class TopUpSettings(Settings):
    """How categories are brought to their targets. Defaults are our choice unless a source is named."""

    target: int = Field(
        default=100,
        ge=0,
        le=1_000_000,
        description="Instances, real and accepted synthetic together, that each rare category should reach. "
        "Gen-n-Val aims at 1,000 images per category.",
    )
    wave_minutes: float = Field(
        default=45.0,
        gt=0,
        le=1440,
        description="About how long one run (a wave) takes through all stages, in minutes, above 0 and at most 1,440.",
    )
    max_loading_share: float = Field(
        default=0.05,
        gt=0,
        lt=1,
        description="A wave is made longer where loading models would take more than this share of it, 0 to 1.",
    )
    max_categories_per_wave: int = Field(
        default=200, ge=1, le=25_000, description="Most categories served by one wave, 1 to 25,000."
    )
    max_candidates_per_category: int = Field(
        default=100, ge=1, le=100_000, description="Most candidates drawn for one category in one wave, 1 to 100,000."
    )
    min_yield: float = Field(
        default=0.05,
        gt=0,
        le=1,
        description="A source of a category whose yield (accepted / drawn) stays under this share is exhausted; "
        "above 0, at most 1.",
    )
    rounds_before_exhausted: int = Field(
        default=3,
        ge=1,
        le=100,
        description="How many rounds, of 20 candidates at least, the yield must stay under min_yield; 1 to 100. An "
        "exhausted category is asked again once its prompts, model or settings change.",
    )
    failures_before_pause: int = Field(
        default=3,
        ge=1,
        le=100,
        description="After this many failures in a row a category waits until somebody materializes it by hand; "
        "1 to 100.",
    )


class BudgetSettings(Settings):
    """What top-ups may cost. Reaching a limit stops the planning and says which one it was."""

    candidates: int = Field(
        default=100_000, ge=0, le=10**9, description="Most candidates drawn within 24 hours, over all categories."
    )
    seconds: float = Field(
        default=86_400.0, ge=0, le=10**9, description="Most seconds of stage time within 24 hours, loading included."
    )
    disk_gb: float = Field(
        default=2.0, ge=0, le=10**6, description="Free disk space in GB (10^9 bytes) that must be left at the home."
    )
