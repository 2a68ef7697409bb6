import csv

import pytest

from genval_assets.language.nouns import counted, is_many, kinds, spoken, with_article


@pytest.mark.parametrize(
    ("name", "several"),
    [
        ("mug", "mugs"),
        ("teddy bear", "teddy bears"),
        ("person", "people"),
        ("steak knife", "steak knives"),
        ("pocketknife", "pocketknives"),
        ("giraffe", "giraffes"),
        ("cherry", "cherries"),
        ("toy", "toys"),
        ("bench", "benches"),
        ("wine glass", "wine glasses"),
        ("bus", "buses"),
        ("goose", "geese"),
        ("ottoman", "ottomans"),
        ("snowman", "snowmen"),
        ("piano", "pianos"),
        ("sweet potato", "sweet potatoes"),
        ("starfish", "starfish"),
        ("sheep", "sheep"),
        ("bow (weapon)", "bows (weapon)"),
        ("scissors", "objects of the kind scissors"),
        ("broccoli", "objects of the kind broccoli"),
        ("rhinoceros", "objects of the kind rhinoceros"),
        ("bowl of soup", "objects of the kind bowl of soup"),
        ("Lego", "objects of the kind Lego"),
        ("鴨", "objects of the kind 鴨"),
        ("{mug}", "objects of the kind {mug}"),
        ("mug (", "objects of the kind mug ("),
    ],
)
def test_several_of_a_category(name, several):
    assert kinds(name) == several
    assert counted(3, name) == f"3 {several}"


def test_one_of_a_category():
    assert counted(1, "knife") == "1 knife"
    assert counted(1, "bow (weapon)") == "1 bow (weapon)"
    assert counted(1, "scissors") == "1 object of the kind scissors"


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        ("mug", "a mug"),
        ("orange mug", "an orange mug"),
        ("umbrella", "an umbrella"),
        ("unicycle", "a unicycle"),
        ("urn", "an urn"),
        ("urinal", "a urinal"),
        ("onion", "an onion"),
        ("one-man tent", "a one-man tent"),
        ("hourglass", "an hourglass"),
        ("house", "a house"),
        ("European flag", "a European flag"),
        ("éclair", "an éclair"),
        ("UFO", "a UFO"),
        ("SUV", "an SUV"),
        ("iPod", "an iPod"),
        ("8 ball", "an 8 ball"),
        ("18-wheeler", "an 18-wheeler"),
        ("100 dollar note", "a 100 dollar note"),
        ("鴨", "a 鴨"),
        ("green scissors", "green scissors"),
        ("white bread", "white bread"),
        ("beef (food)", "beef (food)"),
    ],
)
def test_the_article_follows_the_sound(phrase, said):
    assert with_article(phrase) == said


def test_what_has_no_singular_takes_the_verb_of_the_plural():
    assert [name for name in ("skis", "short pants", "overalls (clothing)", "bus", "mug") if is_many(name)] == [
        "skis",
        "short pants",
        "overalls (clothing)",
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("dining_table", "dining table"),
        ("two\nlines\r\n", "two lines"),
        ("sep\u2028a\u2029rated\x85here", "sep a rated here"),
        ("nul\x00 bell\x07", "nul bell"),
        ("  {thing}  {0} ", "{thing} {0}"),
        ("Statue of Liberty", "Statue of Liberty"),
    ],
)
def test_a_name_stands_on_one_line_and_is_else_as_it_was(name, said):
    assert spoken(name) == said
    assert len(said.splitlines()) == 1


def test_names_of_real_lists_have_a_plural_unless_they_are_not_counted(shared_data):
    with (shared_data / "categories" / "coco80_train2017_counts.csv").open() as file:
        names = [row["name"] for row in csv.DictReader(file)]
    without = [name for name in names if kinds(name).startswith("objects of")]
    assert without == ["skis", "broccoli", "scissors"]
