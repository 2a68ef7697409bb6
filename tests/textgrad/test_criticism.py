"""Criticism reaches the optimizer once, bounded, and with what was said before of similar faults."""

from genval_assets.textgrad.criticism import capped, deduplicated, recalled, settled


def test_points_that_differ_in_case_or_punctuation_are_one():
    points = ["Nothing says: one object!", "nothing says one  OBJECT", "Backgrounds appear.", " ", "…"]
    assert deduplicated(points) == ["Nothing says: one object!", "Backgrounds appear."]


def test_the_cap_holds_and_no_point_is_cut():
    point = " ".join(["word"] * 500)  # 650 estimated tokens
    assert capped([point, point, point, "short"]) == (point, point)
    assert capped([" ".join(["word"] * 2_000)]) == ()
    assert capped([]) == ()


def test_similar_past_points_are_recalled_at_most_three_the_likest_first():
    memory = ["the frame cuts objects off", "objects are cut off", "the moon is bright", "frame cuts the object",
              "the frame cuts objects", "The frame cuts objects off at times!"]  # fmt: skip
    found = recalled(["The frame cuts objects off."], memory)
    assert found == ["the frame cuts objects", "The frame cuts objects off at times!", "frame cuts the object"]


def test_what_is_said_now_comes_first_and_is_not_recalled_again():
    assert settled(["Objects are cropped."], ["objects are cropped", "objects are cropped below", "sky"]) == (
        "Objects are cropped.",
        "objects are cropped below",
    )
    assert settled([], ["objects are cropped"]) == ()
