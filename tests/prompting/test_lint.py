"""The lint names what is wrong with a prompt before a picture is drawn from it."""

import pytest

from genval_assets.prompting.baseline import baseline_prompt
from genval_assets.prompting.lint import MAX_TOKENS, estimate_tokens, lint_prompt, similarity, spoken_name

GOOD = "A high-resolution, highly realistic photograph of a single red mug with a glossy finish, on a plain background"


def reasons(text: str, name: str = "mug", synonyms: tuple[str, ...] = (), accepted: tuple[str, ...] = ()) -> list[str]:
    return [fault.reason for fault in lint_prompt(text, name, synonyms, accepted)]


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.upper(),
        "Highly realistic, high resolution product shot of one lone mug, isolated against a plain white backdrop",
        "A single three-quarter view mug in soft light from the left, high-resolution, highly realistic",
        "A single 1950s mug with the handle to the right, high-resolution, highly realistic, complete, not cropped",
    ],
)
def test_a_good_prompt_has_no_fault(text):
    assert reasons(text) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("mug", "vessel"), "no_category"),
        (("mug", "mugger"), "no_category"),
        (("a single", "a"), "no_singular_cue"),
        (("red", "red " * 45), "too_long"),
        (("single red mug", "single set of mug"), "plural"),
        (("a single red mug", "a single red mug, three mugs"), "plural"),
        (("single red mug", "single mug of the mugs"), "plural"),
        (("with a glossy finish", "with a spoon"), "second_subject"),
        (("with a glossy finish", "next to the teapot"), "second_subject"),
        (("with a glossy finish", "and a banana"), "second_subject"),
        (("with a glossy finish", "held by someone"), "second_subject"),
        (("on a plain background", "in a sunny kitchen"), "scene"),
        (("on a plain background", "with bokeh"), "scene"),
        (("on a plain background", "outdoors"), "scene"),
        (("on a plain background", "shown from all angles"), "multi_view"),
        (("photograph", "collage"), "multi_view"),
        (("high-resolution, ", ""), "no_trigger_words"),
        (("highly realistic ", ""), "no_trigger_words"),
    ],
)
def test_each_fault_is_named(change, reason):
    assert reason in reasons(GOOD.replace(*change))


def test_a_fault_says_what_to_do():
    (fault,) = lint_prompt(GOOD.replace("mug", "vessel"), "mug")
    assert fault.detail == "name the category: 'mug'"


def test_a_synonym_is_as_good_as_the_name():
    assert "no_category" in reasons(GOOD.replace("mug", "beaker"))
    assert reasons(GOOD.replace("mug", "beaker"), synonyms=("beaker",)) == []


def test_names_with_parentheses_and_underscores_are_spoken_without():
    assert spoken_name("cup_(for drinking)_Large") == "cup large"
    assert spoken_name("(only)") == "(only)"
    assert reasons(GOOD.replace("mug", "water jug"), name="water_jug") == []


def test_scissors_may_be_a_pair():
    text = GOOD.replace("single red mug", "single pair of red scissors")
    assert "plural" in reasons(text, name="mug")
    assert reasons(GOOD.replace("single red mug", "single pair of scissors"), name="scissors") == []


def test_a_prompt_like_an_earlier_one_is_refused_and_a_different_one_is_not():
    assert reasons(GOOD, accepted=(GOOD.replace("red", "blue"),)) == ["too_similar"]
    other = "One solitary weathered blue mug, seen from the front, high-resolution and highly realistic, isolated"
    assert reasons(GOOD, accepted=(other,)) == []


def test_similarity_is_the_jaccard_index_of_three_word_grams():
    # grams of the first: abc bcd cde; of the second: abc bcd cdx; 2 shared of 4
    assert similarity("a b c d e", "A, b c d x") == 0.5
    assert similarity("a b", "a b") == 1.0
    assert similarity("a b c", "d e f") == 0.0


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("mug", 2), ("a red mug.", 5), ("high-resolution", 4), ("it's", 2)]
)
def test_tokens_are_counted_generously(text, tokens):
    assert estimate_tokens(text) == tokens


def test_the_limit_of_tokens_is_sharp():
    stem = GOOD + ", " + " ".join(["calm"] * 60)
    words = stem.split()
    longest = next(n for n in range(len(words), 0, -1) if estimate_tokens(" ".join(words[:n])) <= MAX_TOKENS)
    assert "too_long" not in reasons(" ".join(words[:longest]))
    assert "too_long" in reasons(" ".join(words[: longest + 1]))


def test_the_baseline_takes_a_definition_that_fits():
    assert baseline_prompt("water_jug") == "An image of a single water jug"
    assert baseline_prompt("mug", "a cup with a handle.") == "An image of a single mug, a cup with a handle"
    assert baseline_prompt("mug", "word " * 80) == "An image of a single mug"


def test_hostile_names_are_data():
    for name in ("a/b", "(", "[a-z]+", "x" * 300, "{{7*7}}", "茶碗", "; drop table"):
        assert "no_category" in reasons(GOOD, name=name)
        assert "no_category" not in reasons(GOOD.replace("mug", name), name=name)
