"""The files of a set as bytes: shards and pages are made when they are asked for."""

from genval_assets.export.build import ExportedSet


def made(done: ExportedSet, beginning: str | tuple[str, ...] = "") -> list[tuple[str, bytes]]:
    """Return (path, bytes) of the files whose paths begin so."""
    wanted = [(path, content) for path, content in done.files if path.startswith(beginning)]
    return [(path, content if isinstance(content, bytes) else content()) for path, content in wanted]
