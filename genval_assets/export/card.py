"""The dataset card: a README.md made from the facts of a set."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache

from jinja2 import PackageLoader, StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment
from pydantic import BaseModel

from genval_assets.export.prepared import ORDER, Prepared
from genval_assets.export.settings import EXPORTS
from genval_assets.export.splits import shares
from genval_assets.export.words import Format
from genval_assets.export.written import Written

ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


WAY_BACK: Mapping[Format, str] = {
    "coco": "the field genval of each annotation",
    "lvis": "the field genval of each annotation",
    "yolo": "each line of labels.jsonl",
    "hf": "objects.genval",
    "imagefolder": "objects.genval (JSON text)",
    "webdataset": "the field genval of each object",
    "pool": "each line of instances.jsonl",
}
"""What of a format leads back to genval's tables."""
OF_HOME = ("formats", "pool", "gallery_size")
"""Settings that shape the set in the home alone."""
OF_FORMATS: Mapping[str, tuple[Format, ...]] = {"masks": ("coco", "lvis"), "yolo_task": ("yolo",)}
"""Settings that shape some formats alone."""


def card(prepared: Prepared, written: Mapping[Format, Written], described: Iterable[tuple[str, str]]) -> bytes:
    """Return the card as Markdown, after the front matter of the format if it has any.

    Every value that the template prints is escaped, so a name stays a name whatever it holds.

    Args:
        prepared: the set.
        written: what each of its formats holds.
        described: (path within the set, what it is) of every file or folder.
    """
    splits, pictures = prepared.numbered.splits, Counter(image.split for image in prepared.numbered.images)
    wanted = {*prepared.splits, *shares(prepared.settings.splits)}
    real = Counter(image.split for image in prepared.numbered.images if image.scene is None)
    text = _template().render(
        facts=prepared.facts,
        settings=prepared.settings,
        set_keys=[one for one in _described(prepared.settings) if _shapes(one[0], prepared.name, written)],
        described=list(described),
        written=list(written.items()),
        ways_back=", ".join(dict.fromkeys(WAY_BACK[name] for name in written)),
        objects_lead_back="pool" not in written,
        pooled=len(prepared.cutouts.lines),
        splits=[(one, pictures[one], real[one]) for one in ORDER if one in wanted],
        groups=splits.groups,
        largest=splits.largest,
        held_out_instances=prepared.cutouts.held_out,
    )
    head = "".join(f"---\n{one.front_matter}---\n\n" for one in written.values() if one.front_matter)
    return (head + text).encode()


def _shapes(key: str, name: str, written: Collection[Format]) -> bool:
    """Return whether a setting has a say in a set of these formats."""
    if key in OF_HOME:
        return not name.startswith(f"{EXPORTS}/")
    return key not in OF_FORMATS or any(one in written for one in OF_FORMATS[key])


def _described(settings: BaseModel, prefix: str = "") -> Iterator[tuple[str, str, object]]:
    """Yield (key, description, value) of each setting but the name, inner groups by dotted keys."""
    for key, field in type(settings).model_fields.items():
        value = getattr(settings, key)
        if isinstance(value, BaseModel):
            yield from _described(value, f"{prefix}{key}.")
        elif key != "name":
            yield f"{prefix}{key}", field.description or "", value


@cache
def _template() -> Template:
    """Return the compiled template; compiling takes longer than all else of a small set's card."""
    # autoescape would write HTML entities only; Markdown needs more, so `finalize` escapes every printed value
    environment = SandboxedEnvironment(
        loader=PackageLoader("genval_assets.export"),
        autoescape=False,
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("card.md.j2")


def escape_markdown(text: str) -> str:
    """Return text that Markdown and the HTML within it print as it is, on one line, within a paragraph or a cell."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    entities = re.sub(r'[&<>"]', lambda match: ENTITIES[match[0]], line)
    # an underscore within a word marks nothing (GFM), and names such as aerosol_can stay readable
    return re.sub(r"[\\`*{}\[\]|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\\g<0>", entities)


def _finalized(value: object) -> object:
    if isinstance(value, str):
        return escape_markdown(value)
    if isinstance(value, tuple):
        return escape_markdown(", ".join(str(item) for item in value))
    return value
