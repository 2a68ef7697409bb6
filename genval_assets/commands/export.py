"""`genval export`: all scenes in one format, in a folder of the user's choice; one Dagster run."""

import json
from pathlib import Path

import msgspec

from genval_assets.assets.exports import DATASET, MOVED_ASIDE, asset_name
from genval_assets.commands.session import say, session, stop
from genval_assets.export.verification import VERIFICATION, Verified
from genval_assets.export.words import Format, YoloTask
from genval_assets.rows import Scene
from genval_assets.runs import errors
from resources.targets import TargetTaken, refuse_taken


def export(home: Path, wanted: Format, to: Path, *, task: YoloTask | None, overwrite: bool, as_json: bool) -> None:
    """Export; exit code 2 where the folder must not be written to, 1 where there is nothing or the run failed."""
    target = to.absolute()
    with session(home) as one:
        try:
            refuse_taken(target.resolve(), home.resolve(), one.project.user_paths, overwrite=overwrite)
        except TargetTaken as taken:
            stop(str(taken))
        if wanted != "pool" and not one.tables.ids(Scene) and not one.project.settings.export.include_real:
            stop(f"{home} has no scenes yet: `genval top-up --home {home}` makes some", 1)
        name = asset_name(wanted)
        told = {"folder": str(target), "overwrite": overwrite, "yolo_task": task or ""}
        result = one.materialize([name], {name: told})
        if not result.success:
            stop("\n".join(errors(result.all_events)), 1)
        (done,) = result.asset_materializations_for_node(name)
        dataset, aside = (str(done.metadata[key].value) for key in (DATASET, MOVED_ASIDE))
    content = (target / VERIFICATION).read_bytes()
    if as_json:
        told = {"format": wanted, "folder": str(target), DATASET: dataset, MOVED_ASIDE: aside}
        print(json.dumps({**told, "verification": json.loads(content)}))
        return
    _tell(wanted, target, msgspec.json.decode(content, type=dict[str, Verified])[wanted])
    if wanted != "pool":
        say(f"in SQL, once published, its labels are in the table exports, under dataset = '{dataset}'")
    if aside:
        say(f"what was there is now in {aside}")


def _tell(wanted: Format, target: Path, found: Verified) -> None:
    pictures = ", ".join(f"{n} {split}" for split, n in found.pictures_by_split.items())
    say(f"{wanted}: {found.pictures} pictures ({pictures}) with {found.objects} objects, read back and compared")
    if found.masks_compared:
        least = f"IoU at least {found.min_mask_iou:.4f}"
        say(f"masks: {found.masks_identical} of {found.masks_compared} identical, {least}")
    for what, n in found.absent.items():
        say(f"not in it: {n} {what}")
    say(f"written to {target}; README.md there says what is where")
