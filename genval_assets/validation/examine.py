"""A candidate's way through validation: the mask gate first, then the vision model on what the gate lets pass.

Used by the stage that judges candidates, by the rehearsals of TextGrad and by the probes of Prompt Rethink, so that
all of them mean the same by "good".
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from genval_assets.chat.ask import Reply, ask_all
from genval_assets.instances.gate import Finding, Frame, GateVerdict, judge_mask, refused
from genval_assets.instances.gate_settings import GateSettings
from genval_assets.instances.ground import in_frame
from genval_assets.model_ports import ChatModel
from genval_assets.types import Rgb, Rgba
from genval_assets.validation.judge import Judgement, JudgeQuestion, majority

PICTURE_PX = 512
"""Longest side of what the vision model is shown (our choice): tokens grow with the area."""
UNREADABLE = "unreadable_answer"
"""Reason of an `error`: no attempt brought an answer that can be read."""
NOT_FINISHED = "not_finished"
"""Reason of an `error`: it was accepted on a quick decode, and the careful one failed."""
DESCRIBED = ("colour", "texture", "pattern", "material", "viewpoint", "lighting", "status")
"""Slots of prompts that a picture can show (our choice); the model is asked to describe those that a prompt has."""


@dataclass(frozen=True, eq=False)
class Specimen:
    """One candidate to examine."""

    instance_id: str
    category: str  # partition key
    name: str
    definition: str | None
    crop: Rgba | Rgb  # tight crop of everything visible
    frame: Frame
    seed: int
    real: bool  # cut from a photograph by an annotation's mask
    by_eye: bool  # the vision model is asked, too
    look_for: tuple[str, ...] = ()
    objections: tuple[Finding, ...] = ()  # what its making has found against it; the gate refuses it for them


@dataclass(frozen=True, eq=False)
class Examined:
    """What validation says of one candidate."""

    specimen: Specimen
    gate: GateVerdict
    judgement: Judgement | None = None  # of the vision model, where it was asked and its answer could be read
    fault: str = ""  # why its answer could not be read
    raw: str = ""  # the last answer that could not be read
    unanswered: str = ""  # why the model was not reached: nothing is decided, the candidate stays owed
    unfinished: str = ""  # why no final picture could be made of what was accepted

    @property
    def stage(self) -> str:
        """Where it was decided: draw (no final picture came) | gate | vlm."""
        if self.unfinished:
            return "draw"
        return "vlm" if self.gate.accepted and (self.judgement or self.fault) else "gate"

    @property
    def outcome(self) -> str:
        """Return accepted | rejected | error; only a candidate that the gate accepts can be accepted."""
        if not self.gate.accepted:
            return "rejected"
        if self.fault or self.unanswered or self.unfinished:
            return "error"
        return "accepted" if self.judgement is None or self.judgement.keep else "rejected"

    @property
    def reasons(self) -> tuple[str, ...]:
        """Codes for which it was rejected, or could not be judged."""
        if not self.gate.accepted:
            return self.gate.reasons
        if self.fault or self.unfinished:
            return (UNREADABLE if self.fault else NOT_FINISHED,)
        return self.judgement.reasons if self.judgement else ()

    @property
    def explanation(self) -> str:
        """A sentence for people."""
        if not self.gate.accepted:
            return self.gate.explanation
        return self.fault or self.unfinished or (self.judgement.explanation if self.judgement else "")


def examine(
    specimens: Sequence[Specimen], gate: GateSettings, chat: ChatModel | None, system: str, votes: int = 1
) -> list[Examined]:
    """Return what validation says of each candidate, in order.

    Args:
        specimens: candidates.
        gate: thresholds; the overrides of single categories apply.
        chat: the open vision model; None where no specimen is judged by eye.
        system: the validation agent's system prompt.
        votes: opinions per candidate, an odd number.

    Raises:
        ValueError: a specimen is to be judged by eye and there is no model.
    """
    gated = [_gated(one, gate) for one in specimens]
    asked = [i for i, one in enumerate(specimens) if one.by_eye and gated[i].accepted]
    if asked and chat is None:
        raise ValueError(f"{specimens[asked[0]].instance_id} is to be judged by eye, but no vision model is open")
    looks = _look([specimens[i] for i in asked], chat, system, votes) if chat else []
    looked = dict(zip(asked, looks, strict=True))
    return [
        _concluded(specimen, gated[i], looked[i]) if i in looked else Examined(specimen, gated[i])
        for i, specimen in enumerate(specimens)
    ]


def _gated(one: Specimen, settings: GateSettings) -> GateVerdict:
    verdict = judge_mask(one.crop, one.frame, settings.for_category(one.category), real=one.real)
    return refused(verdict, one.objections) if verdict.accepted and one.objections else verdict


def finished(one: Examined, crop: Rgba, frame: Frame, gate: GateSettings) -> Examined:
    """Return what validation says of an accepted candidate once its final picture is there: the gate looks again.

    The vision model does not: the final decode shows the same object, with a cleaner rim.
    """
    verdict = judge_mask(crop, frame, gate.for_category(one.specimen.category), real=one.specimen.real)
    return replace(one, gate=verdict)


def _look(specimens: Sequence[Specimen], chat: ChatModel, system: str, votes: int) -> list[list[Reply[Judgement]]]:
    """Return the replies on each specimen, one per vote."""
    questions = [_question(one, system, vote) for one in specimens for vote in range(votes)]
    replies = ask_all(chat, questions)
    return [replies[i : i + votes] for i in range(0, len(replies), votes)]


def _question(one: Specimen, system: str, vote: int) -> JudgeQuestion:
    return JudgeQuestion(
        system=system,
        category=one.category,
        name=one.name,
        definition=one.definition,
        look_for=one.look_for,
        picture=in_frame(one.crop, one.frame, PICTURE_PX),
        seed=one.seed,
        vote=vote,
    )


def _concluded(specimen: Specimen, gate: GateVerdict, replies: Sequence[Reply[Judgement]]) -> Examined:
    """Return the verdict of all votes; one that could not be had leaves the candidate undecided."""
    for reply in replies:
        if reply.unanswered:
            return Examined(specimen, gate, unanswered=reply.unanswered)
        if reply.value is None:
            return Examined(specimen, gate, fault=reply.faults[-1], raw=reply.raw)
    return Examined(specimen, gate, majority([reply.value for reply in replies if reply.value is not None]))
