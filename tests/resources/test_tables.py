import random
import shutil
import threading
from dataclasses import fields, replace
from datetime import UTC, datetime

import polars as pl
import pytest

from genval_assets.all_rows import ROWS
from genval_assets.rows import Annotation, Category, Instance, Prompt, TopUp, Usage, Verdict
from resources.parts import SCHEMA_VERSION, UnreadablePart, drop_replaced, merge, parts_of
from resources.schema import RefusedRow
from resources.tables import ParquetTables

APPEND = """
import sys
from functools import partial
from pathlib import Path
import polars as pl
from genval_assets.rows import TopUp
from resources.parts import schema_of, write_part
from resources.schema import refuse_bad_rows
home, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
print("loaded", flush=True)
sys.stdin.readline()
for i in range(count):
    rows = [dict(run_id="run", created_at=None, top_up_id=f"{name}-{i}-{k}", category=f"c{k}", round=i, source="cutout",
        first_index=0, count=1, deficit=1, yield_lower=0.5, fingerprint="", requested_by="plan") for k in range(3)]
    frame = pl.DataFrame(rows, schema=schema_of(TopUp))
    frame = frame.with_columns(created_at=pl.lit(0).cast(pl.Datetime("us", "UTC")))
    write_part(home, "top_ups", "run", frame, partial(refuse_bad_rows, TopUp))
    if i == 0:
        print("ready", flush=True)
"""


@pytest.fixture
def tables(tmp_path):
    return ParquetTables(home=str(tmp_path))


@pytest.mark.parametrize("kind", ROWS, ids=lambda kind: kind.table)
def test_rows_of_every_table_come_back_as_they_were(tables, make_row, kind):
    rows = [make_row(kind), make_row(kind)]
    tables.append(rows)
    assert sorted(tables.read(kind), key=repr) == sorted(rows, key=repr)
    assert tables.ids(kind) == {getattr(row, kind.id_column) for row in rows}


def test_hostile_text_is_data(tables, make_row):
    nasty = "'; drop table prompts; --\n<script>\0{{7*7}} 斑馬 \u202e" + "x" * 300
    row = make_row(Prompt, text=nasty, category="../../x", lint=[nasty, ""])
    tables.append([row])
    assert tables.read(Prompt, ["../../x"]) == [row]


def test_rows_come_by_category_round_and_index_whatever_the_order_of_appending(tables, make_row):
    order = [("ape", 1, 0), ("ape", 1, 2), ("ape", 2, 1), ("zebra", 1, 0), ("zebra", 1, 1)]
    for category, of_round, index in random.Random(0).sample(order, len(order)):
        tables.append([make_row(Instance, category=category, round=of_round, index=index)])
    assert [(r.category, r.round, r.index) for r in tables.read(Instance)] == order
    assert tables.values(Instance, ["index", "category"]) == [(i, c) for c, _, i in order]


def test_only_the_asked_categories_are_read(tables, make_row):
    tables.append([make_row(Instance, category=c, instance_id=c) for c in ("ape", "dog", "zebra")])
    assert [r.category for r in tables.read(Instance, {"zebra", "ape", "none"})] == ["ape", "zebra"]
    assert tables.ids(Instance, ["dog"]) == {"dog"}
    assert tables.values(Instance, ["instance_id"], ["dog"]) == [("dog",)]
    assert tables.read(Instance, []) == []


def test_the_same_recipe_twice_is_one_row_and_the_earlier_wins(tables, make_row):
    first = make_row(Instance, instance_id="same", seed=1)
    tables.append([first, replace(first, seed=2)])
    tables.append([replace(first, run_id="a-later-run-with-an-earlier-name", seed=3)])
    assert tables.read(Instance) == [first]


def test_an_empty_table_and_an_empty_append_are_nothing(tables, tmp_path):
    tables.append([])
    assert list(tmp_path.iterdir()) == []
    assert tables.read(Verdict) == []
    assert tables.ids(Verdict) == set()
    assert tables.values(Verdict, ["outcome"]) == []
    assert tables.tallies() == []


def test_rows_of_two_tables_or_two_runs_are_refused_together(tables, make_row):
    with pytest.raises(ValueError, match=r"one table and one run; got instances of run 'run', verdicts"):
        tables.append([make_row(Instance), make_row(Verdict)])
    with pytest.raises(ValueError, match="run 'other'"):
        tables.append([make_row(Instance), make_row(Instance, run_id="other")])


def test_a_run_whose_name_would_leave_the_folder_is_refused(tables, make_row, tmp_path):
    for run in ("../x", "a/b", "", "merged-1", "x" * 101):
        with pytest.raises(ValueError, match="cannot name a file"):
            tables.append([make_row(Usage, run_id=run)])
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


