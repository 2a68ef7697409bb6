"""Each word has one meaning, a project's own words join the shipped ones, and what contradicts them is refused."""

import pytest

from genval_assets.negatives.settings import VocabularySettings
from genval_assets.negatives.vocabulary import ClashingWords, spoken_tokens, vocabulary

SHIPPED = vocabulary()


@pytest.mark.parametrize(
    ("word", "type_", "value"),
    [
        ("red", "colour", "red"),
        ("gray", "colour", "grey"),
        ("light blue", "colour", "light blue"),
        ("light-blue", "colour", "light blue"),
        ("dark gray", "colour", "dark grey"),
        ("light azure", "colour", "light blue"),
        ("navy blue", "colour", "blue"),
        ("dark navy blue", "colour", "dark blue"),
        ("wood", "material", "wooden"),
        ("polka dot", "pattern", "dotted"),
        ("see through", "transparency", "transparent"),
        ("opaque", "transparency", "opaque"),
        ("shiny", None, "shiny"),
        ("golden", None, "golden"),
        ("clear", None, "clear"),
        ("light", None, "light"),
        ("light wooden", None, "light wooden"),
        ("dark wood", None, "dark wood"),
        ("light light blue", None, "light light blue"),
        ("light mug", None, "light mug"),
    ],
)
def test_a_word_stands_for_one_value_of_one_type(word, type_, value):
    assert (SHIPPED.type_of(word), SHIPPED.meaning(word)) == (type_, value)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("canvas", "'canvas' counts as 'fabric'"),
        ("dark gray", "'dark gray' counts as 'dark grey'"),
        ("polka-dot", "'polka-dot' counts as 'dotted'"),
        ("light-blue", ""),
        ("red", ""),
        ("shiny", ""),
    ],
)
def test_another_word_for_a_value_is_told_as_what_it_counts(word, told):
    assert SHIPPED.counts_as(word) == told


@pytest.mark.parametrize(
    ("word", "is_value"),
    [
        ("grey", True),
        ("dark grey", True),
        ("gray", False),
        ("dark gray", False),
        ("light-blue", False),
        ("navy blue", False),
        ("light wooden", False),
        ("shiny", False),
    ],
)
def test_only_the_listed_spelling_of_a_word_may_replace_another(word, is_value):
    assert SHIPPED.is_value(word) is is_value


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("grey", "gray", True),
        ("blue", "light blue", True),
        ("light blue", "dark blue", False),
        ("light gray", "grey", True),
        ("navy", "dark blue", True),
        ("velvet", "fabric", True),
        ("crocheted", "cloth", True),
        ("velvet", "wool", False),
        ("rattan", "woven", True),
        ("red", "orange", False),
        ("transparent", "translucent", True),
    ],
)
def test_a_value_is_the_same_as_what_it_includes_in_both_directions(one, other, same):
    assert SHIPPED.same_or_entailed(one, other) is same
    assert SHIPPED.same_or_entailed(other, one) is same


@pytest.mark.parametrize(
    ("one", "other", "excluded"),
    [
        ("red", "blue", True),
        ("light blue", "dark blue", True),
        ("blue", "light blue", False),
        ("red", "striped", False),
        ("striped", "dotted", True),
        ("striped", "logo", False),
        ("striped", "studded", False),
        ("wood", "steel", True),
        ("wood", "wooden", False),
    ],
)
def test_two_values_exclude_each_other_only_where_no_thing_has_both(one, other, excluded):
    assert SHIPPED.exclude(one, other) is excluded
    assert SHIPPED.exclude(other, one) is excluded


def test_every_shipped_value_has_one_type_and_everything_said_of_values_is_said_of_one():
    every = [value for values in SHIPPED.values.values() for value in values]
    assert len(every) == len(set(every)) == 36
    assert all(SHIPPED.is_value(value) for value in every)
    assert set(SHIPPED.synonyms.values()) | set(SHIPPED.entails) | SHIPPED.together <= set(every)
    assert not set(SHIPPED.synonyms) & set(every)


