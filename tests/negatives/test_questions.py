"""Questions about negatives hold what a model must know, and take answers of the one form that was asked for."""

import json

import numpy as np
import pytest

from genval_assets.chat.answers import UnreadableAnswer
from genval_assets.negatives.changes import Change, compare
from genval_assets.negatives.claims import (
    MOST_CLAIMS,
    Claim,
    ClaimsAnswer,
    ClaimsQuestion,
    claims_prompt,
    exchanged,
    stated,
)
from genval_assets.negatives.positive import read_positive
from genval_assets.negatives.writing import (
    Corrected,
    CorrectionAnswer,
    CorrectionQuestion,
    Faulty,
    NegativesAnswer,
    NegativesQuestion,
    correction_prompt,
    negatives_prompt,
)
from tests.negatives.fake_models import CAPTION, TEN, WORDS, pictured, positive

WANTED = {"hard": 1, "medium": 1, "easy": 0}
NEGATIVES = NegativesQuestion(positive(), WANTED, (TEN[0],), WORDS, "mug", 7)
FAULTY = (Faulty("s1", CAPTION, ("It says what the caption says.",), 1), Faulty("s2", "A mug.", ("Other words.",), 3))
CORRECTION = CorrectionQuestion(positive(), FAULTY, (TEN[0],), WORDS, "mug", 7)
CLAIMS = ClaimsQuestion(pictured(), ("There is a red mug.", "There is a blue mug."))
ALL = pytest.mark.parametrize("question", [NEGATIVES, CORRECTION, CLAIMS])


def task(question) -> dict:
    return json.loads(question.request(1, ()).user)


def test_the_writer_knows_the_caption_its_words_and_what_may_replace_them():
    told = task(NEGATIVES)
    assert told["caption"] == CAPTION
    assert told["attributes"] == [
        {"word": "red", "type": "colour", "noun": "mug"},
        {"word": "striped", "type": "pattern", "noun": "mug"},
        {"word": "ceramic", "type": "material", "noun": "mug"},
    ]
    assert set(told["words"]) == {"colour", "material", "pattern", "transparency"}
    assert "wooden" in told["words"]["material"]
    assert told["wanted"] == {"1_exchanged": 1, "2_exchanged": 1, "3_exchanged": 0}
    assert told["sentences_there_are"] == [TEN[0]]


def test_the_writer_is_told_the_captions_own_words_and_what_they_mean():
    caption = positive("A stainless steel knife lies beside a light-blue plate on the floor.", "knife", "plate")
    told = task(NegativesQuestion(caption, WANTED, (), WORDS, "mug", 7))
    assert told["attributes"] == [
        {"word": "stainless steel", "means": "metal", "type": "material", "noun": "knife"},
        {"word": "light-blue", "means": "light blue", "type": "colour", "noun": "plate"},
    ]
    assert all(one["word"] in told["caption"] for one in told["attributes"])


def test_the_mender_knows_each_sentence_with_what_is_wrong():
    assert task(CORRECTION)["mend"] == [
        {"id": "s1", "sentence": CAPTION, "wrong": ["It says what the caption says."], "exchange": 1},
        {"id": "s2", "sentence": "A mug.", "wrong": ["Other words."], "exchange": 3},
    ]


def test_the_one_who_looks_gets_the_picture_and_the_statements_only():
    request = CLAIMS.request(1, ())
    assert [image.shape for image in request.images] == [(8, 8, 3)]
    assert np.array_equal(request.images[0], CLAIMS.pictured.picture)
    assert task(CLAIMS) == {
        "statements": [{"id": "c1", "says": "There is a red mug."}, {"id": "c2", "says": "There is a blue mug."}]
    }


@ALL
def test_what_was_wrong_goes_back_and_the_seed_is_another(question):
    first, second = question.request(1, ()), question.request(2, ("expected one JSON object",))
    assert json.loads(second.user)["faults_of_earlier_answers"] == ["expected one JSON object"]
    assert first.seed != second.seed
    assert (first.category, first.stage, second.attempt) == ("mug", "hard_negatives", 2)


@ALL
@pytest.mark.parametrize("text", ["", "no", "[]", "{}", '{"sentences": "A mug."}', '{"claims": [], "more": 1}'])
def test_answers_of_another_form_are_refused(question, text):
    with pytest.raises(UnreadableAnswer):
        question.read(text)


def test_fewer_sentences_than_wanted_are_taken_and_more_are_not():
    assert NEGATIVES.read('{"sentences": [" A  mug\\nthere. "]}') == ("A mug there.",)
    with pytest.raises(UnreadableAnswer, match="at most 2 sentences, got 3"):
        NEGATIVES.read('{"sentences": ["a", "b", "c"]}')
    with pytest.raises(UnreadableAnswer):
        NEGATIVES.read('{"sentences": []}')


def answer(form, entry, *ids) -> str:
    return json.dumps({form: [{"id": i, **entry} for i in ids]})


