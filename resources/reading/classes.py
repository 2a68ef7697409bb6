"""Reads `classes.json` back: what the class indices of an exported set mean."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from genval_assets.export.read_set import UnreadableExport


class Class(BaseModel):
    """One class of the set."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    index: int
    category_id: int
    key: str
    name: str


def read_classes(path: Path) -> tuple[Class, ...]:
    """Return the classes by index.

    Raises:
        UnreadableExport: there is no such file, it has another form, or its indices do not count from 0.
    """
    try:
        classes = TypeAdapter(tuple[Class, ...]).validate_json(path.read_bytes())
    except (OSError, ValidationError) as err:
        raise UnreadableExport(f"{path}: {err}") from err
    if [one.index for one in classes] != list(range(len(classes))):
        raise UnreadableExport(f"{path}: its indices do not count from 0")
    if len({one.category_id for one in classes}) < len(classes):
        raise UnreadableExport(f"{path}: a category id occurs twice")
    return classes
