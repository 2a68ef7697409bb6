"""Wiring of the rows of hard negatives: every sentence that was written for a caption, and what became of its list."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from genval_assets import keys
from genval_assets.assets.recorded import RecordedChat
from genval_assets.batches import Batch
from genval_assets.negative_rows import HardNegative, NegativeList, PositiveCaption
from genval_assets.negatives.changes import Compared
from genval_assets.negatives.lists import Attempt, MadeList
from genval_assets.negatives.quota import TRIVIAL
from genval_assets.negatives.settings import NegativeSettings
from genval_assets.negatives.stored import StoredChange
from genval_assets.negatives.trivial import Trivials
from genval_assets.ports import Tables


@dataclass(frozen=True)
class Recording:
    """What the rows of one run share."""

    batch: Batch
    chat: RecordedChat
    settings: NegativeSettings

    def list_id(self, positive: PositiveCaption) -> str:
        """Return the id of a caption's list: other settings or another model make another list.

        So sentences that a killed run has left without their list are never taken for those of the next.
        """
        return keys.recipe(
            "negative_lists",
            positive_id=positive.positive_id,
            settings=self.settings.model_dump_json(exclude={"pictures", "kinds"}),
            model=f"{self.chat.model}@{self.chat.revision}",
        )

    def sentences(self, positive: PositiveCaption, made: MadeList, beside: Trivials) -> Iterator[HardNegative]:
        """Yield the rows of all attempts, and of the trivial negatives behind them."""
        list_id = self.list_id(positive)
        for attempt in made.attempts:
            yield self._row(positive, list_id, attempt)
        first = 1 + max((attempt.index for attempt in made.attempts), default=-1)
        for index, one in enumerate(beside.chosen, start=first):
            trivial = Attempt(index, 0, Compared(one.other.text, (), ()), TRIVIAL, "accepted", one.confirmed_by)
            yield self._row(positive, list_id, trivial, one.other.positive_id)

    def listed(self, positive: PositiveCaption, made: MadeList, n_trivial: int, why_short: str) -> NegativeList:
        """Return the row that says that all sentences of a caption are stored."""
        levels = Counter(attempt.level for attempt in made.accepted)
        outcomes = Counter(attempt.outcome for attempt in made.attempts)
        wanted = self.settings.quota.total
        short = len(made.accepted) < wanted
        return NegativeList(
            negative_list_id=self.list_id(positive),
            run_id=self.batch.run_id,
            created_at=self.batch.now,
            positive_id=positive.positive_id,
            category=positive.category,
            wanted=wanted,
            n_hard=levels["hard"],
            n_medium=levels["medium"],
            n_easy=levels["easy"],
            n_trivial=n_trivial,
            n_rejected=outcomes["rejected"],
            n_corrected=outcomes["corrected"],
            short=short,
            why_short=why_short if short else "",
            verified_by=self.settings.verified_by,
        )

    def _row(
        self, positive: PositiveCaption, list_id: str, attempt: Attempt, other_positive_id: str | None = None
    ) -> HardNegative:
        compared = attempt.compared
        changes = [StoredChange(one.type, one.origin, one.target, one.noun) for one in compared.changes]
        return HardNegative(
            negative_id=keys.recipe("hard_negatives", list_id=list_id, index=attempt.index, attempt=attempt.attempt),
            negative_list_id=list_id,
            run_id=self.batch.run_id,
            created_at=self.batch.now,
            positive_id=positive.positive_id,
            category=positive.category,
            index=attempt.index,
            attempt=attempt.attempt,
            sentence=compared.sentence,
            level=attempt.level,
            changes=msgspec.json.encode(changes).decode(),
            n_changes=len(changes),
            outcome=attempt.outcome,
            reasons=[fault.code for fault in compared.faults],
            explanation=" ".join(fault.why for fault in compared.faults),
            confirmed_by=list(attempt.confirmed_by),
            other_positive_id=other_positive_id,
            model=self.chat.model,
            revision=self.chat.revision,
        )


def why_short(made: MadeList) -> str:
    """Return a code: the commonest reason of what was rejected, or what ended the work where nothing was.

    A list that is short although it has all that its words allow has `few_alternatives`.
    """
    if made.unreadable:
        return "unreadable_answer"
    if made.exhausted:
        return "few_alternatives"
    reasons = Counter(fault.code for one in made.attempts if one.outcome == "rejected" for fault in one.compared.faults)
    return reasons.most_common(1)[0][0] if reasons else "too_few_written"


def listed_negatives(tables: Tables, columns: Sequence[str]) -> list[tuple[object, ...]]:
    """Return some columns of the accepted negatives of all stored lists, trivial ones too."""
    lists = {one for (one,) in tables.values(NegativeList, ("negative_list_id",))}
    stored = tables.values(HardNegative, ("negative_list_id", "outcome", *columns))
    return [tuple(values) for one, outcome, *values in stored if outcome == "accepted" and one in lists]
