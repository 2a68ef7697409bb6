"""The check that two splits share nothing finds whatever is planted, and nothing else."""

import dataclasses
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genval_assets.export.leaks import Leak, leaks
from genval_assets.export.pool import Pool
from genval_assets.export.prepared import Prepared, prepare
from genval_assets.export.settings import EXPORTS, ExportSettings, SplitSettings
from genval_assets.export.settings import Shared as Kind
from tests.export.conftest import World, drawn
from tests.export.test_splits import far, hashed

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

MASK = drawn((2, 2, 9, 9))
PHOTOGRAPH, REFERENCE, BACKGROUND, PROMPT = "photograph", "reference", "background", "prompt"


def pasted(world: World, scene: str, instance: str) -> None:
    world.object(scene, "zebra", MASK)
    world.annotations[-1] = dataclasses.replace(world.annotations[-1], instance_id=instance)


def ground(world: World, key: str, screened: str = "drawn", image_id: int | None = None, **changes: object) -> None:
    world.background(key, screened, image_id)
    world.backgrounds[-1] = dataclasses.replace(world.backgrounds[-1], **{"phash": far(key), **changes})


@pytest.fixture
def apart(world: World) -> World:
    """Scenes `t` and `v` that share nothing, each on its own ground with a cut-out and a drawn instance."""
    world.category("zebra", source_id=0)
    world.instance("spare", "zebra", reference_id="of-spare")
    for one in "tv":
        ground(world, f"g{one}")
        world.scene(one, "zebra", f"g{one}")
        world.instance(f"cut-{one}", "zebra", reference_id=f"ref-{one}")
        world.instance(f"drawn-{one}", "zebra", reference_id=None, prompt_id=f"p{one}")
        pasted(world, one, f"cut-{one}")
        pasted(world, one, f"drawn-{one}")
    return world


def planted(world: World, *held_out: str, by: tuple[Kind, ...] | None = None, **hashes: str) -> Prepared:
    """Return the set with some pictures put into val by hand, and a pool of what has nothing to do with them."""
    chosen = SplitSettings(val=0.5) if by is None else SplitSettings(val=0.5, by=by)
    content = hashed(world)
    content = dataclasses.replace(content, hashes={**content.hashes, **hashes})
    made = prepare("training", content, ExportSettings(include_real=True, gallery_size=0))
    images = tuple(
        dataclasses.replace(i, split="val" if i.file[7:].split(".")[0] in held_out else "train")
        for i in made.numbered.images
    )
    spare = dataclasses.replace(
        made.cutouts, lines=tuple(line for line in made.cutouts.lines if line.instance_id == "spare")
    )
    return dataclasses.replace(
        made,
        numbered=dataclasses.replace(made.numbered, images=images),
        cutouts=spare,
        settings=made.settings.model_copy(update={"splits": chosen}),
    )


def test_splits_that_share_nothing_have_no_leak(apart):
    assert leaks(planted(apart, "v")) == ()
    assert leaks(planted(apart)) == ()


def same_cut_out(world: World) -> None:
    pasted(world, "v", "cut-t")


def same_photograph(world: World) -> None:
    world.references[1:] = [dataclasses.replace(row, image_id=7) for row in world.references[1:]]


def same_object_cut_twice(world: World) -> None:
    world.references[1:] = [dataclasses.replace(row, annotation_id=71) for row in world.references[1:]]


def same_ground_of_two_generations(world: World) -> None:
    world.backgrounds[1] = dataclasses.replace(world.backgrounds[1], path="gt.png", generation=2)


def near_grounds(world: World) -> None:
    look = int(world.backgrounds[0].phash, 16) ^ 0b1111
    world.backgrounds[1] = dataclasses.replace(world.backgrounds[1], phash=f"{look:016x}")


def same_prompt(world: World) -> None:
    world.instances[-1] = dataclasses.replace(world.instances[-1], prompt_id="pt")


def same_layout(world: World) -> None:
    world.layout_scene("t2", "zebra")
    world.layout_scene("v2", "zebra")
    world.layout_images[-1] = dataclasses.replace(world.layout_images[-1], layout_id="l-t2")


def canvas_and_cut_out(world: World) -> None:
    world.real_image(42)
    ground(world, "photo", "annotated", image_id=42)
    world.scene("v3", "zebra", "photo")
    world.references[1] = dataclasses.replace(world.references[1], image_id=42)
    world.real_images.clear()


def photograph_and_canvas(world: World) -> None:
    world.real_image(42)
    ground(world, "photo", "annotated", image_id=42)
    world.scene("v3", "zebra", "photo")


def object_in_photograph_and_scene(world: World) -> None:
    photograph_and_canvas(world)
    world.real_annotation(901, 42, 0)
    world.object("v3", "zebra", MASK, real=901)


