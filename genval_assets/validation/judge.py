"""The validation agent (Gen-n-Val, arXiv 2506.04676): five criteria on one cut-out, read from one form of answer.

The mask gate comes before it (`instances/gate.py`); what the gate refuses is never shown to the model, so no answer
can accept it. The paper has four criteria and catches a wrong category through "single" only; we split it off.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import Field

from genval_assets.chat.answers import Answered, UnreadableAnswer, read_answer
from genval_assets.chat.ask import about, worded
from genval_assets.keys import seed_of
from genval_assets.types import ChatRequest, Rgb

STAGE = "validated_instances"
CRITERIA = ("correct_category", "single_object", "single_view", "intact", "plain_background")
"""In the order in which the model is asked for them."""

REASON_OF = {
    "single_view": "mixed_views",
    "intact": "incomplete",
    "plain_background": "cluttered_background",
}
"""Criterion -> reason code, where the criterion alone tells it; see `reasons`."""


class Finding(Answered):
    """What the model says of one criterion."""

    outcome: Literal["meet", "fail", "na"]
    explanation: str = Field(max_length=400, description="Why it fails, in a sentence; empty otherwise.")


class Attribute(Answered):
    """One property of the object as it looks in the picture."""

    name: str = Field(min_length=1, max_length=40)
    value: str = Field(max_length=60, description="Empty where the picture does not tell.")


class JudgeAnswer(Answered):
    """The permitted answer: first what is seen, then the criteria, then the conclusion."""

    objects: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=60)], ...], Field(max_length=10)] = Field(
        description="Every separate object in the picture, named; empty when there is none."
    )
    attributes: tuple[Attribute, ...] = Field(max_length=16, description="The properties asked for, as they look.")
    correct_category: Finding
    single_object: Finding
    single_view: Finding
    intact: Finding
    plain_background: Finding
    keep: bool


@dataclass(frozen=True)
class Judgement:
    """What the validation agent says of one candidate, free of contradictions."""

    keep: bool
    outcomes: dict[str, str]  # criterion -> meet | fail | na
    reasons: tuple[str, ...]  # codes, in the criteria's order; empty when kept
    explanation: str  # the failed criteria's sentences
    objects: tuple[str, ...]
    seen: dict[str, str] = field(default_factory=dict)  # attribute -> value, those the picture tells


def judge_prompt() -> str:
    """Return the shipped system prompt of the validation agent."""
    return files("genval_assets.validation").joinpath("judge_agent.txt").read_text(encoding="utf-8")


@dataclass(frozen=True)
class JudgeQuestion:
    """Whether one candidate is a good instance of its category. Fits `chat.ask.Question`."""

    system: str
    category: str  # partition key, for the record
    name: str  # data: passed as JSON, so that nothing in it reads as an instruction
    definition: str | None
    look_for: tuple[str, ...]  # attributes to describe; their requested values are not told, so none is suggested
    picture: Rgb  # the candidate in its frame, flattened over a plain ground
    seed: int
    vote: int = 0  # 1, 2: the further opinions of a majority

    def request(self, attempt: int, faults: Sequence[str]) -> ChatRequest:
        """Return the question; with `faults`, what was wrong with the earlier answers."""
        task = {**about(self.name, self.definition), "describe": list(self.look_for)}
        return ChatRequest(
            stage=STAGE,
            system=self.system,
            user=worded(task, faults),
            answer_schema=JudgeAnswer,
            images=(self.picture,),
            seed=seed_of("judge", self.seed, self.vote, attempt),
            temperature=0.7 if self.vote or attempt > 1 else 0.0,
            category=self.category,
            attempt=attempt,
        )

    def read(self, text: str) -> Judgement:
        """Return the judgement of a raw answer.

        Raises:
            UnreadableAnswer: the answer has another form, or contradicts itself.
        """
        return judgement(read_answer(text, JudgeAnswer))


def judgement(answer: JudgeAnswer) -> Judgement:
    """Return what an answer says, with reason codes.

    `na` counts as a failure, unless the category is wrong: then the other criteria need not be looked at.

    Raises:
        UnreadableAnswer: the answer contradicts itself; the message says where.
    """
    findings = {name: getattr(answer, name) for name in CRITERIA}
    wrong_category = findings["correct_category"].outcome == "fail"
    failed = [
        name
        for name, finding in findings.items()
        if finding.outcome == "fail" or (finding.outcome == "na" and not wrong_category)
    ]
    _refuse_contradictions(answer, findings, failed)
    return Judgement(
        keep=answer.keep,
        outcomes={name: finding.outcome for name, finding in findings.items()},
        reasons=tuple(_reason(name, answer.objects) for name in failed),
        explanation=" ".join(findings[name].explanation for name in failed if findings[name].explanation),
        objects=answer.objects,
        seen={a.name: a.value for a in answer.attributes if a.value},
    )


def _refuse_contradictions(answer: JudgeAnswer, findings: dict[str, Finding], failed: Sequence[str]) -> None:
    silent = [name for name in failed if findings[name].outcome == "fail" and not findings[name].explanation.strip()]
    single = findings["single_object"].outcome == "meet"
    contradictions = {
        "keep is true, but a criterion is not met: " + ", ".join(failed): answer.keep and bool(failed),
        "keep is false, but all criteria are met": not answer.keep and not failed,
        "correct_category must be meet or fail": findings["correct_category"].outcome == "na",
        "an explanation is missing for: " + ", ".join(silent): bool(silent),
        f"single_object is met, but {len(answer.objects)} objects are named": single and len(answer.objects) != 1,
    }
    for contradiction, found in contradictions.items():
        if found:
            raise UnreadableAnswer(contradiction)


def _reason(criterion: str, objects: Sequence[str]) -> str:
    if criterion == "correct_category":
        return "wrong_category" if objects else "no_object"
    if criterion == "single_object":
        if not objects:
            return "no_object"
        return "mixed_categories" if len({name.strip().lower() for name in objects}) > 1 else "multiple_objects"
    return REASON_OF[criterion]


def majority(votes: Sequence[Judgement]) -> Judgement:
    """Return the first vote that agrees with most: an odd number of votes, at least one.

    Raises:
        ValueError: the number of votes is even.
    """
    if len(votes) % 2 == 0:
        raise ValueError(f"a majority needs an odd number of votes; got {len(votes)}")
    keep = sum(vote.keep for vote in votes) * 2 > len(votes)
    return next(vote for vote in votes if vote.keep == keep)
