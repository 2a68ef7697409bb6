"""The review page shows what was drawn, and nothing that a name says can do anything."""

import base64
import hashlib
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from genval_assets.golden.labels import REASONS
from genval_assets.golden.page import LONGEST_SIDE, Card, card, review_page
from genval_assets.instances.gate import Frame
from genval_assets.instances.gate_settings import GateSettings

HOSTILE = """</h1><script>document.title = 'ran'</script><img src=x onerror="document.title='ran'">{{7*7}}"""


def block(height: int = 40, width: int = 50, hole: bool = False) -> np.ndarray:
    rgba = np.zeros((height, width, 4), np.uint8)
    rgba[...] = (200, 30, 30, 255)
    if hole:
        rgba[10:30, 10:30, 3] = 0
    return rgba


def shown(rgba: np.ndarray, frame: Frame | None = None, *, real: bool = False, name: str = "mug") -> Card:
    frame = frame or Frame(200, 200, 60, 70)
    return card("i1", name, "", rgba, frame, GateSettings(), real=real)


def points(path: str) -> list[list[tuple[int, int]]]:
    return [[tuple(map(int, p.split())) for p in ring.split("L")] for ring in re.findall(r"M([^Z]+)Z", path)]


def test_a_candidate_lies_on_a_ground_of_its_own_with_the_outline_of_its_mask():
    one = shown(block())
    margin = 6  # .12 of 50 px
    assert (one.width, one.height) == (50 + 2 * margin, 40 + 2 * margin)
    (ring,) = points(one.outline)
    xs, ys = zip(*ring, strict=True)
    assert (min(xs), max(xs), min(ys), max(ys)) == (margin, margin + 49, margin, margin + 39)
    pixels = np.asarray(Image.open(io.BytesIO(one.webp)).convert("RGB")).astype(int)
    assert np.abs(pixels[30, 30] - (200, 30, 30)).max() < 25
    assert np.abs(pixels[1, 1] - (200, 30, 30)).sum() > 150
    assert one.edges == ""


def test_holes_have_an_outline_too():
    assert len(points(shown(block(hole=True)).outline)) == 2


@pytest.mark.parametrize(
    ("frame", "edges"),
    [
        (Frame(200, 200, 0, 70), "M0 0V52"),
        (Frame(200, 200, 60, 0), "M0 0H62"),
        (Frame(110, 200, 60, 70), "M56 0V52"),
        (Frame(200, 110, 60, 70), "M0 46H62"),
    ],
    ids=["left", "top", "right", "bottom"],
)
def test_where_its_frame_cut_the_object_off_the_picture_ends_there_and_says_so(frame, edges):
    assert shown(block(), frame).edges == edges
    assert shown(block(), Frame(116, 116, 3, 3)).edges == ""


def test_a_cut_out_of_a_photograph_has_no_frame_that_says_anything():
    one = shown(block(), Frame(50, 40), real=True)
    assert (one.width, one.height, one.edges) == (62, 52, "")


def test_large_candidates_are_scaled_with_their_outline():
    one = shown(block(900, 1200), Frame(2000, 2000, 300, 300))
    assert max(one.width, one.height) == LONGEST_SIDE
    (ring,) = points(one.outline)
    assert max(x for x, _ in ring) == pytest.approx(LONGEST_SIDE - 0.12 * LONGEST_SIDE / 1.24, abs=3)


def test_a_picture_without_alpha_is_shown_as_it_is():
    one = shown(np.full((40, 50, 3), 90, np.uint8), Frame(50, 40))
    assert (one.width, one.height, one.outline) == (50, 40, "")


class Seen(HTMLParser):
    """Tags with their attributes, and the texts between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_names_and_definitions_are_text_whatever_they_hold():
    one = replace(shown(block(), name=HOSTILE), definition=HOSTILE, instance_id='"><script>')
    page = Seen(review_page([one]))
    assert page.texts.count(HOSTILE) == 2
    assert len(page.all("script")) == 1
    assert [image["src"] for image in page.all("img")] == [one.picture]
    assert [figure["data-id"] for figure in page.all("figure")] == [one.instance_id]


def test_only_the_pages_own_script_may_run_and_nothing_is_loaded():
    html = review_page([shown(block())])
    page = Seen(html)
    (policy,) = (meta["content"] for meta in page.all("meta") if "http-equiv" in meta)
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy == f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    assert not page.all("link")
    assert not re.findall(r"https?:|//[a-z]|@import|url\(", html.replace(script, ""))


def test_every_reason_has_a_digit():
    page = Seen(review_page([shown(block())]))
    assert [button["data-reason"] for button in page.all("button") if "data-reason" in button] == list(REASONS)
    assert len(REASONS) <= 9
