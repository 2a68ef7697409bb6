"""`genval top-up` works what is under target, says what became of it, and can be stopped and started again."""

import shutil

import polars as pl


def rows_of(home, table: str) -> pl.DataFrame:
    return pl.concat(
        [pl.read_parquet(part, glob=False) for part in (home / "data" / "tables" / table).glob("*.parquet")]
    )


def forget_scenes(home) -> None:
    """Leave a project as if its scenes had never been composed."""
    for table in ("scenes", "annotations"):
        shutil.rmtree(home / "data" / "tables" / table)
    (home / "data" / "tallies.parquet").unlink()


def test_a_target_reached_is_a_no_op_that_says_so(project, answer):
    first = answer("top-up", "--until-done", "--home", project)
    parts = sorted((project / "data").rglob("*.parquet"))
    again = answer("top-up", "--until-done", "--home", project)
    assert again["waves"] == again["candidates"] == 0
    assert again["stopped_because"].startswith("nothing to do: ")
    assert sorted((project / "data").rglob("*.parquet")) == parts
    assert {row["state"] for row in again["categories"]} <= {"done", "exhausted"}  # the studio errs on purpose
    assert first["errors"] == again["errors"] == []


def test_one_wave_is_worked_unless_more_is_asked_for(project, genval):
    forget_scenes(project)
    done = genval("top-up", "--home", project)
    assert done.exit_code == 0, done.output
    assert "one wave done; `--until-done` or `--hours` goes on" in done.stderr
    assert f"dataset: {project / 'data' / 'datasets' / 'training'}" in done.stderr
    assert len(rows_of(project, "scenes"))


def test_what_fails_is_named_and_the_exit_code_is_1(project, genval):
    forget_scenes(project)
    lost = rows_of(project, "verdicts").filter(pl.col("outcome") == "accepted").sort("category")[0]
    (project / lost["cutout"][0]).unlink()
    done = genval("top-up", "--home", project)
    assert done.exit_code == 1
    assert "1 of 9 categories failed, the others are done" in done.stderr
    assert f"{lost['category'][0]}: composite_scenes: FileNotFoundError" in done.stderr
    assert rows_of(project, "failures")["category"].unique().to_list() == lost["category"].to_list()
