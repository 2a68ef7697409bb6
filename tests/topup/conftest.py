"""Tallies drawn by hand."""

from collections.abc import Callable

import pytest

from genval_assets.types import RoundTally, Tally


def _tally(name: str = "zebra", *, rounds: tuple[RoundTally, ...] = (), **changed) -> Tally:
    accepted = sum(r.accepted for r in rounds)
    values = {
        "category": name, "name": name, "position": 0, "rare": True, "target": 100, "real": 4, "references": 4,
        "drawn": sum(r.drawn for r in rounds), "accepted": accepted, "rejected": sum(r.rejected for r in rounds),
        "errors": sum(r.errors for r in rounds), "effective": accepted, "distinct_sources": 0, "scenes": accepted,
        "refused": 0, "failures": 0, "history": rounds, "next_index": {},
    }  # fmt: skip
    return Tally(**(values | changed))


def _round_of(number: int, accepted: int, rejected: int = 0, errors: int = 0, mark: str = "model 1") -> RoundTally:
    n = accepted + rejected + errors
    return RoundTally(number, mark, planned=n, drawn=n, accepted=accepted, rejected=rejected, errors=errors)


@pytest.fixture(scope="session")
def tally() -> Callable[..., Tally]:
    """A rare category with 4 real instances, 4 references and a target of 100; what was accepted is composed."""
    return _tally


@pytest.fixture(scope="session")
def round_of() -> Callable[..., RoundTally]:
    """A round in which every planned candidate was judged."""
    return _round_of
