"""The pool of cut-outs: what an augmenter pastes and draws sizes from is what genval accepted, pixel for pixel."""

import dataclasses
import io
import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from genval_assets.export.build import ExportedSet, export_as
from genval_assets.export.content import IncompleteSet, SetContent
from genval_assets.export.formats import pool
from genval_assets.export.formats.pool import DamagedCutout
from genval_assets.export.prepared import prepare
from genval_assets.export.read_set import UnreadableExport
from genval_assets.export.settings import ExportSettings
from genval_assets.export.verification import ExportDiffers
from resources.datasets import DatasetFolders
from resources.reading.pool import read_pool
from tests.export.conftest import World, counts
from tests.export.made import made
from tests.export.test_build import shuffled

HOSTILE = "../'x\"</script>\n- a: [1, {b}]\r\t山羊, `|"


def webp(alpha: np.ndarray) -> bytes:
    """Return a lossless WebP with this alpha; its colours are any."""
    colours = np.random.default_rng(alpha.size).integers(0, 256, (*alpha.shape, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(np.dstack([colours, alpha])).save(file, "WEBP", lossless=True, exact=True)
    return file.getvalue()


def parts_and_hole() -> np.ndarray:
    """Draw 9 x 12 px: two parts, one of them with a hole, each with a soft rim that is not of the mask."""
    alpha = np.zeros((9, 12), dtype=np.uint8)
    alpha[0:8, 0:7] = alpha[2:9, 8:12] = 100
    alpha[1:7, 1:6] = alpha[3:8, 9:11] = 255
    alpha[3:5, 3:5] = 0
    return alpha


def glass() -> np.ndarray:
    """Draw 4 x 5 px of alpha 40 on a ground of 13, which is this cut-out's threshold and not of the mask."""
    alpha = np.full((4, 5), 13, dtype=np.uint8)
    alpha[1:3, 1:4] = 40
    return alpha


OPAQUE = np.full((6, 3), 255, dtype=np.uint8)


@dataclasses.dataclass
class Stock:
    """A world with cut-outs, as rows and as files below a home."""

    world: World
    home: Path

    def accept(self, key: str, category: str, alpha: np.ndarray, threshold: int = 127, **changes: object) -> None:
        self.world.instance(key, category, **changes)
        path = f"data/images/ef/{key}.webp"
        (self.home / path).parent.mkdir(parents=True, exist_ok=True)
        (self.home / path).write_bytes(webp(alpha))
        self.judge(
            mask_threshold=threshold,
            area_px=int((alpha > threshold).sum()),
            width=alpha.shape[1],
            height=alpha.shape[0],
        )

    def judge(self, **changes: object) -> None:
        """Change the last verdict."""
        self.world.verdicts[-1] = dataclasses.replace(self.world.verdicts[-1], **changes)

    def exported(self, content: SetContent | None = None) -> ExportedSet:
        return export_as("pool", content or self.world.content(), ExportSettings(), self.picture)

    def picture(self, path: str) -> bytes:
        return (self.home / path).read_bytes()

    def written(self, folder: str = "out") -> Path:
        target = self.home.parent / folder
        DatasetFolders(home=str(self.home)).write_to(self.exported(), str(target), overwrite=False)
        return target

    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.file("instances.jsonl").splitlines()]

    def file(self, name: str) -> bytes:
        return dict(made(self.exported()))[name]


@pytest.fixture
def stock(world, tmp_path) -> Stock:
    """Two zebras from real objects, a drawn goat with a hostile name, and a cat of which there is nothing; a scene."""
    world.category("zebra", source_id=0)
    world.category("x-0123456789", source_id=7, name=HOSTILE)
    world.category("cat")
    world.background("plain", "drawn")
    world.scene("s1", "zebra", "plain")
    built = Stock(world, tmp_path / "home")
    for number, area_px in ((1, 8), (2, 32)):
        world.reference(
            f"ref-{number}", "zebra", annotation_id=900 + number, image_id=40 + number, area_px=area_px,
            photograph=f"day/{number}.JPG", photograph_width=20, photograph_height=10,
        )  # fmt: skip
    built.accept("z1", "zebra", parts_and_hole())
    built.accept("z2", "zebra", OPAQUE)
    built.accept(
        "g1", "x-0123456789", glass(), threshold=13, source="layer_diffusion", reference_id=None, prompt_id="p-9",
        frame_width=20, frame_height=30,
    )  # fmt: skip
    return built


def test_the_mask_of_a_cutout_is_every_pixel_above_its_own_threshold(stock):
    masks = {line["instance_id"]: (line["mask"], line["box"], line["area_px"]) for line in stock.lines()}
    assert masks["z1"] == ({"size": [9, 12], "counts": counts(parts_and_hole() == 255)}, [1, 1, 10, 7], 36)
    assert masks["g1"] == ({"size": [4, 5], "counts": counts(glass() == 40)}, [1, 1, 3, 2], 6)
    assert masks["z2"] == ({"size": [6, 3], "counts": counts(OPAQUE == 255)}, [0, 0, 3, 6], 18)


def test_what_lands_is_read_back_identical_and_in_a_folder_per_category(stock):
    out = stock.written()
    found = json.loads((out / "verification.json").read_bytes())["pool"]
    assert (found["pictures"], found["masks_identical"], found["picture_bytes_compared"]) == (3, 3, 3)
    assert sorted(p.relative_to(out).as_posix() for p in out.glob("pool/*/*")) == [
        "pool/x-0123456789/g1.webp", "pool/zebra/z1.webp", "pool/zebra/z2.webp",
    ]  # fmt: skip
    assert (out / "pool/zebra/z1.webp").read_bytes() == webp(parts_and_hole())
    read = read_pool(out)
    assert dict(read.categories) == {0: "zebra", 7: HOSTILE, 8: "cat"}
    assert read.pictures["g1"].objects[0].category_id == 7


def test_each_line_leads_back_to_the_prompt_or_the_real_object(stock):
    goat, first, second = stock.lines()
    assert (goat["class_index"], goat["category_id"], goat["name"]) == (1, 7, HOSTILE)
    assert (goat["prompt_id"], goat["reference_id"], goat["image_id"], goat["real_scale"]) == ("p-9", None, None, None)
    assert (goat["canvas_width"], goat["canvas_height"], goat["canvas_scale"]) == (20, 30, 0.1)
    assert (first["reference_id"], first["image_id"], first["photograph"]) == ("ref-1", 41, "day/1.JPG")
    assert (first["photograph_width"], first["photograph_height"], first["real_area_px"]) == (20, 10, 8)
    assert (first["real_scale"], first["canvas_scale"], first["canvas_width"]) == (0.2, None, None)
    told = ["seed", "model", "revision", "verdict_id", "stage", "judge", "judge_version", "source", "round", "index"]
    assert [second[key] for key in told] == [
        7, "genval-cutout", "1", "v-z2", "gate", "mask gate", "1", "cutout", 1, 1,
    ]  # fmt: skip


def test_the_parquet_has_the_same_rows(stock):
    rows = pl.read_parquet(io.BytesIO(stock.file("instances.parquet"))).to_dicts()
    assert rows == stock.lines()


def test_sizes_are_quantiles_of_the_cutouts_and_of_all_real_objects_at_hand(stock):
    document = json.loads(stock.file("categories.json"))
    zebra, goat, cat = document["categories"]
    assert document["quantiles"] == [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1]
    assert document["meaning"].keys() >= zebra.keys() - {"class_index", "category_id", "category", "name"}
    assert (zebra["cutouts"], zebra["sources"], zebra["drawn"], zebra["real_objects"]) == (2, 1, 0, 2)
    assert zebra["area_px"] == [18, 19.8, 22.5, 27, 31.5, 34.2, 36]
    assert zebra["aspect"] == [0.5, 0.583333, 0.708333, 0.916667, 1.125, 1.25, 1.333333]
    assert zebra["real_scale"] == [0.2, 0.22, 0.25, 0.3, 0.35, 0.38, 0.4]
    assert (zebra["canvas_scale"], goat["canvas_scale"], goat["real_scale"]) == (None, [0.1] * 7, None)
    assert (cat["cutouts"], cat["area_px"], cat["category_id"], cat["class_index"]) == (0, None, 8, 2)


def test_real_objects_behind_validation_pictures_tell_no_sizes(stock):
    prepared = prepare("pool", stock.world.content(), ExportSettings())
    for held_out in ("reference:902", "photograph:42"):
        splits = dataclasses.replace(prepared.numbered.splits, held_out=frozenset({held_out}))
        numbered = dataclasses.replace(prepared.numbered, splits=splits)
        files = dict(pool.write(dataclasses.replace(prepared, numbered=numbered), stock.picture).files)
        zebra = json.loads(files["categories.json"]())["categories"][0]
        assert (zebra["real_objects"], zebra["real_scale"]) == (1, [0.2] * 7)


def test_nor_do_those_of_a_photograph_that_stands_twice_in_the_users_file(stock):
    stock.world.references[:] = [dataclasses.replace(one, photograph="day/one.jpg") for one in stock.world.references]
    prepared = prepare("pool", stock.world.content(), ExportSettings())
    splits = dataclasses.replace(prepared.numbered.splits, held_out=frozenset({"photograph:41"}))
    numbered = dataclasses.replace(prepared.numbered, splits=splits)
    files = dict(pool.write(dataclasses.replace(prepared, numbered=numbered), stock.picture).files)
    assert {one["real_objects"] for one in json.loads(files["categories.json"]())["categories"]} == {0}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_rows_in_any_order_give_the_same_bytes(stock, seed):
    first, again = stock.exported(), stock.exported(shuffled(stock.world.content(), seed))
    assert (made(first), first.links) == (made(again), again.links)


def test_cutouts_are_read_once_and_not_before_the_files_are_made(stock):
    asked = []

    def picture(path: str) -> bytes:
        asked.append(path)
        return stock.picture(path)

    done = export_as("pool", stock.world.content(), ExportSettings(), picture)
    assert asked == []
    files = {name: made() for name, made in done.files if callable(made)}
    expected = done.written["pool"].expected
    assert files.keys() == {"instances.jsonl", "instances.parquet", "categories.json"}
    assert expected is not None
    assert len(expected().pictures) == len(asked) == 3


def test_an_accepted_instance_without_a_stored_cutout_is_left_out_and_counted(stock):
    for key, lost in (("n1", {"cutout": None}), ("n2", {"mask_threshold": None}), ("n3", {"area_px": None})):
        stock.accept(key, "cat", OPAQUE)
        stock.judge(**lost)
    done = stock.exported()
    assert [line["instance_id"] for line in stock.lines()] == ["g1", "z1", "z2"]
    assert done.written["pool"].absent == (
        ("accepted instances of which no cut-out with its mask is stored", 3),
    )  # fmt: skip
    assert "pool/cat/n2.webp" not in dict(done.links)


def test_instances_behind_validation_pictures_are_counted_where_they_are_left_out(stock):
    prepared = prepare("pool", stock.world.content(), ExportSettings())
    cutouts = dataclasses.replace(prepared.cutouts, held_out=2)
    (absent,) = pool.write(dataclasses.replace(prepared, cutouts=cutouts), stock.picture).absent
    assert absent == ("accepted instances that share something with a validation or test picture", 2)


@pytest.mark.parametrize("changed", [{"area_px": 35}, {"width": 13}, {"mask_threshold": 99}])
def test_a_cutout_that_its_verdict_did_not_measure_is_refused_by_name(stock, changed):
    stock.world.verdicts[0] = dataclasses.replace(stock.world.verdicts[0], **changed)
    with pytest.raises(DamagedCutout, match="instance z1 has 12 x 9 px"):
        stock.file("instances.jsonl")


def test_an_instance_of_an_unknown_real_object_is_refused(stock):
    stock.world.references.clear()
    with pytest.raises(IncompleteSet, match="instance z1 comes from real object ref-1"):
        stock.exported()


def test_an_empty_pool_is_a_pool(tmp_path):
    done = export_as("pool", SetContent(categories=()), ExportSettings())
    DatasetFolders(home=str(tmp_path / "home")).write_to(done, str(tmp_path / "out"), overwrite=False)
    assert read_pool(tmp_path / "out").pictures == {}


@pytest.fixture
def landed(stock) -> Path:
    return stock.written()


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def redraw(path: Path) -> None:
    alpha = parts_and_hole()
    alpha[3, 3] = 255
    path.write_bytes(webp(alpha))


def retell(out: Path, key: str, value: object) -> None:
    """Change what both indices say of z1."""
    lines = [json.loads(line) for line in (out / "instances.jsonl").read_bytes().splitlines()]
    next(line for line in lines if line["instance_id"] == "z1")[key] = value
    (out / "instances.jsonl").write_text("\n".join(map(json.dumps, lines)))
    pl.DataFrame(lines, schema=pool.COLUMNS).write_parquet(out / "instances.parquet")


def move(out: Path) -> None:
    (out / "pool/zebra/z1.webp").rename(out / "pool/z1.webp")
    retell(out, "file", "pool/z1.webp")


def drop_row(path: Path) -> None:
    pl.read_parquet(path.read_bytes()).head(2).write_parquet(path)


DAMAGE = [
    (lambda out: edit(out / "instances.jsonl", '"seed":7', '"seed":8'), "differ about instance g1"),
    (lambda out: edit(out / "instances.jsonl", '"box":[1,1', '"box":[1,2'), "differ about instance"),
    (lambda out: edit(out / "instances.jsonl", '{"instance_id"', '{"instance'), "Invalid JSON|Field required"),
    (lambda out: edit(out / "instances.jsonl", "pool/zebra/z1", "pool/zebra/../z1"), "differ about instance z1"),
    (lambda out: drop_row(out / "instances.parquet"), "instances.jsonl has 3 instances, instances.parquet 2"),
    (lambda out: (out / "instances.parquet").write_bytes(b"PAR1"), "instances.parquet"),
    (move, "pool/z1.webp is no place for z1 of zebra"),
    (lambda out: retell(out, "box", [1, 1, 10, 8]), "z1.webp: its alpha and instances.jsonl differ"),
    (lambda out: retell(out, "area_px", 35), "z1.webp: its alpha and instances.jsonl differ"),
    (
        lambda out: retell(out, "mask", {"size": [9, 12], "counts": "0"}),
        "z1.webp: its alpha and instances.jsonl differ",
    ),
    (lambda out: redraw(out / "pool/zebra/z1.webp"), "z1.webp: its alpha and instances.jsonl differ"),
    (lambda out: (out / "pool/zebra/z1.webp").write_bytes(b"RIFF"), "z1.webp"),
    (lambda out: (out / "pool/zebra/z2.webp").unlink(), "first in pool/zebra/z2.webp"),
    (lambda out: shutil.copy(out / "pool/zebra/z2.webp", out / "pool/z9.webp"), "first in pool/z9.webp"),
    (lambda out: edit(out / "categories.json", '"cutouts": 2', '"cutouts": 1'), "differ about categories"),
    (lambda out: edit(out / "categories.json", '"class_index": 2', '"class_index": 3'), "without gaps"),
    (lambda out: (out / "categories.json").unlink(), "categories.json"),
]


@pytest.mark.parametrize(("damage", "named"), DAMAGE)
def test_a_damaged_pool_is_refused_by_name(landed, damage, named):
    damage(landed)
    with pytest.raises(UnreadableExport, match=named):
        read_pool(landed)


def test_folders_that_look_like_patterns_are_read_as_they_are_named(stock, landed, tmp_path):
    shutil.copytree(landed, tmp_path / "out-2")
    assert read_pool(stock.written("out*")).pictures.keys() == {"g1", "z1", "z2"}


def test_a_cutout_of_the_same_shape_in_other_colours_is_no_part_of_the_set(stock, landed):
    path = landed / "pool/zebra/z1.webp"
    with Image.open(path) as opened:
        pixels = np.array(opened)
    pixels[5, 5, 0] ^= 1
    Image.fromarray(pixels).save(path, lossless=True, exact=True)
    with pytest.raises(ExportDiffers, match="picture z1: it has other bytes"):
        stock.exported().verify(lambda _: read_pool(landed))


def test_a_pool_of_other_instances_or_names_is_no_part_of_the_set(stock, landed):
    stock.world.categories[2] = dataclasses.replace(stock.world.categories[2], name="lynx")
    with pytest.raises(ExportDiffers, match="categories are"):
        stock.exported().verify(lambda _: read_pool(landed))
