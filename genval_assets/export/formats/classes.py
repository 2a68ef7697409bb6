"""`classes.json`: what the class indices of a set mean, for formats that hold no names or no ids of the user's file."""

import msgspec

from genval_assets.export.prepared import Prepared

CLASSES = "classes.json"
CLASSES_DESCRIBED = (CLASSES, "index, category id in your file, key and name of each class")


class ClassRow(msgspec.Struct, frozen=True):
    """One class: a category of the set, with or without objects."""

    index: int  # from 0 without gaps, by ascending category id
    category_id: int
    key: str
    name: str


def class_table(prepared: Prepared) -> bytes:
    """Return the file: a JSON list of all classes by index."""
    rows = [
        ClassRow(prepared.classes[number], number, category.category, category.name)
        for number, category in prepared.numbered.categories.items()
    ]
    return msgspec.json.format(msgspec.json.encode(rows), indent=2)
