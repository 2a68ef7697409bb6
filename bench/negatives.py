"""What verification of hard negatives is worth, simulated: how many are really false of their pictures.

    python bench/negatives.py                  # 560 captions
    python bench/negatives.py --captions 60    # a quick look

Prompts, pictures, captions, sentences and what is seen of pictures come from the offline profile, whose models are
rules: the figures describe this simulation and nothing else. What writes and verifies never reads the sealed truth;
only this script does, at the end. All ways work on the same captions with the same text model.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import msgspec
from negative_arms import Arm, Workshop, is_sound

from genval_assets.chat.ask import ask_all
from genval_assets.evaluation.clustered import clustered_share
from genval_assets.evaluation.estimates import RATES, Drawing, Estimate, difference
from genval_assets.evaluation.negative_truth import Stored, Told, false_of, valid
from genval_assets.instances.gate import Frame
from genval_assets.instances.gate_settings import GateSettings
from genval_assets.instances.ground import in_frame
from genval_assets.keys import category_key, seed_of
from genval_assets.model_ports import ChatModel, ForegroundModel
from genval_assets.negatives.changes import Change
from genval_assets.negatives.lists import Attempt, MadeList, Rules
from genval_assets.negatives.picture import Pictured, Thing
from genval_assets.negatives.positive import AIMED_FOR, PositiveQuestion
from genval_assets.negatives.quota import LEVELS, Quota
from genval_assets.negatives.requested import requested_values
from genval_assets.negatives.settings import VerifiedBy
from genval_assets.negatives.verification import Captioned, PictureVerifier
from genval_assets.negatives.vocabulary import TYPES, Vocabulary, vocabulary
from genval_assets.prompting.agent import prompt_agent_text
from genval_assets.prompting.lint import spoken_name
from genval_assets.prompting.slots import read_slots
from genval_assets.prompting.write import PromptJob
from genval_assets.rows import Category
from genval_assets.textgrad.prompt_rehearsal import written
from genval_assets.types import DrawnLook, Rgba
from genval_assets.validation.judge import judge_prompt
from genval_assets.validation.trials import Examiner, Trial, Tried, try_out
from resources.offline.chat import OfflineChat
from resources.offline.foregrounds import OfflineForegrounds
from resources.offline.sealed import SealedTruthFiles
from resources.offline.studio import KINDS

LONGEST_PX, MARGIN = 768, 0.08
"""Of a picture as models see it: as the stage shows it."""
SPARE = 1.25
"""Draws per caption: some are refused, and some get no caption."""
CORRECTIONS = 3
BOTH: VerifiedBy = "both"
OFF = "off"
Looks = Mapping[str, DrawnLook]


@dataclass(frozen=True)
class Judged:
    """One negative beside the truth."""

    caption: str  # subject id
    attempt: Attempt
    look: DrawnLook | None  # what its picture really shows; None: not sealed

    @property
    def sound(self) -> bool:
        """Return whether it stands up to the rules of words."""
        return is_sound(self.attempt)

    @property
    def valid(self) -> bool | None:
        """Return whether it is what a negative should be; None: the truth does not tell."""
        return self.false() if self.sound else False

    def false(self, of_type: str | None = None) -> bool | None:
        """Return whether all exchanged words, or those of a type, are false of the picture; None: it is not told."""
        if self.look is None:
            return None
        told = [{"type": one.type, "target": one.target, "noun": one.noun} for one in self.attempt.compared.changes]
        stored = Stored("", "", self.attempt.level or "", msgspec.json.encode(told).decode())
        return valid(stored, [self.look], of_type)

    def true_words(self) -> list[Change]:
        """Return the exchanged words that are true of the picture."""
        if self.look is None:
            return []
        changes = self.attempt.compared.changes
        return [one for one in changes if false_of([self.look], Told(one.type, one.target, one.noun)) is False]


def main() -> None:
    """Run everything and print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--captions", type=int, default=560)
    arguments.add_argument("--seed", type=int, default=0)
    given = arguments.parse_args()
    began = time.monotonic()
    words = vocabulary()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        chat: ChatModel = stack.enter_context(OfflineChat().open())
        model = stack.enter_context(OfflineForegrounds(home=folder, hand="final").open())
        started = time.process_time()
        pictures = list(accepted(chat, model, given.captions, given.seed, words))
        drawn, started = time.process_time() - started, time.process_time()
        captioned = list(described(chat, pictures, words))[: given.captions]
        seconds = (time.process_time() - started) / max(1, len(pictures))
        rules = Rules(Quota(), CORRECTIONS, words, PictureVerifier(BOTH, words))
        workshop = Workshop(chat, captioned, rules, given.seed)
        workshop.run()
        looks = SealedTruthFiles(home=folder).looks()
    print(
        f"simulated: {len(captioned)} captions of {len(KINDS)} kinds, seed {given.seed}; 95 % intervals over captions"
    )
    print(f"{time.monotonic() - began:.0f} s on one machine's CPU, {drawn:.0f} s of it drawing and validating")
    report(captioned, len(pictures), workshop.arms, looks, seconds)


