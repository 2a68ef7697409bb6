"""The card states the facts of the set, and a name is only ever a name."""

import dataclasses

import pytest

from genval_assets.export.build import export_as, export_set
from genval_assets.export.card import escape_markdown
from genval_assets.export.settings import ExportSettings
from genval_assets.types import RefusedItem

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def card_of(world, **settings: object) -> str:
    return dict(export_set("training", world.content(), ExportSettings(**settings)).files)["README.md"].decode()


def test_counts_before_and_after_are_in_the_card(mixed, draw):
    mixed.object("s1", "zebra", draw((50, 2, 5, 5)))
    assert "| zebra (rare) | 0 | 3 | 5 | 3 | 2 | 1 | 1 | 8 | 3 |" in card_of(mixed)
    assert "2 composed scenes with 4 pasted objects, in 3 categories." in card_of(mixed)


def test_regions_to_ignore_count_as_no_object(mixed):
    text = card_of(mixed)
    assert "| dog (rare) | 7 | 3 | 5 | 0 | 0 | 0 | 0 | 5 | 1 |" in text
    assert "| regions to ignore (crowds, and slivers of covered real objects) | 1 |" in text


def test_unscreened_backgrounds_are_counted_in_bold(mixed):
    assert "Every background was screened" in card_of(mixed)
    mixed.backgrounds[0] = dataclasses.replace(mixed.backgrounds[0], screened="unscreened")
    assert "**1 of 2 scenes stand on backgrounds that nobody searched**" in card_of(mixed)


def test_what_is_simulated_is_said_first(mixed):
    assert "Simulated" not in card_of(mixed)
    mixed.instances[0] = dataclasses.replace(mixed.instances[0], source="offline", model="genval-offline-foreground")
    text = card_of(mixed)
    assert text.index("**Simulated.**") < text.index("## Files")
    assert "| offline | genval-offline-foreground | 1 | simulated | 1 | 2 |" in text


def test_a_simulated_judge_is_simulated_too(mixed):
    mixed.verdicts[0] = dataclasses.replace(mixed.verdicts[0], judge="genval-offline-vision")
    assert "| gate | genval-offline-vision | 1 | simulated | 1 |" in card_of(mixed)


def test_polygon_loss_is_stated(mixed):
    text = card_of(mixed)
    assert "coco: compressed run lengths, exact.\n" in text
    told = "- as rasterised by pycocotools, over 4 annotations: mean IoU 1.00000, least 1.00000, lost in all"
    assert text.count(told) == 1
    assert card_of(mixed, masks="polygons").count(told) == 2


def test_the_card_of_an_export_speaks_of_its_own_format_alone(laid_out):
    laid_out.backgrounds[0] = dataclasses.replace(laid_out.backgrounds[0], screened="unscreened")
    told = {}
    for wanted in ("lvis", "yolo"):
        files = export_as(wanted, laid_out.content(), ExportSettings()).files
        told[wanted] = dict(files)["README.md"].decode()
    assert [one.lower().count("not exhaustive in the lvis file") for one in told.values()] == [1, 0]
    assert ["In the LVIS file the pasted categories" in one for one in told.values()] == [True, False]
    assert "nobody searched" in told["yolo"]
    keys = {
        name: {line.split("`")[1] for line in one.splitlines() if line.startswith("| `")} for name, one in told.items()
    }
    assert keys["lvis"] & {"formats", "pool", "gallery_size", "yolo_task", "masks"} == {"masks"}
    assert keys["yolo"] & {"formats", "pool", "gallery_size", "yolo_task", "masks"} == {"yolo_task"}
    at_home = card_of(laid_out)
    assert all(f"| `{key}` |" in at_home for key in ("formats", "pool", "gallery_size", "masks", "splits.by"))


def test_what_was_left_out_is_counted_with_reasons(mixed):
    assert "0 scenes and 0 annotations of categories that your list does not have (any more).\n" in card_of(mixed)
    mixed.gone_images.append(42)
    mixed.real_refused += [RefusedItem("image 1", "incomplete", ""), RefusedItem("image 2", "incomplete", "")]
    text = card_of(mixed, include_real=True)
    assert "(any more), 1 scenes on images that your file no longer names, 2 real images (incomplete).\n" in text


def test_the_users_own_licence_is_named_as_the_one_that_applies(mixed):
    assert "genval adds no licence of its own" in card_of(mixed)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("{{7*7}}", r"\{\{7\*7\}\}"),
        ("{% raw %}", r"\{% raw %\}"),
        ("a | b", r"a \| b"),
        ("line\n# break", "line # break"),
        ("`code` [x](http://y)", r"\`code\` \[x\](http://y)"),
        ("_em_ aerosol_can", r"\_em\_ aerosol_can"),
        ("R&D \"5'", "R&amp;D &quot;5'"),
        ("犬", "犬"),
        ("\u202eevil\x00", "evil"),
    ],
)
def test_a_hostile_name_is_printed_as_it_is_in_one_cell(mixed, name, shown):
    assert escape_markdown(name) == shown
    mixed.categories[0] = dataclasses.replace(mixed.categories[0], name=name)
    assert f"| {shown} (rare) | 0 |" in card_of(mixed)
