"""The gallery opens offline, shows every category once, and lets no name act."""

import dataclasses
import posixpath
from html.parser import HTMLParser
from pathlib import PurePosixPath

import numpy as np
import pytest

from genval_assets.export.build import export_set
from genval_assets.export.candidates import Candidates, CategoryCandidates, Reject, RejectGroup
from genval_assets.export.gallery import INDEX_SIZE, svg_path
from genval_assets.export.pages import page_links
from genval_assets.export.settings import ExportSettings
from tests.export.made import made

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


PICTURES = ("gallery/index", "gallery/categories/")


def pages_of(world, beginning: str | tuple[str, ...] = PICTURES, **settings) -> tuple[dict[str, Elements], set[str]]:
    done = export_set("training", world.content(), ExportSettings(**settings))
    pages = {path: content for path, content in made(done, beginning) if path.endswith(".html")}
    everything = {path for path, _ in done.links} | {path for path, _ in done.files}
    return {path: Elements(content.decode()) for path, content in pages.items()}, everything


@pytest.fixture
def judged(mixed):
    """`mixed` with candidates: a zebra that the gate rejected for two reasons."""
    rejects = (Reject("r1", "zebra", "data/images/r1.webp"),)
    groups = tuple(RejectGroup(reason, 1, rejects) for reason in ("flat", "too_small"))
    counted = CategoryCandidates("zebra", accepted=3, rejected=1, errors=2, reasons=(("flat", 1), ("too_small", 1)))
    mixed.candidates = Candidates((counted,), groups)
    return mixed


def test_every_link_stays_within_the_set_and_every_page_is_linked(judged):
    pages, everything = pages_of(judged, "gallery/")
    names = ("categories/unicorn", "categories/zebra", "index", "rejects", "statistics", "statistics/dog",
             "statistics/unicorn", "statistics/zebra")  # fmt: skip
    assert sorted(pages) == [f"gallery/{name}.html" for name in names]
    reached = set()
    for place, page in pages.items():
        targets = [a["href"] for a in page.all("a")] + [i["src"] for i in page.all("img")]
        assert targets
        for target in (target for target in targets if not target.startswith("#")):
            found = posixpath.normpath(posixpath.join(posixpath.dirname(place), target))
            assert found in everything
            reached.add(found)
    assert pages.keys() <= reached


def test_a_category_may_be_called_index(world, draw):
    world.category("index")
    world.background("plain", "drawn")
    world.scene("s1", "index", "plain")
    world.object("s1", "index", draw((2, 2, 9, 9)))
    done = export_set("training", world.content(), ExportSettings())
    paths = [path for path, _ in (*done.files, *done.links)]
    assert len(paths) == len(set(paths))
    pages, _ = pages_of(world)
    assert "categories/index.html" in [a["href"] for a in pages["gallery/index.html"].all("a")]
    assert pages["gallery/categories/index.html"].all("a")[0]["href"] == "../index.html"


def test_pages_load_nothing_from_elsewhere_and_only_the_index_runs_anything(judged):
    done = export_set("training", judged.content(), ExportSettings())
    for path, content in made(done, "gallery/"):
        if path.endswith(".html"):
            assert b"http:" not in content
            assert b"https:" not in content
            assert b"@import" not in content
            assert (b"script" in content) == (path == "gallery/index.html")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_everywhere(judged, name):
    usual, _ = pages_of(judged, "gallery/")
    judged.categories[0] = dataclasses.replace(judged.categories[0], name=name)
    pages, _ = pages_of(judged, "gallery/")
    for path, page in pages.items():
        assert [tag for tag, _ in page.tags] == [tag for tag, _ in usual[path].tags]
        assert not any(key.startswith("on") for _, attributes in page.tags for key in attributes)
    for page in ("categories/zebra", "statistics", "statistics/zebra", "rejects"):
        assert name in pages[f"gallery/{page}.html"].text
    assert [a["data-name"] for a in pages["gallery/index.html"].all("a") if "data-name" in a] == [name, "unicorn"]


def test_a_category_shows_its_own_scenes_first_and_no_more_than_asked(world, draw):
    world.category("dog")
    world.category("cat")
    world.background("plain", "drawn")
    for index in range(30):
        world.scene(f"c{index:02d}", "cat", "plain", index=index)
        world.scene(f"d{index:02d}", "dog", "plain", index=index)
        for scene in (f"c{index:02d}", f"d{index:02d}"):
            world.object(scene, "dog", draw((index, 2, 9, 9)))
    pages, _ = pages_of(world, gallery_size=32)
    first = [PurePosixPath(i["src"]).stem for i in pages["gallery/categories/dog.html"].all("img")]
    second = [PurePosixPath(i["src"]).stem for i in pages["gallery/categories/dog.2.html"].all("img")]
    assert first == [f"d{i:02d}" for i in range(24)]
    assert second == [*(f"d{i:02d}" for i in range(24, 30)), "c00", "c01"]
    assert "gallery/categories/dog.3.html" not in pages


