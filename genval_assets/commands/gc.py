"""`genval gc`: the only command that deletes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from genval_assets.commands.session import opened, say, stop
from resources.gc import collect_garbage


def collect(home: Path, keep_rejects_days: float, *, dry_run: bool) -> None:
    """Delete what nothing needs, while no run holds the home."""
    opened(home)
    try:
        found = collect_garbage(home, timedelta(days=keep_rejects_days), datetime.now(UTC), dry_run=dry_run)
    except BlockingIOError as err:
        stop(str(err), 1)
    verb = "would delete" if dry_run else "deleted"
    say(
        f"{verb} {len(found.unnamed)} pictures that no row names, {len(found.rejected)} of old rejects, "
        f"{len(found.latents)} latents of judged candidates, {len(found.orphans)} left-over files and "
        f"{len(found.datasets)} old sets: {found.size_bytes / 1e6:.1f} MB"
    )
