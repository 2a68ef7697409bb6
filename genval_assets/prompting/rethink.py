"""Prompt Rethink (InstaDA's T-Agent): which prompts of a category are rewritten, from what their pictures showed.

The paper's thresholds are not public; all here are ours. A single failed picture says little, because every
generator has errors that no prompt explains. So what counts is a fault that repeats within the category: a reason, or
a slot whose requested values do not appear. Everything is derived from stored rows. The rewriting itself is in
`rewrite.py`, its acceptance in `probe.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from genval_assets.prompting.records import Comparison, compare
from genval_assets.prompting.rethink_settings import RethinkSettings
from genval_assets.prompting.slots import read_slots
from genval_assets.rows import Instance, Prompt, PromptProbe, Verdict
from genval_assets.topup.wilson import wilson

WIDESPREAD = 0.1
"""Share of a category's pictures that surely show a fault (lower 95 % Wilson bound) before it is one of the prompts'.
Errors that no wording removes stay below. Simulated, 8 or 40 pictures a round, 7 % of them spoilt whatever the words
and slots misjudged once in 20: at most .1 needless probes a round; when two pictures sufficed, 1.2."""
LEAST_IGNORED = 2
"""Valid pictures in which a slot has to be missing, and kept in none, before the generator is said to ignore it."""
LEAST_SHARE = 0.1
"""Share of the category's pictures that have to show it; errors that no wording removes stay below."""
CHANCE_KEPT = 0.2
"""A slot that the generator ignores is kept by chance in at most this share: of ten colours, one is the usual one."""
OTHER_SUBJECT = frozenset({"wrong_category", "no_object", "multiple_objects", "mixed_categories"})
"""Reasons with which a picture's description says nothing of the prompt's slots."""


@dataclass(frozen=True)
class Picture:
    """One judged picture of a prompt."""

    prompt_id: str
    accepted: bool
    reasons: tuple[str, ...]  # codes; empty when accepted
    compared: Comparison  # the prompt's slots with what was seen; empty where nothing was


@dataclass(frozen=True)
class Rethink:
    """A prompt to rewrite, and why."""

    parent: Prompt
    kept: tuple[str, ...]  # slots that its pictures show
    missing: tuple[str, ...]  # slots that they do not show, the ignored ones among them
    extra: tuple[str, ...]  # reason codes of what they show and should not, those that repeat
    ignored: tuple[str, ...]  # of the missing: what the generator does in no picture of the category


def judged_pictures(
    prompts: Iterable[Prompt], instances: Iterable[Instance], verdicts: Iterable[Verdict]
) -> list[Picture]:
    """Return the pictures of a category's prompts that were accepted or rejected; errors say nothing of a prompt.

    Only pictures of the newest model count: what an earlier one could not draw is no evidence against this one.

    Args:
        prompts: of the category.
        instances: of the category, whatever their source.
        verdicts: in force: at most one per instance.
    """
    by_id = {prompt.prompt_id: prompt for prompt in prompts}
    decided = {v.instance_id: v for v in verdicts if v.outcome != "error"}
    drawn = sorted((i for i in instances if i.prompt_id in by_id), key=lambda i: (i.round, i.index, i.instance_id))
    newest = {(i.model, i.revision) for i in drawn[-1:]}
    return [
        _picture(by_id[i.prompt_id], decided[i.instance_id])
        for i in drawn
        if i.prompt_id and i.instance_id in decided and (i.model, i.revision) in newest
    ]


def _picture(prompt: Prompt, verdict: Verdict) -> Picture:
    says_nothing = verdict.seen is None or OTHER_SUBJECT.intersection(verdict.reasons)
    compared = Comparison() if says_nothing else compare(read_slots(prompt.slots), read_slots(verdict.seen or "{}"))
    accepted = verdict.outcome == "accepted"
    return Picture(prompt.prompt_id, accepted, () if accepted else tuple(verdict.reasons), compared)


def ignored_slots(pictures: Iterable[Picture]) -> frozenset[str]:
    """Return the slots that the generator ignores in this category, by its valid pictures.

    Their requested values are missing in at least two, and kept in none or in so few that chance explains it.
    """
    missing, kept = _slot_counts(pictures)
    return frozenset(s for s, n in missing.items() if n >= LEAST_IGNORED and kept[s] <= CHANCE_KEPT * (n + kept[s]))


