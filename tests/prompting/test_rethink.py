"""Which prompts are rethought: those whose faults repeat in their category, a bounded number of times."""

import json
from dataclasses import replace

import pytest

from genval_assets.prompting.rethink import (
    Picture,
    candidates,
    ignored_slots,
    judged_pictures,
    reachable_factors,
)
from genval_assets.prompting.rethink_settings import RethinkSettings
from genval_assets.rows import Instance, Prompt, PromptProbe, Verdict

SETTINGS = RethinkSettings()
SLOTS = {"subject": "banana", "colour": "blue", "lighting": "soft light"}


@pytest.fixture
def category(make_row):
    """Build a category's rows: a prompt with one picture each, by what came of it."""

    class Category:
        def __init__(self) -> None:
            self.prompts: list[Prompt] = []
            self.instances: list[Instance] = []
            self.verdicts: list[Verdict] = []
            self.probes: list[PromptProbe] = []

        def prompt(self, *outcomes: str | dict[str, str], slots=SLOTS, **given) -> Prompt:
            """Add a prompt; each outcome is a reason of rejection, `error`, or what is seen of a valid picture."""
            index = len(self.prompts)
            prompt = make_row(Prompt, prompt_id=f"p{index}", index=index, slots=json.dumps(slots), **given)
            self.prompts.append(prompt)
            for outcome in outcomes:
                self.draw(prompt, outcome)
            return prompt

        def draw(self, prompt: Prompt, outcome: str | dict[str, str], **given) -> None:
            instance = make_row(Instance, prompt_id=prompt.prompt_id, index=len(self.instances), **given)
            self.instances.append(instance)
            valid = isinstance(outcome, dict)
            self.verdicts.append(
                make_row(
                    Verdict,
                    instance_id=instance.instance_id,
                    outcome="accepted" if valid else "error" if outcome == "error" else "rejected",
                    reasons=[] if valid else [outcome],
                    seen=json.dumps(outcome) if valid else None,
                )
            )

        def probe(self, parent: Prompt, *, accepted: bool, slots=SLOTS, missing=(), extra=()) -> None:
            self.probes.append(
                make_row(
                    PromptProbe,
                    parent_id=parent.prompt_id,
                    accepted=accepted,
                    slots=json.dumps(slots),
                    missing=list(missing),
                    extra=list(extra),
                )
            )

        @property
        def pictures(self) -> list[Picture]:
            return judged_pictures(self.prompts, self.instances, self.verdicts)

        def rethought(self, round_=2, **settings):
            chosen = SETTINGS.model_copy(update={"per_wave": 10} | settings)
            return candidates(self.prompts, self.pictures, self.probes, round_, chosen)

        def ids(self, **given) -> list[str]:
            return [one.parent.prompt_id for one in self.rethought(**given)]

    return Category()


YELLOW = {"colour": "yellow", "lighting": "soft"}
AS_ASKED = {"colour": "blue", "lighting": "soft"}
RED_LIGHT = {"colour": "blue", "lighting": "dramatic"}


def test_prompts_that_fail_for_a_reason_that_repeats_are_rethought_with_it(category):
    for outcome in ("incomplete", AS_ASKED, "incomplete", AS_ASKED, "incomplete", "residue"):
        category.prompt(outcome)
    found = category.rethought()
    assert [(one.parent.prompt_id, one.extra, one.missing) for one in found] == [
        ("p0", ("incomplete",), ()),
        ("p2", ("incomplete",), ()),
        ("p4", ("incomplete",), ()),
    ]


def test_an_accident_wastes_no_probe(category):
    for outcome in ("wrong_category", *[AS_ASKED] * 6, RED_LIGHT, *[AS_ASKED] * 6):
        category.prompt(outcome)
    assert category.ids() == []
    category.prompt("wrong_category")
    category.prompt("wrong_category")
    assert category.ids() == []  # 3 of 16, which may be one in ten: lower Wilson bound .066
    category.prompt("wrong_category")
    category.prompt("wrong_category")
    assert category.ids() == ["p0", "p14", "p15", "p16", "p17"]  # 5 of 18: .125


def test_a_prompt_of_which_most_pictures_fail_is_rethought_whatever_the_others_do(category):
    failing = category.prompt("incomplete", "residue")
    for _ in range(20):
        category.prompt(AS_ASKED)
    (found,) = category.rethought()
    assert (found.parent, found.extra) == (failing, ("incomplete", "residue"))


def test_a_slot_that_no_picture_shows_is_ignored_by_the_generator(category):
    for _ in range(3):
        category.prompt(YELLOW)
    (first, *_) = category.rethought()
    assert (first.kept, first.missing, first.ignored, first.extra) == (("lighting",), ("colour",), ("colour",), ())
    assert ignored_slots(category.pictures) == {"colour"}


def test_a_slot_that_is_missing_now_and_then_is_stated_more_clearly_and_not_ignored(category):
    for seen in (AS_ASKED, AS_ASKED, RED_LIGHT, RED_LIGHT, RED_LIGHT):
        category.prompt(seen)
    assert [(one.parent.prompt_id, one.missing, one.ignored) for one in category.rethought()] == [
        ("p2", ("lighting",), ()),
        ("p3", ("lighting",), ()),
        ("p4", ("lighting",), ()),
    ]


