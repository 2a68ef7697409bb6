"""Which stored verdicts are not in force any more, for the published tables.

Tables in DuckDB have no order that a view could rely on, and the clock is no order; the parts have one.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from genval_assets.rows import Verdict
from resources.counts import in_force
from resources.parts import listed, read_parts


@dataclass(frozen=True)
class Superseded:
    """One row of `superseded_verdicts`."""

    verdict_id: str


def superseded_verdicts(home: Path, published: Collection[str]) -> list[Superseded]:
    """Return the verdicts of the published parts but the one in force on each instance; as a rule they are few.

    Args:
        home: folder of the project.
        published: names of the parts that the published table has taken in.
    """
    with listed(home, Verdict.table) as parts:
        known = [part for part in parts if part.name in published]
        stored = read_parts(home, Verdict, known, columns=["verdict_id", "instance_id"])
    repeated = stored.filter(stored["instance_id"].hash().is_duplicated())  # joining all took 0.1 s more on a million
    gone = repeated.join(in_force(repeated), on="verdict_id", how="anti")
    return [Superseded(verdict_id) for verdict_id in gone["verdict_id"]]
