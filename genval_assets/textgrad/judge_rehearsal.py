"""The validation agent off stage: it judges candidates with golden labels, for criticism and for acceptance."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from genval_assets.chat.ask import ATTEMPTS, Unanswered
from genval_assets.golden.splits import split_of
from genval_assets.textgrad.acceptance import Comparison
from genval_assets.textgrad.agents import JUDGE, AgentName
from genval_assets.textgrad.loop import Minibatch, Named
from genval_assets.textgrad.minibatch import Pickable, pick_minibatch
from genval_assets.textgrad.roles import Example, rubric
from genval_assets.textgrad.scores import judge_score
from genval_assets.validation.examine import Examined, Specimen, examine
from genval_assets.validation.trials import Examiner


@dataclass(frozen=True, eq=False)
class Labelled:
    """A candidate with its golden label."""

    label_id: str
    specimen: Specimen
    keep: bool
    reasons: tuple[str, ...]
    band: str  # how frequent its category is

    @property
    def split(self) -> str:
        """Return minibatch | acceptance | final."""
        return split_of(self.specimen.instance_id)


@dataclass
class JudgeRehearsal:
    """Fits `loop.Rehearsal`."""

    labelled: Sequence[Labelled]
    examiner: Examiner  # its system prompt is the rehearsed one's place
    size: int  # of a minibatch
    seed: int
    asked: Callable[[], int]  # questions put to the model so far
    _last_reason: dict[str, str] = field(default_factory=dict)  # by label
    _kept: dict[str, tuple[bool, ...]] = field(default_factory=dict)  # by system prompt, on the acceptance set

    @property
    def agent(self) -> AgentName:
        """Return judge."""
        return JUDGE

    @property
    def rubric(self) -> str:
        """Return what a judgement is measured by."""
        return rubric(JUDGE)

    @property
    def questions(self) -> int:
        """Return the most questions of a minibatch and a comparison."""
        return (self.size + len(self.labelled) + self.compared) * ATTEMPTS * self.examiner.votes

    @property
    def compared(self) -> int:
        """Return on how many labels a comparison stands."""
        return len(self._of("acceptance"))

    def minibatch(self, step: int, system: str) -> Minibatch:
        """Return the agent's judgements of a few labelled candidates, and whether the labels agree."""
        before = self.asked()
        own = {one.label_id: one for one in self._of("minibatch")}
        if not self._last_reason:  # most judgements are right: without a look at all of them the wrong ones hide
            self._examples(list(own.values()), system)
        pool = [Pickable(one.label_id, one.band, self._last_reason[one.label_id]) for one in own.values()]
        chosen = [own[item.name] for item in pick_minibatch(pool, self.size, step, self.seed)]
        return Minibatch(tuple(self._examples(chosen, system)), self.asked() - before)

    def _examples(self, chosen: Sequence[Labelled], system: str) -> list[Named]:
        """Return the agent's work on labelled candidates, and note which of it was wrong."""
        items = []
        for one, found in zip(chosen, self.judged(chosen, system), strict=True):
            example = _example(one, found)
            wrong = " ".join([example.outcome, *example.reasons])
            self._last_reason[one.label_id] = "" if example.outcome == "right" else wrong
            items.append(Named(one.label_id, example))
        return items

    def compare(self, parent: str, rewrite: str) -> Comparison:
        """Return F0.5 of both against the labels of the acceptance set."""
        before = self.asked()
        items = self._of("acceptance")
        good = [one.keep for one in items]
        old, new = self._keeps(items, parent), self._keeps(items, rewrite)
        return Comparison(len(items), judge_score(old, good), judge_score(new, good), calls=self.asked() - before)

    def judged(self, items: Sequence[Labelled], system: str) -> list[Examined]:
        """Return what the agent says of the candidates under a system prompt.

        Raises:
            Unanswered: the model was not reached.
        """
        examiner = self.examiner
        found = examine([one.specimen for one in items], examiner.gate, examiner.chat, system, examiner.votes)
        for one in found:
            if one.unanswered:
                raise Unanswered(f"the {examiner.chat.model} model was not reached: {one.unanswered}")
        return found

    def _of(self, split: str) -> list[Labelled]:
        return [one for one in self.labelled if one.split == split]

    def _keeps(self, items: Sequence[Labelled], system: str) -> tuple[bool, ...]:
        if system not in self._kept:
            self._kept[system] = tuple(one.outcome == "accepted" for one in self.judged(items, system))
        return self._kept[system]


def _example(one: Labelled, found: Examined) -> Example:
    kept = found.outcome == "accepted"
    outcome = "right" if kept == one.keep else "wrongly kept" if kept else "wrongly refused"
    reasons = one.reasons if outcome == "wrongly kept" else () if outcome == "right" else found.reasons
    said = {"keep": kept, "reasons": list(found.reasons), "explanation": found.explanation}
    return Example({"category": one.specimen.name}, json.dumps(said, ensure_ascii=False), outcome, reasons)
