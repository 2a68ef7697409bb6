"""`[instances.rethink]`: how prompts are rewritten from what their pictures show."""

from pydantic import Field

from genval_assets.prompting.probe import MIN_PAIRS
from genval_assets.types import Settings


class RethinkSettings(Settings):
    """Prompt Rethink (InstaDA): prompts whose pictures fail are rewritten; a paired probe decides between the two."""

    enabled: bool = Field(default=True, description="Rethink prompts of earlier rounds at all.")
    per_wave: int = Field(
        default=2, ge=0, le=100, description="Prompts of one category that a wave rethinks at most, 0 to 100."
    )
    max_rounds: int = Field(
        default=3,
        ge=1,
        le=20,
        description="Rewrites in a chain, and refused rewrites against one fault before it is given up, 1 to 20.",
    )
    max_pairs: int = Field(
        default=16,
        ge=MIN_PAIRS,
        le=100,
        description=f"Pictures drawn at most with each of the two prompts of a probe, {MIN_PAIRS} to 100.",
    )
    accept_at: float = Field(
        default=0.9,
        ge=0.5,
        lt=1,
        description="Least probability that the rewrite draws more good pictures, 0.5 to 1, when a probe ends.",
    )
    keep_share: float = Field(
        default=0.7,
        gt=0,
        le=1,
        description="Share of a category's valid pictures that is used once its target is reached, best first, "
        "above 0 to 1.",
    )
