"""A written set's pages in a real browser, from the file system: names stay text, pictures load, nothing goes out."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
from PIL import Image

from genval_assets.export.build import export_set
from genval_assets.export.candidates import candidates
from genval_assets.export.settings import ExportSettings
from resources.datasets import DatasetFolders
from tests.export.conftest import HEIGHT, WIDTH, World, drawn
from tests.ui.browser import Browser, browse, chromium
from tests.ui.served import wait_for

pytestmark = [
    pytest.mark.skipif(chromium() is None, reason="needs Chromium"),
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

SCRIPT = "</script><img src=x onerror=alert(1)>"
QUOTES = "\"'><b onclick='alert(1)'>{{7*7}}&amp;"
BACKWARDS = "\u202e\u05d0\u05d1 abc"
NAMES = {"zebra": SCRIPT, "dog": QUOTES, "cat": BACKWARDS}
PAGES = ("index", "categories/zebra", "statistics", "statistics/cat", "rejects")
WATCH = """
window.seen = [];
addEventListener("error", e => seen.push("error: " + (e.message || e.target.src || e.target.href)), true);
addEventListener("securitypolicyviolation", e => seen.push("refused: " + e.violatedDirective));
for (const name of ["alert", "confirm", "prompt"]) window[name] = () => seen.push(name);
console.error = console.warn = (...said) => seen.push("console: " + said.join(" "));
"""


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The gallery of a set that was written as any other: three categories, each in a scene of its own."""
    home, world = tmp_path_factory.mktemp("home"), World()
    world.background("plain", "drawn")
    for number, (key, name) in enumerate(NAMES.items()):
        world.category(key, name=name)
        world.instance(f"reject-{key}", key, index=5)
        verdict = dataclasses.replace(world.verdicts[-1], outcome="rejected", reasons=["flat"], cutout=None)
        world.verdicts[-1] = verdict
        world.instance(f"inst-{key}", key)
        world.scene(f"s{number}", key, "plain")
        world.annotations.extend(_pasted(world, f"s{number}", key))
    world.candidates = candidates(world.verdicts, world.instances, NAMES.keys())
    taken = {row.instance_id for row in world.annotations}
    world.instances = [row for row in world.instances if row.instance_id in taken]
    world.verdicts = [row for row in world.verdicts if row.instance_id in taken]
    for path in [scene.image for scene in world.scenes] + [f"data/images/cd/reject-{key}.webp" for key in NAMES]:
        file = home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((HEIGHT, WIDTH, 3), (90, 120, 60), np.uint8)).save(file)
    datasets = DatasetFolders(home=str(home))
    exported = export_set("training", world.content(), ExportSettings(pool=False), datasets.picture)
    return home / datasets.write(exported) / "gallery"


def _pasted(world: World, scene: str, category: str) -> list:
    """Return the annotation of the accepted instance; `World.object` would take the rejected one."""
    world.object(scene, category, drawn((5, 5, 30, 20)))
    return [dataclasses.replace(world.annotations.pop(), instance_id=f"inst-{category}")]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browse(tmp_path_factory.mktemp("browser") / "profile") as one:
        one.command("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        yield one


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_names_as_text_loads_its_pictures_and_reaches_for_nothing_else(
    browser: Browser, gallery: Path, page: str
):
    before = len(browser.asked_for)
    browser.open((gallery / f"{page}.html").as_uri())
    browser.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    browser.evaluate("[...document.images].forEach(one => { one.loading = 'eager'; })")
    text = browser.evaluate("document.body.innerText")
    own = [name for key, name in NAMES.items() if page.endswith(key)] or NAMES.values()
    assert [name for name in own if name not in text] == []
    assert browser.evaluate("document.title").startswith(tuple(own) if "/" in page else ("training", "Stat", "Rej"))
    loaded = "[...document.images].map(one => one.complete && one.naturalWidth > 0)"
    wait_for(lambda: all(browser.evaluate(loaded)) or None, seconds=10)
    assert len(browser.evaluate(loaded)) == {"index": 3, "categories/zebra": 1, "rejects": 1}.get(page, 0)
    assert browser.evaluate("seen") == []
    root = gallery.parent.as_uri()
    assert [address for address in browser.asked_for[before:] if not address.startswith(root)] == []
    links = browser.evaluate("[...document.links].map(one => one.href.split('#')[0])")
    assert links
    assert [
        link for link in links if not (link.startswith(root) and Path(unquote(link.removeprefix("file://"))).is_file())
    ] == []


def test_one_walks_from_the_gallery_to_a_category_its_statistics_and_back(browser: Browser, gallery: Path):
    browser.open((gallery / "index.html").as_uri())
    for end in ("categories/zebra.html", "statistics/zebra.html", "index.html"):
        browser.evaluate(f"document.querySelector(\"a[href$='{end}']\").click()")
        wait_for(
            lambda end=end: browser.evaluate(f"location.href.endsWith('{end}') && !!document.links.length") or None
        )


def test_the_filter_leaves_the_categories_whose_names_hold_the_text(browser: Browser, gallery: Path):
    browser.open((gallery / "index.html").as_uri())
    browser.evaluate("""{ const box = document.getElementById("filter"); box.value = "ONERROR";
        box.dispatchEvent(new Event("input")); }""")
    left = (
        "[...document.querySelectorAll('.card')].filter(one => one.offsetParent !== null).map(one => one.dataset.name)"
    )
    assert browser.evaluate(left) == [SCRIPT]
