"""Deletes what no table names, and what is kept for a while only. Nothing else in genval deletes a picture.

Rows are never deleted: a rejected candidate keeps its row, verdict and measurements when its picture goes.
"""

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from genval_assets.layout_rows import LayoutImage, LayoutScene
from genval_assets.negative_rows import PositiveCaption
from genval_assets.rows import Background, GoldenLabel, Instance, PaintedBackground, Reference, Row, Scene, Verdict
from resources.files import sweep_orphans
from resources.images import IMAGES
from resources.latents import LATENTS
from resources.locks import RunLocks
from resources.parts import listed, read_parts

DATASETS = Path("data") / "datasets"
PICTURE_NAME = re.compile(r"[0-9a-f]{64}\.(webp|jpg)")
LATENT_NAME = re.compile(r"[0-9a-f]{64}\.npy")
LOCK_FILES_KEPT = timedelta(days=7)
"""Longer than any run may stay unreported: its lock file tells how it ended."""


@dataclass(frozen=True)
class Garbage:
    """What was collected, or would be: paths relative to the home, sorted, and the bytes of all of them."""

    unnamed: tuple[str, ...]  # pictures that no row names
    rejected: tuple[str, ...]  # pictures of candidates and layouts that were rejected longer ago than they are kept
    latents: tuple[str, ...]  # of candidates that are judged
    orphans: tuple[str, ...]  # temporary files of writers that died
    datasets: tuple[str, ...]  # versions of exported sets that are not the current one
    size_bytes: int
    dry_run: bool


def collect_garbage(home: Path, keep_rejects: timedelta, now: datetime, *, dry_run: bool = False) -> Garbage:
    """Delete what nobody needs any more and return what it was.

    Args:
        home: folder of the project.
        keep_rejects: how long the picture of a rejected candidate is kept, and the pictures of a layout that are no
            scene.
        now: UTC.
        dry_run: delete nothing.

    Raises:
        BlockingIOError: a run is at work: its pictures are written before the rows that name them.
        UnreadablePart: a part is damaged, so that it cannot be told what is needed. Nothing is deleted.
    """
    locks = RunLocks(home=str(home))
    with locks.alone():
        needed, rejected = _named_pictures(home, now - keep_rejects)
        pictures = {path.relative_to(home).as_posix(): path for path in _pictures(home)}
        orphans = [path for top in ("data", "locks") for path in sweep_orphans(home / top, deep=True, dry_run=True)]
        datasets = list(_past_datasets(home / DATASETS))
        doomed = [path for name, path in pictures.items() if name not in needed]
        latents = list(_spent_latents(home))
        size = sum(_size(path) for path in (*doomed, *latents, *orphans, *datasets))
        if not dry_run:
            for path in (*doomed, *latents, *orphans, *datasets):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            locks.forget((now - LOCK_FILES_KEPT).timestamp())
    return Garbage(
        unnamed=tuple(sorted(pictures.keys() - needed - rejected)),
        rejected=tuple(sorted(pictures.keys() & (rejected - needed))),
        latents=_names(home, latents),
        orphans=_names(home, orphans),
        datasets=_names(home, datasets),
        size_bytes=size,
        dry_run=dry_run,
    )


def _named_pictures(home: Path, keep_from: datetime) -> tuple[set[str], set[str]]:
    """Return the pictures that some row needs, and those of what was rejected before `keep_from`.

    A candidate is rejected when every verdict on it is; a picture may be in both sets.
    """
    verdicts = _rows(home, Verdict, "instance_id", "outcome", "created_at", "cutout")
    is_past = (pl.col("outcome") == "rejected") & (pl.col("created_at") < keep_from)
    past = verdicts.group_by("instance_id").agg(is_past.all().alias("past")).filter("past")
    instances = _rows(home, Instance, "image")
    needed = set(instances.join(past, on="instance_id", how="anti")["image"]) | set(verdicts["cutout"].drop_nulls())
    drawn, lost = _layout_pictures(home, keep_from)
    needed |= drawn
    naming: tuple[tuple[type[Row], str], ...] = (
        (Reference, "image"),
        (Background, "path"),
        (PaintedBackground, "image"),
        (Scene, "image"),
        (GoldenLabel, "image"),
        (PositiveCaption, "image"),
    )
    for kind, column in naming:
        needed |= set(_rows(home, kind, column)[column])
    return needed, lost | set(instances.join(past, on="instance_id", how="semi")["image"])


def _layout_pictures(home: Path, keep_from: datetime) -> tuple[set[str], set[str]]:
    """Return the pictures drawn of layouts that are needed, and those that lost to others before `keep_from`.

    All are needed until their layout is decided, and for a while after that; the one that is a scene stays.
    """
    decided = _rows(home, LayoutScene, "layout_id", "outcome", "created_at").filter(pl.col("outcome") != "error")
    past = decided.group_by("layout_id").agg(pl.col("created_at").max()).filter(pl.col("created_at") < keep_from)
    pictures = _rows(home, LayoutImage, "layout_id", "image").drop_nulls("image")
    scenes = _rows(home, Scene, "layout_image_id")
    lost = pictures.join(past, on="layout_id", how="semi").join(scenes, on="layout_image_id", how="anti")
    return set(pictures.join(lost, on="layout_image_id", how="anti")["image"]), set(lost["image"])


def _spent_latents(home: Path) -> Iterator[Path]:
    """Yield the latents that wait for no verdict: their candidate has one, or no row names them."""
    judged = _rows(home, Verdict, "instance_id").select("instance_id")
    waiting = _rows(home, Instance, "latent").join(judged, on="instance_id", how="anti")
    needed = set(waiting["latent"].drop_nulls())
    for path in sorted((home / LATENTS).glob("??/*")):
        if LATENT_NAME.fullmatch(path.name) and path.relative_to(home).as_posix() not in needed:
            yield path


def _rows(home: Path, kind: type[Row], *columns: str) -> pl.DataFrame:
    with listed(home, kind.table) as parts:
        return read_parts(home, kind, parts, columns=[kind.id_column, *columns])


def _pictures(home: Path) -> Iterator[Path]:
    """Yield the files that `ImageFiles` wrote; whatever else somebody put there is left alone."""
    return (path for path in (home / IMAGES).glob("??/*") if PICTURE_NAME.fullmatch(path.name))


def _past_datasets(folder: Path) -> Iterator[Path]:
    """Yield the versions `<name>@<version>` of sets that the link `<name>` does not point at."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        name, is_version, _ = path.name.partition("@")
        if path.is_symlink() or not path.is_dir() or path.name.startswith("."):
            continue
        if is_version:
            link = path.with_name(name)
            if not (link.is_symlink() and link.readlink().name == path.name):
                yield path
        else:
            yield from _past_datasets(path)  # a set's name may have several parts


def _size(path: Path) -> int:
    """Return the bytes that go with a file or folder; a hard link's stay with its other names."""
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file() and not p.is_symlink()]
    stats = [file.stat() for file in files]
    return sum(stat.st_size for stat in stats if stat.st_nlink == 1)


def _names(home: Path, paths: Iterable[Path]) -> tuple[str, ...]:
    return tuple(sorted(path.relative_to(home).as_posix() for path in paths))
