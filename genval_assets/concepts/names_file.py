"""A list of concepts as text: one name per line, or CSV with a header. Read whole, or refused with every fault.

Not here: COCO and LVIS files (`resources/annotations.py`), keys and generations (`register.py`).
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from genval_assets.keys import MeaninglessName, clean_name, look
from genval_assets.types import Concept

Count = Annotated[int, Field(ge=0, le=2**53)]
Synonyms = Annotated[
    tuple[str, ...], BeforeValidator(lambda cell: tuple(s.strip() for s in cell.split("|") if s.strip()))
]


class BadNames(ValueError):
    """The list cannot be used; the message has one line per fault, each with file and line."""


@dataclass(frozen=True)
class NamesFile:
    """The concepts in the file's order, and the columns that mean nothing here."""

    concepts: tuple[Concept, ...]
    ignored_columns: tuple[str, ...] = ()


class Line(BaseModel, frozen=True, extra="ignore"):
    """One row of the CSV form; an empty cell is not given. Only `name` is needed."""

    name: str
    target: Count | None = None
    id: Count | None = None
    synset: str | None = None
    image_count: Count = 0
    instance_count: Count = 0
    frequency: Literal["r", "c", "f"] | None = None
    synonyms: Synonyms = ()
    definition: str | None = None
    supercategory: str | None = None


def read_names(text: str, file: str) -> NamesFile:
    """Return the concepts of a list: CSV if the first line is a header with a `name` column, else a name per line.

    Line ends are those of any system. A byte order mark, blank lines and outer white space are ignored, and so are
    lines that start with `#`, in CSV only above the header. Columns are those of `Line`, in any order; `synonyms` are
    separated by `|`. A column that is not known is ignored and reported: a count under another name is not guessed at.

    Args:
        text: the decoded file.
        file: what to call it in errors.

    Raises:
        BadNames: it names every fault: meaningless or repeated names, numbers that are none, rows of another
            length than the header, no concept at all.
    """
    lines = io.StringIO(text.removeprefix("\ufeff"), newline=None).readlines()
    start = next((i for i, line in enumerate(lines) if _says_something(line)), len(lines))
    header = _cells(lines[start]) if start < len(lines) else []
    reading = _Reading(file)
    if "name" in header:
        reading.table(header, "".join(lines[start + 1 :]), start + 1)
    else:
        reading.plain(lines)
    return NamesFile(reading.finished(), tuple(c for c in header if "name" in header and c not in Line.model_fields))


def _cells(line: str) -> list[str]:
    try:
        return [cell.strip().lower() for cell in next(csv.reader([line]), [])]
    except csv.Error:  # longer than csv takes: then it is no header
        return []


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


@dataclass
class _Reading:
    """What was found so far: concepts, and faults that do not stop the reading."""

    file: str
    faults: list[str] = field(default_factory=list)
    concepts: list[Concept] = field(default_factory=list)
    lines_of: dict[str, int] = field(default_factory=dict)  # look of a name, or `id 7` -> line

    def fault(self, line: int, what: str) -> None:
        self.faults.append(f"{self.file}, line {line}: {what}")

    def plain(self, lines: Sequence[str]) -> None:
        for number, line in enumerate(lines, start=1):
            if not _says_something(line):
                continue
            if re.search(r",\s*\d+\s*$", line):
                self.fault(number, f"{line.strip()[:80]!r} looks like CSV; put a header line `name,target` above it")
            self.add(number, Concept(name=line))

    def table(self, header: Sequence[str], body: str, above: int) -> None:
        for column in sorted({c for c in header if header.count(c) > 1}):
            self.fault(above, f"the column {column!r} occurs {header.count(column)} times; once would be accepted")
        for number, cells in self.rows(body, above):
            if len(cells) != len(header):
                self.fault(
                    number,
                    f"{len(cells)} cells, but the header has {len(header)} columns; quote cells that hold commas",
                )
                continue
            given = {column: cell.strip() for column, cell in zip(header, cells, strict=True) if cell.strip()}
            try:
                read = Line.model_validate({"name": ""} | given)
            except ValidationError as err:
                for error in err.errors():
                    self.fault(number, f"{error['loc'][0]}: {error['msg']}; got {str(error['input'])[:80]!r}")
                continue
            self.add(number, Concept(source_id=read.id, **read.model_dump(exclude={"id"})))

    def rows(self, body: str, above: int) -> Iterator[tuple[int, list[str]]]:
        """Yield (first line in the file, cells) of each row that is not blank; `above` lines come before `body`."""
        reader = csv.reader(io.StringIO(body, newline=""), strict=True)
        number = above + 1
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield number, cells
                number = above + reader.line_num + 1
        except csv.Error as err:
            self.fault(number, f"not readable as CSV from here on: {err}")

    def add(self, number: int, concept: Concept) -> None:
        try:
            name = clean_name(concept.name)
        except MeaninglessName as err:
            self.fault(number, str(err))
            return
        marks = {look(name): f"the name {name!r}"}
        if concept.source_id is not None:
            marks[f"\0id {concept.source_id}"] = f"the id {concept.source_id}"
        for mark, what in marks.items():
            if mark in self.lines_of:
                self.fault(number, f"{what} is, or looks like, that of line {self.lines_of[mark]}; keep one of them")
            self.lines_of.setdefault(mark, number)
        self.concepts.append(Concept(**{**vars(concept), "name": name}))

    def finished(self) -> tuple[Concept, ...]:
        if not self.concepts and not self.faults:
            self.faults.append(f"{self.file}: no concept in it; one name per line would be accepted")
        if self.faults:
            raise BadNames("\n".join(self.faults))
        return tuple(self.concepts)
