"""What tells that a negative is false of its picture: what was requested of the generator, and what a model sees.

Never what the offline world knows of its own drawings. The released implementation looks at neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from genval_assets.model_ports import ChatModel
from genval_assets.negatives.changes import Compared, Fault
from genval_assets.negatives.picture import Pictured
from genval_assets.negatives.positive import Positive
from genval_assets.negatives.settings import VerifiedBy
from genval_assets.negatives.vocabulary import Vocabulary


@dataclass(frozen=True, eq=False)
class Captioned:
    """A picture with its accepted caption."""

    pictured: Pictured
    positive: Positive


@dataclass(frozen=True, eq=False)
class Case:
    """Sentences of one picture that stand up to the rules of words, and whole captions of other pictures."""

    captioned: Captioned
    compared: tuple[Compared, ...] = ()  # without faults
    others: tuple[str, ...] = ()  # captions of other pictures that would be trivial negatives


@dataclass(frozen=True)
class Opinion:
    """What is thought of one sentence."""

    faults: tuple[Fault, ...] = ()  # `true_of_the_picture`, `not_confirmed`; empty: it is false of the picture
    confirmed_by: tuple[str, ...] = ()  # requested, vision


@dataclass(frozen=True)
class Opinions:
    """What is thought of the sentences of one case."""

    compared: tuple[Opinion, ...] = ()  # one each, in the case's order
    others: tuple[Opinion, ...] = ()
    unanswered: str = ""  # why the model was not reached; no opinion then


class Verifier(Protocol):
    """Says which sentences are false of their pictures."""

    def opinions(self, chat: ChatModel, cases: Sequence[Case]) -> list[Opinions]:
        """Return the opinions of each case, in order."""


@dataclass(frozen=True)
class PictureVerifier:
    """The verifier of the settings. Fits `Verifier`."""

    verified_by: VerifiedBy
    vocabulary: Vocabulary

    def opinions(self, chat: ChatModel, cases: Sequence[Case]) -> list[Opinions]:
        """Return the opinions of each case, in order.

        Every exchanged word is judged by itself, and all of them must be false: a sentence of three changes of which
        one is true would be one of two. With `both`, neither source may say that a word is true and one must say that
        it is false. A word of which nothing says anything is `not_confirmed`.
        """
        raise NotImplementedError
