"""What is printed of the measurement of hard negatives."""

from collections import Counter
from collections.abc import Mapping, Sequence

from negative.arms import BOTH, COIN, COIN_ALONE, OFF, RANDOM_EYES, WORDS, Arm, Beside
from negative.judged import (
    Judged,
    Looks,
    accepted,
    attribute_false,
    ended,
    gain,
    judged,
    share,
    valid_share,
    whole_false,
)

from genval_assets.assets.list_rows import why_short
from genval_assets.negatives.changes import Change
from genval_assets.negatives.positive import AIMED_FOR
from genval_assets.negatives.quota import LEVELS, Quota
from genval_assets.negatives.verification import Captioned
from genval_assets.negatives.vocabulary import TYPES
from genval_assets.types import DrawnLook

PAIRS = (
    (BOTH, OFF), (WORDS, OFF), (COIN_ALONE, OFF),
    (BOTH, WORDS), (COIN, WORDS), (RANDOM_EYES, WORDS), (BOTH, COIN),
)  # fmt: skip
"""Ways that are compared. Most of what is gained over nothing at all is gained by the rules of words: what looking at
the picture is worth is told by the differences from these, beside those of chance in its place."""


def print_captions(captioned: Sequence[Captioned], pictures: int, looks: Looks, seconds: float) -> None:
    """Print what the captions are like, and how many are true; `seconds` are CPU of all pictures."""
    numbers = Counter(min(len(one.positive.attributes), AIMED_FOR) for one in captioned)
    counted = ", ".join(f"{n} with {_at_least(i)}" for i, n in sorted(numbers.items()))
    said = [
        (one.pictured.subject_id, attribute_false(attribute, looks[one.pictured.subject_id]))
        for one in captioned
        if one.pictured.subject_id in looks
        for attribute in one.positive.attributes
    ]
    true = share([(subject, None if false is None else not false) for subject, false in said])
    print(f"{pictures} accepted pictures were shown, {len(captioned)} captions kept; attributes of these: {counted}")
    print(f"true of the picture among the captions' own attributes: {true}; {seconds / pictures * 1000:.0f} ms of CPU")


def print_arms(captioned: Sequence[Captioned], arms: Mapping[str, Arm], looks: Looks) -> None:
    """Print one row for each way to make negatives, and the differences."""
    emitted = {name: judged(captioned, arm, looks, accepted) for name, arm in arms.items()}
    print("\n| way | negatives | valid | sound by their words | false of the picture | full lists |", end="")
    print(" questions per caption | CPU ms per caption |\n|---|---:|---|---:|---|---:|---:|---:|")
    for name, arm in arms.items():
        found, lists = emitted[name], len(captioned)
        cells = (
            str(len(found)),
            valid_share(found),
            f"{sum(one.sound for one in found) / max(1, len(found)):.3f}",
            share([(one.caption, one.false()) for one in found if one.sound]),
            f"{sum(len(made.accepted) == Quota().total for made in arm.lists) / lists:.3f}",
            f"{sum(arm.asked.values()) / lists:.2f}",
            f"{arm.seconds / lists * 1000:.0f}",
        )
        print(f"| {name} | {' | '.join(cells)} |")
    print()
    for after, before in PAIRS:
        print(f"valid, {after} - {before}: {gain(captioned, emitted[before], emitted[after])}")
    first = [one for one in emitted[COIN_ALONE] if one.attempt.attempt == 0]
    print(f"{COIN_ALONE}, those that it took as they were first written: {valid_share(first)}")


def print_parts(found: Sequence[Judged]) -> None:
    """Print the validity of `both` by level and by attribute type, a type's changes alone."""
    print(f"\n| {BOTH} | negatives | valid |\n|---|---:|---|")
    for level in LEVELS.values():
        of_level = [one for one in found if one.attempt.level == level]
        print(f"| {level} | {len(of_level)} | {valid_share(of_level)} |")
    for name in TYPES:
        of_type = [one for one in found if name in {change.type for change in one.attempt.compared.changes}]
        print(f"| {name} | {len(of_type)} | {share([(one.caption, one.false(name)) for one in of_type])} |")


