"""Scenes drawn as a whole from layouts leave like composed ones: with masks, ways back, honest lists and counts."""

import dataclasses
import json
import random

import numpy as np
import pytest
from pycocotools import mask as rle

from genval_assets.export.build import ExportedSet, export_set
from genval_assets.export.content import IncompleteSet, composed_for, one_scene_each
from genval_assets.export.settings import ExportSettings
from tests.export.made import made
from tests.export.test_gallery import Elements

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

ZEBRA, DOG, CAT = 0, 7, 9
PICTURES = ("gallery/index", "gallery/categories/")


def exported(world, **settings: object) -> ExportedSet:
    return export_set("training", world.content(), ExportSettings(**settings))


def file(done: ExportedSet, path: str) -> str:
    return dict(made(done, path))[path].decode()


def document(done: ExportedSet, name: str = "coco") -> dict:
    return json.loads(file(done, f"annotations/{name}.json"))


def test_picture_and_objects_lead_back_to_their_rows(laid_out):
    done = exported(laid_out)
    drawn, composed = document(done)["images"]
    assert drawn["genval"] == {"scene_id": "d1", "category": "zebra", "canvas": "layout", "layout_image_id": "p-d1"}
    assert composed["genval"].keys() == {"scene_id", "category", "background_id", "canvas", "screened"}
    assert dict(done.links)["images/d1.jpg"] == "data/images/gh/d1.jpg"
    objects = [a for a in document(done)["annotations"] if a["image_id"] == drawn["id"]]
    assert [a["genval"] for a in objects] == [
        {"annotation_id": "d1-001", "z": 1, "node_id": "n1"},
        {"annotation_id": "d1-002", "z": 2, "node_id": "n2"},
        {"annotation_id": "d1-003", "z": 3, "node_id": "n3"},
    ]
    assert [(a["category_id"], a["iscrowd"]) for a in objects] == [(ZEBRA, 0), (DOG, 0), (DOG, 1)]


@pytest.mark.parametrize("masks", ["rle", "polygons"])
def test_masks_are_those_of_the_rows_all_parts_and_holes_included(laid_out, masks):
    doc = document(exported(laid_out, masks=masks))
    dog = next(a for a in doc["annotations"] if a["genval"]["annotation_id"] == "d1-002")
    shape = dog["segmentation"]
    decoded = rle.decode(shape if masks == "rle" else rle.merge(rle.frPyObjects(shape, 48, 64)))
    assert np.array_equal(decoded.astype(bool), laid_out.masks["d1-002"])
    assert dog["area"] == 2 * 4 * 30 - 4


def test_nothing_is_promised_of_a_drawn_picture_but_its_own_categories(laid_out):
    """The dog to ignore and the cat seen outside the layout are not exhaustive; the zebra is complete."""
    doc = document(exported(laid_out), "lvis")
    drawn, composed = doc["images"]
    assert (drawn["neg_category_ids"], drawn["not_exhaustive_category_ids"]) == ([], [DOG, CAT])
    assert (composed["neg_category_ids"], composed["not_exhaustive_category_ids"]) == ([], [])
    assert [a["genval"]["annotation_id"] for a in doc["annotations"]] == ["d1-001", "d1-002", "s1-000"]


@pytest.mark.parametrize(
    ("listed", "expected"), [(None, []), ([], []), (["zebra"], [ZEBRA]), (["cat", "retired"], [CAT])]
)
def test_what_was_seen_and_not_annotated_everywhere_is_listed_as_far_as_the_set_knows_it(laid_out, listed, expected):
    laid_out.annotations.pop()
    laid_out.scenes[1] = dataclasses.replace(laid_out.scenes[1], not_exhaustive=listed)
    drawn = document(exported(laid_out), "lvis")["images"][0]
    assert drawn["not_exhaustive_category_ids"] == expected


