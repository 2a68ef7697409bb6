"""The columns that Hugging Face's `datasets` reads, described once for the Parquet file, the card and polars.

Lists are described as `Sequence`, a list of structs as a list with one item: so versions 2.14 to 5.2 read the same
columns from them.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec
import polars as pl

from genval_assets.export.formats.document import AnnotationOrigin, ImageOrigin
from genval_assets.export.formats.record import PictureRecord
from genval_assets.export.prepared import Prepared
from genval_assets.export.segmentation import Rle
from genval_assets.export.words import Split

SPLIT_NAMES: Mapping[Split, str] = {"train": "train", "val": "validation", "test": "test"}
"""How Hugging Face names the splits."""


class NotLoadable(ValueError):
    """`datasets` would refuse the set: it has no pictures, or columns of which it could not tell the type."""


@dataclass(frozen=True)
class ClassNames:
    """A class index, and the name of each."""

    names: tuple[str, ...]


Column: TypeAlias = "str | ClassNames | list[Column] | dict[str, Column]"
"""A type of Arrow by its name, `image`, class indices, a list of one kind of items, or a struct."""

RLE: dict[str, Column] = {"size": ["int64"], "counts": "string"}
KINDS: Mapping[object, Column] = {
    str | None: "string", int | None: "int64", float | None: "float64", bool: "bool", Rle | None: RLE
}  # fmt: skip


def refuse_empty(prepared: Prepared) -> None:
    """Refuse a set without pictures.

    Raises:
        NotLoadable: there are none.
    """
    if not prepared.numbered.images:
        raise NotLoadable(
            f"{prepared.name} has no pictures, and Hugging Face's datasets loads no empty set: compose scenes first, "
            "or set export.include_real"
        )


def picture_columns(names: Iterable[str]) -> dict[str, Column]:
    """Return the columns of a picture with its objects, by name.

    The objects are a struct of lists, as in the detection data sets that Hugging Face's guides train on.
    """
    return {
        "image": "image",
        "image_id": "int64",
        "width": "int64",
        "height": "int64",
        "objects": {
            "id": ["int64"],
            "origin": ["string"],
            "category": [ClassNames(tuple(names))],
            "category_id": ["int64"],
            "bbox": [["float64"]],
            "area": ["float64"],
            "iscrowd": ["int64"],
            "segmentation": [RLE],
            "genval": [_struct_columns(AnnotationOrigin)],
        },
        "genval": _struct_columns(ImageOrigin),
    }


def _struct_columns(kind: type[msgspec.Struct]) -> Column:
    return {field.name: KINDS[field.type] for field in msgspec.structs.fields(kind)}


def picture_row(record: PictureRecord, origin: Callable[[msgspec.Struct], object]) -> dict[str, object]:
    """Return a record as a row of these columns, without its picture.

    Args:
        record: the picture and its objects.
        origin: returns the fields that lead back to genval's rows in the form that the file holds.
    """
    objects = record.objects
    return {
        "image_id": record.image_id,
        "width": record.width,
        "height": record.height,
        "objects": {
            "id": [one.id for one in objects],
            "origin": [one.origin for one in objects],
            "category": [one.category for one in objects],
            "category_id": [one.category_id for one in objects],
            "bbox": [[float(side) for side in one.bbox] for one in objects],
            "area": [float(one.area) for one in objects],
            "iscrowd": [one.iscrowd for one in objects],
            "segmentation": [msgspec.to_builtins(one.segmentation) for one in objects],
            "genval": [origin(one.genval) for one in objects],
        },
        "genval": origin(record.genval),
    }


def arrow_features(columns: Mapping[str, Column]) -> str:
    """Return what the key `huggingface` of an Arrow schema holds."""
    return json.dumps({"info": {"features": {name: _json(column) for name, column in columns.items()}}})


def polars_schema(columns: Mapping[str, Column]) -> dict[str, pl.DataType]:
    """Return the columns as polars knows them."""
    return {name: _polars(column) for name, column in columns.items()}


def front_matter(files: Mapping[Split, str], columns: Mapping[str, Column] | None = None) -> str:
    """Return the YAML that a card begins with.

    Args:
        files: pattern of the files of each split.
        columns: what these files hold; none where `datasets` asks the files alone.
    """
    lines = ["task_categories:", "- object-detection", "- image-segmentation", "tags:", "- genval", "- synthetic"]
    lines += ["configs:", "- config_name: default", "  data_files:"]
    for split, pattern in files.items():
        lines += [f"  - split: {SPLIT_NAMES[split]}", f"    path: {yaml_flow(pattern)}"]
    if columns is not None:
        lines += ["dataset_info:", "  features:"]
        lines += [f"  - {yaml_flow({'name': name} | _yaml(column))}" for name, column in columns.items()]
    return "\n".join(lines) + "\n"


def yaml_flow(value: object) -> str:
    """Return a value as one line of YAML: JSON is YAML, but for characters that YAML forbids or takes for line ends."""
    return "".join(c if c.isprintable() else _escaped(c) for c in json.dumps(value, ensure_ascii=False))


def _escaped(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def _json(column: Column) -> Any:  # noqa: ANN401 - JSON
    if column == "image":
        return {"_type": "Image"}
    if isinstance(column, str):
        return {"dtype": column, "_type": "Value"}
    if isinstance(column, ClassNames):
        return {"names": list(column.names), "_type": "ClassLabel"}
    if isinstance(column, dict):
        return {name: _json(one) for name, one in column.items()}
    (item,) = column
    return [_json(item)] if isinstance(item, dict) else {"feature": _json(item), "_type": "Sequence"}


def _yaml(column: Column) -> dict[str, Any]:
    if isinstance(column, str):
        return {"dtype": column}
    if isinstance(column, ClassNames):
        return {"class_label": {"names": {str(i): name for i, name in enumerate(column.names)}}}
    if isinstance(column, dict):
        return {"struct": [{"name": name} | _yaml(one) for name, one in column.items()]}
    (item,) = column
    if isinstance(item, dict):
        return {"list": _yaml(item)["struct"]}
    return {"sequence": item if isinstance(item, str) else _yaml(item)}


def _polars(column: Column) -> pl.DataType:
    if column == "image":
        return pl.Struct({"bytes": pl.Binary(), "path": pl.String()})
    if isinstance(column, str):
        return {"int64": pl.Int64(), "float64": pl.Float64(), "bool": pl.Boolean(), "string": pl.String()}[column]
    if isinstance(column, ClassNames):
        return pl.Int64()
    if isinstance(column, dict):
        return pl.Struct(polars_schema(column))
    return pl.List(_polars(column[0]))
