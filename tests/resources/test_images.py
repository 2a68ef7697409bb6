import numpy as np
import pytest
from PIL import Image

from resources.images import ImageFiles


@pytest.fixture
def images(tmp_path):
    return ImageFiles(home=str(tmp_path))


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def test_cut_outs_come_back_exactly_also_the_colour_under_clear_pixels(images):
    rgba = noise(7, 5, 4)
    rgba[:3, :, 3] = 0
    (path,) = images.put([rgba])
    assert path.startswith("data/images/")
    assert path.endswith(".webp")
    assert np.array_equal(images.get(path), rgba)


def test_an_rgba_picture_without_a_clear_pixel_comes_back_as_rgba(images):
    rgba = noise(4, 4, 4)
    rgba[..., 3] = 255
    assert np.array_equal(images.get(images.put([rgba])[0]), rgba)


def test_a_scene_may_lose_detail_only_where_that_is_permitted(images):
    scene = np.full((16, 16, 3), (200, 30, 90), dtype=np.uint8)
    exact, small = images.put([scene])[0], images.put([scene], lossless=False)[0]
    assert (exact[-5:], small[-4:]) == (".webp", ".jpg")
    assert np.array_equal(images.get(exact), scene)
    assert np.abs(images.get(small).astype(int) - scene).max() <= 4


def test_alpha_is_never_given_to_jpeg(images):
    rgba = noise(4, 4, 4)
    assert np.array_equal(images.get(images.put([rgba], lossless=False)[0]), rgba)


def test_jpeg_has_the_quality_of_the_settings(tmp_path):
    scene = noise(32, 32, 3)
    size = {}
    for quality in (10, 95):
        home = tmp_path / str(quality)
        (path,) = ImageFiles(home=str(home), jpeg_quality=quality).put([scene], lossless=False)
        size[quality] = (home / path).stat().st_size
    assert size[10] < size[95] / 2


def test_the_same_pixels_are_one_file_that_is_not_written_again(images, tmp_path):
    rgba = noise(6, 6, 4)
    (path,) = images.put([rgba])
    before = (tmp_path / path).stat()
    assert images.put([rgba, rgba.copy()]) == [path, path]
    assert (tmp_path / path).stat().st_ino == before.st_ino
    assert sum(p.is_file() for p in (tmp_path / "data").rglob("*")) == 1


def test_pictures_of_the_same_bytes_and_another_shape_are_different(images):
    flat = np.arange(48, dtype=np.uint8)
    paths = images.put([flat.reshape(4, 4, 3), flat.reshape(2, 8, 3), flat.reshape(4, 3, 4)])
    assert len(set(paths)) == 3
    assert [images.get(path).shape for path in paths] == [(4, 4, 3), (2, 8, 3), (4, 3, 4)]


def test_paths_come_in_the_order_of_the_pictures(images):
    pictures = [np.full((64 if i % 2 else 2, 8, 3), i, dtype=np.uint8) for i in range(12)]
    assert [int(images.get(path)[0, 0, 0]) for path in images.put(pictures)] == list(range(12))


def test_an_empty_batch_stores_nothing(images, tmp_path):
    assert images.put([]) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 2), (0, 4, 3)])
def test_an_array_that_is_no_picture_is_refused(images, shape):
    with pytest.raises(ValueError, match=r"expected \(H, W, 3 or 4\) uint8"):
        images.put([np.zeros(shape, dtype=np.uint8)])


def test_floats_are_refused(images):
    with pytest.raises(ValueError, match="float64"):
        images.put([np.zeros((2, 2, 3))])


def test_a_picture_that_is_gone_is_missing(images):
    with pytest.raises(FileNotFoundError):
        images.get("data/images/ab/abc.webp")


@pytest.mark.parametrize("path", ["../x.webp", "/etc/passwd", "data/images/../../genval.toml", "data/genval.duckdb"])
def test_a_path_that_leaves_the_pictures_is_refused(images, path):
    with pytest.raises(ValueError, match="no picture of this home"):
        images.get(path)


def test_a_full_disk_loses_no_picture_that_was_stored(small_disk):
    home = small_disk(6)
    images = ImageFiles(home=str(home))
    (kept,) = images.put([noise(8, 8, 3)])
    with pytest.raises(OSError, match="no room for"):
        images.put([noise(2000, 2000, 3)])
    assert np.array_equal(images.get(kept), noise(8, 8, 3))
    for path in (home / "data").rglob("*.*"):
        Image.open(path).load()
