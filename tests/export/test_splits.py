"""Splits: what hangs together stays together, shares are kept where they can be, and training is never emptied."""

import dataclasses
import hashlib
import io
import json
from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from genval_assets.backgrounds.hashes import near_pairs, words
from genval_assets.export import near_duplicates, ties
from genval_assets.export.build import ExportedSet, export_set
from genval_assets.export.content import IncompleteSet, SetContent
from genval_assets.export.grouping import grouped
from genval_assets.export.leaks import leaks
from genval_assets.export.near_duplicates import picture_hash
from genval_assets.export.prepared import prepare
from genval_assets.export.settings import ExportSettings, SplitSettings
from genval_assets.export.splits import Picture, Splits, split, split_pictures
from tests.export.conftest import World, drawn

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def far(key: str) -> str:
    """Return a hash that is far from all others'."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def pictures(**atoms: str) -> list[Picture]:
    """Return pictures by key, with the names of what they come from; keys that begin with `real` are photographs."""
    return [Picture(key, key.startswith("real"), frozenset(a.split()), far(key)) for key, a in atoms.items()]


def singles(count: int, prefix: str = "s") -> list[Picture]:
    return pictures(**{f"{prefix}{i:03d}": f"own{prefix}{i}" for i in range(count)})


def drawn_up(given: list[Picture], **shares: float) -> tuple[str, str, str, str]:
    """Return the keys of train, val, test and those left out, each as words."""
    found = split(given, SplitSettings(**shares))
    members = {one: " ".join(k for k, v in found.by_key.items() if v == one) for one in ("train", "val", "test")}
    return *members.values(), " ".join(sorted(found.straddling))


def test_without_shares_everything_is_for_training_and_needs_no_hash(mixed):
    content = mixed.content()
    assert split_pictures(content, [], content.scenes, SplitSettings()) == Splits()


def test_pictures_that_hang_together_through_others_are_in_one_split():
    given = pictures(a="x", b="x y", c="y", d="z", e="z", f="q")
    assert drawn_up(given, val=0.5) == ("a b c", "d e f", "", "")
    assert drawn_up(given, val=0.2, test=0.4) == ("a b c", "f", "d e", "")
    assert (split(given, SplitSettings(val=0.5)).groups, split(given, SplitSettings(val=0.5)).largest) == (3, 3)


def test_a_group_that_is_too_large_gives_the_picture_that_costs_least():
    # a chain with a thick end: `a` shares with one other, `d`, `e` and `f` all share with one another
    given = pictures(a="ab", b="ab bc", c="bc cd", d="cd def", e="def ef", f="def ef")
    assert drawn_up(given, val=0.2) == ("c d e f", "a", "", "b")


def test_what_is_lost_already_is_taken_next():
    # three hubs that hang together by `c` and `f`
    given = pictures(a="h1", b="h1", c="h1 h2", d="h2", e="h2", f="h2 h3", g="h3", h="h3", i="h3")
    assert drawn_up(given, val=0.3) == ("d e f g h i", "a b", "", "c")


def test_what_is_lost_is_not_taken_where_it_would_cost_more_than_another():
    # `a` costs `b`, and `f` costs `g`; to take `b` or `g` next would cost `c`, `d` and `e`
    given = pictures(a="ab", b="ab bc bd be", c="bc cg cde", d="bd dg cde", e="be eg cde", f="fg", g="fg cg dg eg")
    assert drawn_up(given, val=0.3) == ("c d e", "a f", "", "b g")


def test_no_group_is_cut_for_a_split_that_has_half_of_its_share():
    given = pictures(a="x", b="x", **{f"p{i}": f"link{i} link{i + 1}" for i in range(8)})
    assert drawn_up(given, val=0.4) == ("p0 p1 p2 p3 p4 p5 p6 p7", "a b", "", "")
    assert len(drawn_up(given, val=0.5)[1].split()) == 2 + 2


def test_validation_and_test_share_nothing_either():
    given = pictures(**{f"p{i}": f"link{i} link{i + 1}" for i in range(10)})
    assert drawn_up(given, val=0.2, test=0.2) == ("p3 p4 p5 p6", "p0 p1", "p8 p9", "p2 p7")


def test_a_split_stays_empty_where_everything_hangs_on_one_thing():
    given = pictures(a="x", b="x", c="x", d="x")
    assert drawn_up(given, val=0.5, test=0.2) == ("a b c d", "", "", "")
    assert drawn_up(pictures(a="x"), val=0.9) == ("a", "", "", "")
    assert drawn_up([], val=0.5) == ("", "", "", "")


def test_training_never_gets_smaller_than_a_split_that_is_cut():
    given = pictures(a="x", b="x", c="x", d="x y", e="y")
    assert drawn_up(given, val=0.4) == ("a b c", "e", "", "d")
    assert drawn_up(pictures(a="x", b="x y", c="y"), val=0.4) == ("a", "c", "", "b")


def test_photographs_are_held_out_first_and_half_of_them_stay_for_training():
    photographs = pictures(**{f"real{i}": f"photograph:{i}" for i in range(8)})
    found = split(photographs + singles(32), SplitSettings(val=0.1, test=0.1))
    assert Counter(v for k, v in found.by_key.items() if k.startswith("real")) == {"train": 4, "val": 2, "test": 2}
    assert Counter(found.by_key.values()) == {"train": 32, "val": 4, "test": 4}


def test_of_photographs_in_a_group_that_is_cut_half_stay_too():
    # each photograph shares with one scene, scenes share with one another: another photograph would cost least
    given = pictures(**{f"real{i}": f"r{i}" for i in range(6)}, **{f"s{i}": f"r{i} hub" for i in range(6)})
    train, val, _, left_out = drawn_up(given, val=0.5)
    assert (len(val.split()), val.count("real"), train.count("real"), left_out.count("s")) == (3, 3, 3, 3)


@pytest.mark.parametrize(("bits", "together"), [(4, True), (5, False)])
def test_pictures_that_look_alike_stay_together(bits, together):
    given = singles(10)
    twin = int(given[0].phash, 16) ^ ((1 << bits) - 1)
    given[1] = dataclasses.replace(given[1], phash=f"{twin:016x}")
    assert split(given, SplitSettings(val=0.2)).groups == (9 if together else 10)
    same = [dataclasses.replace(one, phash=given[0].phash) for one in given]
    assert drawn_up(same, val=0.2)[1:] == ("", "", "")


def test_of_more_pairs_than_can_be_kept_those_alike_through_others_stay_together(monkeypatch):
    chain = [dataclasses.replace(one, phash=f"{(1 << 4 * i) - 1:016x}") for i, one in enumerate(singles(10))]
    assert drawn_up(chain, val=0.2)[1] == "s000 s001"
    monkeypatch.setattr(ties, "MOST_PAIRS", 3)
    assert drawn_up(chain, val=0.2)[1] == ""


def test_another_single_picture_moves_at_most_one_into_or_out_of_each_split():
    shares = SplitSettings(val=0.2, test=0.1)
    before = split(singles(60), shares).by_key
    for key in "abcdefgh":
        after = split(singles(60) + pictures(**{key: f"new{key}"}), shares).by_key
        moved = Counter((before[one], after[one]) for one in before if before[one] != after[one])
        assert moved["train", "val"] + moved["val", "train"] <= 1
        assert moved["train", "test"] + moved["test", "train"] <= 1
        assert moved["val", "test"] + moved["test", "val"] == 0


@st.composite
def worlds(draw: st.DrawFn) -> list[Picture]:
    atoms = st.frozensets(st.integers(0, draw(st.integers(2, 40))).map(str), max_size=4)
    looks = st.one_of(st.integers(0, 2**64 - 1), st.sampled_from([0, 7, 0xFF, 0xFFF])).map("{:016x}".format)
    rows = draw(st.lists(st.tuples(st.booleans(), atoms, looks), max_size=40))
    return [Picture(f"k{i}", *row) for i, row in enumerate(rows)]


@settings(max_examples=60, deadline=None)
@given(worlds(), st.sampled_from([(0.1, 0), (0.2, 0.2), (0, 0.3), (0.5, 0.3)]), st.randoms(use_true_random=False))
def test_whatever_is_shared_two_splits_share_nothing_and_every_picture_has_one_place(given, wished, rng):
    shares = SplitSettings(val=wished[0], test=wished[1])
    found = split(given, shares)
    assert found.by_key.keys() | found.straddling == {one.key for one in given}
    assert not found.by_key.keys() & found.straddling
    placed = [(found.by_key[one.key], one) for one in given if one.key in found.by_key]
    for mine, one in placed:
        for other_split, other in placed:
            alike = (int(one.phash, 16) ^ int(other.phash, 16)).bit_count() <= shares.phash_distance
            assert mine == other_split or not (alike or one.atoms & other.atoms)
    sizes = Counter(found.by_key.values())
    for one, share in (("val", shares.val), ("test", shares.test)):
        assert sizes[one] <= max(1, round(share * len(given))) if share else sizes[one] == 0
    assert sizes["train"] or not given
    assert found.held_out == frozenset().union(*(one.atoms for mine, one in placed if mine != "train"))
    again = rng.sample(given, len(given))
    assert split(again, shares) == found


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 2**16), max_size=40), st.integers(0, 8))
def test_near_pairs_and_groups_are_those_of_comparing_one_by_one(values, distance):
    hashes = words(f"{value:016x}" for value in values)
    found = [tuple(map(int, pair)) for some in near_pairs(hashes, distance) for pair in some]
    count = range(len(values))
    assert found == [(i, j) for i in count for j in count if i < j and (values[i] ^ values[j]).bit_count() <= distance]
    first = list(count)
    for _ in count:
        for i, j in found:
            first[i] = first[j] = min(first[i], first[j])
    assert grouped(len(values), near_pairs(hashes, distance)).tolist() == first


def test_many_hashes_are_compared_in_parts(monkeypatch):
    monkeypatch.setattr("genval_assets.backgrounds.hashes._CELLS_IN_CACHE", 12)
    hashes = np.array([0, 1, 1 << 40, 3, 1 << 41], dtype=np.uint64)
    assert np.concatenate(list(near_pairs(hashes, 2))).tolist() == [
        [0, 1],
        [0, 2],
        [0, 3],
        [0, 4],
        [1, 2],
        [1, 3],
        [1, 4],
        [2, 4],
    ]


@pytest.fixture
def shared_ground(world: World) -> World:
    """Twelve scenes of zebras, two on each of six grounds; those on the first two show what one prompt drew."""
    world.category("zebra", source_id=0)
    for ground in range(6):
        world.background(f"g{ground}", "drawn")
        world.backgrounds[-1] = dataclasses.replace(world.backgrounds[-1], phash=far(f"g{ground}"))
        world.instance(f"i{ground}", "zebra", reference_id=None, prompt_id=f"p{max(1, ground)}", source="offline")
        for twin in "ab":
            scene = f"s{ground}{twin}"
            world.scene(scene, "zebra", f"g{ground}", index=ground)
            world.object(scene, "zebra", drawn((2, 2, 9, 9)))
            world.annotations[-1] = dataclasses.replace(world.annotations[-1], instance_id=f"i{ground}")
    return world


def hashed(world: World) -> SetContent:
    content = world.content()
    keys = [scene.scene_id for scene in content.scenes] + [f"real-{one.image_id}" for one in content.real_images]
    return dataclasses.replace(content, hashes={key: far(key) for key in keys})


def noise(path: str) -> bytes:
    """Return a picture that looks like no other path's."""
    pixels = np.random.default_rng(list(path.encode())).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).resize((32, 32)).save(file, "PNG")
    return file.getvalue()


