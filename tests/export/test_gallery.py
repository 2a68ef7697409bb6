"""The gallery opens offline, shows every category once, and lets no name act."""

import dataclasses
import posixpath
from html.parser import HTMLParser
from pathlib import PurePosixPath

import numpy as np
import pytest

from genval_assets.export.build import export_set
from genval_assets.export.gallery import svg_path
from genval_assets.export.settings import ExportSettings

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

HOSTILE = ["<script>alert(1)</script>", "{{7*7}}", "\"><img src=x onerror='alert(1)'>", "two\nlines", "</title>", "犬"]


class Elements(HTMLParser):
    """Collects what a browser would see: tags with their attributes, and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def pages_of(world, size: int = 24) -> tuple[dict[str, Elements], set[str]]:
    done = export_set("training", world.content(), ExportSettings(gallery_size=size))
    files = {path: content for path, content in done.files if path.startswith("gallery/")}
    everything = {path for path, _ in done.links} | {path for path, _ in done.files}
    return {path: Elements(content.decode()) for path, content in files.items()}, everything


def test_every_link_stays_within_the_set(mixed):
    pages, everything = pages_of(mixed)
    assert pages.keys() == {
        "gallery/index.html", "gallery/categories/zebra.html", "gallery/categories/unicorn.html"
    }  # fmt: skip
    for place, page in pages.items():
        targets = [a["href"] for a in page.all("a")] + [i["src"] for i in page.all("img")]
        assert targets
        for target in targets:
            assert posixpath.normpath(posixpath.join(posixpath.dirname(place), target)) in everything


def test_a_category_may_be_called_index(world, draw):
    world.category("index")
    world.background("plain", "drawn")
    world.scene("s1", "index", "plain")
    world.object("s1", "index", draw((2, 2, 9, 9)))
    done = export_set("training", world.content(), ExportSettings())
    paths = [path for path, _ in (*done.files, *done.links)]
    assert len(paths) == len(set(paths))
    pages, _ = pages_of(world)
    assert [a["href"] for a in pages["gallery/index.html"].all("a")] == ["categories/index.html"]
    assert pages["gallery/categories/index.html"].all("a")[0]["href"] == "../index.html"


def test_pages_load_nothing_from_elsewhere(mixed):
    done = export_set("training", mixed.content(), ExportSettings())
    for path, content in done.files:
        if path.startswith("gallery/"):
            assert b"http:" not in content
            assert b"https:" not in content
            assert b"@import" not in content


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_everywhere(mixed, name):
    usual, _ = pages_of(mixed)
    mixed.categories[0] = dataclasses.replace(mixed.categories[0], name=name)
    pages, _ = pages_of(mixed)
    for path, page in pages.items():
        assert [tag for tag, _ in page.tags] == [tag for tag, _ in usual[path].tags]
        assert not any(key.startswith("on") for _, attributes in page.tags for key in attributes)
    assert name in pages["gallery/categories/zebra.html"].text
    assert [a["data-name"] for a in pages["gallery/index.html"].all("a")] == [name, "unicorn"]


def test_a_category_shows_its_own_scenes_first_and_no_more_than_asked(world, draw):
    world.category("dog")
    world.category("cat")
    world.background("plain", "drawn")
    for index in range(30):
        world.scene(f"c{index:02d}", "cat", "plain", index=index)
        world.scene(f"d{index:02d}", "dog", "plain", index=index)
        for scene in (f"c{index:02d}", f"d{index:02d}"):
            world.object(scene, "dog", draw((index, 2, 9, 9)))
    pages, _ = pages_of(world, size=32)
    first = [PurePosixPath(i["src"]).stem for i in pages["gallery/categories/dog.html"].all("img")]
    second = [PurePosixPath(i["src"]).stem for i in pages["gallery/categories/dog.2.html"].all("img")]
    assert first == [f"d{i:02d}" for i in range(24)]
    assert second == [*(f"d{i:02d}" for i in range(24, 30)), "c00", "c01"]
    assert "gallery/categories/dog.3.html" not in pages


def test_subject_other_and_real_objects_are_told_apart(mixed):
    pages, _ = pages_of(mixed)
    classes = [p["class"] for p in pages["gallery/categories/zebra.html"].all("path")]
    assert classes == ["subject", "pasted", "real", "real", "subject"]


def test_an_outline_has_one_closed_ring_per_contour_at_its_place():
    mask = np.zeros((9, 9), dtype=bool)
    mask[0:7, 0:7] = True
    mask[2:5, 2:5] = False
    path = svg_path(mask, left=10, top=20)
    assert path.count("M") == path.count("Z") == 2
    assert "M10 20L" in path or "L10 20L" in path


def test_size_zero_writes_no_gallery(mixed):
    assert pages_of(mixed, size=0)[0] == {}
