"""What tells that a negative is false of its picture: what was requested of the generator, and what a model sees.

Never what the offline world knows of its own drawings. The released implementation looks at neither.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from genval_assets.model_ports import ChatModel
from genval_assets.negatives.changes import Compared, Fault
from genval_assets.negatives.claims import Claim, Heard, Holds, Look, Seen, exchanged, look, stated
from genval_assets.negatives.picture import Pictured
from genval_assets.negatives.positive import Positive
from genval_assets.negatives.requested import says, whole_says
from genval_assets.negatives.settings import VerifiedBy
from genval_assets.negatives.vocabulary import Vocabulary

_TELLS: Mapping[Holds, bool | None] = {"true": True, "false": False, "unclear": None}


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
    others: tuple[Positive, ...] = ()  # captions of other pictures that would be trivial negatives
    heard: Heard = field(default_factory=dict)  # what was seen of this picture before: it is not asked again


@dataclass(frozen=True)
class Opinion:
    """What is thought of one sentence."""

    faults: tuple[Fault, ...] = ()  # `true_of_the_picture`, `not_confirmed`, `caption_doubted`; empty: it is false
    confirmed_by: tuple[str, ...] = ()  # requested, vision: what says of an exchanged word that it is false


@dataclass(frozen=True)
class Opinions:
    """What is thought of the sentences of one case."""

    compared: tuple[Opinion, ...] = ()  # one each, in the case's order
    others: tuple[Opinion, ...] = ()
    heard: Heard = field(default_factory=dict)  # the case's, and what was seen now
    doubted: bool = False  # the caption itself seems to be false: no sentence of the picture is confirmed
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
        it is false. A word of which nothing says anything is `not_confirmed`. Where the caption's word is seen to be
        true although another was requested, the request was not met and refutes no further word of that type.

        The caption's own words are asked about among the others. One that a source calls false and none true makes the
        caption doubtful, and all of its negatives are refused: false sentences beside a false one teach nothing (our
        choice). A word that the model calls false is asked about once more first, so that one slip does not cost a
        list.
        """
        if self.verified_by == "requested":
            return [self._of(case, Seen({})) for case in cases]
        first = _looked(chat, cases, [Seen(case.heard) for case in cases], [_new_statements(case) for case in cases])
        denied = [self._denied(case, seen) for case, seen in zip(cases, first, strict=True)]
        second = _looked(chat, cases, first, denied)
        return [self._of(case, seen) for case, seen in zip(cases, second, strict=True)]

    def _of(self, case: Case, seen: Seen) -> Opinions:
        if seen.unanswered:
            return Opinions(unanswered=seen.unanswered)
        doubts = self._doubts(case, seen.heard)
        if doubts:
            opinion = Opinion((Fault("caption_doubted", f"The caption is in doubt: {doubts[0].thing} is not there."),))
            return Opinions((opinion,) * len(case.compared), (opinion,) * len(case.others), seen.heard, doubted=True)
        return Opinions(
            compared=tuple(self._opinion(case, one, seen.heard) for one in case.compared),
            others=tuple(self._opinion_of_whole(case, other, seen.heard) for other in case.others),
            heard=seen.heard,
        )

    def _opinion(self, case: Case, compared: Compared, heard: Heard) -> Opinion:
        claims = exchanged(case.captioned.positive, compared)
        told = [self._told(case, claim, heard) for claim in claims]
        faults = (_fault(claim, one) for claim, one in zip(claims, told, strict=True))
        return _concluded([fault for fault in faults if fault], told)

    def _opinion_of_whole(self, case: Case, other: Positive, heard: Heard) -> Opinion:
        """Return what is thought of another picture's caption: one false word, or none of its things, is enough."""
        told = self._sources(whole_says(case.captioned.pictured, other, self.vocabulary), heard.get(other.text))
        if told.is_false:
            return _concluded([], [told])
        code = "true_of_the_picture" if True in told.sources else "not_confirmed"
        return Opinion((Fault(code, "It cannot be said that this caption is false of the picture."),))

    def _doubts(self, case: Case, heard: Heard) -> list[Claim]:
        return [claim for claim in stated(case.captioned.positive) if self._told(case, claim, heard).is_false]

    def _denied(self, case: Case, seen: Seen) -> list[str]:
        """Return the caption's words that the model has just called false, where that makes the caption doubtful."""
        new = (claim.text for claim in self._doubts(case, seen.heard) if claim.text not in case.heard)
        return [says for says in new if seen.heard.get(says) == "false"]

    def _told(self, case: Case, claim: Claim, heard: Heard) -> "_Told":
        requested = says(case.captioned.pictured, claim, self.vocabulary)
        if requested is False and self._disobeyed(case, claim, heard):
            requested = None
        return self._sources(requested, heard.get(claim.text))

    def _disobeyed(self, case: Case, claim: Claim, heard: Heard) -> bool:
        """Return whether such a thing is seen to have what the caption says, where another value was requested."""
        return any(
            heard.get(one.text) == "true" and says(case.captioned.pictured, one, self.vocabulary) is False
            for one in stated(case.captioned.positive)
            if (one.noun, one.type) == (claim.noun, claim.type)
        )

    def _sources(self, requested: bool | None, seen: Holds | None) -> "_Told":
        vision = None if seen is None else _TELLS[seen]
        return _Told(
            requested=None if self.verified_by == "vision" else requested,
            vision=None if self.verified_by == "requested" else vision,
        )


@dataclass(frozen=True)
class _Told:
    """What each source tells of a statement; None: nothing."""

    requested: bool | None
    vision: bool | None

    @property
    def sources(self) -> tuple[bool | None, ...]:
        return self.requested, self.vision

    @property
    def is_false(self) -> bool:
        """Whether a source calls it false, and none true."""
        return False in self.sources and True not in self.sources

    @property
    def confirmed_by(self) -> set[str]:
        return {name for name, says in (("requested", self.requested), ("vision", self.vision)) if says is False}


def _fault(claim: Claim, told: _Told) -> Fault | None:
    if told.is_false:
        return None
    if True in told.sources:
        return Fault("true_of_the_picture", f"The picture does show {claim.thing}: take another word.")
    return Fault(
        "not_confirmed",
        f"It cannot be told that the picture does not show {claim.thing}: take a word that its {claim.noun} clearly is "
        "not.",
    )


def _concluded(faults: Sequence[Fault], told: Sequence[_Told]) -> Opinion:
    if faults:
        return Opinion(tuple(faults))
    named = {name for one in told for name in one.confirmed_by}
    return Opinion(confirmed_by=tuple(name for name in ("requested", "vision") if name in named))


def _new_statements(case: Case) -> list[str]:
    """Return all that is to be seen of a picture and was not seen yet, the caption's own words among it."""
    positive = case.captioned.positive
    claims = (*stated(positive), *(claim for one in case.compared for claim in exchanged(positive, one)))
    says = (*(claim.text for claim in claims), *(other.text for other in case.others))
    return [one for one in dict.fromkeys(says) if one not in case.heard]


def _looked(
    chat: ChatModel, cases: Sequence[Case], before: Sequence[Seen], statements: Sequence[Sequence[str]]
) -> list[Seen]:
    """Return what was seen before with what is seen now; what is seen now counts."""
    looks = [Look(case.captioned.pictured, says) for case, says in zip(cases, statements, strict=True)]
    return [
        Seen({**old.heard, **new.heard}, old.unanswered or new.unanswered)
        for old, new in zip(before, look(chat, looks), strict=True)
    ]
