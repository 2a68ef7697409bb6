"""How the offline foreground model errs: what goes wrong with a draw, and how likely the prompt's words make it.

All rates are our choice, set so that a careless prompt spoils about one draw in two and a careful one about one in
thirteen. They describe this simulation and nothing else.
"""

from dataclasses import dataclass

import numpy as np

from genval_assets.keys import seed_of
from resources.offline.wording import Wording

UNASKED, ASKED = {"two": 0.16, "cut": 0.18, "remains": 0.20}, 0.005
"""Chance of each fault when the prompt has no cue against it, and when it has one."""
INVITED = 0.75
"""Chance of a fault that the words ask for: several objects, a close-up, a scene."""
SECOND_KIND = 0.5
"""Chance that a second kind named in the prompt is drawn too."""


@dataclass(frozen=True)
class Faults:
    """What goes wrong with one draw."""

    two: bool  # the object is drawn twice, or a second kind beside it
    cut: bool  # it leaves the frame
    remains: bool  # something of a background is left
    wrong: bool  # another kind is drawn

    def reasons(self) -> list[str]:
        """Return the names of validation's criteria that the draw fails."""
        named = {
            "wrong_category": self.wrong,
            "multiple_objects": self.two,
            "incomplete": self.cut,
            "cluttered_background": self.remains,
        }
        return [reason for reason, failed in named.items() if failed]


def irreducible(kind: str) -> float:
    """Return the share of a kind's draws that no wording saves, in [.03, .10)."""
    return 0.03 + 0.07 * seed_of("irreducible", kind) / 2**31


def sample_faults(kind: str, wording: Wording, seed: int) -> Faults:
    """Return the faults of one draw.

    The chances of the draw depend on kind and seed alone and only the thresholds on the words, so two prompts
    compared on the same seeds differ by their words and not by luck.
    """
    rng = np.random.default_rng(seed_of("faults", kind, seed))
    two, cut, remains, anything, which = rng.random(5).tolist()
    hopeless = anything < irreducible(kind)
    p_two = _chance("two", asked=wording.single, invited=wording.several)
    if len(wording.kinds) > 1:
        p_two = max(p_two, SECOND_KIND)
    return Faults(
        two=two < p_two or (hopeless and 0.45 <= which < 0.65),
        cut=cut < _chance("cut", asked=wording.whole, invited=wording.close) or (hopeless and 0.65 <= which < 0.85),
        remains=remains < _chance("remains", asked=wording.plain, invited=wording.scene)
        or (hopeless and which >= 0.85),
        wrong=hopeless and which < 0.45,
    )


def _chance(fault: str, *, asked: bool, invited: bool) -> float:
    if invited:
        return INVITED
    return ASKED if asked else UNASKED[fault]
