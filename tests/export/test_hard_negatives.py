"""Captions leave with their accepted negatives, in FineGen's form, and with the pictures that were described."""

import dataclasses
import json
import random
from datetime import UTC, datetime
from io import BytesIO

import polars as pl
import pytest

from genval_assets.export.build import ExportedSet, export_set
from genval_assets.export.content import composed_for
from genval_assets.export.settings import ExportSettings
from tests.export.made import made

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

LINES, TABLE = "negatives/hard_negatives.jsonl", "negatives/hard_negatives.parquet"
TEXT = "A brown striped plastic zebra stands on its own before a plain wall."
SAID = (("colour", "brown", "zebra"), ("pattern", "striped", "zebra"), ("material", "plastic", "zebra"))
BLUE = ("colour", "brown", "blue", "zebra")
DOTTED = ("pattern", "striped", "dotted", "zebra")
GLASS = ("material", "plastic", "glass", "zebra")


def exported(world) -> ExportedSet:
    return export_set("training", world.content(), ExportSettings())


def lines(done: ExportedSet) -> list[dict]:
    return [json.loads(line) for line in dict(done.files)[LINES].decode().split("\n") if line]


def table(done: ExportedSet) -> pl.DataFrame:
    return pl.read_parquet(BytesIO(dict(done.files)[TABLE]))


def card(done: ExportedSet) -> str:
    return dict(done.files)["README.md"].decode()


def change(world, rows: str, number: int, **values: object) -> None:
    found = getattr(world, rows)
    found[number] = dataclasses.replace(found[number], **values)


@pytest.fixture
def described(laid_out):
    """A cut-out with two hard ones, a medium, an easy and a trivial one; its attempts that failed; a drawn scene."""
    laid_out.caption("p1", "zebra", TEXT, *SAID, subject_id="inst-zebra")
    easy = "A blue dotted glass zebra stands on its own before a plain wall."
    laid_out.negative("p1", easy, BLUE, DOTTED, GLASS)
    laid_out.negative("p1", "A glass zebra.", GLASS, outcome="rejected", reasons=["other_words"], attempt=3)
    laid_out.negative("p1", "A brown dotted plastic zebra stands on its own before a plain wall.", DOTTED)
    laid_out.negative("p1", "A tan zebra.", BLUE, outcome="corrected", reasons=["same_meaning"])
    laid_out.negative(
        "p1", "A blue striped plastic zebra stands on its own before a plain wall.", BLUE, attempt=1,
        confirmed_by=["requested", "vision"],
    )  # fmt: skip
    laid_out.negative("p1", "A blue dotted plastic zebra stands on its own before a plain wall.", BLUE, DOTTED)
    laid_out.negative("p1", "A black wooden chair stands alone in the corner of a room.")
    laid_out.ended("p1", "2111", n_rejected=1, n_corrected=1)
    laid_out.caption(
        "p2", "zebra", "One white leather zebra is seen among many other things here.", ("colour", "white", "zebra"),
        ("material", "leather", "zebra"), kind="scene", subject_id="d1", image="data/images/gh/d1.jpg",
    )  # fmt: skip
    laid_out.negative(
        "p2", "One red leather zebra is seen among many other things here.", ("colour", "white", "red", "zebra")
    )
    laid_out.ended("p2", "1000", wanted=10, short=True, why_short="not_confirmed")
    return laid_out


def test_a_picture_is_a_line_with_its_caption_and_negatives_under_finegens_names(described):
    first, second = lines(exported(described))
    assert {key: value for key, value in first.items() if key not in ("negatives", "subtext")} == {
        "image_name": "negatives/images/p1.webp",
        "width": None,
        "height": None,
        "category": "zebra",
        "category_id": 0,
        "name": "zebra",
        "kind": "instance",
        "positive_id": "p1",
        "positive": TEXT,
        "attributes": [
            {"type": "colour", "value": "brown", "noun": "zebra", "word": "brown"},
            {"type": "pattern", "value": "striped", "noun": "zebra", "word": "striped"},
            {"type": "material", "value": "plastic", "noun": "zebra", "word": "plastic"},
        ],
        "trivial": ["A black wooden chair stands alone in the corner of a room."],
        "short": False,
        "wanted": 4,
    }
    assert first["negatives"][2] == {
        "negative_id": "p1-5",
        "sentence": "A blue dotted plastic zebra stands on its own before a plain wall.",
        "level": "medium",
        "attribute_change": [
            {"attribute": "colour", "origin": "brown", "target": "blue", "noun": "zebra"},
            {"attribute": "pattern", "origin": "striped", "target": "dotted", "noun": "zebra"},
        ],
    }
    assert (second["positive_id"], second["short"], second["wanted"]) == ("p2", True, 10)
    assert len(second["negatives"]) == 1
    assert second["trivial"] == []