@pytest.mark.parametrize(
    ("plant", "by", "found"),
    [
        (same_cut_out, (REFERENCE,), {"reference 5001"}),
        (same_cut_out, (PHOTOGRAPH,), {"photograph 5001"}),
        (same_photograph, (PHOTOGRAPH,), {"photograph 7"}),
        (same_photograph, (REFERENCE, PROMPT, BACKGROUND), set()),
        (same_object_cut_twice, (REFERENCE,), {"reference 71"}),
        (same_ground_of_two_generations, (BACKGROUND,), {"background ('drawn', 'gt.png')"}),
        (near_grounds, (BACKGROUND,), {f"near_background {int(far('gt'), 16) ^ 0b1111:016x}"}),
        (near_grounds, (PHOTOGRAPH, REFERENCE, PROMPT), set()),
        (same_prompt, (PROMPT,), {"prompt pt"}),
        (same_layout, (PROMPT,), {"prompt l-t2"}),
        (canvas_and_cut_out, (PHOTOGRAPH,), {"photograph 42"}),
        (photograph_and_canvas, (PHOTOGRAPH,), {"photograph 42"}),
        (photograph_and_canvas, (BACKGROUND,), {"background 42"}),
        (object_in_photograph_and_scene, (REFERENCE,), {"reference 901"}),
    ],
)
def test_what_is_planted_in_two_splits_is_found(apart, plant, by, found):
    plant(apart)
    assert {f"{leak.kind} {leak.shared}" for leak in leaks(planted(apart, "v", "v2", "v3", by=by))} == found


@pytest.mark.parametrize(("bits", "found"), [(4, True), (5, False)])
def test_pictures_that_look_alike_are_found(apart, bits, found):
    look = f"{int(far('t'), 16) ^ ((1 << bits) - 1):016x}"
    expected = (Leak("near_duplicate", look, "train (images/t.jpg), val (images/v.jpg)"),) if found else ()
    assert leaks(planted(apart, "v", v=look)) == expected


@pytest.mark.parametrize(
    ("instance", "shared"), [("cut-v", ["photograph 5002", "reference 5002"]), ("drawn-v", ["prompt pv"])]
)
def test_instances_of_the_pool_that_come_from_held_out_material_are_found(apart, instance, shared):
    done, whole = planted(apart, "v"), prepare("training", apart.content(), ExportSettings())
    (line,) = [line for line in whole.cutouts.lines if line.instance_id == instance]
    pool = dataclasses.replace(done.cutouts, lines=(*done.cutouts.lines, line))
    found = leaks(dataclasses.replace(done, cutouts=pool))
    assert [str(leak) for leak in found] == [f"pool {one} in {instance} and images/v.jpg" for one in shared]


@pytest.mark.parametrize(
    ("kind", "subject", "shared"),
    [
        ("scene", "v", ["scene v"]),
        ("instance", "drawn-v", ["prompt pv"]),
        ("real", "ref-v", ["photograph 5002", "reference 5002"]),
        ("scene", "t", []),
        ("instance", "cut-t", []),
        ("real", "of-spare", []),
    ],
)
def test_captions_of_held_out_material_are_found(apart, kind, subject, shared):
    described(apart, "c", kind, subject)
    assert [leak.shared for leak in leaks(planted(apart, "v")) if leak.kind == "caption"] == shared


def one_photograph_under_two_ids(world: World) -> dict[str, str]:
    """Return the hashes of photographs of which those behind `t` and `v` look alike; the latter has the smaller id."""
    world.references[-1] = dataclasses.replace(world.references[-1], image_id=1)
    behind = {row.reference_id: f"real-{row.image_id}" for row in world.references}
    look = int(far("photograph"), 16)
    return {behind["ref-t"]: f"{look:016x}", behind["ref-v"]: f"{look ^ 0b1111:016x}"}


def test_one_photograph_under_two_ids_is_found_behind_pictures_pool_and_captions(apart):
    looks = one_photograph_under_two_ids(apart)
    done, whole = planted(apart, "v", **looks), prepare("training", apart.content(), ExportSettings())
    assert [leak.kind for leak in leaks(done)] == ["near_photograph"]
    assert leaks(planted(apart, "v", by=(REFERENCE, BACKGROUND, PROMPT), **looks)) == ()
    apart.annotations[:] = [row for row in apart.annotations if row.instance_id != "cut-t"]
    assert leaks(planted(apart, "v", **looks)) == ()
    done = planted(apart, "v", **looks)
    assert [one.kind for one in leaks(dataclasses.replace(done, cutouts=only(whole, "cut-t")))] == ["near_photograph"]
    described(apart, "c", "real", "ref-t")
    assert [leak.kind for leak in leaks(planted(apart, "v", **looks))] == ["near_photograph"]


def only(done: Prepared, instance: str) -> Pool:
    return dataclasses.replace(
        done.cutouts, lines=tuple(line for line in done.cutouts.lines if line.instance_id == instance)
    )


