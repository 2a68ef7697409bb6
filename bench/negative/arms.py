"""Ways to make negatives that are measured beside the pipeline's own: without rules, without eyes, by chance."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec
import numpy as np

from genval_assets.chat.ask import ask_all
from genval_assets.keys import seed_of
from genval_assets.model_ports import ChatModel
from genval_assets.negatives.changes import Fault, compare
from genval_assets.negatives.claims import ClaimsAnswer
from genval_assets.negatives.lists import Attempt, MadeList, Rules, make_lists
from genval_assets.negatives.quota import LEVELS
from genval_assets.negatives.settings import NegativeSettings, VerifiedBy
from genval_assets.negatives.trivial import Other, Ring, Trivials, trivial_negatives
from genval_assets.negatives.verification import Captioned, Case, Opinion, Opinions, PictureVerifier, Verifier
from genval_assets.negatives.writing import CorrectionQuestion, Faulty, NegativesQuestion
from genval_assets.types import ChatAnswer, ChatRequest

BEYOND_WORDS = frozenset({"true_of_the_picture", "not_confirmed", "caption_doubted", "level_full"})
"""Codes of faults that the rules of words do not speak of."""
REFUSED = Fault("true_of_the_picture", "The picture shows it to be true.")
"""What a control says of a sentence that it has not held against anything."""
REPEATED = Fault("repeated", "There is a sentence with the same words exchanged already.")
"""What a list has against such a sentence."""
BOTH: VerifiedBy = "both"
SOURCES: tuple[VerifiedBy, ...] = ("requested", "vision", BOTH)
OFF, WORDS, RANDOM_EYES = "off", "words only", "both, vision at random"
COIN, COIN_ALONE = "words, then a coin", "a coin alone"
TRIVIAL = NegativeSettings().trivial


class Listening:
    """A chat model whose questions are counted. Fits `model_ports.ChatModel`."""

    def __init__(self, inner: ChatModel) -> None:
        self.model, self.revision, self.best_batch = inner.model, inner.revision, inner.best_batch
        self.max_tokens = inner.max_tokens
        self.asked: Counter[str] = Counter()  # name of the answer -> questions
        self.held: Counter[str] = Counter()  # true | false | unclear -> statements
        self._inner = inner

    def ask(self, requests: Sequence[ChatRequest]) -> list[ChatAnswer]:
        """Return the model's answers."""
        answers = self._inner.ask(requests)
        self.asked.update(request.answer_schema.__name__ for request in requests)
        for request, answer in zip(requests, answers, strict=True):
            if request.answer_schema is ClaimsAnswer:
                self.held.update(one.holds for one in ClaimsAnswer.model_validate_json(answer.text).claims)
        return answers


class RandomEyes:
    """Control: says by chance what pictures show, each of the three answers as often as the model that looks."""

    def __init__(self, inner: ChatModel, held: Mapping[str, int], seed: int) -> None:
        self.model, self.revision, self.best_batch = inner.model, inner.revision, inner.best_batch
        self.max_tokens = inner.max_tokens
        self._inner, self._seed = inner, seed
        self._words = sorted(held)
        self._shares = np.array([held[word] for word in self._words], dtype=np.float64) / sum(held.values())

    def ask(self, requests: Sequence[ChatRequest]) -> list[ChatAnswer]:
        """Return the answers, those about pictures made up."""
        return [
            replace(answer, text=self._made_up(request, answer.text))
            if request.answer_schema is ClaimsAnswer
            else answer
            for request, answer in zip(requests, self._inner.ask(requests), strict=True)
        ]

    def _made_up(self, request: ChatRequest, text: str) -> str:
        claims = ClaimsAnswer.model_validate_json(text).claims
        rng = np.random.default_rng(seed_of("eyes", self._seed, request.seed, request.user))
        said = [{"id": one.id, "holds": str(rng.choice(self._words, p=self._shares))} for one in claims]
        return msgspec.json.encode({"claims": said}).decode()


