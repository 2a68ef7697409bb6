"""`[instances.judge]`: which candidates the validation agent looks at, and how sure it has to be."""

from typing import Literal

from pydantic import Field, field_validator

from genval_assets.types import Settings


class JudgeSettings(Settings):
    """The validation agent: the vision model that looks at what the mask gate lets pass."""

    sources: tuple[Literal["cutout", "variation", "foreground"], ...] = Field(
        default=("variation", "foreground"),
        description="Whose candidates it judges. cutout: your own real instances, which your annotations vouch for; "
        "variation: what is drawn anew of them; foreground: what the profile's model draws. Empty: the gate decides "
        "alone.",
    )
    votes: Literal[1, 3] = Field(default=1, description="Opinions per candidate: 1, or the majority of 3.")
    min_precision: float = Field(
        default=0.9, ge=0, le=1, description="A check warns when fewer of the accepted ones are good, 0 to 1."
    )
    min_recall: float = Field(
        default=0.8, ge=0, le=1, description="A check warns when fewer of the good ones are accepted, 0 to 1."
    )

    @field_validator("sources")
    @classmethod
    def _once_each(cls, sources: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(sources)) < len(sources):
            raise ValueError("a source is named twice; once each would be accepted")
        return sources
