"""A list of negatives while it is made: what was written for it, what is wrong with that, what is still wanted.

No model is asked here (`lists.py`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from genval_assets.negatives.changes import Compared, Fault, compare
from genval_assets.negatives.claims import Sights
from genval_assets.negatives.positive import Positive
from genval_assets.negatives.quota import LEVELS, possible
from genval_assets.negatives.verification import Captioned, Case, Opinion, Opinions
from genval_assets.negatives.vocabulary import Vocabulary

REFUSED_BY_PICTURE = frozenset({"true_of_the_picture", "not_confirmed"})


@dataclass(frozen=True)
class Tried:
    """One sentence, judged."""

    compared: Compared  # with all that forbids it
    confirmed_by: tuple[str, ...] = ()

    @property
    def level(self) -> str | None:
        """By the number of changes: hard | medium | easy; None: it has none, or too many."""
        return LEVELS.get(len(self.compared.changes))

    @property
    def stands(self) -> bool:
        """Whether nothing forbids it."""
        return not self.compared.faults


class Draft:
    """The state of one list. A round takes sentences and judges their words; the verifier hears of those that stand."""

    def __init__(self, captioned: Captioned, wanted: Mapping[str, int], vocabulary: Vocabulary) -> None:
        self.captioned = captioned
        self.vocabulary = vocabulary
        self.tried: list[list[Tried]] = []  # per negative: as it was written, then its corrections
        self.unreadable = ""
        self.unanswered = ""
        self.doubted = False
        self.faulty: dict[int, Compared] = {}  # negative -> its sentence, of those that did not stand in the last round
        self._wanted = wanted
        self._possible = possible(_alternatives(captioned.positive, vocabulary))
        self._round: dict[int, Compared] = {}  # negative -> its new sentence, judged by its words alone
        self._seen: Sights = {}

    @property
    def is_open(self) -> bool:
        """Whether anything can still be written for it."""
        ended = self.unreadable or self.unanswered or self.doubted
        return not ended and not self.exhausted

    @property
    def lacking(self) -> dict[str, int]:
        """Level -> how many more are wanted, and can be written with the words that there are."""
        there = Counter(one.level for one in self._accepted())
        return {
            level: max(0, min(number, self._possible[level]) - there[level]) for level, number in self._wanted.items()
        }

    @property
    def taken_in(self) -> int:
        """How many negatives stand."""
        return len(self._accepted())

    @property
    def exhausted(self) -> bool:
        """Whether it has all that its listed words allow."""
        return not any(self.lacking.values())

    @property
    def taken(self) -> tuple[str, ...]:
        """The sentences that need not come again: those that stand, and those that the picture forbids."""
        every = (one for chain in self.tried for one in chain)
        return tuple(dict.fromkeys(one.compared.sentence for one in every if one.stands or _picture_forbids(one)))

    @property
    def is_waiting(self) -> bool:
        """Whether sentences have come that are not settled."""
        return bool(self._round)

    def exchanges(self) -> dict[int, int]:
        """Return faulty negative -> how many words its correction should exchange: as many as it does, where some lack.

        No more sentences are written than levels lack, so there is a number for each.
        """
        left = [n for n, level in LEVELS.items() for _ in range(self.lacking[level])]
        numbers: dict[int, int] = {}
        for index, compared in self.faulty.items():
            if len(compared.changes) in left:
                numbers[index] = len(compared.changes)
                left.remove(numbers[index])
        others = (index for index in self.faulty if index not in numbers)
        return numbers | dict(zip(others, left, strict=False))

    def write(self, sentences: Iterable[str]) -> None:
        """Begin a round with new negatives; those that do not stand yet are given up."""
        first = len(self.tried)
        fresh = dict(enumerate(sentences, start=first))
        self.tried += [[] for _ in fresh]
        self._compare(fresh)

    def mend(self, corrections: Mapping[int, str]) -> None:
        """Begin a round with sentences in place of faulty ones, in order of the negatives."""
        self._compare(dict(sorted(corrections.items())))

    def case(self) -> Case:
        """Return what the verifier should judge: the round's sentences that stand by their words."""
        standing = tuple(compared for compared in self._round.values() if not compared.faults)
        return Case(self.captioned, standing, seen_before=self._seen)

    def settle(self, opinions: Opinions | None) -> None:
        """End the round with what is thought of the sentences of its case; None: there were none.

        Of those that are false of the picture, each level takes the first that it lacks.
        """
        if opinions is not None:
            self._seen, self.doubted, self.unanswered = opinions.seen, opinions.doubted, opinions.unanswered
        if not self.unanswered:
            self._judge(iter(opinions.compared if opinions else ()))
        self._round = {}

    def _judge(self, thought: Iterator[Opinion]) -> None:
        self.faulty = {}
        for index, compared in self._round.items():
            opinion = Opinion(compared.faults) if compared.faults else next(thought)
            faults = opinion.faults or self._full(compared)
            one = Tried(replace(compared, faults=faults), () if faults else opinion.confirmed_by)
            self.tried[index].append(one)
            if faults:
                self.faulty[index] = one.compared

    def _compare(self, fresh: Mapping[int, str]) -> None:
        keys = {one.compared.key for one in self._accepted()}
        self._round = {}
        for index, sentence in fresh.items():
            compared = compare(self.captioned.positive, sentence, self.vocabulary)
            if not compared.faults:
                compared = replace(compared, faults=_repeated(compared, keys) or self._full(compared))
                keys.add(compared.key)
            self._round[index] = compared

    def _full(self, compared: Compared) -> tuple[Fault, ...]:
        n = len(compared.changes)
        there = sum(one.level == LEVELS[n] for one in self._accepted())
        if there < self._wanted[LEVELS[n]]:
            return ()
        return (Fault("level_full", f"There are enough sentences with {n} exchanged."),)

    def _accepted(self) -> list[Tried]:
        return [chain[-1] for chain in self.tried if chain and chain[-1].stands]


def _alternatives(positive: Positive, vocabulary: Vocabulary) -> list[int]:
    """Return for each attribute how many of the listed words may replace it."""
    return [
        sum(not vocabulary.same_or_entailed(one.value, value) for value in vocabulary.values[one.type])
        for one in positive.attributes
    ]


def _repeated(compared: Compared, keys: set[tuple[tuple[int, str], ...]]) -> tuple[Fault, ...]:
    if compared.key not in keys:
        return ()
    return (Fault("repeated", "There is a sentence with the same words exchanged already: take others."),)


def _picture_forbids(one: Tried) -> bool:
    return any(fault.code in REFUSED_BY_PICTURE for fault in one.compared.faults)
