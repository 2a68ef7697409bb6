"""A long JSON array, read a block at a time, so that memory does not grow with it.

A million decoded annotations take 600 MB; a block of them a few kilobytes. Cuts are guessed by a pattern and proven
by the decoder: text from the start of an element to a `}` that parses as a whole list ends where an element ends,
because anything cut within a string, a list or an object would leave that open.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

R = TypeVar("R", bound=msgspec.Struct)

BLOCK_BYTES = 1 << 15
"""Some 30 annotations: 32 KB decode in 40 us, and it takes 70 us to come back for one segmentation."""
BETWEEN = re.compile(rb"\}\s*,\s*\{")

_raw_list = msgspec.json.Decoder(list[msgspec.Raw])


@dataclass(frozen=True)
class Malformed:
    """An element that is JSON, but no such record."""

    place: int  # among the block's elements
    fault: str
    text: str


@dataclass(frozen=True)
class Block(Generic[R]):
    """Consecutive elements of an array."""

    start: int  # first byte, in the array's text
    stop: int
    count: int  # elements, readable or not
    records: list[R]
    places: Sequence[int]  # of each record, among the elements
    malformed: list[Malformed]


def read_blocks(array: memoryview, kind: type[R], size: int = BLOCK_BYTES) -> Iterator[Block[R]]:
    """Return the array's elements in order, in blocks of `size` bytes plus what it takes to end at an element.

    Args:
        array: text of a JSON array, brackets included, known to be well-formed.
        kind: what each element should be.
        size: bytes.
    """
    decoder: msgspec.json.Decoder[list[R]] = msgspec.json.Decoder(list[kind])  # type: ignore[valid-type]
    start, end, reach = 1, len(array) - 1, size
    while start < end:
        cut = BETWEEN.search(array, start + reach)
        stop, following = (cut.start() + 1, cut.end() - 1) if cut else (end, end)
        try:
            yield _block(array, start, stop, decoder, kind)
        except msgspec.DecodeError:
            if cut is None:
                raise
            reach *= 2  # the cut lies within an element
        else:
            start, reach = following, size


def split(text: bytes | memoryview) -> list[msgspec.Raw]:
    """Return the elements of a block, undecoded; `text` is what stands between `start` and `stop`.

    Raises:
        msgspec.DecodeError: it is not a whole number of elements.
    """
    return _raw_list.decode(b"".join((b"[", text, b"]")))


def _block(array: memoryview, start: int, stop: int, decoder: msgspec.json.Decoder[list[R]], kind: type[R]) -> Block[R]:
    text = array[start:stop]
    try:
        records = decoder.decode(b"".join((b"[", text, b"]")))
    except (msgspec.ValidationError, UnicodeDecodeError):
        return _block_one_by_one(text, start, stop, kind)
    return Block(start, stop, len(records), records, range(len(records)), [])


def _block_one_by_one(text: memoryview, start: int, stop: int, kind: type[R]) -> Block[R]:
    elements = split(text)
    records, places, malformed = [], [], []
    for place, element in enumerate(elements):
        try:
            records.append(msgspec.json.decode(element, type=kind))
            places.append(place)
        except (msgspec.DecodeError, UnicodeDecodeError) as err:
            malformed.append(Malformed(place, str(err), bytes(element).decode("utf-8", "replace")))
    return Block(start, stop, len(elements), records, places, malformed)
