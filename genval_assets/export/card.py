"""The dataset card: a README.md made from the facts of a set."""

import re
from functools import cache

from jinja2 import PackageLoader, StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from genval_assets.export.facts import Facts
from genval_assets.export.polygons import PolygonLoss
from genval_assets.export.settings import ExportSettings

ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def card(facts: Facts, settings: ExportSettings, loss: PolygonLoss | None) -> bytes:
    """Return the card as Markdown. `loss` is None where masks are run lengths.

    Every value that the template prints is escaped, so a name stays a name whatever it holds.
    """
    fields = ExportSettings.model_fields.items()
    described = [(key, field.description, getattr(settings, key)) for key, field in fields if key != "name"]
    text = _template().render(facts=facts, settings=settings, described=described, loss=loss)
    return text.encode()


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