def test_photographs_behind_a_set_are_looked_at_as_far_as_they_are_there(world):
    world.category("zebra", source_id=0)
    world.real_image(42)
    for key in ("here", "gone"):
        world.reference(key, "zebra", photograph=f"{key}.png")

    def picture(path: str) -> bytes:
        if "gone" in path:
            raise FileNotFoundError(path)
        return noise(path)

    content, wanted = world.content(), SplitSettings(val=0.5)
    found = near_duplicates.hashed(content, ExportSettings(splits=wanted), picture)
    assert found.hashes == {
        "real-42": picture_hash(noise("/photos/day/42.JPG")),
        f"real-{world.references[0].image_id}": picture_hash(noise("/photos/here.png")),
    }
    by_ground = wanted.model_copy(update={"by": ("background",)})
    assert near_duplicates.hashed(content, ExportSettings(splits=by_ground), picture).hashes == {}


def scenes_of(done: ExportedSet, document: str) -> set[str]:
    images = json.loads(dict(done.files)[f"annotations/{document}.json"])["images"]
    return {image["genval"]["scene_id"] for image in images}


def test_training_and_validation_are_documents_of_their_own_with_nothing_in_common(shared_ground):
    chosen = ExportSettings(gallery_size=0, splits=SplitSettings(val=0.3, test=0.2))
    done = export_set("training", shared_ground.content(), chosen, noise)
    documents = {name: scenes_of(done, name) for name in ("coco", "coco_val", "coco_test")}
    assert sorted(map(len, documents.values())) == [2, 4, 6]
    assert set().union(*documents.values()) == {scene.scene_id for scene in shared_ground.scenes}
    (first,) = [members for members in documents.values() if "s0a" in members]
    assert first >= {"s0a", "s0b", "s1a", "s1b"}
    assert all(
        f"{scene[:2]}a" in members and f"{scene[:2]}b" in members for members in documents.values() for scene in members
    )
    assert leaks(done.prepared) == ()
    lines = [json.loads(line) for line in dict(done.files)["instances.jsonl"].splitlines()]
    assert {line["instance_id"] for line in lines} == {f"i{scene[1]}" for scene in documents["coco"]}
    card = dict(done.files)["README.md"].decode()
    assert "| train | 6 | 0 |\n| val | 4 | 0 |\n| test | 2 | 0 |" in card
    assert "5 groups of pictures hang together, the largest has 4.\n" in card
    assert "figures measured on them say nothing about photographs" in card


