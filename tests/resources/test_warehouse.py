import os
import random
import re
from dataclasses import replace

import duckdb
import polars as pl
import pytest

from genval_assets.all_rows import ROWS
from genval_assets.rows import Annotation, Instance, Prompt, Usage, Verdict
from genval_assets.types import CategoryStat, InvalidRate
from resources import publication
from resources.files import HomeDiskFull
from resources.parts import UnreadablePart
from resources.published import NothingPublished, query
from resources.schema import RefusedRow
from resources.tables import ParquetTables
from resources.warehouse import WAREHOUSE, DuckWarehouse

SHELL = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "reading")
print("open", flush=True)
for line in sys.stdin:
    try:
        print(repr(connection.execute(line).fetchall()), flush=True)
    except duckdb.Error as err:
        print(f"{type(err).__name__}: {str(err).splitlines()[0]}", flush=True)
"""

PUBLISH = """
import sys
from resources.warehouse import DuckWarehouse
warehouse = DuckWarehouse(home=sys.argv[1])
print("ready", flush=True)
while True:
    warehouse.publish([], [])
    warehouse.compact()
"""

STAT = CategoryStat(
    category="zebra", name="Zebra", rare=True, real=2, target=9, generated=8, valid=3, rejected=4, errors=1,
    effective=2, distinct_sources=1, scenes=3, deficit=5, valid_rate=3 / 7, valid_rate_low=0.1, valid_rate_high=0.8,
    state="short", why="5 are missing",
)  # fmt: skip
RATE = InvalidRate("zebra", 8, 7, rejected=4 / 7, generation_invalid=None, residual_invalid=None, truth="unknown")


class Home:
    def __init__(self, path):
        self.path, self.file = path, path / WAREHOUSE
        self.tables, self.warehouse = ParquetTables(home=str(path)), DuckWarehouse(home=str(path))

    def publish(self):
        return self.warehouse.publish([STAT], [RATE])

    def ask(self, sql: str) -> list[tuple]:
        return query(self.file, sql).rows

    def count(self, table: str = "usage") -> int:
        return self.ask(f"select count(*) from {table}")[0][0]


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def test_every_table_is_published_with_the_rows_of_its_parts(home, make_row):
    for kind in ROWS:
        home.tables.append([make_row(kind), make_row(kind)])
    published = home.publish()
    assert published.new_rows == published.total_rows == {kind.table: 2 for kind in ROWS}
    assert published.size_bytes == home.file.stat().st_size
    for kind in ROWS:
        assert {row for (row,) in home.ask(f"select {kind.id_column} from {kind.table}")} == home.tables.ids(kind)


def test_values_are_published_as_they_were_made(home, make_row):
    row = make_row(Annotation, x=0.1, w=1e-9, segmentation="`'\\n斑馬", z=-1, blend=None, iscrowd=1)
    home.tables.append([row])
    home.publish()
    answer = query(home.file, "from annotations")
    found = dict(zip(answer.columns, answer.rows[0], strict=True))
    assert found == vars(row) | {"created_at": row.created_at.replace(tzinfo=None)}


def test_the_next_publication_takes_in_what_is_new_and_replaces_the_rollups(home, make_row):
    home.tables.append([make_row(Usage)])
    home.warehouse.publish([replace(STAT, state="failing")] * 2, [])
    home.tables.append([make_row(Usage), make_row(Usage)])
    published = home.publish()
    assert published.new_rows["usage"] == 2
    assert published.total_rows["usage"] == home.count() == 3
    assert home.ask("from category_stats") == [tuple(vars(STAT).values())]
    assert home.ask("from invalid_rates") == [tuple(vars(RATE).values())]
    assert home.publish().new_rows["usage"] == 0


def test_only_new_parts_are_read(home, make_row):
    home.tables.append([make_row(Usage)])
    home.publish()
    (part,) = (home.path / "data/tables/usage").iterdir()
    part.write_bytes(b"not readable any more")
    home.tables.append([make_row(Usage, run_id="zz")])
    part.write_bytes(b"not readable any more")
    assert home.publish().total_rows["usage"] == 2


def test_the_same_recipe_twice_is_one_row_and_the_earlier_wins_also_over_publications(home, make_row):
    first = make_row(Instance, instance_id="same", seed=1)
    home.tables.append([first, replace(first, seed=2)])
    home.tables.append([replace(first, seed=3)])
    home.publish()
    home.tables.append([replace(first, seed=4)])
    assert home.publish().new_rows["instances"] == 0
    assert home.ask("select seed from instances") == [(1,)]


def test_as_of_is_the_time_of_the_publication(home, make_row):
    published = home.publish()
    as_of = query(home.file, "select 1").as_of
    assert as_of.isoformat(timespec="seconds") + "+00:00" == published.as_of
    home.publish()
    assert query(home.file, "select 1").as_of > as_of


def test_the_file_is_read_only_and_written_for_old_readers(home):
    home.publish()
    home.publish()
    assert home.file.stat().st_mode & 0o777 == 0o444
    with duckdb.connect(str(home.file), read_only=True) as connection:
        ((tags,),) = connection.execute("select tags from duckdb_databases() where database_name = 'genval'").fetchall()
    assert tags["storage_version"].startswith("v1.2.0")


def test_nothing_but_the_file_stays_behind(home):
    home.publish()
    assert sorted(p.name for p in (home.path / "data").iterdir()) == ["genval.duckdb", "tallies.parquet"]


def test_compaction_merges_small_parts_and_changes_no_answer(home, make_row):
    for _ in range(20):
        home.tables.append([make_row(Usage)])
    home.publish()
    before = home.tables.read(Usage)
    assert home.warehouse.compact() == 20
    assert len(list((home.path / "data/tables/usage").iterdir())) == 1
    assert home.tables.read(Usage) == before
    assert home.publish().new_rows["usage"] == 0
    home.tables.append([make_row(Usage)])
    assert home.publish().total_rows["usage"] == 21
    assert home.warehouse.compact() == 0


def test_a_merged_part_whose_rows_are_published_is_not_read_again(home, make_row):
    for _ in range(16):
        home.tables.append([make_row(Usage)])
    home.publish()
    home.warehouse.compact()
    (part,) = (home.path / "data/tables/usage").iterdir()
    notes = pl.read_parquet_metadata(part)
    pl.DataFrame({"usage_id": [1]}).write_parquet(part, metadata={k: v for k, v in notes.items() if "genval" in k})
    assert home.publish().total_rows["usage"] == 16


def test_a_home_whose_file_is_lost_torn_or_of_older_tables_is_published_again(home, make_row):
    home.tables.append([make_row(Usage), make_row(Usage)])
    home.publish()

    def torn() -> None:
        home.file.chmod(0o644)
        home.file.write_bytes(home.file.read_bytes()[:5000])

    def of_older_tables() -> None:
        home.file.chmod(0o644)
        with duckdb.connect(str(home.file)) as connection:
            connection.execute("alter table usage drop column tokens_in")

    for damage in (home.file.unlink, torn, of_older_tables):
        damage()
        published = home.publish()
        assert published.new_rows["usage"] == published.total_rows["usage"] == home.count() == 2
        home.ask("select tokens_in from usage")


def test_a_part_that_somebody_changed_into_a_forbidden_row_is_named_and_nothing_is_published(home, make_row):
    home.tables.append([make_row(Annotation)])
    home.publish()
    home.tables.append([make_row(Annotation, annotation_id="bad"), make_row(Annotation)])
    home.tables.append([make_row(Annotation)])
    part = sorted((home.path / "data/tables/annotations").iterdir())[1]
    rows = pl.read_parquet(part)
    is_bad = pl.col("annotation_id") == "bad"
    rows.with_columns(area_px=pl.when(is_bad).then(-1).otherwise(1).cast(pl.Int64)).write_parquet(part)
    with pytest.raises(RefusedRow, match=rf"{part}: annotations: row annotation_id = 'bad': .*area_px > 0"):
        home.publish()
    assert home.count("annotations") == 1
    part.unlink()
    assert home.publish().total_rows["annotations"] == 2


def test_a_damaged_part_is_named_and_nothing_is_published(home, make_row):
    home.tables.append([make_row(Usage)])
    home.publish()
    home.tables.append([make_row(Usage)])
    part = sorted((home.path / "data/tables/usage").iterdir())[1]
    part.write_bytes(part.read_bytes()[:-20])
    with pytest.raises(UnreadablePart, match=str(part)):
        home.publish()
    assert home.count() == 1


def test_however_little_room_is_left_a_publication_succeeds_or_says_so_and_loses_nothing(small_disk, make_row):
    home = Home(small_disk(32))
    ballast = home.path / "ballast"
    text = random.Random(0)
    home.tables.append([make_row(Prompt, text="".join(text.choices("abcdefghijkl", k=600_000)))])
    home.publish()
    outcomes, stored, shown = set(), 1, 1
    for room in range(300_000, 9_000_000, 600_000):
        home.tables.append([make_row(Prompt, text="".join(text.choices("abcdefghijkl", k=100_000)))])
        stored += 1
        ballast.write_bytes(b"x" * max(0, home.tables.free_bytes() - room))
        try:
            shown = home.publish().total_rows["prompts"]
            assert shown == stored
            outcomes.add("published")
        except HomeDiskFull:
            outcomes.add("told")
        ballast.unlink()
        assert home.count("prompts") == shown
    assert outcomes == {"published", "told"}
    assert home.publish().total_rows["prompts"] == stored


def test_a_killed_publisher_leaves_the_old_file_or_the_new_one_and_the_next_goes_on(home, make_row, program):
    total = 0
    for attempt in range(3):
        for _ in range(20):
            home.tables.append([make_row(Usage)])
            total += 1
        program(PUBLISH, home.path).kill_after(0.02 + 0.11 * attempt)
        assert home.publish().total_rows["usage"] == home.count() == total
        assert len(home.tables.ids(Usage)) == total
    home.warehouse.compact()
    assert [p.name for p in (home.path / "data").rglob(".genval*")] == []


def test_an_idle_reading_shell_keeps_its_answer_and_disturbs_nobody(home, make_row, program):
    home.tables.append([make_row(Usage)])
    home.publish()
    shell = program(SHELL, home.file, "reading")
    home.tables.append([make_row(Usage)])
    assert home.publish().total_rows["usage"] == 2
    assert shell.say("select count(*) from usage") == "[(1,)]"
    assert home.count() == 2
    assert home.publish().total_rows["usage"] == 2


@pytest.mark.parametrize("end", ["stays", "is killed", "ends"])
@pytest.mark.skipif(os.geteuid() != 0, reason="the file is read-only: only root can open it for writing")
def test_a_writing_shell_disturbs_nobody_and_its_changes_are_not_taken_over(home, make_row, program, end):
    home.tables.append([make_row(Usage)])
    home.publish()
    shell = program(SHELL, home.file, "writing")
    assert home.count() == 1  # although the shell has it locked
    assert shell.say("delete from usage") == "[(1,)]"
    home.tables.append([make_row(Usage)])
    assert home.publish().total_rows["usage"] == 2
    assert shell.say("create table mine as select 1 as x") == "[(1,)]"  # its log would lie beside the new file
    if end == "is killed":
        shell.kill()
    elif end == "ends":
        shell.finish()
    assert home.count() == 2
    assert home.publish().total_rows["usage"] == 2
    with duckdb.connect(str(home.file), read_only=True) as connection:
        assert connection.execute("select count(*) from usage").fetchall() == [(2,)]
    assert not home.file.with_name("genval.duckdb.wal").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="the file is read-only: only root can open it for writing")
def test_what_a_killed_shell_wrote_is_never_shown(home, make_row, program):
    home.tables.append([make_row(Usage)])
    home.publish()
    shell = program(SHELL, home.file, "writing")
    assert shell.say("delete from usage") == "[(1,)]"
    shell.kill()
    assert home.file.with_name("genval.duckdb.wal").exists()
    assert home.count() == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="the file is read-only: only root can open it for writing")
def test_a_shell_that_changed_the_file_in_place_is_undone_by_the_next_publication(home, make_row, program):
    home.tables.append([make_row(Usage)])
    home.publish()
    shell = program(SHELL, home.file, "writing")
    shell.say("delete from usage")
    shell.say("checkpoint")
    assert home.publish().new_rows["usage"] == 1
    assert home.count() == 1


@pytest.mark.parametrize(
    "sql",
    [
        "copy usage to '/tmp/genval-must-not-exist.csv'",
        "attach '/tmp/genval-must-not-exist.duckdb' as x",
        "select * from read_text('/etc/hostname')",
        "select * from '/etc/hostname'",
        "select * from glob('/*')",
        "set threads = 1",
        "set enable_external_access = true",
        "reset lock_configuration",
        "install httpfs",
        "load httpfs",
        "drop table usage",
        "delete from usage",
        "insert into genval_parts values ('a', 'b')",
        "export database '/tmp/genval-must-not-exist'",
    ],
)
def test_a_question_can_change_nothing_and_read_nothing_else(home, make_row, sql):
    home.tables.append([make_row(Usage)])
    home.publish()
    before = home.file.read_bytes()
    with pytest.raises(duckdb.Error):
        home.ask(sql)
    assert home.file.read_bytes() == before


def test_asking_before_anything_is_published_says_what_to_do(home):
    with pytest.raises(NothingPublished, match=re.escape(str(home.file))):
        home.ask("select 1")


def test_verdicts_of_one_category_lie_together_and_are_sorted_again_when_most_are_not(home, make_row, monkeypatch):
    monkeypatch.setattr(publication, "UNSORTED", 3)
    monkeypatch.setattr(publication, "AT_ONCE", 1)  # a part at a time
    for _ in range(2):
        home.tables.append([make_row(Verdict, category=c) for c in ("zebra", "ape")])
    home.publish()
    assert [c for (c,) in home.ask("select category from verdicts")] == ["ape"] * 2 + ["zebra"] * 2
    for _ in range(3):
        home.tables.append([make_row(Verdict, category=c, run_id="2") for c in ("zebra", "ape")])
    assert home.publish().new_rows["verdicts"] == 6
    assert home.publish().new_rows["verdicts"] == 10
    assert [c for (c,) in home.ask("select category from verdicts")] == ["ape"] * 5 + ["zebra"] * 5
