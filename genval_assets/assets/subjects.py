"""Which accepted pictures should get a caption and hard negatives, and which of them have: columns only, no pixels."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from genval_assets.instances.in_force import last_outcomes, spoilt_scenes
from genval_assets.keys import seed_of
from genval_assets.negative_rows import NegativeList, PositiveCaption
from genval_assets.negatives.settings import NegativeSettings
from genval_assets.ports import Tables
from genval_assets.rows import Annotation, Reference, Scene, Verdict


@dataclass(frozen=True)
class Subject:
    """One accepted picture."""

    kind: str  # instance | scene | real
    subject_id: str  # instance id, scene id or reference id
    category: str  # partition key

    @property
    def seed(self) -> int:
        """Of all questions about it."""
        return seed_of("hard_negatives", self.kind, self.subject_id)


def wanted_subjects(
    tables: Tables, settings: NegativeSettings, categories: Collection[str] | None = None
) -> list[Subject]:
    """Return the pictures that should have negatives: of each category and kind the first, kinds as they are listed.

    First is by round and index. Nothing is read where the settings want none.
    """
    if not settings.pictures:
        return []
    return [
        subject for kind in settings.kinds for subject in _first(OF_KIND[kind](tables, categories), settings.pictures)
    ]


def finished_subjects(tables: Tables, asked_of: str, categories: Collection[str] | None = None) -> set[str]:
    """Return the pictures of which nothing is owed: their negatives are all stored, or their caption was refused.

    Args:
        tables: the record.
        asked_of: the model of now (`Project.eyes`): what another one refused is owed.
        categories: that the pictures were made for; None: all.
    """
    ended = {positive for (positive,) in tables.values(NegativeList, ("positive_id",), categories)}
    captions = tables.values(PositiveCaption, ("positive_id", "subject_id", "outcome", "asked_of"), categories)
    refused = ("refused", asked_of)
    return {str(subject) for positive, subject, *how in captions if tuple(how) == refused or positive in ended}


def captioned_subjects(tables: Tables, asked_of: str, categories: Collection[str] | None = None) -> set[str]:
    """Return the pictures that have a caption, or were refused one by the model of now."""
    captions = tables.values(PositiveCaption, ("subject_id", "outcome", "asked_of"), categories)
    return {str(subject) for subject, outcome, whom in captions if outcome == "accepted" or whom == asked_of}


def _first(subjects: Iterable[Subject], number: int) -> Iterator[Subject]:
    counted: dict[str, int] = defaultdict(int)
    for subject in subjects:
        counted[subject.category] += 1
        if counted[subject.category] <= number:
            yield subject


def _instances(tables: Tables, categories: Collection[str] | None) -> Iterator[Subject]:
    stored = tables.values(Verdict, ("instance_id", "category", "outcome"), categories)
    category_of = {str(instance): str(category) for instance, category, _ in stored}
    for instance, outcome in last_outcomes((one, how) for one, _, how in stored).items():
        if outcome == "accepted":
            yield Subject("instance", instance, category_of[instance])


def _scenes(tables: Tables, categories: Collection[str] | None) -> Iterator[Subject]:
    """Yield the scenes that show nothing that is refused now, one for each primary instance or layout picture."""
    last = last_outcomes(tables.values(Verdict, ("instance_id", "outcome")))  # of all: others are pasted beside
    refused = {instance for instance, outcome in last.items() if outcome != "accepted"}
    spoilt = spoilt_scenes(tables.values(Annotation, ("scene_id", "instance_id"), categories), refused)
    columns = ("scene_id", "category", "instance_id", "layout_image_id")
    sound = [row for row in tables.values(Scene, columns, categories) if row[0] not in spoilt]
    exported: dict[tuple[object, ...], str] = {}
    for scene, _, *shown in sound:  # of two that were made at once, sets have the first by id
        exported[tuple(shown)] = min(str(scene), exported.get(tuple(shown), str(scene)))
    for scene, category, *shown in sound:
        if exported[tuple(shown)] == scene:
            yield Subject("scene", str(scene), str(category))


def _real(tables: Tables, categories: Collection[str] | None) -> Iterator[Subject]:
    for reference, category in tables.values(Reference, ("reference_id", "category"), categories):
        yield Subject("real", str(reference), str(category))


OF_KIND: dict[str, Callable[[Tables, Collection[str] | None], Iterator[Subject]]] = {
    "instance": _instances,
    "scene": _scenes,
    "real": _real,
}
"""Kind -> the accepted pictures of that kind, by category, round and index."""