@pytest.mark.parametrize(
    ("kind", "wrong", "message"),
    [
        (Annotation, {"area_px": 0}, "area_px > 0"),
        (Annotation, {"visible_share": 1.5}, "visible_share"),
        (Annotation, {"w": float("nan")}, "isfinite"),
        (Annotation, {"w": float("inf")}, "isfinite"),
        (Instance, {"source": "guess"}, "source"),
        (Instance, {"image": None}, "NOT NULL"),
        (Verdict, {"outcome": "accepted", "cutout": None}, "outcome"),
        (Verdict, {"outcome": "rejected", "reasons": []}, "reasons"),
    ],
)
def test_a_row_that_the_published_table_would_refuse_is_refused_at_once(tables, make_row, kind, wrong, message):
    bad = make_row(kind, **wrong)
    with pytest.raises(RefusedRow, match=rf"{kind.table}: row .* = '{getattr(bad, kind.id_column)}'.*{message}"):
        tables.append([make_row(kind), bad, make_row(kind)])
    assert tables.read(kind) == []
    tables.append([make_row(kind)])
    assert len(tables.read(kind)) == 1


@pytest.mark.parametrize(("column", "value"), [("seed", "one"), ("seed", 2.5), ("seed", 2**70), ("model", 1)])
def test_a_value_of_another_type_is_refused_and_never_converted(tables, make_row, column, value):
    with pytest.raises(RefusedRow, match=rf"instances\.{column} takes"):
        tables.append([make_row(Instance, **{column: value})])


def test_a_column_that_older_parts_lack_is_null(tables, make_row, tmp_path):
    old = make_row(Instance, instance_id="old", prompt_id="p")
    tables.append([old])
    (path,) = (tmp_path / "data/tables/instances").iterdir()
    pl.read_parquet(path).drop("prompt_id").write_parquet(path)
    new = make_row(Instance, instance_id="new", prompt_id="q", category="zzz")
    tables.append([new])
    assert tables.read(Instance) == [replace(old, prompt_id=None), new]


def test_a_column_that_a_newer_part_has_more_is_left_out(tables, make_row, tmp_path):
    row = make_row(Instance)
    tables.append([row])
    (path,) = (tmp_path / "data/tables/instances").iterdir()
    pl.read_parquet(path).with_columns(colour=pl.lit("red")).write_parquet(path)
    assert tables.read(Instance) == [row]


def test_a_part_of_a_newer_genval_is_refused_and_named(tables, make_row, tmp_path):
    tables.append([make_row(Instance)])
    (path,) = (tmp_path / "data/tables/instances").iterdir()
    pl.read_parquet(path).write_parquet(path, metadata={"genval_schema": str(SCHEMA_VERSION + 1)})
    with pytest.raises(UnreadablePart, match=f"{path} has schema version {SCHEMA_VERSION + 1}"):
        tables.read(Instance)


@pytest.mark.parametrize("damage", ["truncate", "text", "empty"])
def test_a_damaged_part_is_named_and_nothing_is_guessed(tables, make_row, tmp_path, damage):
    for _ in range(3):
        tables.append([make_row(Instance)])
    path = sorted((tmp_path / "data/tables/instances").iterdir())[1]
    content = {"truncate": path.read_bytes()[:-100], "text": b"hello", "empty": b""}[damage]
    path.write_bytes(content)
    with pytest.raises(UnreadablePart, match=f"{path} cannot be read as a part of instances"):
        tables.read(Instance)


def test_files_of_others_are_left_alone(tables, make_row, tmp_path):
    tables.append([make_row(Instance)])
    folder = tmp_path / "data/tables/instances"
    for name in ("notes.parquet", "x-1.parquet", ".genval-1-a.tmp", "run-00000009.parquet.bak", "desktop.ini"):
        (folder / name).write_text("not ours")
    (folder / "sub").mkdir()
    assert len(tables.read(Instance)) == 1
    assert len(list(folder.iterdir())) == 7


def test_a_home_whose_name_holds_wild_cards_is_read(tmp_path, make_row):
    tables = ParquetTables(home=str(tmp_path / "home[1]*"))
    tables.append([make_row(Instance)])
    assert len(tables.read(Instance)) == 1


def test_parts_are_never_written_twice_and_hold_their_categories_together(tables, make_row, tmp_path):
    tables.append([make_row(Instance, category=c) for c in ("zebra", "ape", "zebra", "ape")])
    folder = tmp_path / "data/tables/instances"
    (path,) = folder.iterdir()
    before = path.stat()
    tables.append([make_row(Instance)])
    assert [p.name for p in sorted(folder.iterdir())] == ["run-00000001.parquet", "run-00000002.parquet"]
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert pl.read_parquet(path)["category"].to_list() == ["ape", "ape", "zebra", "zebra"]
    assert pl.read_parquet_metadata(path)["genval_schema"] == str(SCHEMA_VERSION)


