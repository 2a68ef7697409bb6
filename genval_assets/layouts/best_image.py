"""Which of a layout's pictures is kept, by CLIS-I. Not here: what sinks it later (`outlines.py`, `extraneous.py`)."""

from collections.abc import Sequence
from dataclasses import dataclass

from genval_assets.layouts.clis_i import NodeTerms, PictureScore
from genval_assets.layouts.settings import ClisISettings

UNDER_FLOOR, LOCAL_FLOOR, UNREAD, NOT_DRAWN = "under_floor", "local_floor", "unread", "not_drawn"


@dataclass(frozen=True)
class Choice:
    """The best picture of a layout, and why it is not kept; it is when there is no reason."""

    picture_id: str | None  # None: no picture has a score
    clis_i: float | None  # of the best
    reasons: tuple[str, ...] = ()  # codes
    explanation: str = ""  # the reasons in words, with what was said of the objects that fail

    @property
    def kept(self) -> bool:
        """Whether the picture may become a scene."""
        return not self.reasons


def best(scores: Sequence[tuple[str, PictureScore]], settings: ClisISettings) -> Choice:
    """Return the picture with the highest CLIS-I, the first of equals, and why it is not kept.

    An object under `local_floor` sinks its picture: it is passed over while another of the layout has none such, and
    only of those without is the best taken (our choice; the paper knows no local floor). An object of which nothing
    could be read sinks nothing.

    Args:
        scores: id and score of each picture of one layout, in the order in which they were drawn.
        settings: the floors.

    Raises:
        ValueError: the model was not reached for one of them, so nothing can be decided.
    """
    if not scores:
        return Choice(None, None, (NOT_DRAWN,), "no picture could be drawn")
    _refuse_owed(scores)
    scored = [(picture_id, score, score.clis_i) for picture_id, score in scores if score.clis_i is not None]
    if not scored:
        return Choice(None, None, (UNREAD,), f"nothing that was said of {len(scores)} pictures could be read")
    sound = [one for one in scored if not _failing(one[1], settings)]
    picture_id, score, clis_i = max(sound or scored, key=lambda one: one[2])
    return _judged(picture_id, score, clis_i, settings)


def _judged(picture_id: str, score: PictureScore, clis_i: float, settings: ClisISettings) -> Choice:
    reasons, said = [], []
    if clis_i < settings.floor:
        reasons.append(UNDER_FLOOR)
        said.append(f"CLIS-I {clis_i:.1f} is under {settings.floor:g}")
    failing = _failing(score, settings)
    if failing:
        reasons.append(LOCAL_FLOOR)
        said += [
            f"{node.node_id} has {node.local:.0f}, under {settings.local_floor:g}: {_words(node)}" for node in failing
        ]
    return Choice(picture_id, clis_i, tuple(reasons), "; ".join(said))


def _failing(score: PictureScore, settings: ClisISettings) -> list[NodeTerms]:
    return [node for node in score.nodes if node.local is not None and node.local < settings.local_floor]


def _words(node: NodeTerms) -> str:
    return repr(node.box.said or node.crop.said)


def _refuse_owed(scores: Sequence[tuple[str, PictureScore]]) -> None:
    owed = [picture_id for picture_id, score in scores if score.unanswered]
    if owed:
        raise ValueError(f"pictures {owed} are not fully examined; a layout is decided when all of its pictures are")
