"""What the statistics of a set count is in the set, told apart by origin, and shown to scale."""

import dataclasses

import numpy as np
import pytest

from genval_assets.export.build import export_set
from genval_assets.export.candidates import Candidates, CategoryCandidates, candidates
from genval_assets.export.content import composed_for
from genval_assets.export.prepared import prepare
from genval_assets.export.settings import ExportSettings
from genval_assets.export.statistics import GRID, Statistics, statistics
from genval_assets.export.statistics_pages import TABLE_SIZE, columns, heat_map
from tests.export.made import made
from tests.export.test_gallery import Elements

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

REAL, PASTED, DRAWN = range(3)


def counted(world, **settings) -> Statistics:
    return statistics(prepare("training", world.content(), ExportSettings(**settings)))


def pages_of(world, name: str = "training") -> dict[str, Elements]:
    files = made(export_set(name, world.content(), ExportSettings()), "gallery/statistics")
    return {path: Elements(content.decode()) for path, content in files}


def test_objects_are_counted_by_category_and_origin_without_regions_to_ignore(mixed):
    found = counted(mixed)
    # a zebra of 363 px and one of 225 px, a unicorn of 241 px, a real dog of 144 px; the sliver of a dog is ignored
    assert found.overall.areas.tolist() == [[1, 0, 0], [3, 0, 0], [0, 0, 0]]
    assert {key: one.areas.sum(axis=1).tolist() for key, one in found.of_category.items()} == {
        "zebra": [0, 2, 0], "dog": [1, 0, 0], "unicorn": [0, 1, 0]
    }  # fmt: skip
    assert found.per_picture[PASTED].tolist()[:4] == [0, 0, 2, 0]
    assert found.per_picture.sum() == 2


def test_a_size_is_the_root_of_the_share_of_the_picture(world, draw):
    world.category("dog")
    world.background("plain", "drawn")
    world.scene("s", "dog", "plain")
    world.object("s", "dog", draw((0, 0, 64, 48)))  # all of it
    world.object("s", "dog", draw((0, 0, 32, 24)))  # a quarter: half a side
    world.object("s", "dog", draw((0, 0, 32, 32)))  # 32 x 32 px is not under 32 x 32 px
    world.object("s", "dog", draw((0, 0, 31, 33)))  # 1023 px
    found = counted(world).overall
    assert np.flatnonzero(found.sizes[PASTED]).tolist() == [10, 11, 19]
    assert found.sizes[PASTED][[10, 11, 19]].tolist() == [1, 2, 1]
    assert found.areas[PASTED].tolist() == [2, 2, 0]


def test_sizes_are_those_of_coco(world):
    world.category("dog", source_id=1)
    world.real_image(5)
    world.real_annotation(1, 5, 1)
    areas = (1023.9, 1024.0, 9216.0, 9216.1)
    first = world.real_annotations.pop()
    world.real_annotations += [dataclasses.replace(first, annotation_id=i, area=area) for i, area in enumerate(areas)]
    assert counted(world, include_real=True).overall.areas[REAL].tolist() == [1, 2, 1]


def test_a_place_is_counted_once_per_box_that_reaches_into_it(world, draw):
    world.category("dog")
    world.background("plain", "drawn")
    world.scene("s", "dog", "plain")  # 64 x 48 px: cells of 2 x 1.5 px
    world.object("s", "dog", draw((0, 0, 4, 3)))
    world.object("s", "dog", draw((2, 0, 3, 2)))
    expected = np.zeros((GRID, GRID), dtype=int)
    expected[:2, :2] += 1
    expected[:2, 1:3] += 1
    assert counted(world).overall.places.tolist() == expected.tolist()


def test_boxes_beyond_the_picture_are_cut_off_at_its_edge(world):
    world.category("dog", source_id=1)
    world.real_image(5)
    world.real_annotation(1, 5, 1)
    world.real_annotations[0] = dataclasses.replace(world.real_annotations[0], box=(-10.0, 40.0, 200.0, 50.0))
    places = counted(world, include_real=True).overall.places
    assert places.sum(axis=1).tolist() == [0] * 26 + [GRID] * 6


