"""What pictures, instances and captions come from: every way back to a photograph, object, background or prompt."""

import dataclasses

import pytest

from genval_assets.export.content import IncompleteSet
from genval_assets.export.provenance import Provenance
from tests.export.conftest import World, drawn

MASK = drawn((2, 2, 9, 9))


@pytest.fixture
def grown(world: World) -> World:
    """A scene on photograph 42 with a real object, a cut-out of photograph 7 and a drawn instance; a plain one."""
    world.category("zebra", source_id=0)
    world.real_image(42)
    world.real_annotation(901, 42, 0)
    world.background("photo", "annotated", image_id=42)
    world.background("plain", "drawn")
    world.backgrounds[-1] = dataclasses.replace(world.backgrounds[-1], phash="f" * 16)
    world.reference("ref", "zebra", annotation_id=71, image_id=7)
    world.instance("cut", "zebra", reference_id="ref")
    world.instance("drawn", "zebra", reference_id=None, prompt_id="p1", source="layer_diffusion")
    world.scene("s1", "zebra", "photo")
    world.object("s1", "zebra", MASK, real=901)
    pasted(world, "s1", "cut")
    pasted(world, "s1", "drawn")
    world.scene("s2", "zebra", "plain")
    pasted(world, "s2", "drawn")
    return world


def pasted(world: World, scene: str, instance: str) -> None:
    world.object(scene, "zebra", MASK)
    world.annotations[-1] = dataclasses.replace(world.annotations[-1], instance_id=instance)


def of_scenes(world: World, *by: str, bits: int = 4) -> list[set[str]]:
    content = world.content()
    found = Provenance(content, by, bits) if by else Provenance(content, phash_distance=bits)
    return [set(found.of_scene(scene)) for scene in content.scenes]


def test_a_composed_scene_names_its_canvas_its_objects_and_where_these_were_cut_from(grown):
    on_photograph, plain = of_scenes(grown)
    assert on_photograph == {
        "photograph:42", "background:training/photo.png", "reference:901", "reference:71", "photograph:7", "prompt:p1",
    }  # fmt: skip
    assert plain == {"background:drawn/plain.png", "prompt:p1"}


def test_only_the_kinds_asked_for_are_named(grown):
    assert of_scenes(grown, "photograph") == [{"photograph:42", "photograph:7"}, set()]
    assert of_scenes(grown, "prompt", "background") == [
        {"background:training/photo.png", "prompt:p1"},
        {"background:drawn/plain.png", "prompt:p1"},
    ]


def test_a_photograph_shares_with_scenes_on_it_and_with_cut_outs_of_it(grown):
    found = Provenance(grown.content())
    assert found.of_photograph(grown.real_images[0]) == {
        "photograph:42", "background:training/photo.png", "reference:901",
    }  # fmt: skip
    grown.real_image(7)
    grown.real_annotation(71, 7, 0)
    assert found.of_instance("cut") == Provenance(grown.content()).of_photograph(grown.real_images[1])


def test_one_photograph_under_several_ids_is_one(grown):
    grown.reference("renumbered", "zebra", annotation_id=99, image_id=3, photograph=grown.references[0].photograph)
    grown.instance("again", "zebra", reference_id="renumbered")
    grown.reference("copied", "zebra", annotation_id=98, image_id=4)
    grown.instance("copy", "zebra", reference_id="copied")
    look = {"real-4": "0" * 16, "real-7": "0" * 15 + "f", "real-42": "f" * 16}
    content = dataclasses.replace(grown.content(), hashes=look)
    found = [Provenance(content, ("photograph",), bits) for bits in (4, 3)]
    for bits, names in zip(found, ((3, 3, 3), (3, 3, 4)), strict=True):
        of = [bits.of_instance(key) for key in ("cut", "again", "copy")]
        assert of == [{f"photograph:{name}"} for name in names]
        assert bits.of_photograph(grown.real_images[0]) == {"photograph:42"}


def test_instances_alone_and_captions_have_the_same_names(grown):
    grown.caption("c1", "zebra", "a zebra", subject_id="drawn")
    grown.caption("c2", "zebra", "a zebra", kind="real", subject_id="ref")
    grown.caption("c3", "zebra", "a zebra", kind="scene", subject_id="s1")
    found = Provenance(grown.content())
    assert found.of_instance("drawn") == {"prompt:p1"}
    expected = [{"prompt:p1"}, {"reference:71", "photograph:7"}, set()]
    assert [found.of_caption(row) for row in grown.captions] == expected


def test_a_picture_drawn_from_a_layout_comes_from_that_layout(laid_out):
    assert of_scenes(laid_out)[1] == {"prompt:l-d1"}


def test_a_background_is_the_same_in_every_generation_of_the_list(grown):
    again = dataclasses.replace(grown.backgrounds[1], background_id="plain-2", generation=2)
    replaced = dataclasses.replace(again, background_id="plain-3", generation=3, phash="0" * 15 + "f")
    grown.backgrounds += [again, replaced]
    for i, ground in enumerate(("plain-2", "plain-3")):
        grown.scene(f"t{i}", "zebra", ground)
    assert of_scenes(grown, "background")[1:] == [{"background:drawn/plain.png"}] * 3


@pytest.mark.parametrize(("bits", "same"), [(4, True), (3, False)])
def test_near_duplicate_backgrounds_are_one(grown, bits, same):
    copy = dataclasses.replace(
        grown.backgrounds[1], background_id="copy", kind="yours", path="a.png", phash="0" + "f" * 15
    )
    grown.backgrounds.append(copy)
    grown.scene("s3", "zebra", "copy")
    _, plain, third = of_scenes(grown, "background", bits=bits)
    assert third == {"background:yours/a.png"} if not same else plain == third == {"background:drawn/plain.png"}


def test_a_file_that_was_replaced_is_one_background_with_all_that_looked_like_it(grown):
    later = dataclasses.replace(grown.backgrounds[1], background_id="plain-2", generation=2, phash="0" * 16)
    copy = dataclasses.replace(grown.backgrounds[1], background_id="copy", path="a.png")  # of the file as it was
    twin = dataclasses.replace(later, background_id="twin", path="z.png")  # of the file as it is
    grown.backgrounds += [later, copy, twin]
    for ground in ("plain-2", "copy", "twin"):
        grown.scene(f"on-{ground}", "zebra", ground)
    assert of_scenes(grown, "background")[1:] == [{"background:drawn/a.png"}] * 4


def test_variations_come_from_their_reference_and_annotations_outlive_its_row(grown):
    # the same object cut out again under another id, after its mask was corrected
    grown.reference("ref-2", "zebra", annotation_id=71, image_id=7)
    grown.instance("varied", "zebra", source="variation", reference_id="ref-2")
    found = Provenance(grown.content())
    assert found.of_instance("varied") == found.of_instance("cut")


@pytest.mark.parametrize(
    ("lost", "named"),
    [("references", "reference ref"), ("instances", "instance cut"), ("backgrounds", "background photo")],
)
def test_a_broken_way_back_is_refused_by_name(grown, lost, named):
    content = dataclasses.replace(grown.content(), **{lost: ()})
    with pytest.raises(IncompleteSet, match=named):
        Provenance(content).of_scene(content.scenes[0])


def test_a_layout_that_was_not_given_is_refused_by_name(laid_out):
    content = dataclasses.replace(laid_out.content(), layout_images=())
    with pytest.raises(IncompleteSet, match="drawn picture p-d1"):
        Provenance(content).of_scene(content.scenes[1])
