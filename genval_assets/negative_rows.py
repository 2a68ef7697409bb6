"""The rows of FineGen's tables: captions of pictures, their hard negatives, what became of each list, and ranks."""

from dataclasses import dataclass
from typing import ClassVar

from genval_assets.rows import Row


@dataclass(frozen=True, kw_only=True)
class PositiveCaption(Row):
    """The caption of an accepted picture, or why it has none."""

    table: ClassVar[str] = "positives"
    id_column: ClassVar[str] = "positive_id"

    positive_id: str
    category: str  # that the picture was made for; of a real one: of its reference instance
    kind: str  # instance | scene | real
    subject_id: str  # instance id, scene id or reference id
    image: str  # the picture as the vision model saw it, path relative to the home
    outcome: str  # accepted | refused (no attempt brought a caption that can be accepted)
    asked_of: str  # digest of profile and chat settings: a picture that was refused is shown to another model again
    caption: str | None  # None: refused
    nouns: list[str]  # what its attributes may be said of, lower case
    attributes: str  # JSON: [{type, value, noun, word}] in the caption's order; word: the value as the caption has it
    n_attributes: int
    n_words: int
    requested: str  # JSON: {complete, things: [{name, requested: {type: value}}]}, what the generator was asked for
    faults: list[str]  # codes of what was wrong with earlier attempts, in order
    model: str
    revision: str
    seed: int


@dataclass(frozen=True, kw_only=True)
class HardNegative(Row):
    """One attempt at a sentence that is almost a caption and false of its picture. Only accepted ones leave genval."""

    table: ClassVar[str] = "hard_negatives"
    id_column: ClassVar[str] = "negative_id"

    negative_id: str
    negative_list_id: str  # of the list that it was written for; one that was never ended has no row
    positive_id: str
    category: str
    index: int  # of the negative within its list, from 0; its corrections share it
    attempt: int  # 0: as it was written; from 1: corrections
    sentence: str
    level: (
        str | None
    )  # hard | medium | easy, by the number of changes; trivial: another picture's caption; None: no level
    changes: str  # JSON: [{type, origin, target, noun}], told by code; [] of trivial ones
    n_changes: int
    outcome: str  # accepted | corrected (another attempt stands in its place) | rejected
    reasons: list[str]  # codes of what is wrong with it; empty when accepted
    explanation: str  # the same in words, as they went back to the model
    confirmed_by: list[str]  # requested, vision: what says that it is false of the picture
    other_positive_id: str | None  # of a trivial one: whose caption it is
    model: str
    revision: str


@dataclass(frozen=True, kw_only=True)
class NegativeList(Row):
    """What became of the negatives of a caption: written when all of them are stored."""

    table: ClassVar[str] = "negative_lists"
    id_column: ClassVar[str] = "negative_list_id"

    negative_list_id: str
    positive_id: str
    category: str
    wanted: int  # hard, medium and easy together
    n_hard: int  # accepted ones
    n_medium: int
    n_easy: int
    n_trivial: int
    n_rejected: int  # given up after their last correction
    n_corrected: int  # attempts that were sent back, of all negatives of the list
    short: bool  # fewer than wanted; nothing is filled up
    why_short: str  # a code: the commonest reason of its rejections, or unreadable_answer; empty when complete
    verified_by: str  # both | requested | vision


@dataclass(frozen=True, kw_only=True)
class NegativeRank(Row):
    """Where an embedder puts a caption among its negatives of one level (FG-OVD's protocol)."""

    table: ClassVar[str] = "negative_ranks"
    id_column: ClassVar[str] = "negative_rank_id"

    negative_rank_id: str
    positive_id: str
    category: str
    level: str  # hard | medium | easy | trivial; all: every accepted one
    n_negatives: int
    rank: int  # of the caption by cosine with the picture, from 1; a negative as near as it comes before it
    model: str
    revision: str