def test_what_shows_one_photograph_under_two_ids_is_held_out_together(apart):
    looks = one_photograph_under_two_ids(apart)
    apart.annotations[:] = [row for row in apart.annotations if row.instance_id != "cut-t"]
    described(apart, "c", "real", "ref-t")
    content = hashed(apart)
    content = dataclasses.replace(content, hashes={**content.hashes, **looks})
    done = prepare("training", content, ExportSettings(splits=SplitSettings(val=0.5)))
    assert [line.instance_id for line in done.cutouts.lines if line.instance_id.startswith("cut")] == []
    assert done.captions.captions == ()
    assert leaks(done) == ()


def described(world: World, key: str, kind: str, subject: str) -> None:
    world.caption(key, "zebra", "a red zebra", ("colour", "red", "zebra"), kind=kind, subject_id=subject)
    world.negative(key, "a blue zebra", ("colour", "red", "blue", "zebra"))
    world.ended(key, "1000")


def test_pool_and_captions_leave_out_what_is_held_out_and_count_it(apart):
    for i, (kind, subject) in enumerate(
        [
            (kind, subject)
            for one in "tv"
            for kind, subject in (("scene", one), ("instance", f"drawn-{one}"), ("real", f"ref-{one}"))
        ]
    ):
        described(apart, f"c{i}", kind, subject)
    done = prepare("training", hashed(apart), ExportSettings(splits=SplitSettings(val=0.5)))
    held_out = next(i.scene.scene_id for i in done.numbered.images if i.split == "val")
    kept = {"v": "t", "t": "v"}[held_out]
    assert {line.instance_id for line in done.cutouts.lines} == {"spare", f"cut-{kept}", f"drawn-{kept}"}
    assert done.cutouts.held_out == done.cutouts.without_files().held_out == 2
    assert {one.row.subject_id for one in done.captions.captions} == {kept, f"drawn-{kept}", f"ref-{kept}"}
    assert done.captions.left_out == (("held_out", 3),)
    assert leaks(done) == ()


def test_no_trivial_negative_quotes_a_caption_that_is_held_out(apart):
    described(apart, "ct", "scene", "t")
    described(apart, "cv", "scene", "v")
    for one, other in (("ct", "cv"), ("cv", "ct"), ("ct", "elsewhere"), ("cv", "elsewhere")):
        world_negative(apart, one, other)
    done = prepare("training", hashed(apart), ExportSettings(splits=SplitSettings(val=0.5)))
    (left,) = done.captions.captions
    assert [row.other_positive_id for row in left.trivial] == ["elsewhere"]


def world_negative(world: World, caption: str, other: str) -> None:
    world.negative(caption, f"another of {other}", other_positive_id=other)
    world.negative_lists[:] = [
        dataclasses.replace(row, n_trivial=row.n_trivial + (row.positive_id == caption)) for row in world.negative_lists
    ]


def any_world(seed: int) -> World:
    """Return up to nine pictures of few sources, so that much is shared in every way there is."""
    rng, world = random.Random(seed), World()
    world.category("zebra", source_id=0)
    few = rng.choice([2, 5, 20])
    for image in range(rng.randrange(4)):
        world.real_image(image)
        world.real_annotation(50 + image, image, 0)
        ground(world, f"photo{image}", "annotated", image_id=image)
    for one in range(3):
        ground(world, f"g{one}", phash=far(str(rng.randrange(few))), path=f"{rng.randrange(few)}.png")
        world.reference(f"r{one}", "zebra", image_id=rng.randrange(few), annotation_id=50 + rng.randrange(few))
        world.instance(f"cut{one}", "zebra", reference_id=f"r{one}")
        world.instance(f"drawn{one}", "zebra", reference_id=None, prompt_id=f"p{rng.randrange(few)}")
    for one in range(rng.randrange(8)):
        world.scene(f"s{one}", "zebra", rng.choice(world.backgrounds).background_id)
        for _ in range(rng.randrange(3)):
            pasted(world, f"s{one}", rng.choice(world.instances).instance_id)
    for one in range(rng.randrange(3)):
        world.layout_scene(f"d{one}", "zebra")
    for one, subject in enumerate([*(i.instance_id for i in world.instances), *(s.scene_id for s in world.scenes)]):
        described(world, f"c{one}", "scene" if one >= len(world.instances) else "instance", subject)
    described(world, "real", "real", "r0")
    return world


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, 10**6),
    st.sets(st.sampled_from([PHOTOGRAPH, REFERENCE, BACKGROUND, PROMPT]), min_size=1),
    st.sampled_from([(0.2, 0.0), (0.3, 0.3)]),
)
def test_what_is_planned_never_leaks(seed, by, shares):
    splits = SplitSettings(val=shares[0], test=shares[1], by=tuple(sorted(by)))
    chosen = ExportSettings(include_real=True, gallery_size=0, splits=splits)
    content = hashed(any_world(seed))
    looks = {f"real-{number}": far(f"look {number % 7}") for number in range(20)}
    made = prepare(f"{EXPORTS}/coco", dataclasses.replace(content, hashes={**content.hashes, **looks}), chosen)
    assert leaks(made) == ()
    assert made.numbered.left_out.straddling + len(made.numbered.images) == len(content.hashes)
