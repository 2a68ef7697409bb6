"""Bad material, end to end: each bad item becomes a quarantine row with its reason, and the rest is worked."""

import io
import json
import shutil
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from genval_assets.commands.init import Given, make_project
from genval_assets.config_text import write_settings
from tests.faults.home import genval, rows_of, settings, top_up

SIDE = 200
KIND = "hammer"
BOX = [[50, 50, 150, 50, 150, 150, 50, 150]]


def photograph(seed: int) -> Image.Image:
    """Return a picture with something to see in it, unlike any other seed's."""
    noise = np.random.default_rng(seed).integers(0, 256, (SIDE // 8, SIDE // 8, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + checksum


def huge_png() -> bytes:
    """Return a PNG whose header promises 150 megapixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 15_000, 10_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000)))


UNREADABLE = {
    "truncated.jpg": (saved(photograph(0), "JPEG")[:900], "picture_unreadable"),
    "empty.png": (b"", "picture_unreadable"),
    "note.png": (b"this is a note, not a picture", "picture_unreadable"),
    "huge.png": (huge_png(), "picture_too_large"),
}
"""Pictures that cannot be read, and the reason that their quarantine row gives."""


def unusual(seed: int) -> dict[str, bytes]:
    """Return pictures that are used like any other."""
    grey, cmyk, palette, turned, *frames = [photograph(seed + i) for i in range(6)]
    sixteen_bit = Image.fromarray(np.asarray(grey.convert("L")).astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side
    return {
        "grey16.png": saved(sixteen_bit, "PNG"),
        "cmyk.jpg": saved(cmyk.convert("CMYK"), "JPEG"),
        "palette.png": saved(palette.quantize(16), "PNG", transparency=3),
        "turned.jpg": saved(turned, "JPEG", exif=exif),
        "animated.gif": saved(frames[0], "GIF", save_all=True, append_images=frames[1:]),
    }


FULL = 640 * 480
BAD_SHAPES = {
    "polygon_far": [[0, 0, 1e9, 0, 1e9, 1e9]],
    "polygon_corners": [[0, 0, 100, 100]],
    "segmentation_malformed": [[0, 0, 100, 0, 100, float("inf")]],
    "rle_length (short)": {"size": [480, 640], "counts": [FULL // 2, 50]},
    "rle_length (long)": {"size": [480, 640], "counts": [FULL // 2, FULL]},
    "rle_counts": {"size": [480, 640], "counts": "~~~"},
    "rle_size": {"size": [640, 480], "counts": [FULL // 2, FULL // 2]},
    "segmentation_missing": [],
    "mask_empty": [[-50, -50, -40, -50, -40, -40]],
}
"""Reason of the quarantine row -> a segmentation on the first image, which is 640 x 480."""


def spoilt_world(world: Path, folder: Path) -> Path:
    """Return a copy of the world with everything in it that can be wrong with single items."""
    shutil.copytree(world, folder)
    document = json.loads((folder / "instances.json").read_text())
    images, annotations = document["images"], document["annotations"]
    kind = next(one["id"] for one in document["categories"] if one["name"] == KIND)
    unreadable = {name: content for name, (content, _) in UNREADABLE.items()}
    pictures = unreadable | unusual(10) | {"lying.jpg": saved(photograph(8), "JPEG")}
    for place, content in (("images", pictures), ("backgrounds", unreadable | unusual(20))):
        for name, picture in content.items():
            (folder / place / name).write_bytes(picture)
    (folder / "outside.jpg").write_bytes(saved(photograph(7), "JPEG"))
    for i, name in enumerate([*pictures, "missing.jpg", "../outside.jpg"]):
        width = 300 if name == "lying.jpg" else SIDE
        images.append({"id": 90_000 + i, "file_name": name, "width": width, "height": SIDE})
        annotations.append(annotation(90_000 + i, 90_000 + i, kind, BOX))
    images.append({**images[0], "file_name": "again.jpg"})
    for i, shape in enumerate(BAD_SHAPES.values()):
        annotations.append(annotation(91_000 + i, images[0]["id"], kind, shape))
    annotations += [
        annotation(92_000, 123_456, kind, BOX),
        annotation(92_001, images[0]["id"], 654_321, BOX),
        annotation(annotations[0]["id"], images[0]["id"], kind, BOX),
    ]
    (folder / "instances.json").write_text(json.dumps(document).replace("Infinity", "1e999"))
    return folder


def annotation(number: int, image: int, kind: int, shape: object) -> dict[str, object]:
    return {
        "id": number, "image_id": image, "category_id": kind, "bbox": [50, 50, 100, 100], "area": 10_000, "iscrowd": 0,
        "segmentation": shape,
    }  # fmt: skip


def refusals(home: Path, stage: str) -> list[tuple[object, object]]:
    rows = [row for row in rows_of(home)["quarantine"].values() if row["stage"] == stage]
    return sorted((row["item"], row["reason"]) for row in rows)


def test_every_bad_item_is_quarantined_with_its_reason_and_the_rest_is_worked(world: Path, tmp_path: Path):
    spoilt = spoilt_world(world, tmp_path / "spoilt")
    home = tmp_path / "home"
    data = ["--coco", spoilt / "instances.json", "--images", spoilt / "images", "--backgrounds", spoilt / "backgrounds"]
    made = genval("init", "--home", str(home), *map(str, data))
    assert made.returncode == 0, made.stderr
    (home / "genval.toml").write_text(write_settings(settings(spoilt, {KIND: 30})))
    done = top_up(home)
    assert done.returncode == 0, done.stderr

    document = json.loads((spoilt / "instances.json").read_text())
    image_id = {one["file_name"]: one["id"] for one in document["images"]}
    first, first_annotation = document["images"][0]["id"], document["annotations"][0]["id"]
    outside = image_id["../outside.jpg"]
    pictures = [(f"image {image_id[name]}", reason) for name, (_, reason) in UNREADABLE.items()]
    pictures += [(f"image {image_id['missing.jpg']}", "picture_missing")]
    pictures += [(f"image {image_id['lying.jpg']}", "size_mismatch")]
    assert refusals(home, "concept_list") == sorted(
        [
            (f"image {first}", "repeated_id"),
            (f"image {outside}", "image_path"),
            (f"annotation {outside}", "image_unknown"),
            (f"annotation {first_annotation}", "repeated_id"),
            ("annotation 92000", "image_unknown"),
            ("annotation 92001", "category_unknown"),
        ]
    )
    assert refusals(home, "backgrounds") == sorted(
        [*pictures, *((name, reason) for name, (_, reason) in UNREADABLE.items())]
    )
    shapes = [(f"annotation {91_000 + i}", reason.split()[0]) for i, reason in enumerate(BAD_SHAPES)]
    assert refusals(home, "reference_instances") == sorted([*pictures, *shapes])

    rows = rows_of(home)
    kept = [(row["kind"], row["path"]) for row in rows["backgrounds"].values()]
    cut = {row["photograph"] for row in rows["reference_instances"].values()}
    for name in unusual(10):
        assert {("training", name), ("yours", name)} <= set(kept)
        assert name in cut
    accepted = [row for row in rows["verdicts"].values() if row["outcome"] == "accepted"]
    composed = [row for row in rows["scenes"].values() if row["instance_id"] is not None]
    assert len(composed) == len(accepted) > 0


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda text: text[: len(text) // 2], "the file ends before its JSON does"),
        (lambda text: text.replace('"iscrowd": 0', '"iscrowd": NaN', 1), "invalid character"),
        (lambda _: "", "the file is empty"),
        (lambda _: '{"images": []}', "annotations"),
    ],
    ids=["truncated", "NaN", "empty", "no annotations"],
)
def test_a_file_that_is_no_annotation_file_is_refused_before_anything_is_set_up(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], spoil, fault
):
    file = tmp_path / "instances.json"
    file.write_text(spoil((world / "instances.json").read_text()))
    home = tmp_path / "home"
    for name in ("GENVAL_HOME", "DAGSTER_HOME"):
        monkeypatch.setenv(name, "")
    with pytest.raises(SystemExit) as stopped:
        make_project(home, Given(file, world / "images", None, None, None, None), as_json=False)
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert str(file) in said
    assert fault in said
    assert not (home / "genval.toml").exists()


def test_bad_settings_stop_a_top_up_before_any_work_and_all_faults_are_named(home: Path):
    text = (home / "genval.toml").read_text()
    spoilt = text.replace("target = 0", "target = -1").replace("[budget]", "[budget]\ncandidate = 5")
    (home / "genval.toml").write_text(spoilt)
    stopped = top_up(home)
    assert stopped.returncode == 2
    assert "genval.toml: [top_up] target: " in stopped.stderr
    assert "genval.toml: [budget] candidate: unknown key" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert [path.name for path in home.iterdir()] == ["genval.toml"]
