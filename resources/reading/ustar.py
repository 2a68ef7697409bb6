"""Reads tar files of plain members by their 512-byte blocks (POSIX.1-1988 `ustar`), and nothing that is more than that.

Not here: any archive that genval did not write. Links, folders, long names and extended headers are refused.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from genval_assets.export.read_set import UnreadableExport

BLOCK = 512
EMPTY = bytes(BLOCK)
NAME = re.compile(rb"([A-Za-z0-9_-][A-Za-z0-9_.-]*)\0+")
"""One part, visible, without a slash: it cannot leave the folder that somebody unpacks it in."""
FIXED = (
    ("mode", slice(100, 108), b"0000644\0"),
    ("owner", slice(108, 116), b"0000000\0"),
    ("group", slice(116, 124), b"0000000\0"),
    ("time", slice(136, 148), b"00000000000\0"),
    ("type", slice(156, 157), b"0"),
    ("link", slice(157, 257), bytes(100)),
    ("magic", slice(257, 265), b"ustar\x0000"),
    ("owner's name", slice(265, 297), bytes(32)),
    ("group's name", slice(297, 329), bytes(32)),
    ("prefix", slice(345, 512), bytes(167)),
)
"""What every header holds: a plain file of nobody at no time. Numbers of devices say nothing of a plain file."""
CHECKSUM = slice(148, 156)


def members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of each member, in order.

    Raises:
        UnreadableExport: a block is torn, a checksum wrong, a member anything but a plain file of a plain name, a name
            repeated, or the end not two empty blocks and nothing but empty ones after them.
    """
    content = memoryview(path.read_bytes())
    names: set[str] = set()
    at = 0
    while (header := bytes(content[at : at + BLOCK])) != EMPTY:
        name, size = _header(header, path, at)
        if name in names:
            raise UnreadableExport(f"{path}: member {name} occurs twice")
        names.add(name)
        end = at + BLOCK + size
        at = end + -size % BLOCK
        if at > len(content) or any(content[end:at]):
            raise UnreadableExport(f"{path}: member {name} does not end in its last block")
        yield name, bytes(content[end - size : end])
    rest = content[at:]
    if len(rest) < 2 * BLOCK or len(rest) % BLOCK or any(rest):
        raise UnreadableExport(f"{path}: expected two empty blocks at its end, and nothing else after byte {at}")


def _header(block: bytes, path: Path, at: int) -> tuple[str, int]:
    """Return name and size of the member that a header announces."""
    where = f"{path}: header at byte {at}"
    if len(block) < BLOCK:
        raise UnreadableExport(f"{where}: the file ends within it, or without empty blocks")
    blanked = block[: CHECKSUM.start] + b" " * 8 + block[CHECKSUM.stop :]
    if block[CHECKSUM] != b"%06o\0 " % sum(blanked):
        raise UnreadableExport(f"{where}: its checksum is {block[CHECKSUM]!r}, not {sum(blanked):o}")
    for field, place, fixed in FIXED:
        if block[place] != fixed:
            raise UnreadableExport(f"{where}: expected a plain member; its {field} is {block[place]!r:.60}")
    name = NAME.fullmatch(block[:100] + b"\0")  # a name of 100 bytes has no end of its own
    size = re.fullmatch(rb"([0-7]{11})\0", block[124:136])
    if name is None or size is None:
        raise UnreadableExport(f"{where}: its name or size is none: {block[:100].rstrip(bytes(1))!r}")
    return name[1].decode(), int(size[1], 8)