def splits_section(world: World, **shares: float) -> str:
    chosen = ExportSettings(gallery_size=0, splits=SplitSettings(**shares))
    card = dict(export_set("training", world.content(), chosen, noise).files)["README.md"].decode()
    return card.split("## Splits")[1].split("Left out:")[0]


def test_the_card_says_what_cutting_a_group_cost(shared_ground):
    linking = dataclasses.replace(shared_ground.annotations[-1], annotation_id="link", instance_id="i0")
    shared_ground.annotations.append(linking)  # the last ground's second scene shows what the first ones show
    shared_ground.scenes[:] = [scene for scene in shared_ground.scenes if scene.scene_id[1] in "015"]
    known = {scene.scene_id for scene in shared_ground.scenes}
    shared_ground.annotations[:] = [row for row in shared_ground.annotations if row.scene_id in known]
    told = splits_section(shared_ground, val=0.17)
    assert "| train | 4 | 0 |\n| val | 1 | 0 |" in told
    assert "1 picture shares something with pictures of two splits and is left out." in told
    assert "More than half" not in told


def test_the_card_says_when_more_than_half_is_lost(world):
    world.category("zebra", source_id=0)
    for one in range(6):
        world.background(f"g{one}", "drawn")
        world.backgrounds[-1] = dataclasses.replace(world.backgrounds[-1], phash=far(f"g{one}"))
        world.scene(f"s{one}", "zebra", f"g{one}")
    for one, other in combinations(range(6), 2):
        if other - one != 3:  # every scene shares a cut-out with all others but one
            world.instance(f"i{one}{other}", "zebra", reference_id=f"r{one}{other}")
            for scene in (one, other):
                world.object(f"s{scene}", "zebra", drawn((2, 2, 9, 9)))
                world.annotations[-1] = dataclasses.replace(world.annotations[-1], instance_id=f"i{one}{other}")
    told = splits_section(world, val=0.2)
    assert "| train | 1 | 0 |\n| val | 1 | 0 |" in told
    assert "All 6 pictures hang together. Groups too large for a split were cut: 4 pictures share something" in told
    assert "**More than half of all pictures are left out by that.**" in told


def test_the_card_says_which_split_has_nothing(shared_ground):
    shared_ground.scenes[:] = [dataclasses.replace(row, background_id="g0") for row in shared_ground.scenes]
    told = splits_section(shared_ground, val=0.3, test=0.1)
    assert "| train | 12 | 0 |\n| val | 0 | 0 |\n| test | 0 | 0 |" in told
    assert "**No picture could be held out for val**" in told
    assert "**No picture could be held out for test**" in told
    assert "left out" not in told


def test_a_picture_without_a_hash_is_refused_by_name(shared_ground):
    content = hashed(shared_ground)
    lacking = dataclasses.replace(content, hashes={k: v for k, v in content.hashes.items() if k not in ("s2a", "s3b")})
    with pytest.raises(IncompleteSet, match="picture s2a has no perceptual hash"):
        prepare("training", lacking, ExportSettings(splits=SplitSettings(val=0.3)))
