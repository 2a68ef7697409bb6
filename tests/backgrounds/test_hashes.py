"""Promises of perceptual hashes and of the guard over validation pictures."""

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from genval_assets.backgrounds.hashes import FAR, ValidationGuard, nearest_distances, phash, words

HASHES = st.integers(0, 2**64 - 1).map(lambda n: f"{n:016x}")


@pytest.mark.parametrize(
    ("other", "bits"),
    [("0000000000000000", 0), ("0000000000000001", 1), ("8000000000000001", 2), ("ffffffffffffffff", 64)],
)
def test_distance_is_the_number_of_differing_bits(other, bits):
    assert nearest_distances(words(["0000000000000000"]), words([other])).tolist() == [bits]


@given(st.lists(HASHES, max_size=20), st.lists(HASHES, max_size=20))
def test_the_fast_search_agrees_with_comparing_one_by_one(hashes, others):
    slow = [min([(int(a, 16) ^ int(b, 16)).bit_count() for b in others], default=FAR) for a in hashes]
    assert nearest_distances(words(hashes), words(others)).tolist() == slow


def test_more_hashes_than_one_chunk_holds_are_all_compared():
    others = np.arange(1 << 19, dtype=np.uint64)  # 8 rows per chunk
    hashes = np.array([2**63, 5, 2**62 + 2**61, *range(20)], dtype=np.uint64)
    assert nearest_distances(hashes, others).tolist() == [1, 0, 2, *[0] * 20]


@pytest.mark.parametrize("text", ["", "00", "g" * 16, "0" * 17])
def test_what_is_no_hash_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  # int() words one of them
        words([text])


def kodak(shared_data):
    return [np.asarray(Image.open(p).convert("RGB")) for p in sorted((shared_data / "backgrounds").glob("*.*g"))]


def recompressed(rgb, quality=40):
    buffer = BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def resized(rgb, factor):
    picture = Image.fromarray(rgb)
    return np.asarray(picture.resize((round(picture.width * factor), round(picture.height * factor))))


def cropped(rgb, share=0.015):
    height, width = rgb.shape[:2]
    return rgb[round(height * share) : -round(height * share), round(width * share) : -round(width * share)]


@pytest.mark.parametrize("copy", [recompressed, lambda rgb: resized(rgb, 0.4), lambda rgb: resized(rgb, 1.7), cropped])
def test_recompressed_resized_and_slightly_cropped_copies_are_caught(shared_data, copy):
    pictures = kodak(shared_data)
    guard = ValidationGuard([phash(rgb) for rgb in pictures])
    assert len(pictures) == 12
    assert [guard.is_validation(phash(copy(rgb))) for rgb in pictures] == [True] * 12


def test_other_photographs_are_not_caught(shared_data):
    pictures = kodak(shared_data)
    guard = ValidationGuard([phash(rgb) for rgb in pictures[:6]])
    assert [guard.is_validation(phash(rgb)) for rgb in pictures[6:]] == [False] * 6


def test_without_validation_pictures_nothing_is_one():
    assert not ValidationGuard().is_validation("0" * 16)


def test_the_distance_of_the_guard_is_inclusive():
    guard = ValidationGuard(["0000000000000000"], distance=2)
    assert guard.is_validation("0000000000000003")
    assert not guard.is_validation("0000000000000007")