def accepted(
    chat: ChatModel, model: ForegroundModel, captions: int, seed: int, words: Vocabulary
) -> Iterator[Pictured]:
    """Yield accepted pictures of all kinds, as many as are needed and some to spare; kinds take turns."""
    categories = [category(name, i) for i, name in enumerate(sorted(KINDS))]
    rounds = -(-int(captions * SPARE) // len(categories))
    jobs = [PromptJob(one, 0, i) for i in range(rounds) for one in categories]
    trials = [
        Trial(job.category, prompt, seed_of("negatives", seed, job.category.category, job.index))
        for job, prompt in zip(jobs, written(prompt_agent_text(), jobs, chat), strict=True)
    ]
    for one in try_out(trials, model, Examiner(GateSettings(), chat, judge_prompt())):
        if one.examined is not None and one.outcome == "accepted":
            yield pictured(one, one.examined.specimen.crop, words)


def category(name: str, position: int) -> Category:
    """Return a category of the studio as a concept list would have it."""
    return Category(
        run_id="bench", created_at=datetime(2026, 1, 1, tzinfo=UTC), category_row_id=name, category=category_key(name),
        name=name, generation=1, position=position, state="active", source_id=None, supercategory=None, synset=None,
        definition=None, synonyms=[], frequency=None, image_count=0, instance_count=0, rare=True, rare_reason="",
        target=0,
    )  # fmt: skip


def pictured(one: Tried, crop: Rgba, words: Vocabulary) -> Pictured:
    """Return an accepted draw as the stage shows it, with what its prompt asked for."""
    name = spoken_name(one.trial.category.name)
    height, width = crop.shape[:2]
    margin = round(MARGIN * max(height, width))
    frame = Frame(width + 2 * margin, height + 2 * margin, margin, margin)
    return Pictured(
        subject_id=one.trial.instance_id,
        kind="instance",
        category=one.trial.category.category,
        names=(name,),
        picture=in_frame(crop, frame, LONGEST_PX),
        things=(Thing(name, requested_values(read_slots(one.trial.prompt.slots), words)),),
        complete=True,
        seed=seed_of("hard_negatives", "instance", one.trial.instance_id),
    )


def described(chat: ChatModel, pictures: Sequence[Pictured], words: Vocabulary) -> Iterator[Captioned]:
    """Yield the pictures that get a caption."""
    replies = ask_all(chat, [PositiveQuestion(one, words) for one in pictures])
    for one, reply in zip(pictures, replies, strict=True):
        if reply.value is not None:
            yield Captioned(one, reply.value)


def report(
    captioned: Sequence[Captioned], pictures: int, arms: Mapping[str, Arm], looks: Looks, seconds: float
) -> None:
    """Print what came of it."""
    print_captions(captioned, pictures, looks, seconds)
    emitted = {name: judged(captioned, arm, looks, lambda made: made.accepted) for name, arm in arms.items()}
    print_arms(captioned, arms, emitted)
    print()
    for name in (BOTH, "words only", "both, vision at random", "words, then a coin", "a coin alone"):
        print(f"valid, {name} - {OFF}: {gain(captioned, emitted[OFF], emitted[name])}")
    first = [one for one in emitted["a coin alone"] if one.attempt.attempt == 0]
    print(f"a coin alone, those that it took as they were first written: {share(first, lambda one: one.valid)}")
    print_parts(emitted[BOTH])
    print_lists(captioned, arms[BOTH])
    print_attempts(captioned, arms, looks)
    print_invalid(captioned, emitted[BOTH])


def print_captions(captioned: Sequence[Captioned], pictures: int, looks: Looks, seconds: float) -> None:
    """Print what the captions are like, and how many are true."""
    numbers = Counter(min(len(one.positive.attributes), AIMED_FOR + 1) for one in captioned)
    counted = ", ".join(f"{n} with {i}{' or more' if i > AIMED_FOR else ''}" for i, n in sorted(numbers.items()))
    said = [
        (one.pictured.subject_id, false_of([look], Told(a.type, a.value, a.noun)))
        for one in captioned
        if (look := looks.get(one.pictured.subject_id)) is not None
        for a in one.positive.attributes
    ]
    true = clustered_share([(subject, not false) for subject, false in said if false is not None])
    print(f"\n{pictures} accepted pictures were shown; attributes of the captions: {counted}")
    print(f"true of the picture among the captions' own attributes: {true}; {seconds * 1000:.0f} ms of CPU a caption")


def judged(
    captioned: Sequence[Captioned], arm: Arm, looks: Looks, chosen: Callable[[MadeList], Sequence[Attempt]]
) -> list[Judged]:
    """Return some sentences of an arm beside the truth."""
    return [
        Judged(subject, attempt, looks.get(subject))
        for one, made in zip(captioned, arm.lists, strict=True)
        for subject in [one.pictured.subject_id]
        for attempt in chosen(made)
    ]


def share(found: Sequence[Judged], told: Callable[[Judged], bool | None]) -> str:
    """Return a share of those that it is known of, with its interval."""
    known = [(one.caption, hit) for one in found if (hit := told(one)) is not None]
    return str(clustered_share(known)) if known else "none"


def gain(captioned: Sequence[Captioned], before: Sequence[Judged], after: Sequence[Judged]) -> Estimate:
    """Return by how much more are valid, captions resampled together."""
    there = [Drawing(one.pictured.subject_id, "error", good=False) for one in captioned]  # counts for nothing
    rates = [
        [*there, *(Drawing(one.caption, "accepted", good=one.valid) for one in side if one.valid is not None)]
        for side in (before, after)
    ]
    return difference(rates[0], rates[1], RATES["residual_invalid"])


def print_arms(captioned: Sequence[Captioned], arms: Mapping[str, Arm], emitted: Mapping[str, list[Judged]]) -> None:
    """Print one row for each way to make negatives."""
    print("\n| way | negatives | valid | sound by their words | false of the picture | full lists |", end="")
    print(" questions per caption | CPU ms per caption |\n|---|---:|---|---:|---|---:|---:|---:|")
    for name, arm in arms.items():
        found, lists = emitted[name], len(captioned)
        cells = (
            str(len(found)),
            share(found, lambda one: one.valid),
            f"{sum(one.sound for one in found) / max(1, len(found)):.3f}",
            share([one for one in found if one.sound], lambda one: one.false()),
            f"{sum(len(made.accepted) == Quota().total for made in arm.lists) / lists:.3f}",
            f"{sum(arm.asked.values()) / lists:.2f}",
            f"{arm.seconds / lists * 1000:.0f}",
        )
        print(f"| {name} | {' | '.join(cells)} |")


def print_parts(found: Sequence[Judged]) -> None:
    """Print the validity of `both` by level and by attribute type, a type's changes alone."""
    print(f"\n| {BOTH} | negatives | valid |\n|---|---:|---|")
    for level in LEVELS.values():
        of_level = [one for one in found if one.attempt.level == level]
        print(f"| {level} | {len(of_level)} | {share(of_level, lambda one: one.valid)} |")
    for name in TYPES:
        of_type = [one for one in found if name in {change.type for change in one.attempt.compared.changes}]
        print(f"| {name} | {len(of_type)} | {share(of_type, partial(Judged.false, of_type=name))} |")


def print_lists(captioned: Sequence[Captioned], arm: Arm) -> None:
    """Print how full the lists of an arm are, and why some are short."""
    wanted = Quota().total
    lists = [(len(one.positive.attributes), made) for one, made in zip(captioned, arm.lists, strict=True)]
    rich = [made for attributes, made in lists if attributes >= AIMED_FOR]
    full = sum(len(made.accepted) == wanted for made in rich)
    levels = Counter(one.level for _, made in lists for one in made.accepted)
    print(f"\nexactly {wanted}: {full} of the {len(rich)} captions with three attributes or more ", end="")
    print(f"({full / max(1, len(rich)):.3f}), {sum(len(m.accepted) == wanted for _, m in lists)} of all {len(lists)}")
    print("mix of levels: " + ", ".join(f"{level} {levels[level]}" for level in LEVELS.values()))
    short = Counter((min(n, AIMED_FOR), why_short(made)) for n, made in lists if len(made.accepted) < wanted)
    for (attributes, why), number in sorted(short.items()):
        print(f"short with {attributes}{' or more' if attributes == AIMED_FOR else ''} attributes: {why} {number}")
    accepted_ones = sum(len(made.accepted) for _, made in lists)
    mended = sum(one.attempt > 0 for _, made in lists for one in made.attempts)
    print(f"corrections per accepted negative: {mended / max(1, accepted_ones):.3f}")
    asked = ", ".join(f"{name} {number / len(lists):.2f}" for name, number in sorted(arm.asked.items()))
    print(f"questions per caption: {asked}; statements seen: {dict(sorted(arm.held.items()))}")


def why_short(made: MadeList) -> str:
    """Return the commonest reason of what was rejected; what else ended the work where nothing was."""
    if made.unreadable:
        return "unreadable_answer"
    rejected = [one for one in made.attempts if one.outcome == "rejected"]
    reasons = Counter(fault.code for one in rejected for fault in one.compared.faults)
    return reasons.most_common(1)[0][0] if reasons else "too_few_written"


def print_attempts(captioned: Sequence[Captioned], arms: Mapping[str, Arm], looks: Looks) -> None:
    """Print what is refused, and what it would cost to write out what was rejected."""
    faults = Counter(fault.code for made in arms[BOTH].lists for one in made.attempts for fault in one.compared.faults)
    print("refused: " + ", ".join(f"{code} {number}" for code, number in faults.most_common()))
    print("\n| with the rejected ones written out, too | negatives | valid | of the rejected ones alone |")
    print("|---|---:|---|---|")
    for name in ("words only", "requested", "vision", BOTH):
        every = judged(
            captioned, arms[name], looks, lambda made: [a for a in made.attempts if a.outcome != "corrected"]
        )
        rejected = [one for one in every if one.attempt.outcome == "rejected"]
        cells = (len(every), share(every, lambda one: one.valid), share(rejected, lambda one: one.valid))
        print(f"| {name} | {cells[0]} | {cells[1]} | {cells[2]} ({len(rejected)}) |")


def ended(made: MadeList) -> list[Attempt]:
    """Return what became of each negative: the accepted sentence, or its last correction."""
    return [one for one in made.attempts if one.outcome != "corrected"]


def print_invalid(captioned: Sequence[Captioned], found: Sequence[Judged]) -> None:
    """Print which words `both` lets through although they are true, and how many it cannot be told of."""
    category_of = {one.pictured.subject_id: one.pictured.category for one in captioned}
    wrong = [(one, change) for one in found for change in one.true_words()]
    print(f"\n{BOTH}: not told by the truth {sum(one.valid is None for one in found)}; words true of their pictures:")
    print("what they are: " + listed(Counter(what_it_is(one.look, change) for one, change in wrong if one.look)))
    print("confirmed by: " + listed(Counter(" and ".join(one.attempt.confirmed_by) for one, _ in wrong)))
    print("of the categories: " + listed(Counter(category_of[one.caption] for one, _ in wrong)))
    print("the words: " + listed(Counter(f"{change.origin} -> {change.target}" for _, change in wrong)))


def what_it_is(look: DrawnLook, change: Change) -> str:
    """Return which part of a drawing bears the word."""
    if change.type != "colour":
        return change.type
    colour = change.target.split()[-1]
    return "main colour" if colour == look.colour else f"second colour of a {look.pattern} thing"


def listed(counts: Counter[str]) -> str:
    """Return the twelve commonest with their numbers."""
    return ", ".join(f"{name} {number}" for name, number in counts.most_common(12))


if __name__ == "__main__":
    main()
