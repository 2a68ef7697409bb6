"""`genval init`: settings are written, the concept list and the backgrounds materialized, and what follows is said."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from rich.markup import escape

from genval_assets.commands.session import console, opened, say, session, stop
from genval_assets.concepts.register import active
from genval_assets.config import (
    OFFLINE,
    PROFILES,
    SETTINGS_FILE,
    BackgroundSettings,
    DataSettings,
    GenvalSettings,
    InstanceSettings,
    ProjectSettings,
)
from genval_assets.config_text import write_settings
from genval_assets.rows import Category
from genval_assets.runs import SET_UP, errors
from genval_assets.topup.reach import Reach, reach, summary
from resources.annotations import CocoPhotographs
from resources.files import write_atomically

SHOWN = 12
PAINTED = 12
"""Backgrounds that the profile paints where the user has none (our choice)."""
CONCEPTS = ("concept_list",)
"""What is set up where models are needed for more: their weights may still be missing; the first wave does the rest."""


@dataclass(frozen=True)
class Given:
    """What the user named on the command line."""

    coco: Path | None
    images: Path | None
    names: Path | None
    backgrounds: Path | None
    val: Path | None
    val_images: Path | None
    profile: str = OFFLINE

    def faults(self) -> list[str]:
        """Return what cannot be used, before anything is written."""
        faults = []
        if self.profile not in PROFILES:
            faults.append(f"--profile: no such profile: {self.profile}; accepted: {', '.join(PROFILES)}")
        if (self.coco is None) == (self.names is None):
            faults.append("give either --coco FILE (with --images DIR) or --names FILE")
        if self.coco is not None and self.images is None:
            faults.append("--coco needs --images DIR, the folder of its images")
        for option, path, is_there in (
            ("--coco", self.coco, Path.is_file),
            ("--names", self.names, Path.is_file),
            ("--val", self.val, Path.is_file),
            ("--images", self.images, Path.is_dir),
            ("--backgrounds", self.backgrounds, Path.is_dir),
            ("--val-images", self.val_images, Path.is_dir),
        ):
            if path is not None and not is_there(path):
                faults.append(f"{option}: no such {'file' if is_there is Path.is_file else 'folder'}: {path}")
        return faults


def make_project(home: Path, given: Given, *, as_json: bool) -> None:
    """Make the home of a project, register its categories, screen its backgrounds, and say what can be reached."""
    settings_file = home / SETTINGS_FILE
    if settings_file.exists():
        stop(f"{settings_file} exists: this is a project already. Edit it, or choose another --home")
    if faults := given.faults():
        stop("\n".join(faults))
    write_home(home, settings_for(given))
    with session(home) as one:
        try:
            result = one.materialize(SET_UP if given.profile == OFFLINE else CONCEPTS)
        except KeyboardInterrupt:
            settings_file.unlink()  # without it the same command can be given again
            raise
        faults = errors(result.all_events) or _without_images(given)
        if faults:
            settings_file.unlink()
            stop("\n".join([*faults, f"nothing was set up; correct it and run init again (--home {quote(str(home))})"]))
        rows = list(active(one.tables.read(Category)).values())
        sources = one.project.sources(one.foregrounds, one.tables)
        reaches = reach(rows, sources)
    if as_json:
        print(json.dumps(_as_json(home, rows, tuple(sources.fingerprints), reaches)))
    else:
        _tell(home, rows, tuple(sources.fingerprints), reaches, given.profile)


def _without_images(given: Given) -> list[str]:
    """Return the fault that no image of the annotation file is in the folder; say it where only some are missing."""
    if given.coco is None or given.images is None:
        return []
    with CocoPhotographs(annotations=str(given.coco), images=str(given.images)).open() as source:
        if source is None:
            return []
        named, missing = len(list(source.images())), source.missing_files()
    if named and missing == named:
        return [f"none of the {named} images that {given.coco} names is in {given.images}; give the folder they are in"]
    if missing:
        say(f"{missing} of {named} images that {given.coco} names are not in {given.images}; they are left out")
    return []


def settings_for(given: Given) -> GenvalSettings:
    """Return settings that suit what was given: cut-outs where masks are, drawings where only names are."""

    def kept(path: Path | None) -> str | None:
        return None if path is None else os.path.abspath(path)  # noqa: PTH100  links stay as the user named them

    data = DataSettings(
        coco=kept(given.coco),
        images=kept(given.images),
        names=kept(given.names),
        backgrounds=kept(given.backgrounds),
        val=kept(given.val),
        val_images=kept(given.val_images),
    )
    cut: tuple[str, ...] = ("cutout",) if given.coco else ()
    drawn = () if cut and given.profile == OFFLINE else ("foreground",)
    instances = InstanceSettings(sources=(*cut, *drawn))
    nothing_to_compose_on = not given.coco and not given.backgrounds
    backgrounds = BackgroundSettings(painted=PAINTED if nothing_to_compose_on else 0)
    project = ProjectSettings(profile=given.profile)
    return GenvalSettings(project=project, data=data, instances=instances, backgrounds=backgrounds)


def write_home(home: Path, settings: GenvalSettings) -> None:
    """Write the settings, and what Dagster needs beside them."""
    write_atomically(home / SETTINGS_FILE, write_settings(settings).encode())
    opened(home)


def _tell(home: Path, rows: list[Category], sources: tuple[str, ...], reaches: list[Reach], profile: str) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    out = console()
    rare = [row for row in rows if row.rare]
    out.print(f"[bold]{len(rows)} categories[/bold], {len(rare)} of them rare.")
    table = Table("category", "real", "target", "reachable", "rare because", box=SIMPLE_HEAD)
    reasons = {row.category: row.rare_reason for row in rows}
    for one in sorted(reaches, key=lambda r: r.reachable == r.real)[:SHOWN]:  # what can be helped comes first
        numbers = str(one.real), str(one.target), str(one.reachable)
        table.add_row(escape(one.name), *numbers, escape(reasons[one.category]))
    if reaches:
        out.print(table)
    if len(reaches) > SHOWN:
        out.print(f"… and {len(reaches) - SHOWN} more: genval status --home {quote(str(home))}", soft_wrap=True)
    out.print(f"Sources: {', '.join(sources)}. {escape(summary(reaches))}")
    out.print(f"Settings, every key explained: {home / SETTINGS_FILE}", soft_wrap=True)
    place = quote(str(home))
    if profile != OFFLINE:
        out.print(f"First: genval doctor --home {place} says which weights to fetch, and how", soft_wrap=True)
    out.print(f"Next: genval top-up --home {place} --until-done, or genval dev --home {place}", soft_wrap=True)


def _as_json(home: Path, rows: list[Category], sources: tuple[str, ...], reaches: list[Reach]) -> dict[str, object]:
    return {
        "home": str(home),
        "categories": len(rows),
        "rare": [{"category": row.category, "name": row.name, "why": row.rare_reason} for row in rows if row.rare],
        "sources": list(sources),
        "reach": [
            {"category": r.category, "real": r.real, "target": r.target, "reachable": r.reachable, "why": r.why}
            for r in reaches
        ],
    }
