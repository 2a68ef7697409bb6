"""Hands of the offline studio: the parameters with which the foreground model draws where the words are silent.

Production uses its own. Golden labels, TextGrad's acceptance and the final figures each have another, so that
nothing is tuned on what it is measured with. Not here: seeds, which are the caller's.
"""

from collections.abc import Mapping

from resources.offline.studio import MODEL, Style

GOLDEN = Style((-1.0, -0.4), (0.05, 0.12), (185, 230), (0.55, 0.64), (0.5, 0.62), (0.3, 0.5), (0.25, 0.36),
               (-0.02, -0.008), (0.75, 0.84), (0.8, 0.87), 0.006, 0.5)  # fmt: skip
"""Slender things in grazing light from the left, matt and pale."""

ACCEPTANCE = Style((-0.3, 0.3), (0.13, 0.2), (235, 285), (0.66, 0.75), (0.64, 0.78), (0.55, 0.8), (0.38, 0.5),
                   (-0.006, 0.006), (0.86, 0.95), (0.89, 0.96), 0.009, 0.7)  # fmt: skip
"""Middling things lit from above."""

FINAL = Style((0.4, 1.0), (0.21, 0.28), (290, 335), (0.77, 0.86), (0.8, 0.95), (0.85, 1.1), (0.52, 0.65),
              (0.008, 0.02), (0.97, 1.1), (0.98, 1.06), 0.012, 0.9)  # fmt: skip
"""Full things seen from higher up, lit from the right, glossy and saturated."""

HANDS: Mapping[str, Style] = {"own": MODEL, "golden": GOLDEN, "acceptance": ACCEPTANCE, "final": FINAL}
"""All hands by name."""
MEASURING = ("golden", "acceptance", "final")
"""No two of these share a value of any range. Whatever a prompt's words fix (the viewpoint, the light), proportions,
hue, saturation, value, gloss and rim remain apart."""