def reachable_factors(factors: Mapping[str, Sequence[str]], ignored: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the factors from which fresh prompts of a category draw: without those that its generator ignores."""
    return {slot: tuple(values) for slot, values in factors.items() if slot not in ignored}


def candidates(
    prompts: Sequence[Prompt],
    pictures: Sequence[Picture],
    probes: Sequence[PromptProbe],
    round_: int,
    settings: RethinkSettings,
) -> list[Rethink]:
    """Return the prompts of a category to rethink in a round, those with the most widespread faults first.

    A prompt is rethought if it is of an earlier round and its pictures show a fault that repeats: a rejection for a
    reason that does, or a missing slot in a valid picture. Not again once a rewrite of it was accepted, nor on
    evidence on which one was refused, nor beyond `max_rounds` rewrites in a chain.

    Args:
        prompts: of the category, all rounds.
        pictures: from `judged_pictures`.
        probes: of the category, all rounds.
        round_: which is being prepared.
        settings: how many, how often.
    """
    if not settings.enabled:
        return []
    ignored = ignored_slots(pictures)
    shares = _widespread(pictures, ignored)
    closed = _closed(probes, ignored, settings.max_rounds)
    replaced = {p.parent_id for p in prompts} | {p.parent_id for p in probes if p.accepted}
    by_id = {p.prompt_id: p for p in prompts}
    own_of: dict[str, list[Picture]] = defaultdict(list)
    for picture in pictures:
        own_of[picture.prompt_id].append(picture)
    found: list[tuple[float, float, int, Rethink]] = []
    for prompt in prompts:
        own = own_of.get(prompt.prompt_id)
        if not own or prompt.round >= round_ or prompt.prompt_id in replaced:
            continue
        if _generation(prompt, by_id) >= settings.max_rounds:
            continue
        rethink, faults = _rethink(prompt, own, shares, ignored)
        weight = sum(shares.get(fault, 1.0) for fault in faults - closed)
        if weight and not any(_refused(rethink, probe) for probe in probes):
            keep_rate = sum(picture.accepted for picture in own) / len(own)
            found.append((-weight, keep_rate, prompt.index, rethink))
    found.sort(key=lambda one: one[:3])
    probed = sum(probe.round == round_ for probe in probes)  # by a run of this wave that was killed
    return [rethink for *_, rethink in found[: max(0, settings.per_wave - probed)]]


def _rethink(
    prompt: Prompt, own: Sequence[Picture], shares: Mapping[str, float], ignored: Collection[str]
) -> tuple[Rethink, set[str]]:
    """Return a prompt with what its pictures show, and the faults for which it is worth a rewrite."""
    missing, kept = _counts(own)
    lacking = tuple(s for s in read_slots(prompt.slots) if missing[s] > kept[s])
    reasons = Counter(reason for picture in own for reason in picture.reasons)
    # several pictures of its own, most of them refused: no accident, whatever the category's others do
    failing = len(own) > 1 and sum(picture.accepted for picture in own) * 2 < len(own)
    extra = tuple(sorted(reason for reason in reasons if failing or reason in shares))
    in_valid = {s for picture in own if picture.accepted for s in picture.compared.missing}
    rethink = Rethink(
        parent=prompt,
        kept=tuple(s for s in read_slots(prompt.slots) if kept[s] and s not in lacking),
        missing=lacking,
        extra=extra,
        ignored=tuple(s for s in lacking if s in ignored),
    )
    return rethink, {*extra, *(s for s in lacking if s in in_valid and s in shares)}


def _widespread(pictures: Sequence[Picture], ignored: Collection[str]) -> dict[str, float]:
    """Return the faults that repeat, reasons and slots, with their shares: of all pictures, or of those that tell."""
    reasons = Counter(reason for picture in pictures for reason in set(picture.reasons))
    missing, kept = _slot_counts(pictures)
    counts = [(reason, n, len(pictures)) for reason, n in reasons.items()]
    counts += [(slot, n, n + kept[slot]) for slot, n in missing.items()]
    return {fault: n / total for fault, n, total in counts if fault in ignored or wilson(n, total).low >= WIDESPREAD}


def _slot_counts(pictures: Iterable[Picture]) -> tuple[Counter[str], Counter[str]]:
    """Return in how many valid pictures each slot is missing, and in how many it is kept."""
    return _counts(picture for picture in pictures if picture.accepted)


def _counts(pictures: Iterable[Picture]) -> tuple[Counter[str], Counter[str]]:
    missing: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    for picture in pictures:
        missing.update(picture.compared.missing)
        kept.update(picture.compared.kept)
    return missing, kept


def _closed(probes: Sequence[PromptProbe], ignored: Collection[str], max_refusals: int) -> set[str]:
    """Return the faults of a category against which no further rewrite is worth its draws.

    A slot that the generator ignores, once an accepted rewrite dropped it: fresh prompts leave it out, too. And what
    was refused `max_refusals` times for the first success and for each one, since some successes are luck.
    """
    learnt = {s for p in probes if p.accepted for s in p.missing if s in ignored and s not in read_slots(p.slots)}
    tried = [(fault, p.accepted) for p in probes for fault in {*p.missing, *p.extra}]
    refused = Counter(fault for fault, accepted in tried if not accepted)
    accepted = Counter(fault for fault, accepted in tried if accepted)
    return learnt | {fault for fault, n in refused.items() if n >= max_refusals * (1 + accepted[fault])}


def _refused(rethink: Rethink, probe: PromptProbe) -> bool:
    """Return whether a rewrite of the prompt was refused on the same evidence.

    What is now known to be ignored and stood in that rewrite is new evidence.
    """
    return (
        not probe.accepted
        and probe.parent_id == rethink.parent.prompt_id
        and set(probe.missing) == set(rethink.missing)
        and set(probe.extra) == set(rethink.extra)
        and not set(rethink.ignored) & set(read_slots(probe.slots))
    )


def _generation(prompt: Prompt, by_id: Mapping[str, Prompt]) -> int:
    """Return how many rewrites lead to a prompt."""
    chain = {prompt.prompt_id}
    while (parent := by_id.get(prompt.parent_id or "")) and parent.prompt_id not in chain:
        prompt = parent
        chain.add(prompt.prompt_id)
    return len(chain) - 1
