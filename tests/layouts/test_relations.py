import pytest

from genval_assets.layouts.relations import canonical, derived, is_sided, spatial_class, violated, vocabulary

HERE = (0.4, 0.4, 0.2, 0.2)


@pytest.mark.parametrize(
    ("said", "relation"),
    [
        ("left of", "left of"),
        ("left", "left of"),
        ("to the left of", "left of"),
        ("on the left side of", "left of"),
        ("right", "right of"),
        ("top", "above"),
        ("under", "below"),
        ("bottom", "below"),
        ("beside", "next to"),
        ("near", "next to"),
        ("on top of", "on"),
        ("inside", "in"),
        ("at the back of", "behind"),
        ("front of", "in front of"),
        ("contains", "surrounding"),
    ],
)
def test_other_words_for_a_relation_become_its_one_name(said, relation):
    assert canonical(said) == relation


def test_case_and_blanks_make_no_other_relation():
    assert canonical("  To the\tLEFT  of ") == "left of"


def test_identifiers_that_models_write_are_read_as_words():
    assert canonical("to_the_left_of") == canonical("Left-of") == "left of"
    assert is_sided("in_left_hand_of")


def test_a_relation_that_the_list_does_not_know_stays_and_has_no_class():
    assert canonical("Holding  Hands with") == "holding hands with"
    assert spatial_class("holding hands with") is None


@pytest.mark.parametrize(
    ("said", "of_class"), [("on", "above"), ("over", "above"), ("under", "below"), ("near", "beside"), ("in", "inside")]
)
def test_relations_that_place_boxes_alike_share_a_class(said, of_class):
    assert spatial_class(said) == of_class


@pytest.mark.parametrize(
    ("said", "sided"),
    [("to the left of", True), ("right", True), ("in the right hand of", True), ("above", False), ("near", False)],
)
def test_only_what_says_left_or_right_differs_from_its_mirror_image(said, sided):
    assert is_sided(said) is sided


def test_all_relations_of_a_class_are_sided_or_none_is():
    sides = {(of_class, is_sided(relation)) for relation, of_class in vocabulary().class_of.items()}
    assert len(sides) == len({of_class for of_class, _ in sides})


def test_relations_of_the_relation_file_each_have_a_class():
    said = ("left", "right", "top", "bottom", "next to")
    assert [spatial_class(words) for words in said] == ["left", "right", "above", "below", "beside"]


@pytest.mark.parametrize(
    ("relation", "other"),
    [
        ("left of", (0.8, 0.4, 0.1, 0.2)),
        ("right of", (0.1, 0.4, 0.1, 0.2)),
        ("above", (0.4, 0.7, 0.2, 0.2)),
        ("below", (0.4, 0.1, 0.2, 0.2)),
        ("next to", (0.65, 0.4, 0.2, 0.2)),
        ("next to", (0.51, 0.4, 0.2, 0.2)),  # nearly half of the width shared
        ("in", (0.3, 0.3, 0.4, 0.4)),
        (None, HERE),
        (None, (0.48, 0.4, 0.2, 0.2)),  # more than half shared
        (None, (0.4, 0.5, 0.2, 0.2)),  # half of the height shared: neither above nor side by side
        ("above", (0.4, 0.56, 0.2, 0.2)),
    ],
)
def test_two_boxes_show_the_relation_that_people_see(relation, other):
    assert derived(HERE, other) == relation


@pytest.mark.parametrize(("gap", "relation"), [(0.09, "next to"), (0.11, "left of")])
def test_a_gap_of_half_the_narrower_width_parts_next_to_from_left_of(gap, relation):
    assert derived((0.1, 0.4, 0.2, 0.2), (0.3 + gap, 0.4, 0.3, 0.2)) == relation


@pytest.mark.parametrize(
    ("relation", "opposite"), [("left of", "right of"), ("above", "below"), ("next to", "next to")]
)
def test_seen_from_the_other_object_the_relation_is_the_opposite(relation, opposite):
    others = [(x / 10, y / 10, 0.15, 0.1) for x in range(8) for y in range(9)]
    shown = [(derived(HERE, other), derived(other, HERE)) for other in others]
    seen = {back for there, back in shown if there == relation}
    assert seen == {opposite}


def test_a_box_nearly_as_large_as_the_other_is_not_in_it():
    assert derived(HERE, (0.39, 0.39, 0.22, 0.22)) is None


@pytest.mark.parametrize(
    ("predicate", "other", "expected"),
    [
        ("left of", (0.45, 0.0, 0.2, 0.2), False),
        ("to the left of", (0.35, 0.4, 0.2, 0.2), True),
        ("right of", (0.35, 0.4, 0.2, 0.2), False),
        ("right of", (0.45, 0.4, 0.2, 0.2), True),
        ("above", (0.4, 0.45, 0.2, 0.2), False),
        ("above", (0.4, 0.35, 0.2, 0.2), True),
        ("under", (0.4, 0.35, 0.2, 0.2), False),
        ("below", (0.4, 0.45, 0.2, 0.2), True),
        ("left of", HERE, True),
        ("above", HERE, True),
        ("next to", (0.9, 0.9, 0.1, 0.1), False),
        ("holding", (0.9, 0.9, 0.1, 0.1), False),
    ],
)
def test_a_direction_is_violated_when_the_centres_say_otherwise(predicate, other, expected):
    assert violated(predicate, HERE, other) is expected
