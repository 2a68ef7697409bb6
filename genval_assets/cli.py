"""The command line. Each verb imports what it needs when it is called, so that `genval --help` answers at once.

Exit codes: 0 done, 1 something failed, 2 wrong use or wrong settings (before any work), 130 interrupted.
"""

import atexit
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from genval_assets.export.words import Format, YoloTask

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Synthetic, checked, exactly masked instances for the long tail of a vision dataset.",
)

Home = Annotated[
    Path | None,
    typer.Option(help="The project's folder. Default: GENVAL_HOME, beside DAGSTER_HOME, else ./genval_home."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def _home(home: Path | None) -> Path:
    from genval_assets.config import find_home

    return home.absolute() if home else find_home(os.environ, Path.cwd())


@app.command()
def demo(
    home: Annotated[Path, typer.Option(help="Where the demo project is made.")] = Path("genval_home/demo"),
    picture: Annotated[Path | None, typer.Option(help="Also save the summary picture there.")] = None,
) -> None:
    """Run the whole graph on a drawn, long-tailed dataset: offline, simulated, in about a minute."""
    from genval_assets.commands.demo import run_demo

    run_demo(home.absolute(), picture)


@app.command()
def init(
    home: Home = None,
    coco: Annotated[Path | None, typer.Option(help="Annotation file: COCO instances or LVIS v1.")] = None,
    images: Annotated[Path | None, typer.Option(help="Folder of its images.")] = None,
    names: Annotated[Path | None, typer.Option(help="Instead: one concept per line, or CSV with a header.")] = None,
    backgrounds: Annotated[Path | None, typer.Option(help="Folder of pictures to compose on.")] = None,
    val: Annotated[Path | None, typer.Option(help="Annotation file of your validation images.")] = None,
    val_images: Annotated[Path | None, typer.Option(help="Folder of the validation images; default: --images.")] = None,
    profile: Annotated[str, typer.Option(help="Which models: offline (none), gpu-24gb, gpu.")] = "offline",
    as_json: Json = False,
) -> None:
    """Make a project from a COCO or LVIS v1 file, or from a list of names."""
    from genval_assets.commands.init import Given, make_project

    given = Given(coco, images, names, backgrounds, val, val_images, profile)
    make_project(_home(home), given, as_json=as_json)


@app.command()
def dev(
    home: Home = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 3000,
) -> None:
    """Open the Dagster UI on 127.0.0.1, with sensors and schedules."""
    from genval_assets.commands.dev import serve_ui

    serve_ui(_home(home), port)


@app.command("top-up")
def top_up(
    home: Home = None,
    hours: Annotated[float | None, typer.Option(min=0.0, help="Begin no new wave after this many hours.")] = None,
    until_done: Annotated[bool, typer.Option(help="Go on until nothing more can be done.")] = False,
    as_json: Json = False,
) -> None:
    """Work the next wave of what is under target; then merge, export and publish."""
    from genval_assets.commands.top_up import top_up as run

    run(_home(home), hours=hours, until_done=until_done, as_json=as_json)


@app.command()
def refine(
    home: Home = None,
    steps: Annotated[int, typer.Option(min=0, max=100, help="Most rewrites per agent; 0: as genval.toml says.")] = 0,
    as_json: Json = False,
) -> None:
    """Refine the agents' system prompts by TextGrad; costs draws and questions."""
    from genval_assets.commands.refine import refine as run

    run(_home(home), steps=steps, as_json=as_json)


@app.command()
def status(home: Home = None, as_json: Json = False) -> None:
    """Show where each category stands, and why."""
    from genval_assets.commands.status import show

    show(_home(home), as_json=as_json)


@app.command()
def export(
    wanted: Annotated[Format, typer.Option("--format", help="What your trainer reads.")],
    to: Annotated[Path, typer.Option(help="Folder to write; must be empty or not there.")],
    home: Home = None,
    task: Annotated[YoloTask | None, typer.Option(help="Labels of yolo; default: as genval.toml says.")] = None,
    overwrite: Annotated[
        bool, typer.Option(help="Replace an earlier export there; anything else there is moved aside.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write all scenes so far in one format, read back and compared; docs/train.md says what trains on it."""
    from genval_assets.commands.export import export as run

    run(_home(home), wanted, to, task=task, overwrite=overwrite, as_json=as_json)


@app.command()
def diff(
    one: Annotated[Path, typer.Argument(help="Folder of an export.")],
    other: Annotated[Path, typer.Argument(help="Folder of another one, later or in another format.")],
    as_json: Json = False,
) -> None:
    """Show what was added, removed and changed between two exports, per category."""
    from genval_assets.commands.diff import show_diff

    show_diff(one, other, as_json=as_json)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="A query; read-only, without access to files or network.")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Ask the published tables."""
    from genval_assets.commands.sql import ask

    ask(_home(home), query, as_json=as_json)


@app.command()
def review(
    home: Home = None,
    n: Annotated[int, typer.Option("--n", min=1, max=5000, help="Candidates on the page.")] = 100,
    out: Annotated[Path | None, typer.Option(help="Where the page goes. Default: review.html in the home.")] = None,
    seed: Annotated[int, typer.Option(help="Another number, another sample.")] = 0,
    labels: Annotated[Path | None, typer.Option("--import", help="Instead: the CSV that the page saved.")] = None,
    overrule: Annotated[bool, typer.Option(help="With --import: labels decide where verdicts differ.")] = False,
    as_json: Json = False,
) -> None:
    """Make an offline page to label candidates on, or import what it saved."""
    from genval_assets.commands.review import import_file, make_page

    if labels is not None:
        import_file(_home(home), labels, overrule=overrule, as_json=as_json)
    elif overrule:
        raise typer.BadParameter("--overrule goes with --import FILE")
    else:
        make_page(_home(home), out, n, seed, as_json=as_json)


@app.command()
def doctor(
    home: Home = None,
    smoke: Annotated[bool, typer.Option(help="Also open each model, draw four pictures with it and look.")] = False,
    as_json: Json = False,
) -> None:
    """Check settings, data, tables, runs and models: ready, or what to do."""
    from genval_assets.commands.doctor import examine

    examine(_home(home), as_json=as_json, smoke=smoke)


@app.command()
def gc(
    home: Home = None,
    keep_rejects_days: Annotated[float, typer.Option(min=0.0, help="Keep pictures of rejects that long.")] = 14.0,
    dry_run: Annotated[bool, typer.Option(help="Only say what would go.")] = False,
) -> None:
    """Delete pictures that no row names, old rejects, old sets and what killed runs left behind."""
    from genval_assets.commands.gc import collect

    collect(_home(home), keep_rejects_days, dry_run=dry_run)


def _end_quietly() -> None:
    """Drop what is written to stderr after the last line of Python, where torch was imported.

    With it in the process, the interpreter does not take its modules down, and duckdb 2.0.0 lists 40 lines of "leaks"
    for that (nanobind; any Dagster asset and `import torch` will do).
    """
    if "torch" in sys.modules:
        sys.stderr.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def main() -> None:
    """Run the command line; faults of use, settings and data end it with one message and exit code 2."""
    atexit.register(_end_quietly)
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")  # it warns of every torchvision that genval does without
    try:
        app(standalone_mode=True)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
