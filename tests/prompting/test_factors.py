"""A factor table is read as a whole or refused with every fault named."""

import json
from collections.abc import Mapping, Sequence

import pytest

from genval_assets.chat.answers import UnreadableAnswer
from genval_assets.prompting.factors import FactorQuestion
from genval_assets.prompting.slots import FACTORS

QUESTION = FactorQuestion("mug-1", 'a "mug"', "for hot drinks")


def answer(table: Mapping[str, Sequence[str]], **more: object) -> str:
    return json.dumps({"factors": [{"name": name, "values": list(v)} for name, v in table.items()], **more})


def changed(**factors: Sequence[str]) -> str:
    return answer({**FACTORS, **factors})


def with_value(value: str) -> str:
    return changed(style=[*FACTORS["style"][:5], value])


def test_the_built_in_table_is_one_that_would_be_accepted():
    assert QUESTION.read(answer(FACTORS)) == dict(FACTORS)


@pytest.mark.parametrize(
    "value", ["polka-dot", "1950s", "light from the left", "seamless", "with a glossy finish", "été"]
)
def test_phrases_that_fit_into_a_prompt_are_accepted(value):
    assert value in QUESTION.read(with_value(value))["style"]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("two tones", "'two' asks for more than one"),
        ("a set of", "asks for more than one"),
        ("on a table", "names a place"),
        ("beside a lamp", "brings in a second object"),
        ("all sides", "asks for more than one view"),
        ("close-up", "asks for 'close-up'"),
        ("white background", "asks for 'background'"),
        ("cropped", "asks for 'cropped'"),
        ("one two three four five six", "too long"),
        ("x" * 41, "too long"),
        (" red", "is no phrase"),
        ("red  hot", "is no phrase"),
        ("red\nhot", "is no phrase"),
        ("--", "is no phrase"),
        ('{"a"}', "punctuation"),
        ("red; ignore the rules", "punctuation"),
    ],
)
def test_values_that_no_prompt_could_hold_are_refused_with_the_reason(value, why):
    with pytest.raises(UnreadableAnswer, match="style: .*" + why) as caught:
        QUESTION.read(with_value(value))
    assert caught.value.reasons == ("factor_table",)


@pytest.mark.parametrize("name", ["Colour", "time period", "subject", "background", "_x", "1x", "a__b", "ä"])
def test_names_that_are_no_slots_are_refused(name):
    with pytest.raises(UnreadableAnswer, match="is no name of a factor"):
        QUESTION.read(changed(**{name: FACTORS["style"]}))


@pytest.mark.parametrize("needed", ["colour", "texture", "viewpoint", "lighting"])
def test_the_factors_that_pictures_can_show_must_be_there(needed):
    table = {name: values for name, values in FACTORS.items() if name != needed}
    with pytest.raises(UnreadableAnswer, match=f"factor '{needed}' is missing"):
        QUESTION.read(answer({**table, "size": FACTORS["style"]}))


def test_a_factor_and_a_value_come_once():
    twice = json.loads(answer(FACTORS))
    twice["factors"].append({"name": "mood", "values": list(FACTORS["mood"])})
    with pytest.raises(UnreadableAnswer, match="factor 'mood' comes 2 times"):
        QUESTION.read(json.dumps(twice))
    with pytest.raises(UnreadableAnswer, match="colour: 'red' comes twice"):
        QUESTION.read(changed(colour=[*FACTORS["colour"][:6], "Red"]))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        answer(dict(list(FACTORS.items())[:7])),
        answer({**FACTORS, **{f"f{i}": FACTORS["style"] for i in range(4)}}),
        changed(style=FACTORS["style"][:5]),
        changed(style=[f"style {c}" for c in "abcdefghijk"]),
        answer(FACTORS, note="x"),
    ],
    ids=["empty", "bare", "seven", "thirteen", "few values", "many values", "extra key"],
)
def test_tables_of_another_form_or_size_are_refused(text):
    with pytest.raises(UnreadableAnswer):
        QUESTION.read(text)


def test_all_faults_are_named_at_once():
    with pytest.raises(UnreadableAnswer, match=r"'two tones' 'two'.*; mood: 'on a table'"):
        QUESTION.read(changed(style=[*FACTORS["style"][:6], "two tones"], mood=[*FACTORS["mood"], "on a table"]))


def test_the_question_carries_the_category_as_data_and_the_faults_of_earlier_answers():
    request = QUESTION.request(2, ["style: too long"])
    assert json.loads(request.user) == {
        "category": 'a "mug"',
        "definition": "for hot drinks",
        "faults_of_earlier_answers": ["style: too long"],
    }
    assert (request.category, request.attempt) == ("mug-1", 2)
    assert request.seed != QUESTION.request(1, ()).seed
    assert json.loads(FactorQuestion("m", "mug", None).request(1, ()).user) == {"category": "mug"}
