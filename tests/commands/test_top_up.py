"""`genval top-up` works what is under target, says what became of it, and can be stopped and started again."""

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from genval_assets.commands.session import Session, session
from genval_assets.commands.top_up import work
from tests.commands.conftest import own_environment


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
    assert {row["state"] for row in again["categories"]} <= {"done", "exhausted", "needs_generator"}
    assert first["errors"] == again["errors"] == []


def test_one_wave_is_worked_unless_more_is_asked_for_and_what_fails_in_it_is_named_with_exit_code_1(project, genval):
    forget_scenes(project)
    lost = rows_of(project, "verdicts").filter(pl.col("outcome") == "accepted").sort("category")[0]
    (project / lost["cutout"][0]).unlink()
    done = genval("top-up", "--home", project)
    assert done.exit_code == 1
    assert re.search(r"1 of \d+ categories failed, the others are done", done.stderr)
    assert "one wave done; `--until-done` or `--hours` goes on" in done.stderr
    assert f"dataset: {project / 'data' / 'datasets' / 'training'}" in done.stderr
    assert f"{lost['category'][0]}: composite_scenes: FileNotFoundError" in done.stderr
    assert rows_of(project, "failures")["category"].unique().to_list() == lost["category"].to_list()


@dataclass(frozen=True)
class Silent:
    """What a run that was lost before its first event leaves."""

    all_events: tuple = ()


@dataclass(frozen=True)
class Losing(Session):
    """Serves every category but one, as if each of its runs died without a trace."""

    lost: str = ""
    served: list[list[str]] = field(default_factory=list)

    def serve(self, categories: Sequence[str]):
        self.served.append(list(categories))
        others = [key for key in categories if key != self.lost]
        return super().serve(others) if others else Silent()


def test_a_category_whose_runs_leave_no_trace_is_given_up_by_name_and_the_others_are_served(project):
    forget_scenes(project)
    names = project.parent / "names.csv"
    names.write_text(names.read_text().replace('"duck (a/b)",1', '"duck (a/b)",9'))
    lost = rows_of(project, "verdicts").filter(pl.col("outcome") == "accepted").sort("category")["category"][0]
    with own_environment(), session(project) as one:
        losing = Losing(**vars(one), lost=lost)
        outcome = work(losing, until_done=True)
    assert losing.served[1:4] == [[lost]] * 3
    assert losing.served[4:]  # the ducks
    assert all(lost not in wave for wave in losing.served[4:])
    said = f"gave up after 3 runs that changed nothing: {lost}"
    assert outcome.errors == [said]
    assert outcome.stopped_because.endswith(said)
    assert lost not in rows_of(project, "scenes")["category"]
    assert rows_of(project, "scenes")["category"].n_unique() == len(losing.served[0]) - 1
