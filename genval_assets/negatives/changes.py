"""How a sentence differs from a caption: the typed list of changes, and what forbids it as a negative.

The list is made by code from the two sentences, unit by unit. The released implementation takes it from a model's
answer, so that a change which the sentence does not hold may be listed, and one which it holds may not.
"""

from dataclasses import dataclass

from genval_assets.negatives.positive import Positive
from genval_assets.negatives.vocabulary import Vocabulary

MOST_CHANGES = 3


@dataclass(frozen=True)
class Change:
    """One value that stands in place of another."""

    type: str
    origin: str  # as the caption means it
    target: str  # the value in its place
    noun: str  # that both stand before
    place: int  # of the unit in the caption


@dataclass(frozen=True)
class Fault:
    """Something that forbids a sentence: a code for SQL, and a sentence that goes back to the model."""

    code: str
    why: str


@dataclass(frozen=True)
class Compared:
    """A sentence beside its caption."""

    sentence: str
    changes: tuple[Change, ...]  # also where there are faults, as far as they can be told
    faults: tuple[Fault, ...]

    @property
    def key(self) -> tuple[tuple[int, str], ...]:
        """What makes a negative that of no other: places and targets."""
        return tuple((change.place, change.target) for change in self.changes)


def compare(positive: Positive, sentence: str, vocabulary: Vocabulary) -> Compared:
    """Return the changes from a caption to a sentence, and what is wrong with it by its words alone.

    Codes: `no_change`; `too_many_changes`; `other_words` (something else than a value is another one, was added, left
    out or moved); `other_type`; `not_in_vocabulary`; `same_meaning` (a synonym, or one includes the other);
    `already_there` (the noun has that value anyway); `wrong_article`.
    """
    raise NotImplementedError
