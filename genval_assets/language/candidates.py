"""Every question that the facts of a scene can answer. Not here: which of them are asked (`questions.py`)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, permutations

from genval_assets.keys import seed_of
from genval_assets.language.facts import SceneFacts, SeenObject, box_text, can_be_pointed_at, corners
from genval_assets.language.nouns import counted, is_many, kinds, spoken, with_article
from genval_assets.language.phrases import Phrase, fullest_phrase, may_mean, true_colour, unique_phrases
from genval_assets.language.placing import shown
from genval_assets.language.templates import Kind
from genval_assets.layouts.boxes import iou
from genval_assets.layouts.graph import Relation

SAME_PLACE = 0.5
"""Intersection over union from which a box fits two objects, so that nobody can tell which is meant (our choice)."""


@dataclass(frozen=True)
class Candidate:
    """A question that could be asked, before it is worded."""

    kind: Kind
    topic: str  # two questions of one topic about the same objects give each other's answer away
    about: tuple[SeenObject, ...]
    slots: Mapping[str, str]  # slot of the kind's templates -> words


def candidates(facts: SceneFacts, seed: int) -> list[Candidate]:
    """Return the questions that the facts answer, kind by kind.

    Args:
        facts: of one scene.
        seed: of the scene: settles by which of its unique phrases an object is called.
    """
    objects = [seen for seen in facts.objects if can_be_pointed_at(facts, seen)]
    called = {seen.node_id: _called(facts, seen, seed) for seen in objects}
    return [
        *_where(facts, objects, called),
        *_at(facts, objects),
        *_colour(facts, objects),
        *_colour_at(facts, objects),
        *_counts(facts),
        *_comparisons(facts),
        *_relations(facts, objects, called),
    ]


def _called(facts: SceneFacts, seen: SeenObject, seed: int) -> Phrase | None:
    """Return the phrase that an object is called by; None where every phrase may mean another one."""
    phrases = unique_phrases(facts, seen)
    return phrases[seed_of("phrase", seed, seen.node_id) % len(phrases)] if phrases else None


def _verbs(seen: SeenObject) -> dict[str, str]:
    many = is_many(spoken(seen.name))
    return {"is": "are" if many else "is", "does": "do" if many else "does"}


def _where(
    facts: SceneFacts, objects: Sequence[SeenObject], called: Mapping[str, Phrase | None]
) -> Iterator[Candidate]:
    for seen in objects:
        phrase = called[seen.node_id]
        if phrase is not None:
            slots = {"thing": phrase.text, "box": box_text(corners(facts, seen)), **_verbs(seen)}
            yield Candidate("where", "place", (seen,), slots)


def _at(facts: SceneFacts, objects: Sequence[SeenObject]) -> Iterator[Candidate]:
    for seen in objects:
        if _alone_in_its_box(facts, seen):
            name, box = spoken(seen.name), box_text(corners(facts, seen))
            slots = {"a_thing": with_article(fullest_phrase(seen).text), "name": name, "box": box}
            yield Candidate("at", "place", (seen,), slots)


def _colour(facts: SceneFacts, objects: Sequence[SeenObject]) -> Iterator[Candidate]:
    for seen in objects:
        colour, bare = true_colour(seen), Phrase(spoken(seen.name))
        if colour is not None and bare in unique_phrases(facts, seen):
            yield Candidate("colour", "colour", (seen,), {"thing": bare.text, "colour": colour, **_verbs(seen)})


def _colour_at(facts: SceneFacts, objects: Sequence[SeenObject]) -> Iterator[Candidate]:
    for seen in objects:
        colour = true_colour(seen)
        if colour is not None and _alone_in_its_box(facts, seen):
            slots = {"name": spoken(seen.name), "colour": colour, "box": box_text(corners(facts, seen))}
            yield Candidate("colour_at", "colour", (seen,), slots | _verbs(seen))


def _alone_in_its_box(facts: SceneFacts, seen: SeenObject) -> bool:
    return all(iou(seen.box, other.box) < SAME_PLACE for other in facts.objects if other.node_id != seen.node_id)


def _countable(facts: SceneFacts) -> list[tuple[SeenObject, ...]]:
    """Return the objects of each category of which every one is known, and nothing else could be counted as one."""
    ordered = sorted(facts.objects, key=lambda seen: seen.category)
    groups = [tuple(group) for _, group in groupby(ordered, key=lambda seen: seen.category)]
    return [
        group
        for group in groups
        if group[0].category not in facts.ignored
        and all(can_be_pointed_at(facts, seen) for seen in group)
        and not any(may_mean(Phrase(spoken(group[0].name)), o) for o in ordered if o.category != group[0].category)
    ]


def _counts(facts: SceneFacts) -> Iterator[Candidate]:
    for group in _countable(facts):
        name, number = spoken(group[0].name), len(group)
        slots = {"kinds": kinds(name), "counted": counted(number, name), "number": str(number)}
        yield Candidate("count", "count", group, slots | {"are": "is" if number == 1 else "are"})


def _comparisons(facts: SceneFacts) -> Iterator[Candidate]:
    """Yield both ways to compare two numbers; none for equal ones, or seven in ten answers would be No."""
    for group, others in permutations(_countable(facts), 2):
        if len(group) == len(others):
            continue
        name, other = spoken(group[0].name), spoken(others[0].name)
        slots = {
            "answer": "Yes" if len(group) > len(others) else "No",
            "kinds": kinds(name),
            "other_kinds": kinds(other),
            "counted": counted(len(group), name),
            "other_counted": counted(len(others), other),
            "are": "is" if len(group) == 1 else "are",  # the verb goes with the first of the two
        }
        yield Candidate("compare", "compare", group + others, slots)


def _relations(
    facts: SceneFacts, objects: Sequence[SeenObject], called: Mapping[str, Phrase | None]
) -> Iterator[Candidate]:
    seen = {one.node_id: one for one in objects if called[one.node_id] is not None}
    for relation in facts.relations:
        if relation.subject in seen and relation.object in seen:
            yield from _relation(relation, seen[relation.subject], seen[relation.object], called)


def _relation(
    relation: Relation, subject: SeenObject, other: SeenObject, called: Mapping[str, Phrase | None]
) -> Iterator[Candidate]:
    """Yield how two objects stand to one another, that they do, and that they do not the other way round."""
    name = shown(relation, subject.box, other.box)
    phrase, others_phrase = called[subject.node_id], called[other.node_id]
    if name is None or phrase is None or others_phrase is None:
        return
    slots = {"subject": phrase.text, "object": others_phrase.text, "relation": name, **_verbs(subject)}
    yield Candidate("relation", "relation", (subject, other), slots)
    asked = {"answer": "Yes", "asked_subject": phrase.text, "asked_object": others_phrase.text}
    yield Candidate("confirm", "relation", (subject, other), slots | asked | {"asked_is": slots["is"]})
    if shown(relation, other.box, subject.box) is None:
        asked = {"answer": "No", "asked_subject": others_phrase.text, "asked_object": phrase.text}
        yield Candidate("confirm", "relation", (subject, other), slots | asked | {"asked_is": _verbs(other)["is"]})
