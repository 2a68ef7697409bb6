"""Publishes the record as `data/genval.duckdb`: native tables, rollups and views that any DuckDB from 1.2 reads.

A publication copies the published file, takes in the parts that are new, and renames the copy into place; nobody
holds a lock while people query. The file is as the publisher left it when its time of change is the `as_of` in it.
How a file is made: `publication.py`. Reading it: `published.py`.
"""

import errno
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import duckdb
from pydantic import Field

from genval_assets.all_rows import ROWS
from genval_assets.rows import Verdict
from genval_assets.types import CategoryStat, InvalidRate, JudgeAgreement, NegativeValidity, Published
from resources.files import HomeDiskFull, locked_folder, make_folder, room_for, sweep_orphans, temporary_folder
from resources.parts import TABLES, Part, drop_replaced, merge, parts_of, replaced_parts
from resources.publication import Publication, groups, put_published, start
from resources.superseded import Superseded, superseded_verdicts
from resources.tallies import roll_up

WAREHOUSE = Path("data") / "genval.duckdb"
SMALL = 8 * 2**20
"""Bytes; a part below this is small."""
MANY = 16
"""So many neighbouring small parts are worth merging (our choice): each costs 0.1 ms whenever its table is read."""


class DuckWarehouse(dg.ConfigurableResource[None]):
    """Publishes one home."""

    home: str = Field(description="Folder of the project.")

    def publish(
        self,
        stats: Sequence[CategoryStat],
        rates: Sequence[InvalidRate],
        agreement: Sequence[JudgeAgreement] = (),
        validity: Sequence[NegativeValidity] = (),
    ) -> Published:
        """Take in the parts not yet published, replace the rollups, rename the new file into place.

        A second publisher waits for the first. Whoever has the old file open keeps reading it.

        Raises:
            RefusedRow: a part holds a row that breaks a CHECK: somebody changed the part. Nothing is published.
            UnreadablePart: a part is damaged. Nothing is published.
            HomeDiskFull: there is no room. What was published stays.
        """
        home, final = Path(self.home), Path(self.home) / WAREHOUSE
        as_of = datetime.now(UTC)
        with self._publisher(), _room_for(final), temporary_folder(final.parent) as folder:
            file, is_new = start(final, folder)
            with closing(duckdb.connect(str(file))) as connection:
                publication = Publication(connection, home, folder, is_new)
                new_rows = {kind.table: publication.take_in(kind) for kind in ROWS}
                publication.replace("category_stats", CategoryStat, stats)
                publication.replace("invalid_rates", InvalidRate, rates)
                publication.replace("judge_agreement", JudgeAgreement, agreement)
                publication.replace("negative_validity", NegativeValidity, validity)
                if is_new or new_rows[Verdict.table]:
                    superseded = superseded_verdicts(home, publication.taken(Verdict))
                    publication.replace("superseded_verdicts", Superseded, superseded)
                total_rows = {kind.table: publication.count(kind) for kind in ROWS}
                publication.finish(as_of, sum(total_rows.values()))
            put_published(file, final, as_of)
            roll_up(home)
        size = final.stat().st_size
        return Published(str(final), as_of.isoformat(timespec="seconds"), new_rows, total_rows, size)

    def compact(self) -> int:
        """Merge small neighbouring parts; return how many files went away.

        A new part is there before the old ones go, and these stay while somebody reads; the next call finds them.
        Best called after `publish`: then the merged parts hold nothing that it has not taken in.

        Raises:
            UnreadablePart: a part is damaged; it stays, and so do its neighbours.
            HomeDiskFull: there is no room; what was merged before stays merged.
        """
        home = Path(self.home)
        with self._publisher():
            sweep_orphans(home / TABLES, deep=True)  # what a merge that was killed had begun
            for kind in ROWS:
                waiting = replaced_parts(home, kind.table)
                parts = [part for part in parts_of(home, kind.table) if part not in waiting]
                for stretch in _stretches(home, parts):
                    merge(home, kind, stretch)
            return sum(drop_replaced(home, kind.table) for kind in ROWS)

    @contextmanager
    def _publisher(self) -> Iterator[None]:
        """Be the only publisher of the home, and remove what a killed one left."""
        data = Path(self.home) / "data"
        make_folder(data)
        with locked_folder(data):
            sweep_orphans(data)
            yield


def _stretches(home: Path, parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Yield the stretches of neighbouring small parts that are long enough to be merged."""
    is_small = [part.path(home).stat().st_size < SMALL for part in parts]
    begin = 0
    for end in range(len(parts) + 1):
        if end == len(parts) or not is_small[end]:
            if end - begin >= MANY:
                yield from (group for group in groups(home, parts[begin:end]) if len(group) > 1)
            begin = end + 1


@contextmanager
def _room_for(final: Path) -> Iterator[None]:
    """Tell a full disk as such also where DuckDB met it.

    Raises:
        HomeDiskFull: there is no room.
    """
    try:
        with room_for(final):
            yield
    except duckdb.Error as err:
        if "No space left" in str(err) or "File too large" in str(err):
            raise HomeDiskFull(final, None, OSError(errno.ENOSPC, "")) from err
        raise