@dataclass(frozen=True)
class Coin:
    """Control; fits `Verifier`: takes each sentence with the same chance, and 1 takes all."""

    rate: float
    seed: int

    def opinions(self, chat: ChatModel, cases: Sequence[Case]) -> list[Opinions]:  # noqa: ARG002 - nobody is asked
        """Return what the coin says of each sentence."""
        return [
            Opinions(
                tuple(self.opinion(case.captioned, one.sentence) for one in case.compared),
                tuple(self.opinion(case.captioned, one.text) for one in case.others),
            )
            for case in cases
        ]

    def opinion(self, captioned: Captioned, sentence: str) -> Opinion:
        """Return what it says of one sentence of one picture, always the same."""
        drawn = seed_of("coin", self.seed, captioned.pictured.subject_id, sentence)
        takes = np.random.default_rng(drawn).random() < self.rate
        return Opinion() if takes else Opinion((REFUSED,))


@dataclass(frozen=True)
class Arm:
    """What one way to make negatives came to."""

    lists: tuple[MadeList, ...]  # one per caption, in order
    asked: Mapping[str, int]  # name of the answer -> questions
    held: Mapping[str, int]  # true | false | unclear -> statements
    seconds: float  # CPU


@dataclass
class Workshop:
    """Makes lists of the same captions with the same text model in all ways."""

    chat: ChatModel
    captioned: Sequence[Captioned]
    rules: Rules  # the verifier is each arm's own
    seed: int
    arms: dict[str, Arm] = field(default_factory=dict)

    def run(self) -> None:
        """Make all lists; the controls have the rates of `both`."""
        self._unruled(OFF, Coin(1.0, self.seed))
        self._ruled(WORDS, Coin(1.0, self.seed))
        for source in SOURCES:
            self._ruled(source, PictureVerifier(source, self.rules.vocabulary))
        both, held = PictureVerifier(BOTH, self.rules.vocabulary), self.arms[BOTH].held
        self._ruled(RANDOM_EYES, both, RandomEyes(self.chat, held, self.seed))
        self._ruled(COIN, Coin(self._rate(by_words=True), self.seed))
        self._unruled(COIN_ALONE, Coin(self._rate(by_words=False), self.seed))

    def _rate(self, *, by_words: bool) -> float:
        """Return which share of the sentences `both` took: of those that words let pass, or of all."""
        tried = [one for made in self.arms[BOTH].lists for one in made.attempts]
        if by_words:
            tried = [one for one in tried if is_sound(one)]
        return sum(one.outcome == "accepted" for one in tried) / len(tried)

    def _ruled(self, name: str, verifier: Verifier, chat: ChatModel | None = None) -> None:
        self.arms[name] = listed(chat or self.chat, self.captioned, replace(self.rules, verifier=verifier))

    def _unruled(self, name: str, coin: Coin) -> None:
        listening, began = Listening(self.chat), time.process_time()
        lists = without_rules(listening, self.captioned, self.rules, coin)
        self.arms[name] = Arm(tuple(lists), listening.asked, listening.held, time.process_time() - began)


@dataclass(frozen=True)
class Beside:
    """Trivial negatives that were chosen in one way."""

    lists: tuple[Trivials, ...]  # one per caption, in order
    questions: int


def listed(chat: ChatModel, captioned: Sequence[Captioned], rules: Rules) -> Arm:
    """Return what the pipeline's own way comes to."""
    listening, began = Listening(chat), time.process_time()
    lists = make_lists(listening, captioned, rules)
    return Arm(tuple(lists), listening.asked, listening.held, time.process_time() - began)


