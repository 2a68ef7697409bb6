"""Rejected candidates can be looked at: each tile is named, and a picture that is gone says so."""

import dataclasses
from functools import cache
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from genval_assets.export.build import ExportedSet, export_set
from genval_assets.export.candidates import SHOWN, Candidates, Reject, RejectGroup
from genval_assets.export.content import composed_for
from genval_assets.export.reject_sheets import COLUMNS, TILE_PX
from genval_assets.export.settings import ExportSettings
from genval_assets.instances.contact_sheet import CAPTION_PX, GAP_PX
from genval_assets.instances.ground import GROUNDS
from tests.export.made import made
from tests.export.test_gallery import Elements

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

COLOURS = {"red": (220, 30, 30), "blue": (30, 30, 220)}
STEP = TILE_PX + GAP_PX


@cache
def picture(path: str) -> bytes:
    """Return a disc of a colour in a clear frame, as WebP; every other path is gone."""
    if path not in COLOURS:
        raise FileNotFoundError(path)
    y, x = np.mgrid[:200, :200]
    rgba = np.zeros((200, 200, 4), dtype=np.uint8)
    rgba[(x - 100) ** 2 + (y - 100) ** 2 < 50**2] = (*COLOURS[path], 255)
    encoded = BytesIO()
    Image.fromarray(rgba).save(encoded, "WEBP", lossless=True)
    return encoded.getvalue()


def rejected(*paths: str, reason: str = "flat") -> Candidates:
    shown = tuple(Reject(f"i{number}", "zebra", path) for number, path in enumerate(paths))
    return Candidates(rejects=(RejectGroup(reason, 77, shown),))


def exported(world, found: Candidates) -> ExportedSet:
    world.candidates = found
    return export_set("training", world.content(), ExportSettings(), picture)


def sheet_of(done: ExportedSet, reason: str = "flat") -> np.ndarray:
    with Image.open(BytesIO(dict(made(done, "gallery/rejects"))[f"gallery/rejects/{reason}.jpg"])) as sheet:
        return np.asarray(sheet.convert("RGB")).astype(int)


def test_a_sheet_shows_each_candidate_on_a_ground_in_its_place(mixed):
    sheet = sheet_of(exported(mixed, rejected("red", "blue")))
    assert sheet.shape == (TILE_PX + CAPTION_PX + GAP_PX, 2 * STEP, 3)
    middle = TILE_PX // 2
    for column, colour in enumerate(COLOURS.values()):
        assert np.abs(sheet[middle, middle + column * STEP] - colour).max() < 40
        assert min(np.abs(sheet[4, 6 + column * STEP] - ground).max() for ground in GROUNDS) < 12


def test_a_picture_that_is_gone_leaves_a_tile_that_says_so_and_the_others_in_their_places(mixed):
    sheet = sheet_of(exported(mixed, rejected("gone", "blue")))
    middle = TILE_PX // 2
    assert np.ptp(sheet[: TILE_PX - 2, : TILE_PX - 2], axis=(0, 1)).max() < 6
    assert np.abs(sheet[middle, middle + STEP] - COLOURS["blue"]).max() < 40
    caption, other = (sheet[TILE_PX : TILE_PX + CAPTION_PX, x : x + TILE_PX] for x in (0, STEP))
    assert (caption < 128).all(axis=2).sum() > 1.5 * (other < 128).all(axis=2).sum()


def test_the_page_names_every_tile_by_row_and_column(mixed):
    done = exported(mixed, rejected(*["red"] * (COLUMNS + 1)))
    page = Elements(dict(made(done, "gallery/rejects"))["gallery/rejects.html"].decode())
    listed = [text for text in page.text if text.strip()]
    places = [listed[i - 2] for i, text in enumerate(listed) if text in {f"i{n}" for n in range(COLUMNS + 1)}]
    assert places == [f"1.{column}" for column in range(1, COLUMNS + 1)] + ["2.1"]
    assert page.all("img")[0]["src"] == "rejects/flat.jpg"
    assert "the object has a single tone · 77 rejected, 9 shown." in page.text


def test_a_full_sheet_stays_small(mixed):
    done = exported(mixed, rejected(*["red"] * SHOWN))
    assert len(dict(made(done, "gallery/rejects"))["gallery/rejects/flat.jpg"]) < 300_000


def test_the_same_rejects_give_the_same_sheets(mixed):
    found = rejected("red", "gone", "blue")
    assert made(exported(mixed, found)) == made(exported(mixed, found))


@pytest.mark.parametrize("reason", ["../x", "Flat", "", "a.b", "ü", "x" * 41, "flat\n"])
def test_a_reason_that_is_no_code_names_no_file(mixed, reason):
    with pytest.raises(ValueError, match="a reason is a code"):
        exported(mixed, rejected("red", reason=reason))


def test_a_set_without_rejects_has_no_page_of_them(mixed):
    for content in (
        mixed.content(),
        composed_for(dataclasses.replace(mixed.content(), candidates=rejected("red")), "zebra"),
    ):
        done = export_set("training", content, ExportSettings())
        assert not any("reject" in path for path, _ in done.files)
        assert b"rejects" not in dict(made(done, "gallery/index"))["gallery/index.html"]