def test_pictures_are_told_apart_by_kind_and_split(laid_out):
    laid_out.real_image(5)
    found = counted(laid_out, include_real=True)
    assert [np.flatnonzero(kind).tolist() for kind in found.per_picture] == [[0], [1], [2]]
    assert [(one.split, one.pictures, one.objects) for one in found.splits] == [("train", 3, 3)]
    assert found.of_category["zebra"].areas[:, 0].tolist() == [0, 1, 1]


def test_an_empty_set_has_statistics(world):
    world.category("dog")
    pages = pages_of(world)
    assert list(pages) == ["gallery/statistics.html"]
    assert "There is no object." in " ".join(pages["gallery/statistics.html"].text)


def test_the_tallest_column_fills_the_chart_and_parts_stand_on_each_other():
    counts = np.array([[1, 0], [3, 0], [0, 2]])
    first, second = columns(counts, ["a", ""], ["one", "two"])
    assert [(p.origin, p.count, p.bottom, p.height) for p in first.parts] == [
        ("real", 1, 0.0, 0.25), ("pasted", 3, 0.25, 0.75)
    ]  # fmt: skip
    assert [(p.origin, p.count, p.bottom, p.height) for p in second.parts] == [("drawn", 2, 0.0, 0.5)]


def test_a_heat_map_joins_equal_cells_and_leaves_empty_ones_out():
    places = np.zeros((GRID, GRID), dtype=int)
    places[0, :3] = 10
    places[1, 31] = 1
    shown = heat_map(places)
    assert shown.most == 10
    assert shown.shades == ((0.1, "M31 1h1v1h-1z"), (1.0, "M0 0h3v1h-3z"))


def test_a_yield_is_told_with_its_interval_and_errors_count_in_no_rate(mixed):
    mixed.candidates = Candidates((CategoryCandidates("zebra", 9, 1, 5, (("flat", 1),)),))
    table, zebra = (pages_of(mixed)[f"gallery/statistics{name}.html"].text for name in ("", "/zebra"))
    assert "90 % (60 to 98)" in table  # Wilson (1927) for 9 of 10: 0.596 to 0.982
    assert "90 % (60 to 98)" in zebra
    assert "flat" in table
    assert "accepted of 10 judged candidates, 95 % Wilson interval; 5 errors" in zebra


def test_a_category_of_which_everything_was_rejected_has_a_page_that_says_why(mixed):
    mixed.category("cat")
    mixed.candidates = Candidates((CategoryCandidates("cat", 0, 3, 0, (("flat", 3),)),))
    cat = pages_of(mixed)["gallery/statistics/cat.html"].text
    assert "the object has a single tone" in cat
    assert "0 % (0 to 56)" in cat  # Wilson (1927) for 0 of 3: 0 to 0.561


def test_where_nothing_was_rejected_nothing_is_said_of_reasons(mixed):
    mixed.candidates = Candidates((CategoryCandidates("zebra", 9, 0, 0, ()),))
    pages = pages_of(mixed)
    assert "Why candidates were rejected" not in pages["gallery/statistics.html"].text
    assert "Why candidates were rejected" not in pages["gallery/statistics/zebra.html"].text


def test_bars_end_where_the_counts_lie_on_a_logarithmic_axis(mixed):
    mixed.categories[1] = dataclasses.replace(mixed.categories[1], instance_count=99)
    mixed.categories[0] = dataclasses.replace(mixed.categories[0], instance_count=7)  # and two pasted: 9
    rects = pages_of(mixed)["gallery/statistics.html"].all("rect")
    bars = [(r["class"], float(r["x"]), float(r["width"])) for r in rects if r.get("height") == "10"]
    zebra = [bar for bar in bars if bar[2] > 0][:2]
    assert [name for name, *_ in zebra] == ["real", "pasted"]
    assert zebra[0][1] == 1.0
    assert zebra[1][1] + zebra[1][2] == pytest.approx(1 + 125, abs=0.11)  # log(1 + 9) is half of log(1 + 99)


