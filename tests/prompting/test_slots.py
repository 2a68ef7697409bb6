"""Slot values are balanced and reproducible."""

from collections import Counter

from genval_assets.prompting.slots import FACTORS, choose_slots


def slots_of(n: int) -> list[dict[str, str]]:
    used: list[dict[str, str]] = []
    for index in range(n):
        used.append(choose_slots("mug", "mug", index, used))
    return used


def test_no_value_is_used_twice_before_all_are_used_once():
    for slot, values in FACTORS.items():
        assert Counter(s[slot] for s in slots_of(len(values))) == Counter(values)


def test_values_stay_balanced_over_many_prompts():
    for slot in FACTORS:
        counts = Counter(s[slot] for s in slots_of(50)).values()
        assert max(counts) - min(counts) <= 1


def test_the_choice_depends_on_category_and_index_and_what_was_used():
    assert choose_slots("mug", "mug", 3, []) == choose_slots("mug", "mug", 3, [])
    assert choose_slots("mug", "mug", 3, []) != choose_slots("mug", "mug", 4, [])
    assert choose_slots("mug", "mug", 3, []) != choose_slots("cup", "mug", 3, [])
    first = choose_slots("mug", "mug", 3, [])
    assert choose_slots("mug", "mug", 3, [first])["colour"] != first["colour"]


def test_there_are_the_ten_slots_of_the_method_with_six_to_ten_values_each():
    assert {"subject", *FACTORS} == {
        "subject", "status", "colour", "style", "mood", "lighting", "viewpoint", "texture", "time_period", "medium",
    }  # fmt: skip
    assert all(6 <= len(values) <= 10 for values in FACTORS.values())


def test_earlier_prompts_without_slots_do_not_disturb():
    assert choose_slots("mug", "mug", 0, [{"subject": "mug"}]) == choose_slots("mug", "mug", 0, [])
