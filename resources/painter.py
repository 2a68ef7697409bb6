"""SDXL as it is published, for backgrounds.

Not here: torch and diffusers (`_painter.py`), which take seconds to import.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from genval_assets.types import ModelUnavailable
from resources.sdxl import SdxlResource

if TYPE_CHECKING:
    from resources._painter import SdxlPainterModel

VERSION = "1"
"""Raise it when the same request may give other pixels."""


class SdxlPainter(SdxlResource):
    """Holds SDXL on `device` for the length of one `with` block."""

    @contextmanager
    def open(self) -> Iterator["SdxlPainterModel"]:
        """Return the model for the length of one `with` block.

        Raises:
            ModelUnavailable: see `fault`; or files are damaged or incomplete.
        """
        if why := self.fault():
            raise ModelUnavailable(why)
        # imported here: torch and diffusers take 2 s and 5 s, and listing assets should not pay for them
        from resources._painter import SdxlPainterModel

        with closing(SdxlPainterModel(self.sdxl.identity, self.drawing())) as model:
            yield model

    def fingerprint(self) -> str:
        """Return model, revision and every setting that shapes pixels in one line, without opening anything."""
        model, revision = self.sdxl.identity
        return f"sdxl {VERSION} {model}@{revision} {self.how}"

    def fault(self) -> str:
        """Return why the model cannot be opened now, with what to do; empty when it can. No weights are read."""
        return self.lacking()