def test_drawn_objects_are_counted_by_themselves_and_in_what_there_is_after(laid_out, draw):
    laid_out.layout_scene("d2", "zebra", index=1)
    laid_out.node("d2", "zebra", draw((1, 1, 5, 5)))
    laid_out.node("d2", "zebra", draw((20, 1, 5, 5)))
    found = exported(laid_out).facts
    assert (found.scenes, found.pasted, found.layout_scenes, found.layout_objects) == (1, 1, 2, 4)
    assert (found.real_objects, found.ignored, found.real_images) == (0, 1, 0)
    zebra, dog, cat = found.categories
    assert (zebra.pasted, zebra.drawn, zebra.drawn_images, zebra.after, zebra.in_set) == (1, 3, 2, 5 + 1 + 3, 4)
    assert (dog.pasted, dog.drawn, dog.drawn_images, dog.after, dog.in_set) == (0, 1, 1, 5 + 1, 1)
    assert (cat.drawn, cat.after) == (0, 5)


def test_the_card_says_how_much_was_drawn_from_layouts_and_by_what(laid_out):
    text = file(exported(laid_out), "README.md")
    assert (
        "1 composed scenes with 1 pasted objects, and 1 pictures drawn as a whole from layouts with 2 objects, in 3"
        in text
    )
    assert "| objects in these | 2 |" in text
    assert "| gligen | 2 |  | 1 | 2 |" in text
    assert "| zebra (rare) | 0 | 3 | 5 | 1 | 1 | 1 | 1 | 1 | 1 | 7 | 2 |" in text
    assert "Simulated" not in text


def test_a_simulated_painter_makes_the_set_simulated(laid_out):
    laid_out.layout_scene("d2", "dog", "genval-offline-layout-images")
    text = file(exported(laid_out), "README.md")
    assert text.index("**Simulated.**") < text.index("## Files")
    assert "| genval-offline-layout-images | 2 | simulated | 1 | 0 |" in text


def test_a_set_without_such_scenes_does_not_speak_of_them(mixed):
    done = exported(mixed)
    assert "layout" not in file(done, "README.md")
    assert "from layouts" not in file(done, "gallery/index.html") + file(done, "gallery/categories/zebra.html")


def test_a_set_of_drawn_pictures_alone_says_nothing_of_screened_backgrounds(world, draw):
    world.category("zebra")
    world.layout_scene("d1", "zebra")
    world.node("d1", "zebra", draw((2, 2, 9, 9)))
    done = exported(world, allow_unscreened=False)
    assert "background was screened" not in file(done, "README.md")
    assert [i["id"] for i in document(done)["images"]] == [1]
    assert done.facts.left_out.unscreened_scenes == 0
    assert dict(done.files)["instances.jsonl"] == b""


def test_the_gallery_shows_drawn_pictures_on_the_pages_of_what_they_show(laid_out):
    done = exported(laid_out)
    pages = {path: Elements(content.decode()) for path, content in made(done, PICTURES)}
    assert pages.keys() == {"gallery/index.html", "gallery/categories/zebra.html", "gallery/categories/dog.html"}
    dog = pages["gallery/categories/dog.html"]
    assert [p["class"] for p in dog.all("path")] == ["drawn", "subject", "subject"]
    assert "2 objects, drawn as a whole from a layout" in dog.text
    assert [text for text in dog.text if text.startswith("dog: ")] == ["dog: ignored"]
    zebra = pages["gallery/categories/zebra.html"]
    assert [i["src"] for i in zebra.all("img")] == ["../../images/d1.jpg", "../../images/s1.jpg"]
    assert "5 real + 1 pasted + 1 drawn from layouts · rare" in pages["gallery/index.html"].text


def test_a_category_of_which_there_is_only_a_region_to_ignore_has_no_page(laid_out, draw):
    laid_out.node("d1", "cat", draw((20, 40, 5, 5)), crowd=True)
    assert "gallery/categories/cat.html" not in dict(exported(laid_out).files)