def test_two_processes_that_append_for_one_run_lose_nothing(tables, program, tmp_path):
    both = [program(APPEND, tmp_path, name, 120) for name in ("a", "b")]
    for one in both:
        one.say("go")
    for one in both:
        one.finish()
    assert tables.ids(TopUp) == {f"{name}-{i}-{k}" for name in "ab" for i in range(120) for k in range(3)}
    assert len(parts_of(tmp_path, "top_ups")) == 240


def test_a_killed_append_leaves_whole_parts_only(tables, program, tmp_path):
    for attempt in range(4):
        one = program(APPEND, tmp_path, f"x{attempt}", 1_000_000)
        assert one.say("go") == "ready"
        one.kill_after(0.05 + 0.007 * attempt)
    by_append: dict[str, set[str]] = {}
    for (name,) in tables.values(TopUp, ["top_up_id"]):
        by_append.setdefault(name.rpartition("-")[0], set()).add(name[-1])
    assert set(map(frozenset, by_append.values())) == {frozenset("012")}


def test_a_full_disk_loses_no_row_that_was_stored(small_disk, make_row):
    home = small_disk(6)
    tables = ParquetTables(home=str(home))
    tables.append([make_row(Prompt, prompt_id="kept")])
    random_text = "".join(random.Random(0).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=16_000_000))
    with pytest.raises(OSError, match=f"no room for.*{home}"):
        tables.append([make_row(Prompt, text=random_text[i : i + 100_000]) for i in range(0, 16_000_000, 100_000)])
    assert tables.ids(Prompt) == {"kept"}
    assert len([p for p in home.rglob("*") if p.is_file()]) == 1
    assert 0 < tables.free_bytes() < 7_000_000


def test_merged_parts_hold_the_same_rows_in_the_same_precedence(tables, make_row, tmp_path):
    first = make_row(Instance, instance_id="same", seed=1)
    tables.append([first])
    tables.append([replace(first, seed=2), make_row(Instance)])
    tables.append([replace(first, seed=3), make_row(Instance)])
    before = tables.read(Instance)
    merge(tmp_path, Instance, parts_of(tmp_path, "instances")[:2])
    assert tables.read(Instance) == before
    for part in parts_of(tmp_path, "instances"):
        if part.run == "run" and part.sequence < 3:
            part.path(tmp_path).unlink()
    assert tables.read(Instance) == before
    assert first in before


def test_no_later_part_takes_the_name_of_one_that_was_merged_away(tables, make_row, tmp_path):
    for _ in range(3):
        tables.append([make_row(Instance)])
    names = {part.name for part in parts_of(tmp_path, "instances")}
    merge(tmp_path, Instance, parts_of(tmp_path, "instances"))
    assert drop_replaced(tmp_path, "instances") == 3
    tables.append([make_row(Instance)])
    assert names.isdisjoint(part.name for part in parts_of(tmp_path, "instances"))
    assert len(tables.read(Instance)) == 4


def test_a_reader_beside_compaction_loses_and_doubles_nothing(tables, make_row, tmp_path):
    from resources.warehouse import DuckWarehouse

    warehouse, stop, seen = DuckWarehouse(home=str(tmp_path)), threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            seen.append(len(tables.values(Usage, ["usage_id"])))

    tables.append([make_row(Usage)])
    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(6):
            for _ in range(16):
                tables.append([make_row(Usage)])
            warehouse.compact()
    finally:
        stop.set()
        reader.join()
    assert len(tables.read(Usage)) == 97
    assert seen == sorted(seen)
    assert len(seen) > 3


def test_no_row_type_has_a_column_that_a_part_cannot_hold():
    assert all(fields(kind) for kind in ROWS)
    assert len({kind.table for kind in ROWS}) == len(ROWS)


def test_times_come_back_in_utc(tables, make_row):
    at = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)
    tables.append([make_row(Category, created_at=at)])
    assert tables.read(Category)[0].created_at == at
    assert tables.read(Category)[0].created_at.utcoffset().total_seconds() == 0


def test_the_record_can_be_moved_with_its_home(tables, make_row, tmp_path):
    tables.append([make_row(Instance, instance_id="x")])
    shutil.move(tmp_path / "data", tmp_path / "elsewhere" / "data")
    assert ParquetTables(home=str(tmp_path / "elsewhere")).ids(Instance) == {"x"}
