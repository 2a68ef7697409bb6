"""What it costs to serve scattered categories in one run, against a process and run for each.

    python bench/batches.py                 # 3 rounds: 100 categories in one run, 5 of them one by one
    python bench/batches.py --rounds 1 --singles 10

Every category gets one candidate of the offline foreground model: prompt, picture, verdict, a scene of 128 px with
that one object, its own exported set, six materializations and two checks. That is little work, on purpose: what is
compared is what comes on top of it. The categories of a run are scattered: no two are neighbours in the order of
partitions. Of the one-by-one way only a few processes are measured; their median stands for all.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

BATCH = 100
ROUNDS = 3
SINGLES = 5
KINDS = ("mug", "duck", "fish", "key", "lamp", "kite", "chair", "rocket", "teapot", "banana")
TINY = {"max_objects = 10": "max_objects = 1", "longest_side = 1024": "longest_side = 128"}


@dataclass(frozen=True)
class Measured:
    """One process that served some categories in one run."""

    categories: int
    wall: float  # seconds, from starting the process to its end
    cpu: float
    opened: dict[str, int]  # model -> how often it was opened
    scenes: int


def main() -> None:
    """Print the table, or, as a process of the bench, serve some categories."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--rounds", type=int, default=ROUNDS, help="how often everything is measured")
    arguments.add_argument("--singles", type=int, default=SINGLES, help="processes with one category, per round")
    arguments.add_argument("--serve", nargs="+", help=argparse.SUPPRESS)  # a home and its categories
    given = arguments.parse_args()
    if given.serve:
        serve(Path(given.serve[0]), given.serve[1:])
    else:
        with tempfile.TemporaryDirectory() as folder:
            keys = made_project(Path(folder), 2 * given.rounds * (BATCH + given.singles))
            report(*measured(Path(folder) / "home", keys, given.rounds, given.singles))


def made_project(folder: Path, n: int) -> list[str]:
    """Make a project of `n` names and return its partition keys, in their order."""
    names = folder / "names.csv"
    names.write_text("name,target\n" + "".join(f"{KINDS[i % len(KINDS)]} ({i:04d}),0\n" for i in range(n)))
    command = [sys.executable, "-m", "genval_assets.cli", "init", "--names", str(names), "--home", str(folder / "home")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    settings = folder / "home" / "genval.toml"
    for line, tiny in TINY.items():
        assert line in settings.read_text()
        settings.write_text(settings.read_text().replace(line, tiny))
    from genval_assets.concepts.register import active
    from genval_assets.rows import Category
    from resources.tables import ParquetTables

    return list(active(ParquetTables(home=str(folder / "home")).read(Category)))


def measured(home: Path, keys: list[str], rounds: int, singles: int) -> tuple[list[Measured], list[Measured]]:
    """Return what each run took: of a batch, and of a single category; no category is served twice."""
    scattered = iter(keys[::2])
    together, alone = [], []
    for _ in range(rounds):
        alone += [run(home, [next(scattered)]) for _ in range(singles // 2)]
        together.append(run(home, [next(scattered) for _ in range(BATCH)]))
        alone += [run(home, [next(scattered)]) for _ in range(singles - singles // 2)]
    return together, alone


def run(home: Path, categories: list[str]) -> Measured:
    """Serve the categories in a process of their own."""
    begun = time.perf_counter()
    command = [sys.executable, __file__, "--serve", str(home), *categories]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    told = json.loads(process.stdout.read())
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, told
    return Measured(len(categories), time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, **told)


def serve(home: Path, categories: list[str]) -> None:
    """Take the categories through the chain in one run, as `genval top-up` does, and print what was opened."""
    import dagster as dg

    from genval_assets.assets.catalog import LINE
    from genval_assets.commands.session import QUIET, session
    from genval_assets.rows import Scene
    from resources.offline.chat import OfflineChat
    from resources.offline.foregrounds import OfflineForegrounds
    from sensors.requests import batch_config

    opened: Counter[str] = Counter()
    for kind in (OfflineChat, OfflineForegrounds):
        kind.open = counting(kind.__name__, kind.open, opened)  # type: ignore[method-assign]
    with session(home) as one:
        job = one.definitions.resolve_implicit_global_asset_job_def()
        result = job.execute_in_process(
            instance=one.instance,
            partition_key=categories[0],
            run_config={**batch_config(categories, candidates=1), **QUIET},
            asset_selection=[dg.AssetKey(name) for name in LINE],
        )
        assert result.success
        done = one.instance.get_materialized_partitions(dg.AssetKey("category_dataset"))
        assert set(categories) <= done
        print(json.dumps({"opened": opened, "scenes": len(one.tables.read(Scene, categories))}))


def counting(
    name: str, open_: Callable[..., AbstractContextManager[object]], opened: Counter[str]
) -> Callable[..., AbstractContextManager[object]]:
    """Return `open_` so that each call is counted."""

    def counted(*arguments: object) -> AbstractContextManager[object]:
        opened[name] += 1
        return open_(*arguments)

    return counted


def report(together: list[Measured], alone: list[Measured]) -> None:
    """Print the medians per category and their ratio."""
    print(f"{BATCH} scattered categories, one candidate each; medians of {len(together)} runs of {BATCH} and ", end="")
    print(f"{len(alone)} processes of one, interleaved; {os.cpu_count()} cores, {platform.machine()}\n")
    print("| way | runs for 100 | models opened in a run | wall s per category | CPU s per category |")
    print("|---|---:|---|---:|---:|")
    for way, runs, of in (("one process each", BATCH, alone), ("one run for all", 1, together)):
        opened = ", ".join(f"{name} {n}" for name, n in of[0].opened.items())
        print(f"| {way} | {runs} | {opened} | {per_category(of, 'wall'):.3f} | {per_category(of, 'cpu'):.3f} |")
    ratios = [per_category(alone, what) / per_category(together, what) for what in ("wall", "cpu")]
    print(f"\nOne run is {ratios[0]:.1f} times as fast (wall), {ratios[1]:.1f} times in CPU time; goal: 15.")
    assert {tuple(one.opened.values()) for one in [*together, *alone]} == {(1, 1)}


def per_category(runs: list[Measured], what: str) -> float:
    return statistics.median(getattr(one, what) / one.categories for one in runs)


if __name__ == "__main__":
    main()