def test_drawn_objects_have_no_cut_out(laid_out):
    lines = [json.loads(line) for line in file(exported(laid_out), "instances.jsonl").splitlines()]
    assert [line["instance_id"] for line in lines] == ["inst-zebra"]


def test_every_drawn_picture_is_a_scene_of_its_own_and_two_runs_make_one_of_it(laid_out):
    laid_out.layout_scene("d2", "zebra", index=1)
    twin = dataclasses.replace(laid_out.scenes[1], scene_id="0-twin-of-d1")
    kept = one_scene_each([*laid_out.scenes, twin])
    assert [scene.scene_id for scene in kept] == ["0-twin-of-d1", "d2", "s1"]


def test_a_categorys_set_takes_its_drawn_pictures_along_and_no_others(laid_out, draw):
    laid_out.layout_scene("d2", "dog")
    laid_out.node("d2", "zebra", draw((1, 1, 5, 5)))
    for scene in ("d1", "d2"):
        laid_out.question(scene, "Where is it?", "There.")
    own = composed_for(laid_out.content(), "dog")
    assert [row.layout_image_id for row in own.layout_images] == ["p-d2"]
    assert [row.scene_id for row in own.questions] == ["d2"]
    done = export_set("categories/dog", own, ExportSettings())
    assert [i["genval"]["scene_id"] for i in document(done)["images"]] == ["d2"]


def test_a_scene_whose_drawn_picture_is_missing_breaks_the_way_back_and_is_refused(laid_out):
    laid_out.layout_images.clear()
    with pytest.raises(IncompleteSet, match="scene d1 is the drawn picture p-d1, which was not given"):
        exported(laid_out)


def test_question_answer_pairs_leave_as_conversations_in_the_sets_order(laid_out):
    laid_out.layout_scene("d0", "zebra", index=5)
    laid_out.question("d0", "Is there a dog?", "No.")
    laid_out.question("d1", "What is left of the dog?", "A zebra.", index=1)
    laid_out.question("d1", "Where is the zebra?", "At [0.031, 0.042, 0.172, 0.229].", index=0)
    done = exported(laid_out)
    first, second = json.loads(file(done, "conversations/llava.json"))
    assert (first["id"], first["image"], second["id"], second["image"]) == (
        "d1", "images/d1.jpg", "d0", "images/d0.jpg")  # fmt: skip
    assert first["image"] in dict(done.links)
    assert [turn["value"] for turn in first["conversations"]] == [
        "<image>\nWhere is the zebra?",
        "At [0.031, 0.042, 0.172, 0.229].",
        "What is left of the dog?",
        "A zebra.",
    ]
    assert "| question-answer pairs about these | 3 |" in file(done, "README.md")
    assert "| `conversations/llava.json` | 3 question-answer pairs" in file(done, "README.md")


def test_without_question_answers_of_exported_scenes_there_is_no_such_file(laid_out):
    assert "conversations/llava.json" not in dict(exported(laid_out).files)
    laid_out.question("d1", "Where is the zebra?", "Here.")
    laid_out.categories[0] = dataclasses.replace(laid_out.categories[0], state="retired")
    done = exported(laid_out)
    assert "conversations/llava.json" not in dict(done.files)
    assert "question-answer" not in file(done, "README.md")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_rows_in_any_order_give_the_same_bytes(laid_out, seed):
    for index in range(4):
        laid_out.layout_scene(f"e{index}", "dog", ("gligen", "other")[index % 2], index)
        laid_out.question(f"e{index}", f"{index}?", "Yes.")
        laid_out.question("d1", f"{index}?", "No.", index=index)
    first, content, rng = exported(laid_out), laid_out.content(), random.Random(seed)
    fields = ("scenes", "annotations", "layout_images", "questions", "categories")
    shuffled = {name: tuple(rng.sample(getattr(content, name), len(getattr(content, name)))) for name in fields}
    again = export_set("training", dataclasses.replace(content, **shuffled), ExportSettings())
    assert made(again) == made(first)
    assert again.links == first.links
