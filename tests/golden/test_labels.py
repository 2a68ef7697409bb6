"""A file of labels is understood line by line, or refused with the line and what to do."""

import re

import pytest

from genval_assets.golden.labels import BadLabels, Label, read_labels

HEAD = "instance_id,keep,reasons,note\n"
KNOWN = {"a1", "b2", "c3"}


def read(text: str) -> list[Label]:
    return read_labels(text.encode(), KNOWN)


def test_what_the_page_saves_is_read():
    text = "\ufeff" + HEAD.replace("\n", "\r\n") + 'a1,yes,,\r\nb2,no,wrong_category incomplete,"a ""cup"", cut"\r\n'
    assert read(text) == [
        Label("a1", keep=True),
        Label("b2", keep=False, reasons=("wrong_category", "incomplete"), note='a "cup", cut'),
    ]


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "b2,no,incomplete wrong_category,x\n",
        HEAD + "\n  b2 , NO ,  incomplete   wrong_category,x\n,,,\n\n",
        "note,keep,instance_id,reasons\nx,No,b2,incomplete wrong_category\n",
        HEAD + 'b2,no,incomplete wrong_category,x\n"b2","no","wrong_category incomplete","x"\n',
    ],
    ids=["plain", "spaces, empty lines and capitals", "other order of columns", "the same twice"],
)
def test_what_a_spreadsheet_makes_of_it_says_the_same(text):
    assert read(text) == [Label("b2", keep=False, reasons=("wrong_category", "incomplete"), note="x")]


def test_a_note_may_have_several_lines_and_faults_after_it_are_still_found_on_their_line():
    text = HEAD + 'a1,yes,,"one\ntwo"\nb2,maybe,,\n'
    with pytest.raises(BadLabels, match=r"^line 4: keep is 'maybe'; yes or no is accepted$"):
        read(text)
    assert read(text.replace("maybe", "yes"))[0].note == "one\ntwo"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "the file is empty; save"),
        ("\n\n", "the file is empty; save"),
        (HEAD, "the file holds no label; label at least one"),
        ("instance_id,keep,note\na1,yes,\n", "line 1: no column 'reasons'; the first line must be instance_id,keep"),
        ("instance_id;keep;reasons;note\na1;yes;;\n", "line 1: no column 'instance_id'"),
        (HEAD.strip() + ",who\na1,yes,,,me\n", "line 1: unexpected column 'who'; the columns are"),
        (HEAD.strip() + ",keep\na1,yes,,,no\n", "line 1: unexpected column 'keep'"),
        (HEAD + "zz,yes,,\n", "line 2: no candidate 'zz' in this project; is it the file of another home?"),
        (HEAD + "a1,keep,,\n", "line 2: keep is 'keep'; yes or no is accepted"),
        (HEAD + "a1,,,\n", "line 2: keep is ''; yes or no is accepted"),
        (HEAD + "a1,no,ugly,\n", "line 2: reason 'ugly' is unknown; separated by spaces, accepted are multiple"),
        (HEAD + "a1,yes,incomplete,\n", r"line 2: kept, and yet with a reason \(incomplete\); remove"),
        (HEAD + "a1,yes,\n", "line 2: 3 fields, expected 4; a note with a comma needs quotes"),
        (HEAD + "a1,yes,,x,y\n", "line 2: 5 fields, expected 4"),
        (HEAD + "a1,yes,,\nb2,yes,,\na1,no,,\n", "line 4: a1 has another label on line 2; keep one of the two"),
        (HEAD + 'a1,yes,,"open\n', r"line 2: not CSV .*; quotes must be doubled and closed"),
        (HEAD + "a1,yes,," + "x" * 2001 + "\n", "line 2: a note of 2001 characters; 2000 are accepted"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_named_with_its_line_and_the_remedy(text, fault):
    with pytest.raises(BadLabels, match=f"^{fault}"):
        read(text)


def test_bytes_that_are_no_text_are_named():
    with pytest.raises(BadLabels, match=r"^line 2: not UTF-8 \(byte 0xff\); save the CSV as UTF-8$"):
        read_labels(HEAD.encode() + b"a1,yes,,\xff\n", KNOWN)


def test_all_faults_are_named_at_once_but_not_without_end():
    with pytest.raises(BadLabels) as caught:
        read(HEAD + "a1,yes,,\n" + "zz,no,,\n" * 25)
    lines = str(caught.value).splitlines()
    assert [int(re.match(r"line (\d+)", line)[1]) for line in lines[:-1]] == list(range(3, 23))
    assert lines[-1] == "and 5 more such lines"