def test_negatives_stand_hard_first_then_medium_then_easy_each_in_the_order_they_were_wanted(described):
    first, _ = lines(exported(described))
    assert [(one["level"], one["negative_id"]) for one in first["negatives"]] == [
        ("hard", "p1-2"), ("hard", "p1-4"), ("medium", "p1-5"), ("easy", "p1-0"),
    ]  # fmt: skip


def test_no_attempt_that_was_rejected_or_sent_back_is_in_any_file(described):
    """The released implementation writes a negative out that failed its last correction."""
    done = exported(described)
    texts = [content.decode() for path, content in made(done) if path != TABLE]
    texts.append(table(done).write_json())
    for refused in ("A glass zebra.", "A tan zebra.", "p1-1", "p1-3"):
        assert not any(refused in text for text in texts), refused
    assert any("p1-0" in text for text in texts)


def test_a_list_of_which_everything_was_rejected_leaves_nothing_of_its_picture(described):
    for number in range(6):
        change(described, "negatives", number, outcome="rejected", reasons=["true_of_the_picture"])
    change(described, "negative_lists", 0, n_hard=0, n_medium=0, n_easy=0, short=True, why_short="true_of_the_picture")
    done = exported(described)
    assert [line["positive_id"] for line in lines(done)] == ["p2"]
    assert "negatives/images/p1.webp" not in dict(done.links)
    assert "Captions left out: 1 (no_negatives)." in card(done)


def test_the_table_has_a_row_per_negative_trivial_ones_included(described):
    found = table(exported(described))
    assert found.columns == [
        "positive_id", "negative_id", "image", "category", "category_id", "name", "kind", "caption", "sentence",
        "level", "n_changes", "changes", "corrections", "confirmed_by",
    ]  # fmt: skip
    assert found["negative_id"].to_list() == ["p1-2", "p1-4", "p1-5", "p1-0", "p1-6", "p2-0"]
    assert found["level"].to_list() == ["hard", "hard", "medium", "easy", "trivial", "hard"]
    assert found["n_changes"].to_list() == [1, 1, 2, 3, 0, 1]
    assert found["corrections"].to_list() == [0, 1, 0, 0, 0, 0]
    assert found["image"].to_list() == ["negatives/images/p1.webp"] * 5 + ["images/d1.jpg"]
    blue = found.row(1, named=True)
    assert blue["changes"] == [{"attribute": "colour", "origin": "brown", "target": "blue", "noun": "zebra"}]
    assert blue["confirmed_by"] == ["requested", "vision"]
    assert (blue["caption"], blue["kind"], blue["category_id"]) == (TEXT, "instance", 0)
    assert found.row(4, named=True)["changes"] == []


def test_the_picture_of_a_caption_is_the_one_that_was_described(described):
    done = exported(described)
    _, scene = lines(done)
    assert dict(done.links)["negatives/images/p1.webp"] == "data/images/ij/p1.webp"
    assert (scene["image_name"], scene["width"], scene["height"]) == ("images/d1.jpg", 64, 48)
    assert [path for path, _ in done.links].count("images/d1.jpg") == 1


def test_two_captions_of_one_stored_picture_link_it_once(described):
    described.caption("p3", "dog", TEXT, *SAID, image="data/images/ij/p1.webp", kind="real")
    described.negative("p3", "A blue zebra.", BLUE)
    described.ended("p3", "1000")
    done = exported(described)
    assert [line["image_name"] for line in lines(done)].count("negatives/images/p1.webp") == 2
    assert [path for path, _ in done.links].count("negatives/images/p1.webp") == 1


def refuse(world):
    world.spoilt_captions.append(world.captions.pop(0))


def take_away(world):
    change(world, "captions", 0, kind="real")
    world.gone_captions.append(world.captions.pop(0))


def no_longer_a_scene(world):
    change(world, "captions", 0, kind="scene", subject_id="spoilt-scene")


def without_caption(world):
    change(world, "captions", 0, outcome="refused", caption=None, attributes="[]", faults=["no_attribute"])


def unended(world):
    world.negative_lists.pop(0)


def lost_row(world):
    world.negatives.pop(0)


def row_too_many(world):
    world.negatives.append(dataclasses.replace(world.negatives[0], negative_id="p1-9", index=9))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (refuse, "refused_instance"),
        (take_away, "photograph_gone"),
        (no_longer_a_scene, "scene_not_in_set"),
        (without_caption, "no_caption"),
        (unended, "unfinished"),
        (lost_row, "torn"),
        (row_too_many, "torn"),
    ],
)
def test_a_caption_that_is_not_in_force_stays_away_with_its_picture_and_is_counted(described, spoil, reason):
    spoil(described)
    done = exported(described)
    assert [line["positive_id"] for line in lines(done)] == ["p2"]
    assert set(table(done)["positive_id"]) == {"p2"}
    assert not any(path.startswith("negatives/images/") for path, _ in done.links)
    assert done.facts.negatives.left_out == ((reason, 1),)
    assert f"Captions left out: 1 ({reason})." in card(done)


