"""What the chosen sources can bring each category to, before anything was made."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from genval_assets.instances.effective import PER_SOURCE
from genval_assets.rows import Category
from genval_assets.topup.owed import CUTOUT
from genval_assets.topup.sources import Sources


@dataclass(frozen=True)
class Reach:
    """What one category has, wants and can get."""

    category: str
    name: str
    real: int
    target: int
    reachable: int  # real + effective synthetic, at best: every real instance usable, every cut-out accepted
    why: str

    @property
    def enough(self) -> bool:
        """Whether the target can be reached at all."""
        return self.reachable >= self.target


def reach(rows: Iterable[Category], sources: Sources) -> list[Reach]:
    """Return the reach of each active category that is below its target, in the order given."""
    return [_reach(row, sources) for row in rows if row.instance_count < row.target]


def summary(reaches: Sequence[Reach]) -> str:
    """Return what the reaches come to, in a sentence."""
    if not reaches:
        return "Every category has its target already."
    enough = sum(r.enough for r in reaches)
    text = f"{len(reaches)} categories are below their target; the chosen sources can bring {enough} of them to it."
    none = [r.name for r in reaches if r.reachable == r.real]
    if none:
        text += f" {len(none)} can get nothing ({', '.join(none[:3])}{', …' if len(none) > 3 else ''})."
    if enough < len(reaches):
        text += " The others need a foreground model or more real images."
    return text


def _reach(row: Category, sources: Sources) -> Reach:
    objects = min(row.instance_count, sources.max_references) if sources.of_objects else 0
    per_object = min(sum(map(sources.candidates_of, sources.of_objects)), PER_SOURCE)
    at_best = row.instance_count + objects * per_object
    if sources.generators(row.name):
        at_best = max(at_best, row.target)
        why = f"{' and '.join(sources.fingerprints)} can make what is missing"
    elif objects:
        made = "cut-outs" if sources.of_objects == [CUTOUT] else "cut-outs and variations"
        why = f"{row.instance_count} real, and at most {per_object} effective {made} of each of {objects}"
    else:
        why = "no real instance to cut out, and no foreground model that knows it"
    return Reach(row.category, row.name, row.instance_count, row.target, at_best, why)
