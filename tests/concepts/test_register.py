"""What registration promises: rarest first, keys that last, and a new generation only when something changed."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genval_assets.concepts.names_file import read_names
from genval_assets.concepts.rarity import RareSettings
from genval_assets.concepts.register import Registration, Renamed, UnknownTargets, Wishes, active, categories
from genval_assets.keys import ClashingNames, MeaninglessName
from genval_assets.rows import Category
from genval_assets.types import Concept

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def register(*concepts: Concept | str, after: tuple[Category, ...] = (), wishes: Wishes | None = None) -> Registration:
    listed = [Concept(c) if isinstance(c, str) else c for c in concepts]
    return categories(listed, after, wishes or Wishes(), "run", NOW)


def real(name: str, images: int, source_id: int | None = None, synset: str | None = None) -> Concept:
    return Concept(name, source_id=source_id, image_count=images, instance_count=2 * images, synset=synset)


def names_of(rows: tuple[Category, ...]) -> dict[str, str]:
    return {row.category: row.name for row in active(rows).values()}


def test_the_rarest_come_first_and_equals_by_name():
    made = register(real("dog", 500), real("zebra", 3), real("aardvark", 3), real("okapi", 1))
    assert made.keys == ("okapi", "aardvark", "zebra", "dog")
    assert [row.position for row in made.rows] == [0, 1, 2, 3]


def test_the_rare_ones_are_one_contiguous_range_even_when_letters_contradict_counts():
    made = register(replace(real("a", 1), frequency="f"), replace(real("b", 900), frequency="r"), real("c", 2))
    assert [row.rare for row in made.rows] == [True, True, False]


def test_real_and_synthetic_together_should_reach_a_hundred_per_rare_category():
    made = register(real("okapi", 4), real("dog", 500))
    assert {row.name: row.target for row in made.rows} == {"okapi": 100, "dog": 1000}


def test_a_wish_of_the_settings_wins_over_one_of_the_list_and_that_over_the_default():
    wishes = Wishes(target=7, targets={"DOG": 2000, "okapi": 5})
    made = register(
        real("dog", 500),
        replace(real("okapi", 4), target=50),
        replace(real("zebra", 4), target=0),
        "emu",
        wishes=wishes,
    )
    assert {row.name: row.target for row in made.rows} == {"dog": 2000, "okapi": 5, "zebra": 0, "emu": 7}


def test_a_wish_for_a_category_that_never_was_is_refused_with_the_nearest_name():
    with pytest.raises(UnknownTargets, match=r"'zebre' \(did you mean 'zebra'\?\), '猫'"):
        register("zebra", "dog", wishes=Wishes(targets={"zebre": 5, "猫": 1, "dog": 3}))


def test_a_wish_for_a_retired_category_is_kept():
    first = register("zebra", "dog")
    assert register("dog", after=first.rows, wishes=Wishes(targets={"zebra": 5})).retired == ("zebra",)


def test_registering_the_same_list_again_changes_nothing():
    first = register(real("okapi", 4), real("dog", 500))
    again = register(real("dog", 500), real("okapi", 4), after=first.rows)
    assert again == Registration(rows=(), keys=first.keys, added=(), retired=(), renamed=())


@pytest.mark.parametrize(
    ("concept", "wishes"),
    [
        (real("okapi", 5), Wishes()),
        (replace(real("okapi", 4), definition="a forest giraffe"), Wishes()),
        (replace(real("okapi", 4), synonyms=("forest giraffe",)), Wishes()),
        (real("okapi", 4), Wishes(target=200)),
        (real("okapi", 4), Wishes(rare=RareSettings(max_images=3))),
    ],
)
def test_whatever_changes_of_a_category_makes_a_new_whole_generation(concept, wishes):
    first = register(real("okapi", 4), real("dog", 500))
    second = register(concept, real("dog", 500), after=first.rows, wishes=wishes)
    assert {row.generation for row in second.rows} == {2}
    assert sorted(row.category for row in second.rows) == ["dog", "okapi"]
    assert second.added == second.retired == second.renamed == ()


def test_a_removed_category_is_retired_its_row_stays_and_it_may_return():
    first = register("zebra", "dog")
    second = register("dog", after=first.rows)
    assert second.retired == ("zebra",)
    assert second.keys == ("dog",)
    assert [(row.category, row.state) for row in second.rows] == [("dog", "active"), ("zebra", "retired")]
    third = register("dog", "emu", after=first.rows + second.rows)
    assert third.retired == ()
    fourth = register("dog", "emu", "zebra", after=third.rows)
    assert fourth.added == ("zebra",)
    assert active(fourth.rows).keys() == {"dog", "emu", "zebra"}


def test_a_renamed_category_keeps_its_key():
    first = register(real("sea cow", 4, source_id=9), real("dog", 500, source_id=1))
    second = register(real("manatee", 4, source_id=9), real("dog", 500, source_id=1), after=first.rows)
    key = first.keys[0]
    assert second.renamed == (Renamed(key, "sea cow", "manatee"),)
    assert names_of(second.rows)[key] == "manatee"
    assert second.added == second.retired == ()


def test_a_name_written_in_other_case_is_a_rename_even_without_ids():
    first = register("zebra")
    second = register("Zebra", after=first.rows)
    assert second.renamed == (Renamed("zebra", "zebra", "Zebra"),)
    assert second.keys == ("zebra",)


def test_ids_that_were_renumbered_rename_nothing():
    """Instances of cats must not become dogs because a new file counts from zero."""
    first = register(real("cat", 1, source_id=1), real("dog", 2, source_id=2))
    second = register(real("dog", 2, source_id=1), real("cat", 1, source_id=2), after=first.rows)
    assert names_of(second.rows) == {"cat": "cat", "dog": "dog"}
    third = register(
        real("emu", 9, source_id=1), real("cat", 1, source_id=0), real("dog", 2, source_id=2), after=first.rows
    )
    assert names_of(third.rows) == {"cat": "cat", "dog": "dog", "emu": "emu"}


def test_a_retired_category_is_not_renamed_by_whoever_gets_its_id():
    first = register(real("cat", 1, source_id=1), real("dog", 2, source_id=2))
    second = register(real("dog", 2, source_id=2), after=first.rows)
    third = register(real("dog", 2, source_id=2), real("emu", 3, source_id=1), after=second.rows)
    assert third.added == ("emu",)
    assert third.renamed == ()


def test_another_synset_under_the_same_id_is_another_category():
    first = register(real("cat", 1, source_id=1, synset="cat.n.01"))
    second = register(real("lynx", 1, source_id=1, synset="lynx.n.02"), after=first.rows)
    assert second.added == ("lynx",)
    assert second.retired == ("cat",)


def test_a_new_category_never_takes_the_key_of_a_renamed_one():
    first = register(real("cat", 1, source_id=1))
    second = register(real("feline", 1, source_id=1), after=first.rows)
    third = register(real("feline", 1, source_id=1), real("cat", 5, source_id=2), after=second.rows)
    assert names_of(third.rows)["cat"] == "feline"
    assert len(third.keys) == 2
    assert third.added[0].startswith("cat-")


def test_names_people_cannot_tell_apart_are_refused_listing_both():
    with pytest.raises(ClashingNames, match="'Zebra' and 'zebra'"):
        register("Zebra", "dog", "zebra")


def test_a_name_without_letters_is_refused():
    with pytest.raises(MeaninglessName):
        register("zebra", "--")


def test_a_list_that_lost_every_concept_retires_all():
    first = register("zebra", "dog")
    second = register(after=first.rows)
    assert second.keys == ()
    assert sorted(second.retired) == ["dog", "zebra"]


def test_every_row_of_every_generation_has_an_id_of_its_own_and_the_same_work_the_same():
    first, other_run = register("zebra", "dog"), categories([Concept("dog"), Concept("zebra")], (), Wishes(), "x", NOW)
    second = register("dog", after=first.rows)
    ids = [row.category_row_id for row in first.rows + second.rows]
    assert len(set(ids)) == len(ids)
    assert [row.category_row_id for row in other_run.rows] == [row.category_row_id for row in first.rows]


@given(st.lists(st.sets(st.sampled_from(["cat", "Dog", "斑马", "hot dog", "hot_dog", "a/b", "emu"])), max_size=6))
def test_a_name_keeps_one_key_through_any_history_and_no_key_serves_two(history):
    rows: tuple[Category, ...] = ()
    key_of: dict[str, str] = {}
    for listed in history:
        made = register(*sorted(listed), after=rows)
        rows += made.rows
        now = active(rows)
        assert {row.name for row in now.values()} == listed
        for key, row in now.items():
            assert key_of.setdefault(row.name, key) == key
    assert len(set(key_of.values())) == len(key_of)


def test_all_of_lvis_registers_with_its_337_rare_categories_in_front(shared_data):
    text = (shared_data / "categories" / "lvis_v1_train_categories.csv").read_text(encoding="utf-8")
    made = register(*read_names(text, "lvis").concepts)
    assert len(set(made.keys)) == 1203
    assert [row.rare for row in made.rows] == [True] * 337 + [False] * 866
    assert {row.image_count for row in made.rows[:44]} == {1}