def test_a_caption_that_was_withdrawn_is_quoted_by_no_other(described):
    """A trivial negative is another picture's caption: of a retired category, say."""
    described.withdrawn_captions.append("another")
    first, _ = lines(exported(described))
    assert first["trivial"] == []
    assert len(first["negatives"]) == 4
    assert "trivial" not in table(exported(described))["level"].to_list()


def test_sentences_that_a_killed_run_left_behind_are_in_no_file(described):
    described.negative("p1", "A jade zebra.", ("colour", "brown", "green", "zebra"), negative_list_id="of a killed run")
    assert "A jade zebra." not in (line["sentence"] for line in lines(exported(described))[0]["negatives"])
    assert len(lines(exported(described))) == 2


def test_captions_of_a_retired_category_are_left_out_with_all_that_is_theirs(described):
    change(described, "categories", 0, state="retired")
    done = exported(described)
    assert not any(path.startswith("negatives/") for path, _ in (*done.files, *done.links))
    assert done.facts.negatives.left_out == (("retired", 2),)
    assert "Captions left out: 2 (retired)." in card(done)
    assert "negatives/hard_negatives.jsonl" not in card(done)


def test_a_scene_that_a_setting_leaves_out_takes_its_caption_along(described):
    change(described, "backgrounds", 0, screened="unscreened")
    change(described, "captions", 1, subject_id="s1")
    done = export_set("training", described.content(), ExportSettings(allow_unscreened=False))
    assert [line["positive_id"] for line in lines(done)] == ["p1"]
    assert done.facts.negatives.left_out == (("scene_not_in_set", 1),)


def test_without_captions_there_are_no_such_files_and_the_card_is_silent(laid_out):
    done = exported(laid_out)
    assert not any(path.startswith("negatives") for path, _ in (*done.files, *done.links))
    assert "negative" not in card(done)
    assert "aption" not in card(done)


def test_a_categorys_set_has_its_own_captions_alone(described):
    described.caption("p3", "dog", "A black leather dog.", ("colour", "black", "dog"))
    described.negative("p3", "A red leather dog.", ("colour", "black", "red", "dog"))
    described.ended("p3", "1000")
    described.caption("p4", "dog", "A white dog.")
    described.spoilt_captions.append(described.captions.pop())
    own = {key: export_set(key, composed_for(described.content(), key), ExportSettings()) for key in ("dog", "zebra")}
    assert [line["positive_id"] for line in lines(own["dog"])] == ["p3"]
    assert own["dog"].facts.negatives.left_out == (("refused_instance", 1),)
    assert [line["positive_id"] for line in lines(own["zebra"])] == ["p1", "p2"]
    assert own["zebra"].facts.negatives.left_out == ()


def test_sub_texts_say_each_thing_alone_true_first_then_what_the_negatives_say(described):
    first, second = lines(exported(described))
    assert [(one["noun"], one["adjectives"], one["label"]) for one in first["subtext"]] == [
        ("zebra", ["brown", "striped", "plastic"], 1),
        ("zebra", ["brown", "dotted", "plastic"], 0),
        ("zebra", ["blue", "striped", "plastic"], 0),
        ("zebra", ["blue", "dotted", "plastic"], 0),
        ("zebra", ["blue", "dotted", "glass"], 0),
    ]
    assert second["subtext"] == [
        {
            "noun": "zebra",
            "adjectives": ["white", "leather"],
            "label": 1,
            "sentence": "A picture of a white leather zebra.",
        },
        {
            "noun": "zebra",
            "adjectives": ["red", "leather"],
            "label": 0,
            "sentence": "A picture of a red leather zebra.",
        },
    ]


@pytest.mark.parametrize("word", ["gutta percha", "guttapercha-made"])
def test_words_that_the_vocabulary_never_had_or_has_lost_still_leave_with_sub_texts(described, word):
    """A row is read by itself: a project may change its values and synonyms after it was written."""
    said = (("colour", "red", "zebra"), ("material", "gutta percha", "zebra", word))
    described.caption("p3", "zebra", f"One red {word} zebra stands here.", *said)
    described.negative("p3", "One red jade zebra stands here.", ("material", "gutta percha", "jade", "zebra"))
    described.ended("p3", "1000")
    line = next(line for line in lines(exported(described)) if line["positive_id"] == "p3")
    assert line["attributes"][1] == {"type": "material", "value": "gutta percha", "noun": "zebra", "word": word}
    assert line["negatives"][0]["attribute_change"][0]["target"] == "jade"
    assert [one["sentence"] for one in line["subtext"]] == [
        "A picture of a red gutta percha zebra.", "A picture of a red jade zebra.",
    ]  # fmt: skip


