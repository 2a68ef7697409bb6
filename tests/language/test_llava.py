import json

import pytest

from genval_assets.language.llava import Conversation, llava_document


def test_a_picture_is_marked_once_before_its_first_question():
    entry = Conversation("7", "images/7.jpg", (("Where is the mug?", "At [0.1]."), ("How many mugs?", "1")))
    assert json.loads(llava_document([entry])) == [
        {
            "id": "7",
            "image": "images/7.jpg",
            "conversations": [
                {"from": "human", "value": "<image>\nWhere is the mug?"},
                {"from": "gpt", "value": "At [0.1]."},
                {"from": "human", "value": "How many mugs?"},
                {"from": "gpt", "value": "1"},
            ],
        }
    ]


@pytest.mark.parametrize("name", ["<image>", "<image", "a <im_start> b", "</s>", "<<image>>", "<IMAGE>"])
def test_names_bring_no_mark_of_their_own(name):
    pairs = ((f"Where is the {name}?", f"It is a {name}."), (f"Count the {name}s.", "1"))
    values = [turn["value"] for turn in json.loads(llava_document([Conversation("1", "a", pairs)]))[0]["conversations"]]
    assert values[0].startswith("<image>\n")
    assert [value.count("<") + value.count(">") for value in values] == [2, 0, 0, 0]
    assert values[1] == f"It is a {name.replace('<', '‹').replace('>', '›')}."


def test_pictures_keep_their_order_and_bytes_do_not_change():
    entries = [Conversation(i, f"{i}.jpg", (('鴨 "{x}"?', "é\\"),)) for i in ("b", "a")]
    written = llava_document(entries)
    assert written == llava_document(iter(entries))
    assert [entry["id"] for entry in json.loads(written.decode("utf-8"))] == ["b", "a"]
    assert json.loads(written)[0]["conversations"][0]["value"] == '<image>\n鴨 "{x}"?'


def test_no_picture_is_an_empty_list():
    assert llava_document([]) == b"[]"


def test_a_picture_without_questions_is_refused():
    with pytest.raises(ValueError, match=r"without pairs \['7'\]"):
        llava_document([Conversation("7", "7.jpg", ())])


def test_a_picture_that_comes_twice_is_refused():
    entry = Conversation("7", "7.jpg", (("q", "a"),))
    with pytest.raises(ValueError, match=r"repeated \['7'\]"):
        llava_document([entry, entry])
