"""`genval diff`: what was added, removed and changed between two exports, in whatever format each is."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from rich.markup import escape

from genval_assets.commands.session import console, say, stop
from genval_assets.export.diff import CategoryDiff, ChangedObject, ChangedPicture, Diff, Within, diff
from genval_assets.export.read_set import UnreadableExport
from genval_assets.export.verification import Verified
from resources.reading.found import read_export

NAMED = 5
"""Names that a line holds; --json has all of them."""


def show_diff(one: Path, other: Path, *, as_json: bool) -> None:
    """Print what differs, per category; exit code 2 where a folder is no export, or one of the two is a pool."""
    try:
        first, second = read_export(one), read_export(other)
    except UnreadableExport as err:
        stop(str(err))
    if (first.format == "pool") != (second.format == "pool"):
        stop("one folder is a pool of cut-outs, the other a set of pictures: they have nothing in common to compare")
    found = diff(first.read, second.read, within(first.verified, second.verified))
    if as_json:
        print(msgspec.json.encode(found).decode())
        return
    if found.is_empty:
        say(f"no difference: {found.pictures.after} pictures and their objects are the same")
    else:
        _print(found)
    _say_limits(found)


def within(one: Verified, other: Verified) -> Within:
    """Return how closely two exports can be compared, from what was verified of each."""
    return Within(
        crowds=one.crowds and other.crowds,
        boxes=one.own_boxes and other.own_boxes,
        box_px=one.box_px + other.box_px,
        mask_loss=2 - one.min_mask_iou - other.min_mask_iou,
    )


def _print(found: Diff) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    table.add_column("category", no_wrap=True, max_width=24)
    for heading in ("objects", "now", "added", "removed", "changed", "pictures", "now"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("what changed")
    for row in found.objects:
        table.add_row(escape(row.name), *map(str, _numbers(row)), _kinds(row.changed))
    out = console()
    for line in _lines(found):
        out.print(line)
    if found.objects:
        out.print(table)


def _numbers(row: CategoryDiff) -> tuple[int, ...]:
    changes = len(row.added), len(row.removed), len(row.changed)
    return row.objects_before, row.objects_after, *changes, row.pictures_before, row.pictures_after


def _lines(found: Diff) -> Iterable[str]:
    pictures, categories = found.pictures, found.categories
    kinds = f" ({_kinds(pictures.changed)})" if pictures.changed else ""
    yield (
        f"[bold]pictures[/bold] {pictures.before}, now {pictures.after}: {len(pictures.added)} added, "
        f"{len(pictures.removed)} removed, {len(pictures.changed)} changed{kinds}"
    )
    lists = (
        ("categories added", categories.added),
        ("categories removed", categories.removed),
        ("categories renamed", [f"{one.before} is {one.after}" for one in categories.renamed]),
        (
            "categories with another id",
            [f"{one.name} ({one.before}, now {one.after})" for one in categories.renumbered],
        ),
    )
    for what, names in lists:
        if names:
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            yield f"[bold]{what}[/bold] {escape(', '.join(names[:NAMED]))}{more}"


def _kinds(changed: Sequence[ChangedPicture] | Sequence[ChangedObject]) -> str:
    times = Counter(what for one in changed for what in one.what)
    return ", ".join(f"{what} {n}" for what, n in sorted(times.items()))


def _say_limits(found: Diff) -> None:
    if found.boxes and found.box_px:
        say(f"boxes within {found.box_px:.2g} px count as the same: the formats round them")
    if found.mask_loss:
        say(f"masks within IoU {1 - found.mask_loss:.4f} count as the same: the formats hold them no better")
    if not found.boxes:
        say("boxes are not compared: one of the formats has the bounds of its masks alone")
    if not found.crowds:
        say("regions to ignore are not compared: one of the formats has none")