def test_sub_texts_of_two_things_of_one_name_are_told_apart(described):
    text = "A gray leather zebra stands left of a striped metal zebra in some shade."
    described.caption(
        "p3", "zebra", text, ("colour", "grey", "zebra", "gray"), ("material", "leather", "zebra"),
        ("pattern", "striped", "zebra"), ("material", "metal", "zebra"),
    )  # fmt: skip
    described.negative("p3", text.replace("metal", "glass"), ("material", "metal", "glass", "zebra"))
    described.negative("p3", text.replace("gray leather", "red velvet"), ("colour", "grey", "red", "zebra"),
                       ("material", "leather", "velvet", "zebra"))  # fmt: skip
    described.ended("p3", "1100")
    line = next(line for line in lines(exported(described)) if line["positive_id"] == "p3")
    assert [(one["adjectives"], one["label"]) for one in line["subtext"]] == [
        (["grey", "leather"], 1), (["striped", "metal"], 1), (["red", "velvet"], 0), (["striped", "glass"], 0),
    ]  # fmt: skip


ROWS = ("captions", "negatives", "negative_lists", "spoilt_captions", "scenes", "categories")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_rows_in_any_order_give_the_same_bytes(described, seed):
    for number in range(6):
        described.caption(f"e{number}", ("dog", "zebra")[number % 2], TEXT, *SAID)
        for told in (DOTTED, GLASS, BLUE):
            described.negative(f"e{number}", f"A {told[2]} zebra.", told)
        described.negative(f"e{number}", "A chair.")
        described.ended(f"e{number}", "3001")
    described.spoilt_captions.append(described.captions.pop())
    first, content, rng = exported(described), described.content(), random.Random(seed)
    mixed = {name: tuple(rng.sample(getattr(content, name), len(getattr(content, name)))) for name in ROWS}
    again = export_set("training", dataclasses.replace(content, **mixed), ExportSettings())
    assert len(lines(first)) == 7
    assert (made(again), again.links) == (made(first), first.links)


def test_other_runs_and_times_give_the_same_bytes(described):
    content, later = described.content(), {"run_id": "another", "created_at": datetime(2027, 1, 1, tzinfo=UTC)}
    moved = {name: tuple(dataclasses.replace(row, **later) for row in getattr(content, name)) for name in ROWS[:3]}
    again = export_set("training", dataclasses.replace(content, **moved), ExportSettings())
    assert made(again) == made(exported(described))


def test_the_card_counts_captions_levels_and_short_lists_with_their_reasons(described):
    text = card(exported(described))
    assert "| captions with hard negatives | 2 |" in text
    assert "| hard negatives (hard, medium and easy) | 5 |" in text
    assert "| captions of | instance | scene | all |\n|---|---:|---:|---:|\n| | 1 | 1 | 2 |\n" in text
    assert (
        "| level | hard | medium | easy | trivial |\n|---|---:|---:|---:|---:|\n| negatives | 3 | 1 | 1 | 1 |\n" in text
    )
    assert (
        "Short lists: 1 of 2, 9 negatives fewer than wanted; lists by their commonest reason: not_confirmed (1)."
        in text
    )
    assert "False of the picture according to: both (2 lists)." in text
    assert "Captions left out" not in text
    assert "Simulated" not in text


def test_reasons_of_short_lists_stand_commonest_first(described):
    for number, reason in enumerate(("same_meaning", "no_change", "same_meaning")):
        described.caption(f"e{number}", "dog", TEXT, *SAID)
        described.negative(f"e{number}", "A blue zebra.", BLUE)
        described.ended(f"e{number}", "1000", wanted=2, short=True, why_short=reason, verified_by="vision")
    text = card(exported(described))
    assert (
        "Short lists: 4 of 5, 12 negatives fewer than wanted; lists by their commonest reason: same_meaning (2), no_"
        in text
    )
    assert "same_meaning (2), no_change (1), not_confirmed (1). Nothing is filled up" in text
    assert "according to: both (2 lists), vision (3 lists)." in text


@pytest.mark.parametrize(("rows", "numbers"), [("captions", (1,)), ("negatives", (7,))])
def test_what_a_stand_in_described_or_wrote_is_simulated_and_said_first(described, rows, numbers):
    for number in numbers:
        change(described, rows, number, model="genval-offline-vision")
    text = card(exported(described))
    assert text.index("**Simulated.**") < text.index("## Files")
    one = {"captions": "1 | 0", "negatives": "0 | 1"}[rows]
    assert f" | simulated | {one} |" in text
