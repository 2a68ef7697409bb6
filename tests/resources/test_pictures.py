import json
import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from genval_assets.ports import Pictures
from genval_assets.types import RefusedItem
from resources.annotation_file import UnreadableAnnotations
from resources.pictures import FORMATS, PictureFolders, read_picture

COLOURS = np.zeros((6, 8, 3), dtype=np.uint8)
COLOURS[:, :4] = (200, 30, 90)
COLOURS[3:, 4:] = (10, 220, 60)


def fits_its_port(folders: PictureFolders) -> None:
    """For the type checker: the resource is what stages ask for."""
    pictures: Pictures = folders
    del pictures


def saved(path, image=None, **options):
    (Image.fromarray(COLOURS) if image is None else image).save(path, **options)
    return path


def refusal(path, **options):
    with pytest.raises(RefusedItem) as caught:
        read_picture(path, "yours/a", **options)
    assert caught.value.item == "yours/a"
    return caught.value.reason


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.png", {}),
        ("a.webp", {"lossless": True}),
        ("a.avif", {"quality": 100, "subsampling": "4:4:4"}),
        ("a.gif", {}),
        ("a.bmp", {}),
        ("a.tif", {"compression": "tiff_lzw"}),
        ("a.ppm", {}),
        ("a.jpg", {"quality": 100, "subsampling": 0}),
    ],
)
def test_every_format_is_read(tmp_path, name, options):
    pixels = read_picture(saved(tmp_path / name, **options), "it")
    assert (pixels.dtype, pixels.shape) == (np.uint8, (6, 8, 3))
    assert np.abs(pixels.astype(int) - COLOURS).max() < 20


def test_the_formats_read_are_the_formats_tested():
    assert set(FORMATS) == {"JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "PPM"}


def test_a_phones_multi_picture_jpeg_is_its_first_picture(tmp_path):
    first, second = Image.fromarray(COLOURS), Image.new("RGB", (8, 6), "white")
    path = saved(tmp_path / "a.jpg", first, format="MPO", save_all=True, append_images=[second], quality=95)
    assert read_picture(path, "it")[0, 7].max() < 40


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.pgm"])
def test_16_bit_keeps_its_high_byte(tmp_path, name):
    gray = np.array([[0, 0x1234, 0xFFFF]], dtype=np.uint16)
    pixels = read_picture(saved(tmp_path / name, Image.fromarray(gray)), "it")
    assert pixels[:, :, 0].tolist() == [[0, 0x12, 0xFF]]
    assert (pixels[:, :, :1] == pixels).all()


def test_cmyk_is_converted(tmp_path):
    red = Image.new("CMYK", (8, 6), (0, 255, 255, 0))
    pixels = read_picture(saved(tmp_path / "a.jpg", red, quality=100), "it")
    assert np.abs(pixels[0, 0].astype(int) - (255, 0, 0)).max() < 4


def test_gray_and_black_and_white_get_three_channels(tmp_path):
    assert read_picture(saved(tmp_path / "a.png", Image.new("L", (2, 1), 77)), "it").tolist() == [[[77] * 3] * 2]
    assert read_picture(saved(tmp_path / "b.png", Image.new("1", (2, 1), 1)), "it").tolist() == [[[255] * 3] * 2]


def test_transparent_parts_lie_on_white(tmp_path):
    palette = Image.new("P", (2, 1))
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.putpixel((1, 0), 1)
    keyed = saved(tmp_path / "a.png", palette, transparency=0)
    assert read_picture(keyed, "it").tolist() == [[[255, 255, 255], [0, 0, 255]]]
    half = saved(tmp_path / "b.png", Image.new("RGBA", (1, 1), (0, 0, 0, 51)))
    assert read_picture(half, "it").tolist() == [[[204, 204, 204]]]
    by_bytes = saved(tmp_path / "c.png", palette, transparency=b"\x00\xff")
    assert read_picture(by_bytes, "it").tolist() == [[[255, 255, 255], [0, 0, 255]]]


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png", "a.tif"])
def test_an_animation_is_its_first_frame(tmp_path, name):
    frames = [Image.new("RGB", (8, 6), colour) for colour in ("red", "blue", "lime")]
    options = {"lossless": True} if name == "a.webp" else {}
    path = saved(tmp_path / name, frames[0], save_all=True, append_images=frames[1:], **options)
    assert read_picture(path, "it")[2, 2].tolist() == [255, 0, 0]


def test_a_picture_is_upright(tmp_path):
    exif = Image.Exif()
    exif[0x112] = 6  # the stored picture is turned a quarter to the left
    pixels = read_picture(saved(tmp_path / "a.png", exif=exif), "it")
    assert np.array_equal(pixels, np.rot90(COLOURS, -1))


def test_pixels_may_be_written_to(tmp_path):
    read_picture(saved(tmp_path / "a.png"), "it")[0, 0] = 0


def test_every_truncation_is_refused(tmp_path):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8))
    for name in ("a.jpg", "a.png", "a.webp", "a.gif"):
        whole = saved(tmp_path / name, noise).read_bytes()
        for share in (0, 0.001, 0.1, 0.5, 0.9):
            (tmp_path / name).write_bytes(whole[: int(len(whole) * share)])
            assert refusal(tmp_path / name) == "picture_unreadable"


