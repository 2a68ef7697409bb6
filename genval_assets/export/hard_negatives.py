"""The files of captions and their hard negatives: a line per picture in FineGen's form, and a table of sentences.

`image_name`, `positive`, `negatives`, `attribute_change` and `subtext` are called and nested as in FineGen's JSONL, so
that what reads that reads this; what else stands beside them is ours. Only accepted negatives come here: the released
implementation writes those out, too, that failed their last correction.
"""

from collections.abc import Iterator, Sequence
from io import BytesIO

import msgspec
import polars as pl

from genval_assets.export.captions import CaptionSet, ExportedCaption
from genval_assets.negative_rows import HardNegative
from genval_assets.negatives.stored import StoredAttribute, stored_attributes, stored_changes

LINES = "negatives/hard_negatives.jsonl"
TABLE = "negatives/hard_negatives.parquet"


class ExchangedLine(msgspec.Struct, frozen=True):
    """One exchanged attribute."""

    attribute: str  # colour | material | pattern | transparency
    origin: str  # as the caption means it
    target: str  # the word in its place
    noun: str  # that both stand before


class NegativeLine(msgspec.Struct, frozen=True):
    """A sentence that is false of the picture."""

    negative_id: str
    sentence: str
    level: str  # hard | medium | easy
    attribute_change: list[ExchangedLine]


class SubTextLine(msgspec.Struct, frozen=True):
    """What is said of one thing."""

    noun: str
    adjectives: list[str]  # in the caption's order
    label: int  # 1: the caption says it; 0: a negative does
    sentence: str


class CaptionLine(msgspec.Struct, frozen=True):
    """One picture, as a line of `hard_negatives.jsonl`."""

    image_name: str  # path within the set
    width: int | None  # px; None where no row tells it
    height: int | None
    category: str  # key
    category_id: int
    name: str  # the category's
    kind: str  # instance | scene | real
    positive_id: str
    positive: str
    attributes: list[StoredAttribute]
    negatives: list[NegativeLine]  # hard, medium, easy, each by index
    trivial: list[str]  # captions of other pictures
    short: bool  # fewer negatives than wanted
    wanted: int
    subtext: list[SubTextLine]


CHANGE = pl.Struct({"attribute": pl.String, "origin": pl.String, "target": pl.String, "noun": pl.String})
COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "positive_id": pl.String,
    "negative_id": pl.String,
    "image": pl.String,
    "category": pl.String,
    "category_id": pl.Int64,
    "name": pl.String,
    "kind": pl.String,
    "caption": pl.String,
    "sentence": pl.String,
    "level": pl.String,
    "n_changes": pl.Int64,
    "changes": pl.List(CHANGE),
    "corrections": pl.Int64,
    "confirmed_by": pl.List(pl.String),
}


def hard_negatives(chosen: CaptionSet) -> Iterator[tuple[str, bytes]]:
    """Yield the files of captions and negatives, in the order given; none where there is no caption."""
    if chosen.captions:
        yield LINES, msgspec.json.Encoder().encode_lines([_line(one) for one in chosen.captions])
        yield TABLE, _table(chosen.captions)


def _line(one: ExportedCaption) -> CaptionLine:
    return CaptionLine(
        image_name=one.picture.file,
        width=one.picture.width,
        height=one.picture.height,
        category=one.row.category,
        category_id=one.category_id,
        name=one.name,
        kind=one.row.kind,
        positive_id=one.row.positive_id,
        positive=one.text,
        attributes=stored_attributes(one.row),
        negatives=[
            NegativeLine(row.negative_id, row.sentence, str(row.level), _exchanged(row)) for row in one.negatives
        ],
        trivial=[row.sentence for row in one.trivial],
        short=one.ended.short,
        wanted=one.ended.wanted,
        subtext=[SubTextLine(t.noun, list(t.adjectives), t.label, t.sentence) for t in one.sub_texts],
    )


def _exchanged(row: HardNegative) -> list[ExchangedLine]:
    return [ExchangedLine(one.type, one.origin, one.target, one.noun) for one in stored_changes(row)]


def _table(captions: Sequence[ExportedCaption]) -> bytes:
    """Return the Parquet of all negatives, trivial ones included, in the lines' order."""
    rows = [_row(one, negative) for one in captions for negative in (*one.negatives, *one.trivial)]
    file = BytesIO()
    pl.DataFrame(rows, schema=COLUMNS, orient="row").write_parquet(file)
    return file.getvalue()


def _row(one: ExportedCaption, negative: HardNegative) -> tuple[object, ...]:
    """Return the values of one negative, in the order of `COLUMNS`."""
    return (
        one.row.positive_id,
        negative.negative_id,
        one.picture.file,
        one.row.category,
        one.category_id,
        one.name,
        one.row.kind,
        one.text,
        negative.sentence,
        negative.level,
        negative.n_changes,
        [msgspec.to_builtins(change) for change in _exchanged(negative)],
        negative.attempt,
        negative.confirmed_by,
    )
