"""Reads the user's list of categories: from the annotation file, or from a list of names."""

from pathlib import Path

import dagster as dg
from pydantic import Field

from genval_assets.concepts.names_file import read_names
from genval_assets.types import Listed
from resources.annotations import CocoPhotographs


class ConceptFile(dg.ConfigurableResource[None]):
    """The file that says which categories there are."""

    annotations: str = Field(default="", description="COCO or LVIS v1 file. '' where `names` is the list.")
    images: str = Field(default="", description="Folder of its images.")
    names: str = Field(default="", description="One concept per line, or CSV with a header. '' where there is none.")

    def read(self) -> Listed:
        """Return the concepts in the file's order, and what of an annotation file cannot be used.

        Raises:
            UnreadableAnnotations: the annotation file is no COCO or LVIS v1 file.
            BadNames: the list of names has faults; all of them are named.
        """
        if self.names:
            text = Path(self.names).read_text(encoding="utf-8-sig")
            return Listed(tuple(read_names(text, self.names).concepts))
        with CocoPhotographs(annotations=self.annotations, images=self.images).open() as source:
            if source is None:
                return Listed(())
            return Listed(tuple(source.concepts()), tuple(source.refused))

    def fingerprint(self) -> str:
        """Return a short text that changes when the file changes, without reading it."""
        status = Path(self.names or self.annotations).stat()
        return f"{status.st_mtime_ns}-{status.st_size}"