@pytest.mark.parametrize(
    ("kept", "missing", "ignored"),
    [(0, 1, False), (0, 2, True), (1, 2, False), (1, 4, True), (2, 7, False), (2, 8, True)],
)
def test_a_value_met_by_chance_does_not_hide_that_the_slot_is_ignored(category, kept, missing, ignored):
    for seen in [AS_ASKED] * kept + [YELLOW] * missing:
        category.prompt(seen)
    assert (ignored_slots(category.pictures) == {"colour"}) is ignored


def test_pictures_that_were_refused_or_undecided_say_nothing_of_what_the_generator_ignores(category, make_row):
    for _ in range(3):
        prompt = category.prompt("incomplete", "error")
        category.verdicts[-2] = replace(category.verdicts[-2], seen=json.dumps(YELLOW))
    assert ignored_slots(category.pictures) == set()
    assert len(category.pictures) == 3
    assert category.rethought()[0].missing == ("colour",)  # the rewrite is told all the same
    category.draw(prompt, "wrong_category")
    category.verdicts[-1] = replace(category.verdicts[-1], seen=json.dumps(AS_ASKED))
    assert category.pictures[-1].compared.kept == ()


def test_what_an_earlier_model_could_not_draw_is_no_evidence_against_this_one(category):
    old, new = category.prompt(), category.prompt()
    for _ in range(3):
        category.draw(old, YELLOW, revision="1")
    assert ignored_slots(category.pictures) == {"colour"}
    category.draw(new, AS_ASKED, revision="2", round=2)
    assert ignored_slots(category.pictures) == set()
    assert [picture.prompt_id for picture in category.pictures] == ["p1"]


def test_fresh_prompts_do_not_ask_for_what_the_generator_ignores(category):
    factors = {"colour": ["red", "blue"], "mood": ["calm"]}
    assert reachable_factors(factors, {"colour"}) == {"mood": ("calm",)}
    assert reachable_factors(factors, set()) == {"colour": ("red", "blue"), "mood": ("calm",)}


def test_the_most_widespread_fault_comes_first_and_a_wave_rethinks_no_more_than_it_may(category):
    for outcome in ("incomplete", "incomplete", YELLOW, YELLOW, YELLOW):
        category.prompt(outcome)
    assert category.ids() == ["p2", "p3", "p4", "p0", "p1"]
    assert category.ids(per_wave=2) == ["p2", "p3"]
    assert category.ids(per_wave=0) == []
    assert category.ids(enabled=False) == []


def test_only_prompts_of_earlier_rounds_are_rethought(category):
    category.prompt(YELLOW, round=1)
    category.prompt(YELLOW, round=2)
    assert category.ids(round_=2) == ["p0"]
    assert category.ids(round_=1) == []


def test_a_prompt_that_was_replaced_is_left_alone_and_a_chain_ends(category):
    parent_id = None
    for _ in range(4):
        parent_id = category.prompt(YELLOW, parent_id=parent_id).prompt_id
    assert category.ids(max_rounds=4) == ["p3"]
    assert category.ids(max_rounds=3) == []


def test_a_refused_rewrite_is_not_tried_again_on_the_same_evidence(category):
    prompt = category.prompt(RED_LIGHT, RED_LIGHT)
    category.prompt(AS_ASKED)
    category.probe(prompt, accepted=False, missing=["lighting"])
    assert category.ids() == []
    category.draw(prompt, YELLOW)
    category.draw(prompt, YELLOW)
    category.draw(prompt, YELLOW)
    assert category.ids() == ["p0"]  # now the colour is missing, too


def test_a_slot_known_to_be_ignored_only_now_is_new_evidence(category):
    prompt = category.prompt(YELLOW, YELLOW)
    category.probe(prompt, accepted=False, missing=["colour"])  # that rewrite still asked for it
    assert category.ids() == ["p0"]
    category.probe(prompt, accepted=False, missing=["colour"], slots={"subject": "banana"})
    assert category.ids() == []


def test_once_a_rewrite_without_the_ignored_slot_was_accepted_no_further_prompt_is_rethought_for_it(category):
    first = category.prompt(YELLOW)
    category.prompt(YELLOW)
    category.prompt(YELLOW | {"lighting": "dramatic"}, YELLOW | {"lighting": "dramatic"})
    category.probe(first, accepted=True, missing=["colour"], slots={"subject": "banana"})
    assert category.ids() == ["p2"]  # it has another fault


def test_a_fault_that_no_rewrite_mends_is_given_up(category):
    prompts = [category.prompt("incomplete") for _ in range(5)]
    for prompt in prompts[:2]:
        category.probe(prompt, accepted=False, extra=["incomplete"])
    assert category.ids() == ["p2", "p3", "p4"]
    category.probe(prompts[2], accepted=False, extra=["incomplete"])
    assert category.ids() == []
    category.probe(prompts[3], accepted=True, extra=["incomplete"])
    assert category.ids() == ["p4"]


def test_pictures_without_a_prompt_and_categories_without_pictures_are_no_evidence(category, make_row):
    category.instances.append(make_row(Instance, prompt_id=None))
    category.prompt()
    assert category.pictures == []
    assert category.ids() == []
