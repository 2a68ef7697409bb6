"""A permitted answer as the JSON schema that strict servers take."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

Schema = Mapping[str, Any]
"""A node of a JSON schema, as pydantic writes it."""

TOLD = (
    "minLength", "maxLength", "pattern", "format", "minItems", "maxItems", "uniqueItems", "minimum", "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
)  # fmt: skip
"""Limits that some servers refuse: the model reads them in the description, the reader of the answer checks them."""
KNOWN = {
    *TOLD, "type", "enum", "const", "anyOf", "items", "properties", "required", "additionalProperties", "description",
    "title", "default", "$defs",
}  # fmt: skip


class UnservableSchema(ValueError):
    """A permitted answer has a form that strict servers do not take: a fault of the schema, not of a server."""


def strict_schema(schema: type[BaseModel]) -> dict[str, Any]:
    """Return the schema in the subset that strict servers take: every key required, no further keys, no references.

    References are written out, because OpenAI refuses a description beside one. Limits move into the descriptions.

    Raises:
        UnservableSchema: it refers to itself, or has tuples of mixed types, dictionaries, or anything else outside
            of the subset.
    """
    whole = schema.model_json_schema()
    return _strict(whole, whole.get("$defs", {}), schema.__name__, ())


def _strict(node: Schema, defs: Schema, where: str, within: tuple[str, ...]) -> dict[str, Any]:
    """Return one node and what is below it; `within` are the references that led here."""
    if "$ref" in node:
        name = node["$ref"].removeprefix("#/$defs/")
        if name in within:
            raise UnservableSchema(f"{where}: {name} refers to itself; strict servers take a finite form only")
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return _strict({**defs[name], **beside}, defs, where, (*within, name))
    _refuse_foreign(node, where)

    strict: dict[str, Any] = {key: node[key] for key in ("type", "enum") if key in node}
    if "const" in node:
        strict["enum"] = [node["const"]]
    if description := _description(node):
        strict["description"] = description
    if "anyOf" in node:
        strict["anyOf"] = [_strict(one, defs, where, within) for one in node["anyOf"]]
    if "items" in node:
        strict["items"] = _strict(node["items"], defs, f"{where}[]", within)
    if "properties" in node:
        fields = node["properties"]
        strict["properties"] = {name: _strict(one, defs, f"{where}.{name}", within) for name, one in fields.items()}
        strict["required"] = list(fields)
        strict["additionalProperties"] = False
    return strict


def _refuse_foreign(node: Schema, where: str) -> None:
    if foreign := sorted(node.keys() - KNOWN):
        raise UnservableSchema(f"{where}: strict servers do not take {', '.join(foreign)}")
    if node.get("additionalProperties"):
        raise UnservableSchema(f"{where}: strict servers take named keys only; got a dictionary")
    if not node.keys() & {"type", "enum", "const", "anyOf"}:
        raise UnservableSchema(f"{where}: strict servers take a type only; got anything")


def _description(node: Schema) -> str:
    """Return what the node says of itself, with its limits in words."""
    limits = ", ".join(f"{key} {node[key]}" for key in TOLD if key in node)
    return " ".join(part for part in (node.get("description", ""), f"({limits})" if limits else "") if part)