def test_own_words_join_the_shipped_ones_with_their_shades_synonyms_and_what_they_include():
    own = vocabulary(
        VocabularySettings(
            colour=("turquoise", "light blue", "sea-green"),
            material=("rubber", "stained glass", "silk velvet"),
            synonyms={"rubber": ("latex",), "turquoise": ("teal",), "light blue": ("powder blue",), "grey": ("gray",)},
            entails={"turquoise": ("green",)},
        )
    )
    assert own.values["material"][-3:] == ("rubber", "stained glass", "silk velvet")
    assert [own.meaning(word) for word in ("latex", "light teal", "powder blue")] == [
        "rubber",
        "light turquoise",
        "light blue",
    ]
    assert own.is_value("dark turquoise")
    assert own.type_of("light light blue") is None
    assert own.type_of("powder blue") == "colour"
    assert own.meaning("sea green") == "sea-green"
    for narrower, wider in [
        ("stained glass", "glass"),
        ("silk velvet", "fabric"),
        ("dark turquoise", "green"),
        ("powder blue", "blue"),
        ("sea-green", "green"),
    ]:
        assert own.same_or_entailed(narrower, wider), (narrower, wider)
    assert not own.same_or_entailed("stained glass", "silk velvet")
    assert SHIPPED.type_of("rubber") is None


def test_a_word_of_your_own_that_begins_like_a_shade_is_no_shade():
    own = vocabulary(VocabularySettings(colour=("dark chocolate",), pattern=("light veined",)))
    assert (own.type_of("dark chocolate"), own.type_of("chocolate")) == ("colour", None)
    assert own.is_value("light veined")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"material": ("wood",)}, "'wood' is the material 'wood' and another word for 'wooden'"),
        ({"colour": ("gray",)}, "'gray' is the colour 'gray' and another word for 'grey'"),
        ({"pattern": ("red",)}, "'red' is the colour 'red' and the pattern 'red'"),
        ({"transparency": ("see through",)}, "the transparency 'see through' and another word for 'transparent'"),
        ({"synonyms": {"red": ("blue",)}}, "'blue' is the colour 'blue' and another word for 'red'"),
        ({"synonyms": {"white": ("gray",)}}, "another word for 'grey' and another word for 'white'"),
        ({"colour": ("dark",)}, "'dark' makes one value with the colour after it"),
        ({"colour": ("light gray",)}, "'light gray' is understood as the colour 'light grey' already"),
        ({"material": ("light blue",)}, "'light blue' is understood as the colour 'light blue' already"),
        ({"synonyms": {"black": ("dark grey",)}}, "'dark grey' is understood as the colour 'dark grey' already"),
        ({"synonyms": {"rubber": ("latex",)}}, "'rubber', which is no value; add it to its type first"),
        ({"entails": {"velvet": ("soft",)}}, "'soft', which is no value; add it to its type first"),
        ({"entails": {"velvet": ("cloth",)}}, "'cloth', which is no value; write 'fabric'"),
        ({"entails": {"gray": ("black",)}}, "'gray', which is no value; write 'grey'"),
    ],
)
def test_words_that_contradict_the_others_are_refused_with_what_they_clash_with(settings, says):
    with pytest.raises(ClashingWords, match=r"^vocabulary: ") as refused:
        vocabulary(VocabularySettings(**settings))
    assert says in str(refused.value)


def test_all_clashes_are_named_at_once():
    with pytest.raises(ClashingWords) as refused:
        vocabulary(VocabularySettings(material=("wood",), colour=("dark",), synonyms={"rubber": ("latex",)}))
    assert [word for word in ("'wood'", "'dark'", "'rubber'") if word in str(refused.value)] == [
        "'wood'",
        "'dark'",
        "'rubber'",
    ]


def test_tokens_are_words_with_their_hyphens_and_every_mark():
    assert spoken_tokens("A light-blue mug’s handle, (70_cm)!") == [
        *("a", "light-blue", "mug’s", "handle", ",", "(", "70", "_", "cm", ")", "!")
    ]
    assert spoken_tokens("Cafe\N{COMBINING ACUTE ACCENT}") == ["café"]
