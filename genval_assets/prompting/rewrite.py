"""How a prompt is rewritten: what the model is asked (InstaDA's T-Agent), and the one form of answer that is taken."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

from pydantic import Field

from genval_assets.chat.answers import Answered, read_answer
from genval_assets.chat.ask import about, worded
from genval_assets.keys import recipe, seed_of
from genval_assets.prompting.agent import printable, refuse
from genval_assets.prompting.lint import Fault, lint_prompt, spoken_name
from genval_assets.prompting.probe import Probe
from genval_assets.prompting.records import SUBJECT, states, words
from genval_assets.prompting.rethink import Rethink
from genval_assets.prompting.slots import read_slots
from genval_assets.rows import Category, PromptProbe
from genval_assets.types import ChatRequest

STAGE = "optimized_prompts"


class SlotValue(Answered):
    """One slot that the prompt states."""

    name: str = Field(min_length=1, max_length=40)
    value: str = Field(min_length=1, max_length=200)


class RethinkAnswer(Answered):
    """The permitted answer."""

    prompt: str = Field(min_length=1, max_length=1000, description="The rewritten prompt: one sentence, one object.")
    slots: tuple[SlotValue, ...] = Field(max_length=16, description="Each slot whose value the prompt states.")


@dataclass(frozen=True)
class Rewrite:
    """A prompt rewritten."""

    text: str
    slots: dict[str, str]  # slot -> value that the text states; the subject among them


def rethink_agent_text() -> str:
    """Return the shipped system prompt."""
    return files("genval_assets.prompting").joinpath("rethink_agent.txt").read_text(encoding="utf-8")


@dataclass(frozen=True)
class RethinkQuestion:
    """How should a prompt read, given what its pictures showed? Fits `chat.ask.Question`."""

    system: str
    category: Category  # its name is data: passed as JSON, so that nothing in it reads as an instruction
    rethink: Rethink
    accepted: tuple[str, ...] = ()  # the category's other prompts, without the one that is rewritten

    def request(self, attempt: int, faults: Sequence[str]) -> ChatRequest:
        """Return the question; with `faults`, what was wrong with the earlier answers.

        What the vision model saw is not passed on: it may hold what was written inside a picture.
        """
        rethink = self.rethink
        task = {
            **about(self.category.name, self.category.definition),
            "prompt": rethink.parent.text,
            "slots": _worded(rethink),
            "kept": list(rethink.kept),
            "missing": [slot for slot in rethink.missing if slot not in rethink.ignored],
            "extra": list(rethink.extra),
            "ignored": list(rethink.ignored),
        }
        return ChatRequest(
            stage=STAGE,
            system=self.system,
            user=worded(task, faults),
            answer_schema=RethinkAnswer,
            seed=seed_of("rethink", rethink.parent.prompt_id, attempt),
            temperature=0.7,
            category=self.category.category,
            attempt=attempt,
        )

    def read(self, text: str) -> Rewrite:
        """Return the rewrite of a raw answer.

        Raises:
            UnreadableAnswer: the answer has another form, the prompt does not pass the lint, states an ignored slot or
                lost one that it should keep, or the slots are not what it states; the message names every fault.
        """
        answer = read_answer(text, RethinkAnswer)
        prompt, category = printable(answer.prompt), self.category
        found = lint_prompt(prompt, category.name, category.synonyms, self.accepted)
        refuse(prompt, [*found, *_slot_faults(prompt, answer.slots, self.rethink, category.name)])
        slots = read_slots(self.rethink.parent.slots)
        stated = {slot.name for slot in answer.slots} | {SUBJECT}
        return Rewrite(prompt, {name: value for name, value in slots.items() if name in stated})


def probe_row(
    rethink: Rethink, rewrite: Rewrite, probe: Probe, round_: int, index: int, run_id: str, now: datetime
) -> PromptProbe:
    """Return the row of a probe that has ended; one that ended without a decision replaces nothing.

    Args:
        rethink: what was rewritten, and why.
        rewrite: the new text.
        probe: what came of it.
        round_: in which it was probed.
        index: of the prompt that takes the new text if it is accepted.
        run_id: of the run that appends the row.
        now: UTC.
    """
    parent = rethink.parent
    return PromptProbe(
        prompt_probe_id=recipe(
            "prompt_probes", category=parent.category, index=index, parent=parent.prompt_id, text=rewrite.text
        ),
        run_id=run_id,
        created_at=now,
        category=parent.category,
        round=round_,
        index=index,
        parent_id=parent.prompt_id,
        text=rewrite.text,
        slots=json.dumps(rewrite.slots, ensure_ascii=False),
        kept=list(rethink.kept),
        missing=list(rethink.missing),
        extra=list(rethink.extra),
        pairs=probe.pairs,
        parent_good=probe.parent_good,
        good=probe.good,
        p_better=probe.p_better,
        accepted=probe.decision == "accept",
        reason=probe.reason,
    )


def _worded(rethink: Rethink) -> dict[str, str]:
    """Return the parent's slots without the subject: those that are words of the prompt."""
    return {name: value for name, value in read_slots(rethink.parent.slots).items() if name != SUBJECT}


def _slot_faults(prompt: str, answered: Sequence[SlotValue], rethink: Rethink, name: str) -> list[Fault]:
    """Return what is wrong with the slots of an answer, in the order of the rules."""
    slots, stated = _worded(rethink), {slot.name: slot.value for slot in answered if slot.name != SUBJECT}
    faults = [*_claimed(prompt, stated, slots)]
    faults += [
        Fault("ignored_slot", f"drop {slot}, {slots[slot]!r}: the model does not obey it")
        for slot in rethink.ignored
        if slot in stated or _says(prompt, slots[slot], name)
    ]
    faults += [
        Fault("lost_slot", f"keep {slot}, {value!r}, in the prompt and among the slots")
        for slot, value in slots.items()
        if slot not in rethink.ignored and slot not in stated and states(rethink.parent.text, value)
    ]
    return faults


def _claimed(prompt: str, stated: dict[str, str], slots: dict[str, str]) -> Iterator[Fault]:
    """Yield what is wrong with the slots that an answer claims to state."""
    for slot, value in stated.items():
        if slot not in slots:
            yield Fault("unknown_slot", f"{slot!r} is no slot of this prompt; it has {', '.join(slots)}")
        elif words(value) != words(slots[slot]):
            yield Fault("changed_slot", f"{slot} is {slots[slot]!r}, not {value!r}")
        elif not states(prompt, value):
            yield Fault("unstated_slot", f"{slot} is listed, but the prompt does not hold the words {value!r}")


def _says(prompt: str, value: str, name: str) -> bool:
    """Return whether the prompt holds a value as a phrase, the category's name and the plain ground aside."""
    text = re.sub(rf"\b{re.escape(_flat(spoken_name(name)))}\b", " ", _flat(prompt))
    text = re.sub(r"(?:\w+ ){0,3}(?:background|backdrop|ground)\b", " ", text)
    return re.search(rf"(?<!\w){re.escape(_flat(value))}(?!\w)", text) is not None


def _flat(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))