def trivial_ways(chat: ChatModel, captioned: Sequence[Captioned], verifier: Verifier) -> dict[str, Beside]:
    """Return the trivial negatives of all captions: as they are chosen, and from captions of the same kind alone.

    The latter is the harder task, which the pipeline has only where there is no other kind. Both also unverified.
    """
    others = [Other(one.pictured.subject_id, one.pictured.category, one.positive) for one in captioned]
    categories = {other.category for other in others}
    every = dict.fromkeys(categories, Ring(others))
    alike = {name: Ring([other for other in others if other.category == name]) for name in categories}
    return {
        f"{judged_by}{among}": _beside(chat, captioned, rings, judge)
        for among, rings in (("", every), (", same kind", alike))
        for judged_by, judge in ((BOTH, verifier), ("unverified", Coin(1.0, 0)))
    }


def _beside(chat: ChatModel, captioned: Sequence[Captioned], rings: Mapping[str, Ring], judge: Verifier) -> Beside:
    listening = Listening(chat)
    lists = [trivial_negatives(listening, [one], rings[one.pictured.category], TRIVIAL, judge)[0] for one in captioned]
    return Beside(tuple(lists), listening.asked.total())


def is_sound(attempt: Attempt) -> bool:
    """Return whether a sentence stands up to the rules of words."""
    return {fault.code for fault in attempt.compared.faults} <= BEYOND_WORDS


def without_rules(chat: ChatModel, captioned: Sequence[Captioned], rules: Rules, coin: Coin) -> list[MadeList]:
    """Return lists of whatever the text model writes: a coin alone says what goes back to it.

    Accepted attempts keep the faults that the rules of words would have found.
    """
    replies = ask_all(chat, [_written(one, rules) for one in captioned])
    attempts = [
        [_attempt(one, i, 0, sentence, rules, coin) for i, sentence in enumerate(reply.value or ())]
        for one, reply in zip(captioned, replies, strict=True)
    ]
    for attempt in range(1, rules.corrections + 1):
        open_lists = [i for i, some in enumerate(attempts) if _open(some)]
        asked = [_corrected(captioned[i], attempts[i], attempt, rules) for i in open_lists]
        for i, reply in zip(open_lists, ask_all(chat, asked), strict=True):
            mended = reply.value or {}
            attempts[i] += [_attempt(captioned[i], int(s), attempt, mended[s], rules, coin) for s in mended]
    return [MadeList(tuple(_marked(some))) for some in attempts]


def _written(one: Captioned, rules: Rules) -> NegativesQuestion:
    wanted = rules.quota.of(len(one.positive.attributes))
    return NegativesQuestion(one.positive, wanted, (), rules.vocabulary, one.pictured.category, one.pictured.seed)


def _corrected(one: Captioned, some: Sequence[Attempt], attempt: int, rules: Rules) -> CorrectionQuestion:
    faulty = tuple(
        Faulty(str(a.index), a.compared.sentence, (REFUSED.why,), len(a.compared.changes) or 1) for a in _open(some)
    )
    taken = tuple(a.compared.sentence for a in some if a.outcome == "accepted")
    seed = seed_of("correction", one.pictured.seed, attempt)
    return CorrectionQuestion(one.positive, faulty, taken, rules.vocabulary, one.pictured.category, seed)


def _open(some: Sequence[Attempt]) -> list[Attempt]:
    """Return the newest attempt at each negative that none was accepted of."""
    newest = {one.index: one for one in some}
    return [one for one in newest.values() if one.outcome != "accepted"]


def _attempt(one: Captioned, index: int, attempt: int, sentence: str, rules: Rules, coin: Coin) -> Attempt:
    compared = compare(one.positive, sentence, rules.vocabulary)
    outcome = "rejected" if coin.opinion(one, sentence).faults else "accepted"
    return Attempt(index, attempt, compared, LEVELS.get(len(compared.changes)), outcome)


def _marked(some: Sequence[Attempt]) -> list[Attempt]:
    """Return the attempts, an accepted sentence that repeats one accepted before marked as such."""
    keys: set[tuple[tuple[int, str], ...]] = set()
    marked = []
    for one in some:
        compared = one.compared
        if one.outcome == "accepted" and not compared.faults:
            if compared.key in keys:
                compared = replace(compared, faults=(REPEATED,))
            keys.add(compared.key)
        marked.append(replace(one, compared=compared))
    return marked
