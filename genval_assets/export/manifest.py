"""The manifest of a set: the SHA-256 of every file, in the form that `sha256sum -c` reads."""

from collections.abc import Mapping

MANIFEST = "manifest.sha256"


def manifest(digests: Mapping[str, str]) -> bytes:
    """Return one line per file, by path; `digests` maps the path within the set to 64 hex digits.

    A path with a backslash or a line break is escaped as GNU coreutils does it: the line begins with a backslash.
    """
    return "".join(_line(path, digests[path]) for path in sorted(digests)).encode()


def _line(path: str, digest: str) -> str:
    escaped = path.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return f"{chr(92) if escaped != path else ''}{digest}  {escaped}\n"
