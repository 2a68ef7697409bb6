"""Which verdict on an instance counts, and which scenes show an instance that is not accepted any more.

An instance may have several verdicts: an error that was tried again, or a person's word after the machine's. The one
that was stored last is in force, for every reader: here over rows, in `resources/counts.py` over frames, and in SQL
as the view `verdicts_in_force`.
"""

from collections.abc import Collection, Iterable

from genval_assets.rows import Verdict

PERSON = "person"
"""Stage and judge of a verdict that a person gave."""


def in_force(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return one verdict per instance, the last of those given, at the place of the first.

    The verdicts on one instance come in the order in which they were stored, as `ports.Tables.read` gives them.
    """
    last: dict[str, Verdict] = {}
    for verdict in verdicts:
        last[verdict.instance_id] = verdict
    return list(last.values())


def last_outcomes(stored: Iterable[tuple[object, ...]]) -> dict[str, str]:
    """Return instance id -> outcome of the verdict in force, for (instance id, outcome) in the order of `in_force`."""
    return {str(instance): str(outcome) for instance, outcome in stored}


def by_machine(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return what would be in force if no person had spoken: gate and vision model are measured by it."""
    return in_force(verdict for verdict in verdicts if verdict.stage != PERSON)


def accepted_ids(verdicts: Iterable[Verdict]) -> set[str]:
    """Return the instances that verdicts in force accept."""
    return {verdict.instance_id for verdict in verdicts if verdict.outcome == "accepted"}


def refused_ids(verdicts: Iterable[Verdict]) -> set[str]:
    """Return the instances that verdicts in force do not accept."""
    return {verdict.instance_id for verdict in verdicts if verdict.outcome != "accepted"}


def spoilt_scenes(pasted: Iterable[tuple[object, ...]], refused: Collection[str]) -> set[str]:
    """Return the scenes that show an instance which is refused now: each was accepted when it was pasted.

    Args:
        pasted: (scene id, instance id) of every annotation; None where the object is a real one.
        refused: what `refused_ids` returns.
    """
    return {str(scene) for scene, instance in pasted if instance in refused}
