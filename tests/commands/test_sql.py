"""`genval sql` answers questions about the published tables and lets nothing in or out."""

import pytest


def test_programs_get_rows_and_the_time_of_publication(topped_up, answer):
    told = answer("sql", "select category, target from category_stats order by 1 limit 2", "--home", topped_up)
    assert [row["target"] for row in told["rows"]] == [1, 1]
    assert told["as_of"].startswith("20")


def test_people_get_a_table(topped_up, genval):
    done = genval("sql", "select 6 * 7 as answer", "--home", topped_up)
    assert done.exit_code == 0
    assert "answer" in done.stdout
    assert "42" in done.stdout
    assert "1 rows, as of" in done.stderr


@pytest.mark.parametrize(
    "query",
    [
        "copy categories to '{out}'",
        "attach '{out}' as other",
        "select * from read_text('/etc/hostname')",
        "select * from '{out}'",
        "install httpfs",
        "set enable_external_access = true",
        "drop table categories",
        "insert into categories select * from categories",
        "create table mine as select 1",
    ],
)
def test_a_query_can_neither_reach_out_nor_change_anything(topped_up, genval, tmp_path, query):
    out = tmp_path / "out"
    before = (topped_up / "data" / "genval.duckdb").read_bytes()
    done = genval("sql", query.format(out=out), "--home", topped_up)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert not out.exists()
    assert (topped_up / "data" / "genval.duckdb").read_bytes() == before


def test_a_query_that_is_none_is_told_where_it_goes_wrong(topped_up, genval):
    done = genval("sql", "selct 1", "--home", topped_up)
    assert done.exit_code == 2
    assert "selct" in done.stderr
    assert "Traceback" not in done.stderr
