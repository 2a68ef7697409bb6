"""`genval status` says where each category stands, before and after anything was published."""

from tests.commands.conftest import HOSTILE, names_file


def test_programs_get_counts_rates_and_reasons(topped_up, answer):
    told = answer("status", "--home", topped_up)
    assert len(told["categories"]) == len(HOSTILE)
    assert told["as_of"].endswith("Z")
    for row in told["categories"]:
        assert row["target"] == 1
        assert row["generated"] >= row["valid"] >= row["effective"] >= 0
        assert row["why"]


def test_people_get_a_table_with_the_yield_and_how_many_stand_where(topped_up, genval):
    done = genval("status", "--home", topped_up)
    assert done.exit_code == 0
    assert "yield, 95 %" in done.stdout
    assert "published tables as of" in done.stderr


def test_what_is_owed_beside_candidates_is_told_where_the_settings_want_any(project, genval, answer):
    before = answer("status", "--home", project)
    assert before["owed"] == {}
    assert "owed" not in genval("status", "--home", project).stdout
    settings = project / "genval.toml"
    settings.write_text(settings.read_text().replace("pictures = 0", "pictures = 1"))
    told = answer("status", "--home", project)
    made = sum((row["valid"] > 0) + (row["scenes"] > 0) for row in before["categories"])
    whose = sum(row["valid"] > 0 for row in before["categories"])
    assert told["owed"] == {"captions": made}
    line = f"owed beside candidates: {made} captions, of {whose} categories"
    assert line in genval("status", "--home", project).stdout


def test_before_anything_was_made_it_says_what_does(genval, answer, tmp_path):
    home = tmp_path / "home"
    assert genval("init", "--names", names_file(tmp_path, ["mug"]), "--home", home).exit_code == 0
    assert answer("status", "--home", home)["as_of"] is None
    done = genval("status", "--home", home)
    assert "short 1, such as mug: 1 effective instances are missing" in done.stdout
    assert "nothing is published yet; genval top-up does" in done.stderr
    refused = genval("sql", "select 1", "--home", home)
    assert refused.exit_code == 1
    assert "genval top-up" in refused.stderr
