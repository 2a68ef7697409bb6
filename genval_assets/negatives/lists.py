"""Generation, verification and correction of negatives (FineGen): bounded work on many captions at once.

For each caption: the text model writes what is wanted; code compares each sentence with the caption; what stands up to
that is held against the picture; what does not goes back with the reason, so many times at most, and is rejected then.
A rejected sentence is told apart for ever: the released implementation writes its last correction out all the same.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from genval_assets.chat.ask import Question, ask_all
from genval_assets.keys import seed_of
from genval_assets.model_ports import ChatModel
from genval_assets.negatives.changes import Compared
from genval_assets.negatives.draft import Draft, Tried
from genval_assets.negatives.quota import Quota
from genval_assets.negatives.verification import Captioned, Verifier
from genval_assets.negatives.vocabulary import Vocabulary
from genval_assets.negatives.writing import CorrectionQuestion, Faulty, NegativesQuestion

FILLINGS = 2
"""How often negatives are written for a caption: once, and once more for levels that still lack some. Where the first
ones and all their corrections brought nothing, more would bring nothing either (our choice)."""

T = TypeVar("T")


@dataclass(frozen=True)
class Rules:
    """What lists are made by."""

    quota: Quota
    corrections: int  # of one negative at most
    vocabulary: Vocabulary
    verifier: Verifier


@dataclass(frozen=True)
class Attempt:
    """One sentence that was written for a list."""

    index: int  # of the negative within the list, from 0; its corrections share it
    attempt: int  # 0: as it was written; from 1: corrections
    compared: Compared  # its faults are all that forbid it, by its words and of the picture
    level: str | None  # hard | medium | easy; None: it has no change, or too many
    outcome: str  # accepted | corrected | rejected
    confirmed_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class MadeList:
    """All that was written for one caption, in order of index and attempt."""

    attempts: tuple[Attempt, ...] = ()
    unreadable: str = ""  # why the last answer could not be read, where that ended the work on the list
    unanswered: str = ""  # why the model was not reached: nothing is decided, the caption stays owed
    exhausted: bool = False  # the listed words allow no more
    doubted: bool = False  # the caption itself seems to be false: it gets no negatives at all, trivial ones neither

    @property
    def accepted(self) -> tuple[Attempt, ...]:
        """The negatives, by index."""
        return tuple(one for one in self.attempts if one.outcome == "accepted")


def make_lists(chat: ChatModel, captioned: Sequence[Captioned], rules: Rules) -> list[MadeList]:
    """Return one list per caption, in order; each has at most its quota of every level, and may be short.

    All captions go through the same step together, so that the model's batches are full. Whatever the model says, a
    caption takes at most 2 x `FILLINGS` x (1 + corrections) + 1 questions, half of them about sentences and half looks,
    one of which may be put again; each is put at most `chat.ask.ATTEMPTS` times. Usually it is one and one. Only a
    quota beyond FineGen's ten can need two questions for a look (`MOST_CLAIMS`).

    Raises:
        ValueError: a caption has no attributes.
    """
    drafts = [Draft(one, rules.quota.of(len(one.positive.attributes)), rules.vocabulary) for one in captioned]
    for filling in range(FILLINGS):
        promising = [draft for draft in drafts if not filling or draft.taken_in]
        _write(chat, promising, filling)
        _verify(chat, promising, rules.verifier)
        for correction in range(1, rules.corrections + 1):
            _mend(chat, promising, filling, correction)
            _verify(chat, promising, rules.verifier)
    return [_made(draft) for draft in drafts]


def _write(chat: ChatModel, drafts: Sequence[Draft], filling: int) -> None:
    for draft, sentences in _answered(chat, drafts, lambda draft: _written(draft, filling)):
        draft.write(sentences)


def _mend(chat: ChatModel, drafts: Sequence[Draft], filling: int, correction: int) -> None:
    faulty = [draft for draft in drafts if draft.faulty]
    for draft, mended in _answered(chat, faulty, lambda draft: _mended(draft, filling, correction)):
        draft.mend({index: mended[name] for name, index in _ids(draft).items()})


def _verify(chat: ChatModel, drafts: Sequence[Draft], verifier: Verifier) -> None:
    """End the round of every draft that has one; the verifier is not asked where no sentence stands by its words."""
    waiting = [draft for draft in drafts if draft.is_waiting]
    cases = {i: case for i, draft in enumerate(waiting) if (case := draft.case()).compared}
    opinions = dict(zip(cases, verifier.opinions(chat, list(cases.values())), strict=True))
    for i, draft in enumerate(waiting):
        draft.settle(opinions.get(i))


def _answered(
    chat: ChatModel, drafts: Sequence[Draft], question: Callable[[Draft], Question[T]]
) -> Iterator[tuple[Draft, T]]:
    """Yield the drafts that lack something with the answer to their question; one without an answer is ended."""
    lacking = [draft for draft in drafts if draft.is_open]
    for draft, reply in zip(lacking, ask_all(chat, [question(draft) for draft in lacking]), strict=True):
        if reply.value is not None:
            yield draft, reply.value
        elif reply.unanswered:
            draft.unanswered = reply.unanswered
        else:
            draft.unreadable = reply.faults[-1]


def _written(draft: Draft, filling: int) -> NegativesQuestion:
    pictured, positive = draft.captioned.pictured, draft.captioned.positive
    seed = seed_of("list", pictured.seed, filling)
    return NegativesQuestion(positive, draft.lacking, draft.taken, draft.vocabulary, pictured.category, seed)


def _mended(draft: Draft, filling: int, correction: int) -> CorrectionQuestion:
    pictured, positive = draft.captioned.pictured, draft.captioned.positive
    seed = seed_of("list", pictured.seed, filling, correction)
    numbers = draft.exchanges()
    faulty = tuple(
        Faulty(name, draft.faulty[i].sentence, tuple(fault.why for fault in draft.faulty[i].faults), numbers[i])
        for name, i in _ids(draft).items()
    )
    return CorrectionQuestion(positive, faulty, draft.taken, draft.vocabulary, pictured.category, seed)


def _ids(draft: Draft) -> dict[str, int]:
    """Return what each faulty sentence is called in a question: s1, s2, ...; the value is the negative's index."""
    return {f"s{n}": index for n, index in enumerate(draft.faulty, start=1)}


def _made(draft: Draft) -> MadeList:
    if draft.unanswered:
        return MadeList(unanswered=draft.unanswered)
    attempts = (
        Attempt(index, number, one.compared, one.level, _outcome(one, number + 1 == len(chain)), one.confirmed_by)
        for index, chain in enumerate(draft.tried)
        for number, one in enumerate(chain)
    )
    return MadeList(tuple(attempts), draft.unreadable, exhausted=draft.exhausted, doubted=draft.doubted)


def _outcome(one: Tried, last: bool) -> str:
    if one.stands:
        return "accepted"
    return "rejected" if last else "corrected"
