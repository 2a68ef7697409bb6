"""From a list of concepts to the rows of `categories`: keys, order, targets, and what changed since the last list.

Not here: reading the list (`names_file.py`, `resources/annotations.py`), Dagster's partitions (`partitions.py`).
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from genval_assets.concepts.rarity import RareSettings, rarity
from genval_assets.keys import category_key, clean_name, look, recipe, refuse_clashes
from genval_assets.rows import Category
from genval_assets.types import Concept


class UnknownTargets(ValueError):
    """`[targets]` names categories that no list of this project has ever held."""


@dataclass(frozen=True)
class Wishes:
    """How many instances each category should have, and which ones are rare."""

    rare: RareSettings = field(default_factory=RareSettings)
    target: int = 100  # real + effective synthetic instances, per rare category
    targets: Mapping[str, int] = field(default_factory=dict)  # name -> target, whether rare or not


@dataclass(frozen=True)
class Renamed:
    """A category that kept its key and got another name."""

    category: str
    before: str
    after: str


@dataclass(frozen=True)
class Registration:
    """What a list of concepts makes of the categories."""

    rows: tuple[Category, ...]  # of the new generation, retired ones last; empty if nothing changed
    keys: tuple[str, ...]  # all active partition keys, rarest first
    added: tuple[str, ...]  # keys that were not active before, rarest first
    retired: tuple[str, ...]  # keys that were active before
    renamed: tuple[Renamed, ...]


def categories(
    concepts: Sequence[Concept], previous: Sequence[Category], wishes: Wishes, run_id: str, now: datetime
) -> Registration:
    """Return the categories of a list, rarest first, as the next generation after `previous`.

    Order: rare ones first, then by image count and name. A generation is written whole, retired categories
    included, and only if something differs from the last one. A concept keeps the key of the category of its
    name (one that was retired returns); if its name is new, that of the active category with its source id, when
    that one's old name is gone and the synsets do not contradict: a rename.

    Args:
        concepts: the whole list, with names in any Unicode form.
        previous: the stored rows of `categories`, of the last generation at least.
        wishes: targets and the limit of rare.
        run_id: of the rows.
        now: of the rows, UTC.

    Raises:
        ClashingNames: names that people cannot tell apart; all pairs.
        MeaninglessName: a name without letter or digit.
        UnknownTargets: `wishes.targets` names something that is and was no category.
    """
    cleaned = [replace(concept, name=clean_name(concept.name)) for concept in concepts]
    refuse_clashes(concept.name for concept in cleaned)
    before = _in_force(previous)
    _refuse_unknown_targets(wishes.targets, [c.name for c in cleaned] + [row.name for row in before.values()])
    key_of = _keys_of(cleaned, before)
    generation = max((row.generation for row in before.values()), default=0) + 1
    targets = {look(name): target for name, target in wishes.targets.items()}
    rows = [
        _row(concept, key_of[concept.name], wishes, targets, generation=generation, run_id=run_id, now=now)
        for concept in cleaned
    ]
    rows.sort(key=lambda row: (not row.rare, row.image_count, row.name))
    active_keys = tuple(row.category for row in rows)
    gone = [row for key, row in before.items() if key not in set(active_keys)]
    rows += [replace(row, state="retired", generation=generation, run_id=run_id, created_at=now) for row in gone]
    numbered = tuple(_identified(replace(row, position=i)) for i, row in enumerate(rows))
    changed = {_content(row) for row in numbered} != {_content(row) for row in before.values()}
    was_active = {key for key, row in before.items() if row.state == "active"}
    return Registration(
        rows=numbered if changed else (),
        keys=active_keys,
        added=tuple(key for key in active_keys if key not in was_active),
        retired=tuple(row.category for row in gone if row.state == "active"),
        renamed=tuple(
            Renamed(row.category, before[row.category].name, row.name)
            for row in numbered
            if row.category in before and before[row.category].name != row.name
        ),
    )


def active(rows: Iterable[Category]) -> dict[str, Category]:
    """Return the active categories of the newest generation by key, rarest first."""
    in_force = sorted(_in_force(rows).values(), key=lambda row: row.position)
    return {row.category: row for row in in_force if row.state == "active"}


def by_source_id(categories: Mapping[str, Category]) -> dict[int, str]:
    """Return the keys of categories by their id in the user's file; those that it does not have are left out."""
    return {row.source_id: key for key, row in categories.items() if row.source_id is not None}


