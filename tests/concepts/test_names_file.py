"""What a list of names promises: read as written, or refused with every fault and its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genval_assets.concepts.names_file import BadNames, read_names
from genval_assets.types import Concept


def names(text: str) -> list[str]:
    return [concept.name for concept in read_names(text, "names.txt").concepts]


def faults(text: str) -> list[str]:
    with pytest.raises(BadNames) as caught:
        read_names(text, "names.txt")
    return str(caught.value).split("\n")


def test_one_name_per_line_in_the_files_order():
    assert names("zebra\nhot dog\naye-aye\n") == ["zebra", "hot dog", "aye-aye"]


def test_byte_order_mark_blank_lines_comments_and_windows_line_ends_mean_nothing():
    assert names("\ufeff# animals\r\n\r\n  zebra \r\n\r\n#hidden\r\ndog") == ["zebra", "dog"]


@pytest.mark.parametrize(
    "name",
    ["../../x", "a/b", "x" * 300, "'; drop table x; --", "<script>", "{{7*7}}", "斑马", "a,b", 'say "hi"', "u\u2028v"],
)
def test_a_hostile_name_is_data(name):
    assert names(name) == [name]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_any_system_are_read(end):
    assert names(f"zebra{end}dog{end}") == ["zebra", "dog"]
    assert [c.target for c in read_names(f"name,target{end}zebra,5{end}", "f").concepts] == [5]


def test_a_line_longer_than_csv_takes_is_a_name():
    assert names("x" * 200_000) == ["x" * 200_000]


def test_names_are_stored_in_nfc():
    assert names("cafe\u0301") == ["caf\u00e9"]


def test_csv_needs_a_name_and_takes_the_known_columns_in_any_order():
    text = (
        "target,Name,id,synset,image_count,instance_count,frequency,synonyms,definition,supercategory\n"
        '50,zebra,7,zebra.n.01,3,4,r,"zebra| striped horse |","a horse, striped",animal\n'
        ",dog,,,,,,,,\n"
    )
    assert read_names(text, "f").concepts == (
        Concept(
            name="zebra",
            source_id=7,
            supercategory="animal",
            synset="zebra.n.01",
            definition="a horse, striped",
            synonyms=("zebra", "striped horse"),
            frequency="r",
            image_count=3,
            instance_count=4,
            target=50,
        ),
        Concept(name="dog"),
    )


def test_a_column_that_means_nothing_here_is_reported_not_guessed_at():
    read = read_names("name,colour\nzebra,striped\n", "f")
    assert read.concepts == (Concept(name="zebra"),)
    assert read.ignored_columns == ("colour",)


def test_a_target_of_zero_is_a_wish_and_an_empty_one_is_none():
    assert [c.target for c in read_names("name,target\nzebra,0\ndog,\n", "f").concepts] == [0, None]


def test_a_quoted_name_may_hold_commas_and_line_breaks_and_lines_are_still_counted():
    assert names('name,target\n"one\ntwo",1\n"a, b",2\n') == ["one\ntwo", "a, b"]
    assert faults('name,target\n"one\ntwo",1\ndog,many\n')[0].startswith("names.txt, line 4: target: ")


def test_every_fault_is_named_with_its_line_in_one_error():
    found = faults("# list\nname,target,frequency\nzebra,ten,r\n,5,\ndog,1,x\ncat,-1,r\nZEBU,1\nox,1,\nOx,2,\n")
    assert [fault.split(": ")[0] for fault in found] == [f"names.txt, line {n}" for n in (3, 4, 5, 6, 7, 9)]
    assert "target" in found[0]
    assert "'ten'" in found[0]
    assert "letter or digit" in found[1]
    assert "frequency" in found[2]
    assert "'-1'" in found[3]
    assert "2 cells, but the header has 3 columns" in found[4]
    assert "looks like, that of line 8" in found[5]


def test_plain_names_that_look_the_same_are_refused_with_both_lines():
    assert faults("cafe\u0301\nzebra\ncaf\u00e9\n") == [
        "names.txt, line 3: the name 'café' is, or looks like, that of line 1; keep one of them"
    ]


def test_an_id_belongs_to_one_name():
    assert faults("name,id\nzebra,1\ndog,1\n") == [
        "names.txt, line 3: the id 1 is, or looks like, that of line 2; keep one of them"
    ]


@pytest.mark.parametrize("text", ["", "\ufeff", "\n \n", "# only a comment\n", "name\n", "name,target\n\n"])
def test_a_list_without_a_concept_is_refused(text):
    assert faults(text) == ["names.txt: no concept in it; one name per line would be accepted"]


def test_csv_without_its_header_is_refused_not_taken_for_a_name():
    assert "put a header line" in faults("zebra,50\n")[0]


def test_a_column_that_occurs_twice_is_refused():
    assert "the column 'target' occurs 2 times" in faults("name,target,target\nzebra,1,2\n")[0]


def test_a_quote_that_never_ends_is_a_fault_where_it_begins():
    assert faults('name,target\ndog,1\n"zebra,5\ncat,1\n')[0].startswith("names.txt, line 3: not readable as CSV")


@given(st.text())
def test_any_text_is_read_or_refused(text):
    try:
        read = read_names(text, "f")
    except BadNames as err:
        assert all(line.startswith("f") for line in str(err).split("\n"))  # noqa: PT017  either outcome is right
    else:
        assert read.concepts


def test_the_lvis_list_reads_whole(shared_data):
    read = read_names((shared_data / "categories" / "lvis_v1_train_categories.csv").read_text(encoding="utf-8"), "lvis")
    assert len(read.concepts) == 1203
    assert sum(c.instance_count for c in read.concepts) == 1_270_141
    assert read.concepts[0] == Concept(
        name="aerosol_can",
        source_id=1,
        synset="aerosol.n.02",
        synonyms=("aerosol_can", "spray_can"),
        frequency="c",
        image_count=64,
        instance_count=109,
    )
    assert read.ignored_columns == ()


def test_the_coco_list_reads_and_says_what_it_left_out(shared_data):
    read = read_names((shared_data / "categories" / "coco80_train2017_counts.csv").read_text(encoding="utf-8"), "coco")
    assert len(read.concepts) == 80
    assert read.ignored_columns == ("train2017_instances", "lvis_v1_name")