@pytest.mark.parametrize(
    "content",
    [b"", b"not a picture at all", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%!PS-Adobe-3.0 EPSF-3.0\n"],
)
def test_what_is_no_picture_is_refused(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    assert refusal(tmp_path / "a.png") == "picture_unreadable"


def test_formats_that_no_photograph_has_are_not_opened(tmp_path):
    assert refusal(saved(tmp_path / "a.png", format="PCX")) == "picture_unreadable"


def png_of(width, height):
    """A PNG that only claims its size: 1 bit per pixel, no data."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(8000, 8001), (15_000, 10_000), (100_000, 100_000)])
def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path, size):
    (tmp_path / "a.png").write_bytes(png_of(*size))
    assert refusal(tmp_path / "a.png") == "picture_too_large"  # and no warning, which would fail this test


def test_the_cap_is_a_parameter(tmp_path):
    path = saved(tmp_path / "a.png")
    assert refusal(path, max_pixels=47) == "picture_too_large"
    assert read_picture(path, "it", max_pixels=48).shape == (6, 8, 3)


def test_floating_point_pictures_are_refused(tmp_path):
    assert refusal(saved(tmp_path / "a.tif", Image.new("F", (2, 2), 0.5))) == "picture_mode"
    assert refusal(saved(tmp_path / "b.tif", Image.new("I", (2, 2), 70_000))) == "picture_mode"


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert refusal(tmp_path / "a.png") == "picture_missing"
    assert refusal(tmp_path / ("a" * 300 + ".png")) == "picture_unreadable"


def test_links_to_themselves_folders_and_pipes_are_refused(tmp_path):
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    assert {refusal(tmp_path / name) for name in ("loop.png", "folder.png", "pipe.png")} == {"picture_unreadable"}


def test_a_folder_is_walked_with_its_subfolders_in_one_order(tmp_path):
    for name in ("b.png", "a.JPG", "x/c.webp", "x/y/d.tiff", "notes.txt", "x/e", "ä '\n<b>.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = PictureFolders(yours=str(tmp_path)).paths("yours")
    assert found == ["a.JPG", "b.png", "x/c.webp", "x/y/d.tiff", "ä '\n<b>.png"]


def test_links_that_lead_back_are_walked_once(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "a.png").touch()
    for name in ("back", "again", "more"):  # three: walked to the system's 40 links that would be 3 ** 40 folders
        (tmp_path / "x" / name).symlink_to(tmp_path)
    (tmp_path / "x" / "self").symlink_to(tmp_path / "x" / "self")
    assert PictureFolders(yours=str(tmp_path)).paths("yours") == ["x/a.png"]


def test_a_link_to_a_folder_elsewhere_is_followed(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.png").touch()
    (tmp_path / "yours").mkdir()
    (tmp_path / "yours" / "link").symlink_to(tmp_path / "elsewhere")
    assert PictureFolders(yours=str(tmp_path / "yours")).paths("yours") == ["link/a.png"]


def test_names_that_are_no_text_are_left_out(tmp_path):
    (tmp_path / "a.png").touch()
    try:
        (tmp_path / os.fsdecode(b"\xff.png")).touch()
    except OSError:
        pytest.skip("this file system refuses such names itself")
    assert PictureFolders(yours=str(tmp_path)).paths("yours") == ["a.png"]


def test_pictures_of_a_kind_that_is_not_set_are_none(tmp_path):
    folders = PictureFolders(drawn=str(tmp_path / "later"))
    assert [folders.paths(kind) for kind in ("yours", "validation", "drawn")] == [[], [], []]


def test_a_folder_that_is_none_stops_first(tmp_path):
    with pytest.raises(NotADirectoryError, match=r"'yours' is .*no"):
        PictureFolders(yours=str(tmp_path / "no")).paths("yours")


def test_another_kind_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="yours, validation, drawn; got 'mine'"):
        PictureFolders().paths("mine")


def test_the_drawn_ones_are_the_homes(tmp_path):
    saved(tmp_path / "a.png")
    folders = PictureFolders(drawn=str(tmp_path))
    assert folders.paths("drawn") == ["a.png"]
    assert np.array_equal(folders.pixels("drawn", "a.png"), COLOURS)


def test_validation_pictures_are_those_that_their_file_names(tmp_path):
    saved(tmp_path / "named.png")
    saved(tmp_path / "other.png")
    images = [
        {"id": 2, "width": 8, "height": 6, "file_name": "named.png"},
        {"id": 1, "width": 8, "height": 6, "coco_url": "http://host/val2017/gone.png"},
        {"id": 3, "width": 8, "height": 6, "file_name": "../outside.png"},
    ]
    (tmp_path / "val.json").write_text(json.dumps({"images": images, "annotations": [], "categories": []}))
    folders = PictureFolders(validation_annotations=str(tmp_path / "val.json"), validation_images=str(tmp_path))
    assert folders.paths("validation") == ["named.png", "val2017/gone.png"]
    assert np.array_equal(folders.pixels("validation", "named.png"), COLOURS)
    (tmp_path / "val.json").write_text("{")
    with pytest.raises(UnreadableAnnotations):
        folders.paths("validation")


def test_no_path_leads_out_of_its_folder(tmp_path):
    saved(tmp_path / "a.png")
    (tmp_path / "yours").mkdir()
    with pytest.raises(RefusedItem, match="image_path"):
        PictureFolders(yours=str(tmp_path / "yours")).pixels("yours", "../a.png")


def test_a_subfolder_that_cannot_be_read_is_an_error(tmp_path):
    place = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):  # deeper than any path may be long, so that even root cannot list it
        os.mkdir("x" * 250, dir_fd=place)
        deeper = os.open("x" * 250, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = deeper
    os.close(place)
    with pytest.raises(OSError, match="too long"):
        PictureFolders(yours=str(tmp_path)).paths("yours")


def test_real_backgrounds_are_read(shared_data):
    folders = PictureFolders(yours=str(shared_data / "backgrounds"))
    shapes = {folders.pixels("yours", path).shape for path in folders.paths("yours")}
    assert len(folders.paths("yours")) == 12
    assert all(shape[2] == 3 for shape in shapes)
