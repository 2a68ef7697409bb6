"""Wiring of the search of backgrounds for objects of the categories, in profiles that have a detector."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache

from genval_assets import keys
from genval_assets.assets.cost import Meter, metered_run
from genval_assets.assets.painting import STAGE, Stores
from genval_assets.backgrounds.search import Search, Terms, known_searches
from genval_assets.batches import quarantined
from genval_assets.concepts.register import active
from genval_assets.model_ports import Detector, Detectors
from genval_assets.rows import Background, Category, Quarantined
from genval_assets.types import Found, RefusedItem, Rgb


@contextmanager
def searching(detectors: Detectors, stores: Stores) -> Iterator[Search | None]:
    """Hand out the search for the names of all active categories; None where the profile has no detector.

    The detector is opened by the first picture that must be searched, and closed at the end of the block.

    Raises:
        ModelUnavailable: a picture must be searched, and the detector cannot be opened.
    """
    fingerprint = detectors.fingerprint()
    names = tuple(sorted(row.name for row in active(stores.tables.read(Category)).values()))
    if not fingerprint or not names:
        yield None
        return
    known = known_searches(stores.tables.read(Background), stores.tables.read(Quarantined))
    with ExitStack() as stack:
        opened = cache(lambda: stack.enter_context(_metered(detectors, fingerprint, stores)))

        def find(pictures: Sequence[Rgb]) -> list[list[Found]]:
            detector, meter = opened()
            meter.items += len(pictures)
            return detector.find(pictures, names)

        yield Search(Terms(fingerprint, names), lambda: opened()[0].best_batch, find, known)


@contextmanager
def _metered(detectors: Detectors, fingerprint: str, stores: Stores) -> Iterator[tuple[Detector, Meter]]:
    metering = metered_run(stores.tables, STAGE, stores.run_id, stores.now, stores.gauge, model=fingerprint)
    with metering as meter, detectors.open() as detector:
        assert detector is not None, "a detector that has a fingerprint can be opened"
        meter.opened(f"{detector.model}@{detector.revision}")
        yield detector, meter


def append_shown(refused: Iterable[RefusedItem], stores: Stores) -> None:
    """Store what was found in pictures, each search once: the same picture, searched for other names, is another."""
    rows = [quarantined(STAGE, None, one, stores.run_id, stores.now) for one in refused]
    by_search = {keys.recipe("quarantine", item=row.item, search=row.raw): row for row in rows}
    known = stores.tables.ids(Quarantined) if by_search else set()
    stores.tables.append(
        [replace(row, quarantine_id=row_id) for row_id, row in by_search.items() if row_id not in known]
    )