def by_look(categories: Mapping[str, Category]) -> dict[str, str]:
    """Return the keys of categories by what people see of their names (`keys.look`)."""
    return {look(row.name): key for key, row in categories.items()}


def _in_force(rows: Iterable[Category]) -> dict[str, Category]:
    """Return the rows of the newest generation by key; each generation is whole."""
    rows = list(rows)
    newest = max((row.generation for row in rows), default=0)
    return {row.category: row for row in sorted(rows, key=lambda r: r.position) if row.generation == newest}


def _keys_of(concepts: Sequence[Concept], before: Mapping[str, Category]) -> dict[str, str]:
    """Return name -> key, no key twice; a key once given out is never given to another concept."""
    by_look = {look(row.name): key for key, row in before.items()}
    by_id = {row.source_id: row for row in before.values() if row.state == "active" and row.source_id is not None}
    listed = {look(concept.name) for concept in concepts}
    taken = set(before)
    key_of: dict[str, str] = {}
    for concept in sorted(concepts, key=lambda c: c.name):
        known = by_look.get(look(concept.name))
        renamed = None if concept.source_id is None else by_id.get(concept.source_id)
        if known is None and renamed and look(renamed.name) not in listed and _may_be_one(renamed, concept):
            known = renamed.category
        key_of[concept.name] = known or category_key(concept.name, taken)
        taken.add(key_of[concept.name])
    return key_of


def _may_be_one(row: Category, concept: Concept) -> bool:
    return row.synset is None or concept.synset is None or row.synset == concept.synset


def _row(
    concept: Concept,
    key: str,
    wishes: Wishes,
    targets: Mapping[str, int],
    *,
    generation: int,
    run_id: str,
    now: datetime,
) -> Category:
    judged = rarity(concept, wishes.rare)
    by_default = wishes.target if judged.rare else concept.instance_count
    wished = concept.target if concept.target is not None else by_default
    return Category(
        run_id=run_id,
        created_at=now,
        category_row_id="",
        category=key,
        name=concept.name,
        generation=generation,
        position=0,
        state="active",
        source_id=concept.source_id,
        supercategory=concept.supercategory,
        synset=concept.synset,
        definition=concept.definition,
        synonyms=list(concept.synonyms),
        frequency=concept.frequency,
        image_count=concept.image_count,
        instance_count=concept.instance_count,
        rare=judged.rare,
        rare_reason=judged.reason,
        target=targets.get(look(concept.name), wished),
    )


_NOT_CONTENT = {"run_id", "created_at", "category_row_id", "generation"}


def _content(row: Category) -> str:
    return recipe("categories", **{name: value for name, value in vars(row).items() if name not in _NOT_CONTENT})


def _identified(row: Category) -> Category:
    return replace(row, category_row_id=recipe("categories", generation=row.generation, content=_content(row)))


def _refuse_unknown_targets(targets: Mapping[str, int], names: Sequence[str]) -> None:
    by_look = {look(name): name for name in names}
    faults = []
    for name in targets:
        if look(name) not in by_look:
            close = difflib.get_close_matches(look(name), by_look, n=1)
            faults.append(repr(name) + (f" (did you mean {by_look[close[0]]!r}?)" if close else ""))
    if faults:
        raise UnknownTargets(f"[targets] names no category of this project: {', '.join(faults)}. Correct or remove it")