def print_lists(captioned: Sequence[Captioned], arm: Arm) -> None:
    """Print how full the lists of an arm are, why some are short, and what was refused."""
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
        print(f"short with {_at_least(attributes)} attributes: {why} {number}")
    accepted_ones = sum(len(made.accepted) for _, made in lists)
    mended = sum(one.attempt > 0 for _, made in lists for one in made.attempts)
    print(f"corrections per accepted negative: {mended / max(1, accepted_ones):.3f}")
    asked = ", ".join(f"{name} {number / len(lists):.2f}" for name, number in sorted(arm.asked.items()))
    print(f"questions per caption: {asked}; statements seen: {dict(sorted(arm.held.items()))}")
    faults = Counter(fault.code for _, made in lists for one in made.attempts for fault in one.compared.faults)
    print("refused: " + _listed(faults))


def print_rejected(captioned: Sequence[Captioned], arms: Mapping[str, Arm], looks: Looks) -> None:
    """Print what it would cost to write out what was rejected."""
    print("\n| with the rejected ones written out, too | negatives | valid | of the rejected ones alone |")
    print("|---|---:|---|---|")
    for name in (WORDS, "requested", "vision", BOTH):
        every = judged(captioned, arms[name], looks, ended)
        rejected = [one for one in every if one.attempt.outcome == "rejected"]
        print(f"| {name} | {len(every)} | {valid_share(every)} | {valid_share(rejected)} ({len(rejected)}) |")


def print_invalid(captioned: Sequence[Captioned], found: Sequence[Judged]) -> None:
    """Print which words `both` lets through although they are true, and how many it cannot be told of."""
    category_of = {one.pictured.subject_id: one.pictured.category for one in captioned}
    wrong = [(one, change) for one in found for change in one.true_words()]
    print(f"\n{BOTH}: not told by the truth {sum(one.valid is None for one in found)}; words true of their pictures:")
    print("what they are: " + _listed(Counter(_what_it_is(one.looks[0], change) for one, change in wrong)))
    print("confirmed by: " + _listed(Counter(" and ".join(one.attempt.confirmed_by) for one, _ in wrong)))
    print("of the categories: " + _listed(Counter(category_of[one.caption] for one, _ in wrong)))
    print("the words: " + _listed(Counter(f"{change.origin} -> {change.target}" for _, change in wrong)))


def print_trivial(captioned: Sequence[Captioned], found: Mapping[str, Beside], looks: Looks) -> None:
    """Print how many captions of other pictures are really false of those that they were chosen for."""
    print("\n| trivial negatives | negatives | not told by the truth | really false | captions that got one |", end="")
    print(" questions per caption |\n|---|---:|---:|---|---:|---:|")
    for name, beside in found.items():
        chosen = [
            (one.pictured.subject_id, whole_false(other.other.positive, looks.get(one.pictured.subject_id, ())))
            for one, got in zip(captioned, beside.lists, strict=True)
            for other in got.chosen
        ]
        some = sum(bool(got.chosen) for got in beside.lists) / len(captioned)
        untold = sum(false is None for _, false in chosen)
        questions = beside.questions / len(captioned)
        print(f"| {name} | {len(chosen)} | {untold} | {share(chosen)} | {some:.3f} | {questions:.2f} |")


def print_scenes(captioned: Sequence[Captioned], pictures: int, arm: Arm, looks: Looks, seconds: float) -> None:
    """Print what `both` makes of pictures of several things."""
    found = judged(captioned, arm, looks, accepted)
    things = Counter(len(one.pictured.things) for one in captioned)
    print("\nscenes: " + ", ".join(f"{number} with {n} things" for n, number in sorted(things.items())))
    print_captions(captioned, pictures, looks, seconds)
    untold = sum(one.valid is None for one in found)
    print(f"{BOTH}: {len(found)} negatives, {untold} of them not told by the truth, valid {valid_share(found)}", end="")
    print_lists(captioned, arm)


def _at_least(attributes: int) -> str:
    return f"{attributes}{' or more' if attributes == AIMED_FOR else ''}"


def _what_it_is(look: DrawnLook, change: Change) -> str:
    """Return which part of a drawing bears the word."""
    if change.type != "colour":
        return change.type
    colour = change.target.split()[-1]
    return "main colour" if colour == look.colour else f"second colour of a {look.pattern} thing"


def _listed(counts: Counter[str]) -> str:
    """Return the twelve commonest with their numbers."""
    return ", ".join(f"{name} {number}" for name, number in counts.most_common(12))
