"""What tells that a negative is false of its picture: what was requested of the generator, and what a model sees.

Never what the offline world knows of its own drawings. The released implementation looks at neither.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from genval_assets.model_ports import ChatModel
from genval_assets.negatives.changes import Compared, Fault
from genval_assets.negatives.claims import Claim, Holds, Look, Looked, Sights, exchanged, look, stated
from genval_assets.negatives.picture import Pictured
from genval_assets.negatives.positive import Positive
from genval_assets.negatives.requested import says, whole_says
from genval_assets.negatives.settings import VerifiedBy
from genval_assets.negatives.vocabulary import Vocabulary

_IS_TRUE: Mapping[Holds, bool | None] = {"true": True, "false": False, "unclear": None}


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
    seen_before: Sights = field(default_factory=dict)  # of this picture: it is not asked again


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
    seen: Sights = field(default_factory=dict)  # the case's, and what was seen now
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
        one is true would be one of two. A word of which nothing says anything is `not_confirmed`.

        With `both`, neither source may say that a word is true and one must say that it is false. A request refutes
        only beside a look that told something: where none could be read, nothing is confirmed. It refutes no colour
        that the look calls unclear, for that is what shades between two names are. Where the caption's word is seen to
        be true although another was requested, the request was not met and refutes no further word of that type.

        The caption's own words are asked about among the others. One that a source calls false and none true makes the
        caption doubtful, and all of its negatives are refused: false sentences beside a false one teach nothing (our
        choice). A word that the model calls false is asked about once more first, so that one slip does not cost a
        list.
        """
        if self.verified_by == "requested":
            return [self._of(case, Looked({})) for case in cases]
        before = [Looked(case.seen_before) for case in cases]
        first = _looked(chat, cases, before, [_new_statements(case) for case in cases])
        denied = [self._denied(case, looked) for case, looked in zip(cases, first, strict=True)]
        second = _looked(chat, cases, first, denied)
        return [self._of(case, looked) for case, looked in zip(cases, second, strict=True)]

    def _of(self, case: Case, looked: Looked) -> Opinions:
        if looked.unanswered:
            return Opinions(unanswered=looked.unanswered)
        doubts = self._doubts(case, looked.sights)
        if doubts:
            opinion = Opinion((Fault("caption_doubted", f"The caption is in doubt: {doubts[0].thing} is not there."),))
            compared, others = (opinion,) * len(case.compared), (opinion,) * len(case.others)
            return Opinions(compared, others, looked.sights, doubted=True)
        return Opinions(
            compared=tuple(self._opinion(case, one, looked.sights) for one in case.compared),
            others=tuple(self._opinion_of_whole(case, other, looked.sights) for other in case.others),
            seen=looked.sights,
        )

    def _opinion(self, case: Case, compared: Compared, seen: Sights) -> Opinion:
        claims = exchanged(case.captioned.positive, compared)
        evidence = [self._evidence_against(case, claim, seen) for claim in claims]
        faults = (_fault(claim, one) for claim, one in zip(claims, evidence, strict=True))
        return _concluded([fault for fault in faults if fault], evidence)

    def _opinion_of_whole(self, case: Case, other: Positive, seen: Sights) -> Opinion:
        """Return what is thought of another picture's caption: one false word, or the whole seen false, is enough."""
        captioned = case.captioned
        requested = whole_says(captioned.pictured, other, stated(captioned.positive), self.vocabulary)
        evidence = self._together(requested, other.text, seen)
        if evidence.is_false:
            return _concluded([], [evidence])
        code = "true_of_the_picture" if True in evidence.sources else "not_confirmed"
        return Opinion((Fault(code, "It cannot be said that this caption is false of the picture."),))

    def _doubts(self, case: Case, seen: Sights) -> list[Claim]:
        return [claim for claim in stated(case.captioned.positive) if self._evidence(case, claim, seen).is_false]

    def _denied(self, case: Case, looked: Looked) -> list[str]:
        """Return the caption's words that the model has just called false, where that makes the caption doubtful."""
        new = (claim.text for claim in self._doubts(case, looked.sights) if claim.text not in case.seen_before)
        return [says for says in new if looked.sights.get(says) == "false"]

    def _evidence_against(self, case: Case, claim: Claim, seen: Sights) -> "_Evidence":
        """Return what tells of an exchanged word; the request alone refutes no colour that a look calls unclear."""
        evidence = self._evidence(case, claim, seen)
        is_shade = claim.type == "colour" and seen.get(claim.text) == "unclear"
        return replace(evidence, requested=None) if is_shade and evidence.is_false else evidence

    def _evidence(self, case: Case, claim: Claim, seen: Sights) -> "_Evidence":
        requested = self._requested(case, claim)
        if requested is False and self._disobeyed(case, claim, seen):
            requested = None
        return self._together(requested, claim.text, seen)

    def _disobeyed(self, case: Case, claim: Claim, seen: Sights) -> bool:
        """Return whether such a thing is seen to have what the caption says, where another value was requested."""
        return any(
            seen.get(one.text) == "true" and self._requested(case, one) is False
            for one in stated(case.captioned.positive)
            if (one.noun, one.type) == (claim.noun, claim.type)
        )

    def _requested(self, case: Case, claim: Claim) -> bool | None:
        return says(case.captioned.pictured, claim, stated(case.captioned.positive), self.vocabulary)

    def _together(self, requested: bool | None, statement: str, seen: Sights) -> "_Evidence":
        """Return what the sources of the settings tell of a statement; beside no look, a request refutes nothing."""
        sight = seen.get(statement)
        unread = self.verified_by == "both" and sight is None
        is_left_out = self.verified_by == "vision" or (unread and requested is False)
        return _Evidence(
            requested=None if is_left_out else requested,
            vision=None if sight is None else _IS_TRUE[sight],
        )


@dataclass(frozen=True)
class _Evidence:
    """Whether each source calls a statement true; None: it tells nothing."""

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


def _fault(claim: Claim, evidence: _Evidence) -> Fault | None:
    if evidence.is_false:
        return None
    if True in evidence.sources:
        return Fault("true_of_the_picture", f"The picture does show {claim.thing}: take another word.")
    return Fault(
        "not_confirmed",
        f"It cannot be told that the picture does not show {claim.thing}: take a word that its {claim.noun} clearly is "
        "not.",
    )


def _concluded(faults: Sequence[Fault], evidence: Sequence[_Evidence]) -> Opinion:
    if faults:
        return Opinion(tuple(faults))
    named = {name for one in evidence for name in one.confirmed_by}
    return Opinion(confirmed_by=tuple(name for name in ("requested", "vision") if name in named))


def _new_statements(case: Case) -> list[str]:
    """Return all that is to be seen of a picture and was not seen yet, the caption's own words among it."""
    positive = case.captioned.positive
    claims = (*stated(positive), *(claim for one in case.compared for claim in exchanged(positive, one)))
    statements = (*(claim.text for claim in claims), *(other.text for other in case.others))
    return [one for one in dict.fromkeys(statements) if one not in case.seen_before]


def _looked(
    chat: ChatModel, cases: Sequence[Case], before: Sequence[Looked], statements: Sequence[Sequence[str]]
) -> list[Looked]:
    """Return what was seen before with what is seen now; what is seen now counts."""
    looks = [Look(case.captioned.pictured, some) for case, some in zip(cases, statements, strict=True)]
    return [
        Looked({**old.sights, **new.sights}, old.unanswered or new.unanswered)
        for old, new in zip(before, look(chat, looks), strict=True)
    ]