def test_the_table_of_many_categories_has_pages_and_a_set_of_one_category_tells_of_its_own(mixed):
    for number in range(TABLE_SIZE):
        mixed.category(f"c{number}")
    pages = pages_of(mixed)
    assert [p for p in pages if "/statistics/" not in p] == ["gallery/statistics.html", "gallery/statistics.2.html"]
    assert sorted(p for p in pages if "/statistics/" in p) == [
        f"gallery/statistics/{name}.html" for name in ("dog", "unicorn", "zebra")
    ]
    assert [a["href"] for a in pages["gallery/statistics.2.html"].all("a")][-1] == "statistics.html"
    own = export_set("categories/zebra", composed_for(mixed.content(), "zebra"), ExportSettings())
    assert "c5" not in dict(made(own, "gallery/statistics"))["gallery/statistics.html"].decode()


def test_statistics_say_whose_objects_are_real(mixed):
    text = " ".join(pages_of(mixed)["gallery/statistics.html"].text)
    assert "include_real is off" in text


def test_splits_are_counted(mixed):
    prepared = prepare("training", mixed.content(), ExportSettings())
    of = {
        image.image_id: dataclasses.replace(image, split=split)
        for image, split in zip(prepared.numbered.images, ("val", "train"), strict=True)
    }
    objects = tuple(dataclasses.replace(a, image=of[a.image.image_id]) for a in prepared.numbered.annotations)
    numbered = dataclasses.replace(prepared.numbered, images=tuple(of.values()), annotations=objects)
    found = statistics(dataclasses.replace(prepared, numbered=numbered))
    assert [(one.split, one.pictures, one.objects) for one in found.splits] == [("train", 1, 2), ("val", 1, 2)]


@pytest.fixture
def judged(world):
    """Six judged zebras, one of them an error, and a rejected dog."""
    world.category("zebra")
    world.category("dog")
    outcomes = [
        ("accepted",),
        ("rejected", "flat"),
        ("rejected", "flat", "too_small"),
        ("rejected", "flat"),
        ("error", "x"),
    ]
    for index, (outcome, *reasons) in enumerate(outcomes):
        world.instance(f"z{index}", "zebra", index=index)
        world.verdicts[-1] = dataclasses.replace(world.verdicts[-1], outcome=outcome, reasons=reasons, index=index)
    world.instance("d0", "dog", index=9)
    world.verdicts[-1] = dataclasses.replace(world.verdicts[-1], outcome="rejected", reasons=["flat"])
    return world


def test_candidates_are_counted_by_category_and_reason(judged):
    found = candidates(judged.verdicts, judged.instances, {"zebra", "dog"})
    dog, zebra = found.categories
    assert (dog.category, dog.accepted, dog.rejected, dog.reasons) == ("dog", 0, 1, (("flat", 1),))
    assert (zebra.accepted, zebra.rejected, zebra.errors, zebra.judged) == (1, 3, 1, 4)
    assert zebra.reasons == (("flat", 3), ("too_small", 1))
    assert [(group.reason, group.count) for group in found.rejects] == [("flat", 4), ("too_small", 1)]
    assert candidates(judged.verdicts, judged.instances, {"dog"}).categories == (dog,)


def test_rejects_to_look_at_are_the_newest_of_each_category_in_turn_whatever_the_order_of_rows(judged):
    found = candidates(judged.verdicts, judged.instances, {"zebra", "dog"}, shown=3)
    assert [one.instance_id for one in found.rejects[0].shown] == ["d0", "z3", "z2"]
    assert found.rejects[0].shown[0].image == "data/images/cd/d0.webp"
    assert found.rejects[0].count == 4
    again = candidates(reversed(judged.verdicts), reversed(judged.instances), ["dog", "zebra"], shown=3)
    assert again == found


def test_a_reject_without_a_row_of_its_own_is_counted_and_not_shown(judged):
    found = candidates(judged.verdicts, [row for row in judged.instances if row.category == "dog"], {"zebra", "dog"})
    assert [(group.count, [one.instance_id for one in group.shown]) for group in found.rejects] == [
        (4, ["d0"]),
        (1, []),
    ]
