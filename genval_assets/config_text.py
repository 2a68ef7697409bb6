"""Settings as text: a documented TOML file that reads back equal, and faults in words that name its keys.

Not here: which settings there are (`config.py`).
"""

import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from inspect import cleandoc
from typing import TypeGuard, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

WIDTH = 100

HEADER = """\
Settings of this genval project. Every key is listed with what it means; "# key =" is a key that is not set.
A key that nobody knows is an error, so that typing mistakes do not pass.
"""


def write_settings(settings: BaseModel) -> str:
    """Return the text of a TOML file that documents every key and reads back equal."""
    return "\n".join([*_comment(HEADER), *_group((), settings)]) + "\n"


def _group(path: tuple[str, ...], group: BaseModel) -> Iterator[str]:
    """Yield the lines of a group: its own keys, then its inner groups and tables."""
    if path:
        summary = cleandoc(group.__doc__ or "").split("\n\n")[0]
        yield from ("", "", *_comment(summary), f"[{_dotted(path)}]")
    inner = []
    for name, field in type(group).model_fields.items():
        value = getattr(group, name)
        if isinstance(value, BaseModel | Mapping):
            inner.append((name, value, field.description or ""))
            continue
        yield from ("", *_comment(field.description or ""))
        yield f"# {name} =" if value is None else f"{_key(name)} = {_value(value)}"
    for name, value, description in inner:
        if isinstance(value, BaseModel):
            yield from _group((*path, name), value)
        else:
            yield from _table((*path, name), value, description)


def _table(path: tuple[str, ...], table: Mapping[str, object], description: str) -> Iterator[str]:
    """Yield a table whose keys are the user's; of inner groups only what is set."""
    yield from ("", "", *_comment(description), f"[{_dotted(path)}]")
    yield from (f"{_key(key)} = {_value(value)}" for key, value in table.items() if not isinstance(value, BaseModel))
    for key, value in table.items():
        if isinstance(value, BaseModel):
            yield from _set_keys((*path, key), value)


def _set_keys(path: tuple[str, ...], group: BaseModel) -> Iterator[str]:
    yield from ("", f"[{_dotted(path)}]")
    yield from (f"{_key(key)} = {_value(value)}" for key, value in group if value is not None)


def _comment(text: str) -> list[str]:
    return [
        f"# {line}"
        for paragraph in text.splitlines()
        for line in textwrap.wrap(paragraph, WIDTH - 2, break_on_hyphens=False)
    ]


def _dotted(path: Sequence[str]) -> str:
    return ".".join(_key(part) for part in path)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _text(key)


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return _text(value)
        case list() | tuple():
            return f"[{', '.join(_value(one) for one in value)}]"
    raise TypeError(f"TOML has no form for {value!r}")


def _text(text: str) -> str:
    """Return a TOML basic string: JSON's escapes are TOML's, but for DEL, which TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def fault(error: ErrorDetails, settings: type[BaseModel]) -> str:
    """Return one fault that pydantic found in `settings` as `[group] key: what is wrong; got what`."""
    group: object = settings
    groups: list[str] = []
    keys = list(error["loc"])
    while keys and (inner := _inner(group, keys[0])) is not None:
        group = inner
        groups.append(str(keys.pop(0)))
    key = "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in keys).removeprefix(".")
    where = " ".join([f"[{'.'.join(groups)}]"] * bool(groups) + [key] * bool(key))
    if error["type"] == "extra_forbidden":
        return f"{where}: unknown key{_nearest(key, group)}"
    said = error["msg"].removeprefix("Value error, ")
    got = "" if isinstance(error["input"], Mapping) else f"; got {str(error['input'])[:80]!r}"
    return f"{where}: {said}{got}"


def _inner(group: object, key: str | int) -> object:
    """Return what kind of group stands under a key, or None: a model, or a table whose keys are the user's."""
    if get_origin(group) is dict:
        inner: object = get_args(group)[1]
    else:
        field = group.model_fields.get(str(key)) if _is_model(group) else None
        inner = field.annotation if field else None
    return inner if _is_model(inner) or get_origin(inner) is dict else None


def _is_model(kind: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(kind, type) and get_origin(kind) is None and issubclass(kind, BaseModel)


def _nearest(key: str, group: object) -> str:
    known = list(group.model_fields) if _is_model(group) else []
    close = get_close_matches(key, known, n=1)
    return f"; did you mean {close[0]}?" if close else f"; known here: {', '.join(known)}"