def test_subject_other_and_real_objects_are_told_apart(mixed):
    pages, _ = pages_of(mixed)
    classes = [p["class"] for p in pages["gallery/categories/zebra.html"].all("path")]
    assert classes == ["subject", "pasted", "real", "real", "subject"]


def test_objects_of_a_picture_are_counted_without_regions_to_ignore(mixed):
    pages, _ = pages_of(mixed)
    texts = pages["gallery/categories/zebra.html"].text
    assert [text for text in texts if " object" in text and " on " in text] == [
        "2 objects on a drawn background",
        "2 objects on your training image",
    ]


def test_an_outline_has_one_closed_ring_per_contour_at_its_place():
    mask = np.zeros((9, 9), dtype=bool)
    mask[0:7, 0:7] = True
    mask[2:5, 2:5] = False
    path = svg_path(mask, left=10, top=20)
    assert path.count("M") == path.count("Z") == 2
    assert "M10 20L" in path or "L10 20L" in path


def test_size_zero_writes_no_gallery(mixed):
    assert pages_of(mixed, "gallery/", gallery_size=0)[0] == {}


def test_real_images_that_are_merged_in_come_last_and_bring_their_own_outlines(mixed):
    mixed.real_image(7)
    mixed.real_annotation(1, 7, 0)
    mixed.real_annotation(2, 7, 7)
    mixed.real_annotation(3, 7, 0, crowd=True)
    assert "gallery/categories/dog.html" not in pages_of(mixed)[0]
    pages, _ = pages_of(mixed, include_real=True)
    zebra, dog = (pages[f"gallery/categories/{name}.html"] for name in ("zebra", "dog"))
    assert [PurePosixPath(i["src"]).stem for i in zebra.all("img")] == ["s1", "s2", "real-7"]
    assert [PurePosixPath(i["src"]).stem for i in dog.all("img")] == ["real-7"]
    assert [p["class"] for p in dog.all("path")] == ["real", "real", "real"]
    assert dog.all("path")[0]["d"] == "M4 4L14 4L14 14L4 14Z"
    assert "no. 7 of your file, taken over as it is" in dog.text


@pytest.mark.parametrize(
    ("at", "pages", "shown"),
    [
        (0, 1, ""),
        (0, 2, "[1] 2"),
        (0, 9, "[1] 2 3 … 9"),
        (3, 9, "1 2 3 [4] 5 6 … 9"),
        (4, 9, "1 2 3 4 [5] 6 7 8 9"),
        (8, 9, "1 … 7 8 [9]"),
        (999, 2084, "1 … 998 999 [1000] 1001 1002 … 2084"),
    ],
)
def test_a_pager_of_any_length_names_the_first_the_last_and_its_neighbours(at, pages, shown):
    links = page_links(at, [f"{page}.html" for page in range(1, pages + 1)])
    assert " ".join(_link(link) for link in links) == shown
    assert all(link.file == f"{link.number}.html" for link in links if link is not None and link.file is not None)


def _link(link) -> str:
    if link is None:
        return "…"
    return str(link.number) if link.file else f"[{link.number}]"


def test_an_index_of_many_categories_has_pages_and_lists_all_names_on_each(world, draw):
    names = [f"c{number:03d}" for number in range(INDEX_SIZE + 1)]
    world.background("plain", "drawn")
    for name in names:
        world.category(name)
        world.scene(f"s-{name}", name, "plain")
        world.object(f"s-{name}", name, draw((2, 2, 9, 9)))
    pages, _ = pages_of(world, "gallery/index")
    first, second = (pages[f"gallery/{name}.html"] for name in ("index", "index.2"))
    assert [len(page.all("img")) for page in (first, second)] == [INDEX_SIZE, 1]
    for page in (first, second):
        assert [li["data-name"] for li in page.all("li") if "data-name" in li] == names


def test_outlines_of_large_pictures_are_no_finer_than_a_page_shows(world):
    rng = np.random.default_rng(1)
    edge = 2000 + np.cumsum(rng.integers(-2, 3, 1000))
    mask = np.arange(4000) < edge[:, None]
    world.category("dog")
    world.background("plain", "drawn")
    world.scene("s", "dog", "plain")
    world.scenes[0] = dataclasses.replace(world.scenes[0], width=4000, height=1000)
    world.object("s", "dog", mask)
    (path,) = pages_of(world)[0]["gallery/categories/dog.html"].all("path")
    assert len(str(path["d"])) * 3 < len(svg_path(mask, 0, 0))
