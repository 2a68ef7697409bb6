"""`[hard_negatives]`: captions of accepted pictures, and sentences that differ from them and are false (FineGen)."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from genval_assets.negatives.quota import Quota
from genval_assets.types import Settings

Kind = Literal["instance", "scene", "real"]
VerifiedBy = Literal["both", "requested", "vision"]


def _is_value(word: str) -> str:
    if not re.fullmatch(r"[a-z]+(?:[ -][a-z]+){0,2}", word):
        raise ValueError(f"not a value that can stand before a noun: {word!r}; accepted: one to three words of a to z")
    return word


Value = Annotated[str, AfterValidator(_is_value)]


class VocabularySettings(Settings):
    """Attribute words of your own, beside the shipped ones; all of them in lower case, as they stand before a noun."""

    colour: tuple[Value, ...] = Field(default=(), description='More colours, such as ["turquoise"].')
    material: tuple[Value, ...] = Field(default=(), description='More materials, such as ["rubber"].')
    pattern: tuple[Value, ...] = Field(default=(), description='More patterns, such as ["quilted"].')
    transparency: tuple[Value, ...] = Field(default=(), description="More degrees of transparency.")
    synonyms: dict[Value, tuple[Value, ...]] = Field(
        default_factory=dict,
        description='value = [other words for it]: they never replace it, such as rubber = ["latex"].',
    )
    entails: dict[Value, tuple[Value, ...]] = Field(
        default_factory=dict,
        description='value = [what it always is, too]: neither replaces the other, such as velvet = ["fabric"].',
    )


class NegativeSettings(Settings):
    """Captions of accepted pictures with hard negatives: the same sentence with one to three attributes exchanged."""

    pictures: int = Field(
        default=0,
        ge=0,
        le=100_000,
        description="Pictures of each category and kind that get a caption and negatives; 0 switches them off. A "
        "picture takes some four questions to the chat model.",
    )
    kinds: tuple[Kind, ...] = Field(
        default=("instance", "scene", "real"),
        min_length=1,
        description="Of what: instance, accepted cut-outs on a plain ground; scene, finished scenes; real, your own "
        "photographs about a reference instance.",
    )
    hard: int = Field(default=4, ge=0, le=20, description="Negatives with one attribute exchanged.")
    medium: int = Field(default=3, ge=0, le=20, description="With two; hard ones instead where the caption has fewer.")
    easy: int = Field(default=3, ge=0, le=20, description="With three; hard ones instead where the caption has fewer.")
    trivial: int = Field(default=1, ge=0, le=20, description="Captions of other pictures, on top of these.")
    corrections: int = Field(
        default=3, ge=0, le=5, description="How often a negative goes back with what is wrong; then it is rejected."
    )
    verified_by: VerifiedBy = Field(
        default="both",
        description="What tells that a negative is false of the picture. requested: the attributes that the generator "
        "was asked for; vision: the chat model looks; both: neither may say that it is true, one must say that it is "
        "false. Real pictures have no requested attributes.",
    )
    vocabulary: VocabularySettings = Field(default_factory=VocabularySettings)

    @property
    def quota(self) -> Quota:
        """How many of each level; trivial ones come on top."""
        return Quota(self.hard, self.medium, self.easy)

    @model_validator(mode="after")
    def _some(self) -> "NegativeSettings":
        if not 1 <= self.quota.total <= 20:
            raise ValueError(f"hard + medium + easy must be 1 to 20; got {self.quota.total}")
        if len(set(self.kinds)) < len(self.kinds):
            raise ValueError("a kind is named twice; once each would be accepted")
        return self
