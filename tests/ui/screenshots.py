"""Remakes the pictures of the UI: `python -m tests.ui.screenshots HOME CATEGORY`, HOME as `genval demo` made it.

Writes `docs/images/ui_instances.png` (one category's verdicts) and `docs/images/ui_layout_scenes.png` (its scenes drawn
from layouts).
"""

import io
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from tests.faults.home import ROOT
from tests.ui.browser import Browser, browse
from tests.ui.served import Served, serve

GROUPS = ("concepts", "sources", "instances", "scenes", "layouts", "language", "datasets", "warehouse")
IMAGES = ROOT / "docs" / "images"
WIDTH = 1400
COLOURS = 128
SETTLED_SECONDS = 3.0
"""The page moves and fades for a while after its text is there."""
CLICK = """[...document.querySelectorAll('button, a, div, span')]
    .filter(one => one.textContent.trim() === %r).map(one => one.click()).length"""


def graph_address(served: Served) -> str:
    """Return the page of the asset graph with all groups opened."""
    return f"{served.url}/asset-groups/?expanded=" + ",".join(f"global@global:{group}" for group in GROUPS)


def partition_address(served: Served, asset: str, category: str) -> str:
    """Return the page of one category of an asset."""
    return f"{served.url}/assets/{asset}?view=partitions&partition={category}"


def show_picture(browser: Browser) -> None:
    """Open the first picture that the metadata of the page holds."""
    browser.wait_for_text("[Show Markdown]")
    browser.evaluate(CLICK % "[Show Markdown]")


def save(png: bytes, name: str) -> None:
    """Save a picture of the screen as a small PNG."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture = picture.resize((WIDTH, round(picture.height * WIDTH / picture.width)), Image.Resampling.LANCZOS)
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(IMAGES / name, optimize=True)


def main(home: Path, category: str) -> None:
    """Serve the project and photograph it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(home, Path(folder, "dev.log")) as served,
        browse(Path(folder, "profile")) as browser,
    ):
        for asset, name in (("validated_instances", "ui_instances.png"), ("layout_scenes", "ui_layout_scenes.png")):
            browser.open(partition_address(served, asset, category))
            show_picture(browser)
            time.sleep(SETTLED_SECONDS)
            save(browser.picture(), name)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), sys.argv[2])
