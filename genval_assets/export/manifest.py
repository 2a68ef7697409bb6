"""The manifest of a set: the SHA-256 of every file, in the form that `sha256sum -c` reads."""

import re
from collections.abc import Mapping

MANIFEST = "manifest.sha256"


def manifest(digests: Mapping[str, str]) -> bytes:
    """Return one line per file, by path; `digests` maps the path within the set to 64 hex digits.

    A path with a backslash or a line break is escaped as GNU coreutils does it: the line begins with a backslash.
    """
    return "".join(_line(path, digests[path]) for path in sorted(digests)).encode()


def listed(content: bytes) -> dict[str, str]:
    """Return the digest of each file by path, from the bytes of a manifest.

    Raises:
        ValueError: a line is not one of a manifest.
    """
    found = {}
    for line in content.decode().removesuffix("\n").split("\n"):
        digest, separator, path = line.removeprefix("\\").partition("  ")
        if not separator:
            raise ValueError(f"{line[:80]!r} is no line of a manifest: <sha256>  <path>")
        escaped = line.startswith("\\")
        found[re.sub(r"\\(.)", _unescaped, path) if escaped else path] = digest
    return found


def _unescaped(match: re.Match[str]) -> str:
    return {"n": "\n", "r": "\r"}.get(match[1], match[1])


def _line(path: str, digest: str) -> str:
    escaped = path.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return f"{chr(92) if escaped != path else ''}{digest}  {escaped}\n"
