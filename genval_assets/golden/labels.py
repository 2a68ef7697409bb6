"""The CSV that the review page saves, read back: every line is understood, or nothing of the file is used."""

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

COLUMNS = ("instance_id", "keep", "reasons", "note")
WORDS = {"yes": True, "no": False}
"""What may stand in the column `keep`; case does not matter, for spreadsheets change it."""

REASONS = {
    "multiple_objects": "several objects of the category",
    "wrong_category": "another thing than named",
    "no_object": "no object at all",
    "incomplete": "cut off, or a part is missing",
    "mixed_views": "several views of one object",
    "mixed_categories": "with things of other kinds",
    "cluttered_background": "remains of a background",
}
"""Reason code -> what the page says. The codes are those of the validation agent, in the order of the page's digits."""

MOST_FAULTS = 20
LONGEST_NOTE = 2000
"""Characters; a longer note was not typed on the page."""


class BadLabels(ValueError):
    """A file of labels cannot be used; the message has a line for each fault, with its place and what to do."""


@dataclass(frozen=True)
class Label:
    """What a person says of one candidate."""

    instance_id: str
    keep: bool
    reasons: tuple[str, ...] = ()  # keys of REASONS, in their order; empty when kept, or where none was given
    note: str = ""


def read_labels(data: bytes, known: Collection[str]) -> list[Label]:
    """Return the labels of a CSV in its order, each instance once.

    A byte order mark, CRLF, quotes, empty lines and columns in another order are no faults; neither is a line that
    says again what an earlier one says.

    Args:
        data: the file as it is.
        known: instances that may be labelled.

    Raises:
        BadLabels: it names every faulty line, up to 20 of them.
    """
    records = list(_records(_text(data)))
    if not records:
        raise BadLabels("the file is empty; save the review page's labels again")
    place = _places(*records[0])
    found: dict[str, tuple[int, Label]] = {}
    faults: list[str] = []
    for line, fields in records[1:]:
        try:
            label = _label(fields, place, known)
            first = found.setdefault(label.instance_id, (line, label))
            if first[1] != label:
                raise BadLabels(f"{label.instance_id} has another label on line {first[0]}; keep one of the two")
        except BadLabels as fault:
            faults.append(f"line {line}: {fault}")
    if faults:
        left_out = len(faults) - MOST_FAULTS
        raise BadLabels("\n".join(faults[:MOST_FAULTS] + [f"and {left_out} more such lines"] * (left_out > 0)))
    if not found:
        raise BadLabels("the file holds no label; label at least one candidate on the page and save again")
    return [label for _, label in found.values()]


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        line = data[: err.start].count(b"\n") + 1
        raise BadLabels(f"line {line}: not UTF-8 (byte {data[err.start]:#04x}); save the CSV as UTF-8") from err


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line on which it begins, fields) of each record that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for fields in reader:
            if any(field.strip() for field in fields):
                yield line, fields
            line = reader.line_num + 1
    except csv.Error as err:
        raise BadLabels(f"line {line}: not CSV ({err}); quotes must be doubled and closed") from err


def _places(line: int, header: Sequence[str]) -> dict[str, int]:
    names = [name.strip() for name in header]
    expected = ",".join(COLUMNS)
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise BadLabels(f"line {line}: no column {missing[0]!r}; the first line must be {expected}")
    if len(names) != len(COLUMNS):
        others = [name for i, name in enumerate(names) if name not in COLUMNS or name in names[:i]]
        raise BadLabels(f"line {line}: unexpected column {others[0]!r}; the columns are {expected}")
    return {name: names.index(name) for name in COLUMNS}


def _label(fields: Sequence[str], place: dict[str, int], known: Collection[str]) -> Label:
    if len(fields) != len(place):
        raise BadLabels(f"{len(fields)} fields, expected {len(place)}; a note with a comma needs quotes")
    instance_id, keep, reasons, note = (fields[place[name]].strip() for name in COLUMNS)
    if instance_id not in known:
        raise BadLabels(f"no candidate {instance_id[:60]!r} in this project; is it the file of another home?")
    if keep.lower() not in WORDS:
        raise BadLabels(f"keep is {keep[:60]!r}; yes or no is accepted")
    given = reasons.split()
    unknown = [reason for reason in given if reason not in REASONS]
    if unknown:
        raise BadLabels(
            f"reason {unknown[0][:60]!r} is unknown; separated by spaces, accepted are {', '.join(REASONS)}"
        )
    if WORDS[keep.lower()] and given:
        raise BadLabels(f"kept, and yet with a reason ({given[0]}); remove the reason, or say no")
    if len(note) > LONGEST_NOTE:
        raise BadLabels(f"a note of {len(note)} characters; {LONGEST_NOTE} are accepted")
    return Label(instance_id, WORDS[keep.lower()], tuple(r for r in REASONS if r in given), note)
