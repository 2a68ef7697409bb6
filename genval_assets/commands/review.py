"""`genval review`: a page to label candidates on; and what it saved, imported as golden labels."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import dagster as dg

from genval_assets.assets.agreement import agreement
from genval_assets.assets.review import known_instances
from genval_assets.commands.session import Session, console, say, session, stop
from genval_assets.concepts.register import active
from genval_assets.evaluation.confusion import OVERALL
from genval_assets.golden.labels import BadLabels, read_labels
from genval_assets.golden.page import Card, card, review_page
from genval_assets.golden.record import LABELLER, labels_in_force
from genval_assets.golden.sample import in_review_order, shuffled
from genval_assets.instances.gate import Frame
from genval_assets.instances.in_force import by_machine
from genval_assets.rows import Annotation, Category, GoldenLabel, Instance, Verdict
from genval_assets.runs import errors, materialized
from genval_assets.topup.owed import CUTOUT
from genval_assets.types import JudgeAgreement
from resources.files import write_atomically

PAGE = "review.html"
LABELS, CATEGORY_SETS, MERGED, PUBLISHED = "golden_labels", "category_dataset", "training_dataset", "warehouse"


def make_page(home: Path, out: Path | None, n: int, seed: int, *, as_json: bool) -> None:
    """Write the page with up to `n` candidates; exit code 2 where there is nothing to show."""
    with session(home) as one:
        cards = list(_cards(one, n, seed))
    if not cards:
        stop("no candidate has been judged yet, or none still has its picture; `genval top-up` makes some")
    file = (out or home / PAGE).absolute()
    write_atomically(file, review_page(cards).encode())
    if as_json:
        print(json.dumps({"page": str(file), "candidates": len(cards)}))
        return
    say(f"{len(cards)} candidates{'' if len(cards) == n else f' ({n} were asked for)'}")
    say(f"open   {file}")
    say(f"then   genval review --import labels.csv --home {home}")


def _cards(one: Session, n: int, seed: int) -> Iterator[Card]:
    """Yield up to `n` candidates in an order that tells nothing; those whose picture is gone are passed over."""
    tables = one.tables
    categories = active(tables.read(Category))
    labelled = labels_in_force(tables.read(GoldenLabel), LABELLER)
    instances = {row.instance_id: row for row in tables.read(Instance)}
    verdicts = [v for v in by_machine(tables.read(Verdict)) if v.category in categories and v.instance_id in instances]
    found: dict[str, Card] = {}
    chosen: list[Verdict] = []
    for verdict in in_review_order(verdicts, labelled.keys(), seed):
        if len(chosen) == n:
            break
        try:
            found[verdict.instance_id] = _card(one, instances[verdict.instance_id], categories[verdict.category])
        except FileNotFoundError:
            continue  # `genval gc` takes the pictures of old rejects
        chosen.append(verdict)
    for verdict in shuffled(chosen, seed):
        yield found[verdict.instance_id]


def _card(one: Session, row: Instance, category: Category) -> Card:
    return card(
        row.instance_id,
        category.name,
        category.definition or "",
        one.images.get(row.image),
        Frame(row.frame_width, row.frame_height, row.frame_x, row.frame_y),
        one.project.settings.instances.gate.for_category(row.category),
        real=row.source == CUTOUT,
    )


@dataclass(frozen=True)
class Report:
    """What an import did."""

    labels: int
    new: int
    changed: int
    overruled: list[str]  # instances
    without_cutout: list[str]  # instances that a person would keep, but that the gate refused
    errors: list[str]
    agreement: list[JudgeAgreement]


def import_file(home: Path, file: Path, *, overrule: bool, as_json: bool) -> None:
    """Import a CSV of labels and publish what follows; exit code 2, and nothing stored, if a line cannot be used."""
    try:
        data = file.read_bytes()
    except OSError as err:
        stop(f"{file}: {err.strerror or err}")
    with session(home) as one:
        try:
            read_labels(data, known_instances(one.tables))
        except BadLabels as err:
            stop(f"{file}: {err}\nnothing was stored")
        report = _imported(one, data.decode("utf-8-sig"), overrule=overrule)
    if as_json:
        print(json.dumps(asdict(report)))
    else:
        _print(report)
    if report.errors:
        stop("\n".join(report.errors), 1)


def _imported(one: Session, text: str, *, overrule: bool) -> Report:
    result = one.materialize([LABELS], {LABELS: {"labels": text, "overrule": overrule}})
    if not result.success:
        stop("\n".join(errors(result.all_events)), 1)
    (event,) = result.asset_materializations_for_node(LABELS)
    told: dict[str, Any] = {name: value.value for name, value in event.metadata.items()}
    failures: list[str] = []
    if told["overruled"]:
        failures += _export_again(one, told["overruled"])
    if told["new"] or told["changed"] or told["judgements"] or told["overruled"]:
        merged = [MERGED] if told["overruled"] and materialized(one.instance, [MERGED])[MERGED] else []
        failures += errors(one.materialize([*merged, PUBLISHED]).all_events)
    rows = [row for row in agreement(one.tables, one.project) if row.labeller == LABELLER]
    named = {name: told[name] for name in ("labels", "new", "changed", "overruled", "without_cutout")}
    return Report(**named, errors=failures, agreement=rows)


def _export_again(one: Session, overruled: Sequence[str]) -> list[str]:
    """Write the sets anew of the categories in whose scenes the instances are, and return what failed."""
    shown = one.tables.values(Annotation, ("scene_category", "instance_id"))
    touched = {str(category) for category, instance in shown if instance in set(overruled)}
    exported = one.instance.get_materialized_partitions(dg.AssetKey(CATEGORY_SETS))
    categories = [key for key in active(one.tables.read(Category)) if key in touched & set(exported)]
    return errors(one.serve(categories, [CATEGORY_SETS]).all_events) if categories else []


def _print(report: Report) -> None:
    as_before = report.labels - report.new - report.changed
    say(f"{report.labels} labels: {report.new} new, {report.changed} changed, {as_before} as before")
    if report.overruled:
        say(f"{len(report.overruled)} verdicts overruled; `genval top-up` makes up for what is missing now")
    if refused := report.without_cutout:
        some = ", ".join(refused[:3]) + (" …" if refused[3:] else "")
        why = "the mask gate found no usable mask, so there is nothing to paste"
        say(f"{len(refused)} of those you keep stay refused ({some}): {why}")
    _print_agreement(report.agreement)


def _print_agreement(rows: Sequence[JudgeAgreement]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    for heading in ("judge", "version", "labels", "precision, 95 %", "recall, 95 %", "errors"):
        table.add_column(heading, no_wrap=True)
    for row in rows:
        if row.criterion == OVERALL:
            precision = _share(row.precision, row.precision_low, row.precision_high)
            recall = _share(row.recall, row.recall_low, row.recall_high)
            table.add_row(row.judge, row.judge_version, str(row.labels), precision, recall, str(row.errors))
    console().print(table)
    say('by criterion: genval sql "from judge_agreement"')


def _share(value: float | None, low: float | None, high: float | None) -> str:
    return "-" if value is None or low is None or high is None else f"{value:.0%} ({low:.0%}–{high:.0%})"