@pytest.mark.parametrize("ids", [("s1",), ("s1", "s2", "s3"), ("s1", "s1"), ("s1", "s1", "s2"), ("s2", "s3")])
def test_corrections_have_the_ids_of_the_task(ids):
    with pytest.raises(UnreadableAnswer, match="one entry for each of s1, s2"):
        CORRECTION.read(answer("corrections", {"sentence": "A mug."}, *ids))


def test_corrections_are_told_by_id_in_any_order():
    text = '{"corrections": [{"id": "s2", "sentence": "Two."}, {"id": "s1", "sentence": "One."}]}'
    assert CORRECTION.read(text) == {"s1": "One.", "s2": "Two."}


@pytest.mark.parametrize("ids", [("c1",), ("c1", "c2", "c3"), ("c2", "c2"), ("c0", "c1")])
def test_claims_have_the_ids_of_the_task(ids):
    with pytest.raises(UnreadableAnswer, match="one entry for each of c1, c2"):
        CLAIMS.read(answer("claims", {"holds": "true"}, *ids))


def test_claims_are_told_in_the_order_of_the_statements():
    text = '{"claims": [{"id": "c2", "holds": "unclear"}, {"id": "c1", "holds": "true"}]}'
    assert CLAIMS.read(text) == ("true", "unclear")
    with pytest.raises(UnreadableAnswer):
        CLAIMS.read(text.replace("unclear", "perhaps"))


def test_a_statement_is_a_sentence_with_its_article():
    assert Claim("mug", "colour", "orange").text == "There is an orange mug."
    assert Claim("scissors", "colour", "red").text == "There are red scissors."
    assert Claim("eyes", "colour", "green").text == "There are green eyes."
    assert Claim("bread", "colour", "white").text == "There is white bread."
    assert Claim("bowl of soup", "colour", "blue").text == "There is a blue bowl of soup."


def test_statements_of_a_caption_and_of_a_negative_are_about_one_of_the_kind():
    caption = positive("Two red mugs and one plain mug stand by themselves in the middle.")
    assert stated(caption) == (Claim("mug", "colour", "red"), Claim("mug", "pattern", "plain"))
    compared = compare(caption, caption.text.replace("red", "blue").replace("plain", "floral"), WORDS)
    assert exchanged(caption, compared) == (Claim("mug", "colour", "blue"), Claim("mug", "pattern", "floral"))


def test_statements_are_about_the_whole_of_a_compound():
    caption = read_positive(
        "A black wall clock hangs above two red coffee mugs in there.", ("clock", "mug"), WORDS, ("wall", "coffee")
    )
    assert [one.text for one in stated(caption)] == ["There is a black wall clock.", "There is a red coffee mug."]
    compared = compare(caption, caption.text.replace("black", "white"), WORDS)
    assert [one.text for one in exchanged(caption, compared)] == ["There is a white wall clock."]


def test_a_plural_that_the_model_named_stays_one():
    caption = read_positive("A cat with green eyes sits on the floor there.", ("cat",), WORDS, ("eyes",))
    assert [one.text for one in stated(caption)] == ["There are green eyes."]


def test_no_answer_may_say_what_was_changed():
    """The released implementation takes its list of changes from an answer; ours has no place for one."""
    assert set(NegativesAnswer.model_fields) == {"sentences"}
    assert set(Corrected.model_fields) == {"id", "sentence"}
    sentence = CAPTION.replace("red", "green")
    claimed = [{"type": "colour", "origin": "red", "target": "blue"}]
    with pytest.raises(UnreadableAnswer):
        NEGATIVES.read(json.dumps({"sentences": [sentence], "changes": claimed}))
    with pytest.raises(UnreadableAnswer):
        CORRECTION.read(answer("corrections", {"sentence": sentence, "changes": claimed}, "s1", "s2"))
    (read,) = NEGATIVES.read(json.dumps({"sentences": [sentence]}))
    assert compare(NEGATIVES.positive, read, WORDS).changes == (Change("colour", "red", "green", "mug", 1),)


def test_a_blank_sentence_is_no_sentence():
    with pytest.raises(UnreadableAnswer, match="blank"):
        NEGATIVES.read(json.dumps({"sentences": [CAPTION.replace("red", "green"), "  "]}))
    with pytest.raises(UnreadableAnswer, match="blank"):
        CORRECTION.read(answer("corrections", {"sentence": " "}, "s1", "s2"))


def test_the_example_of_an_answer_about_statements_can_be_read_and_shows_every_verdict():
    (example,) = [line for line in claims_prompt().splitlines() if line.startswith("{")]
    claims = ClaimsAnswer.model_validate_json(example).claims
    assert [one.holds for one in claims] == ["true", "false", "unclear"]


@pytest.mark.parametrize("prompt", [negatives_prompt(), correction_prompt()])
def test_the_prompts_of_writer_and_mender_state_what_forbids_a_word(prompt):
    for demand in ("exactly one of the task's lists", "light", "neither", "already gives the same noun", '"means"'):
        assert demand in prompt


@pytest.mark.parametrize("schema", [NegativesAnswer, CorrectionAnswer, ClaimsAnswer])
def test_answers_have_a_bounded_length(schema):
    (field,) = schema.model_json_schema()["properties"].values()
    assert field["maxItems"] <= MOST_CLAIMS
