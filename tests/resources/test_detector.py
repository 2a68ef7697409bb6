"""The detector on a tiny random checkpoint: what it promises of names, boxes and scores holds for any weights."""

import gc
import os
import shutil
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from genval_assets.model_ports import Detectors
from genval_assets.types import ModelUnavailable
from resources.detector import NoDetector, Owlv2Detector
from resources.weights import Weights
from tests.resources.tiny_networks import tiny_networks

NAMES = ("zebra", "mug", "key")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Iterator[Path]:
    """A checkpoint: it is small, so one thread is fastest."""
    with tiny_networks("tiny_vision") as (tiny_vision,):
        yield tiny_vision.save_owlv2(tmp_path_factory.mktemp("detectors") / "owl")


@pytest.fixture
def copy(tiny, tmp_path) -> Path:
    """A checkpoint to spoil."""
    return Path(shutil.copytree(tiny, tmp_path / "copy"))


def detector(folder: Path, **settings) -> Owlv2Detector:
    return Owlv2Detector(**{"weights": Weights(weights=str(folder)), "device": "cpu", "min_score": 0.0} | settings)


def find(folder: Path, pictures, names=NAMES, **settings) -> list:
    detectors: Detectors = detector(folder, **settings)
    with detectors.open() as model:
        return model.find(pictures, names)


def picture(seed: int, height: int = 48, width: int = 48) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


PICTURES = [picture(1), picture(2, 90, 120), picture(3, 70, 30), picture(4)]


def assert_alike(some, others) -> None:
    """The same names at the same places, but for rounding: more rows at once are added up in another order."""
    for of, of_other in zip(some, others, strict=True):
        assert [one.name for one in of] == [one.name for one in of_other]
        for one, other in zip(of, of_other, strict=True):
            assert one.box == pytest.approx(other.box, abs=1e-3)
            assert one.score == pytest.approx(other.score, abs=1e-5)


def test_finds_are_the_same_alone_and_in_a_batch_but_for_rounding(tiny):
    answers = find(tiny, PICTURES, batch=3)
    assert_alike(answers, [find(tiny, [one], batch=1)[0] for one in PICTURES])
    assert_alike(answers[::-1], find(tiny, PICTURES[::-1], batch=4))
    assert len({found.score for of in answers for found in of}) == sum(map(len, answers)) > 20


def test_the_surest_come_first_and_no_score_is_below_the_least(tiny):
    everything = find(tiny, PICTURES)
    least = float(np.median([found.score for of in everything for found in of])) + 1e-4
    for of, some in zip(everything, find(tiny, PICTURES, min_score=least), strict=True):
        assert [found.score for found in of] == sorted((found.score for found in of), reverse=True)
        assert_alike([some], [[found for found in of if found.score >= least]])


def test_boxes_lie_in_their_picture_and_no_two_on_one_spot(tiny):
    for of, shown in zip(find(tiny, PICTURES), PICTURES, strict=True):
        height, width = shown.shape[:2]
        for x, y, w, h in (found.box for found in of):
            assert x >= 0
            assert y >= 0
            assert w > 0
            assert h > 0
            assert x + w <= width + 1e-3
            assert y + h <= height + 1e-3
        assert max(overlap(a.box, b.box) for i, a in enumerate(of) for b in of[:i]) <= 0.5 + 1e-6


def overlap(one, other) -> float:
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    common = max(width, 0) * max(height, 0)
    return common / (one[2] * one[3] + other[2] * other[3] - common)


def test_of_boxes_on_one_spot_the_surest_stays_and_empty_ones_go():
    pytest.importorskip("torch", reason="the detector needs the extra 'models'")
    from resources._detector import surest

    corners = np.array(
        [[0, 0, 10, 10], [0, 0, 10, 9], [0, 0, 10, 5], [20, 20, 30, 30], [5, 5, 5, 9]], dtype=np.float32
    )  # the second overlaps the first by .9, the third by .5, which is not more than half
    scores = np.array([0.5, 0.9, 0.4, 0.95, 0.99], dtype=np.float32)
    assert surest(corners, scores) == [3, 1]  # .4 overlaps .9 by 5/9
    assert surest(corners, np.array([0.9, 0.5, 0.4, 0.1, 0.1], dtype=np.float32)) == [0, 2, 3]
    assert surest(corners[:0], scores[:0]) == []


def test_boxes_are_shares_of_the_square_that_the_picture_fills_from_the_left_top():
    pytest.importorskip("torch", reason="the detector needs the extra 'models'")
    from resources._detector import clipped_corners

    boxes = np.array([[0.5, 0.25, 0.5, 0.25], [0.9, 0.45, 0.4, 0.3], [0.5, 0.9, 0.2, 0.1]], dtype=np.float32)
    expected = np.array([[50, 25, 150, 75], [140, 60, 200, 100], [80, 100, 120, 100]])  # the last is in the margin
    assert clipped_corners(boxes, 200, 100) == pytest.approx(expected, abs=1e-4)


def library_answer(folder: Path, shown: np.ndarray, names):
    """Return each patch's best score, name's place and corners, as transformers' own processor and model have them."""
    import torch
    from transformers import AutoTokenizer, Owlv2ForObjectDetection
    from transformers.models.owlv2.image_processing_pil_owlv2 import Owlv2ImageProcessorPil
    from transformers.models.owlv2.processing_owlv2 import Owlv2Processor

    processor = Owlv2Processor(Owlv2ImageProcessorPil.from_pretrained(folder), AutoTokenizer.from_pretrained(folder))
    given = processor(text=[[f"a photo of a {name}" for name in names]], images=shown, return_tensors="pt")
    with torch.no_grad():
        answer = Owlv2ForObjectDetection.from_pretrained(folder).eval()(**given)
    (found,) = processor.post_process_grounded_object_detection(answer, 0.0, [shown.shape[:2]], [list(names)])
    return given["pixel_values"][0].numpy(), found


@pytest.mark.parametrize("side", [48, 30, 100])
def test_a_square_picture_is_seen_and_scored_as_by_the_library(tiny, side):
    from transformers.models.owlv2.image_processing_pil_owlv2 import Owlv2ImageProcessorPil

    from resources._detector import pixel_values

    shown = picture(7, side, side)
    pixels, found = library_answer(tiny, shown, NAMES)
    assert np.array_equal(pixel_values(shown, Owlv2ImageProcessorPil.from_pretrained(tiny)), pixels)
    (ours,) = find(tiny, [shown])
    theirs = {
        (name, *np.clip(box, 0, side).round(2).tolist()): score
        for name, box, score in zip(found["text_labels"], found["boxes"].numpy(), found["scores"].tolist(), strict=True)
    }
    for one in ours:
        x, y, w, h = one.box
        assert theirs[(one.name, *np.float32([x, y, x + w, y + h]).round(2).tolist())] == pytest.approx(
            one.score, abs=1e-5
        )
    assert ours[0].score == pytest.approx(max(found["scores"].tolist()), abs=1e-5)


def test_what_fills_a_picture_up_to_a_square_is_grey_at_its_right_and_bottom(tiny):
    from transformers.models.owlv2.image_processing_pil_owlv2 import Owlv2ImageProcessorPil

    from resources._detector import pixel_values

    processor = Owlv2ImageProcessorPil.from_pretrained(tiny)
    mean, std = (np.array(values)[:, None, None] for values in (processor.image_mean, processor.image_std))
    wide = pixel_values(picture(1, 30, 48), processor) * std + mean  # 48 px: neither shrunk nor blown up
    assert np.allclose(wide[:, :30].transpose(1, 2, 0), picture(1, 30, 48) / 255, atol=1e-6)
    assert np.allclose(wide[:, 30:], 0.5, atol=1e-6)
    tall = pixel_values(picture(1, 48, 30), processor) * std + mean
    assert np.allclose(tall[:, :, 30:], 0.5, atol=1e-6)


def test_more_than_a_thousand_names_are_searched_piece_by_piece(tiny, monkeypatch):
    from transformers import Owlv2ForObjectDetection
    from transformers.models.owlv2.modeling_owlv2 import Owlv2Model

    compared, read = [], []
    plain, words = Owlv2ForObjectDetection.class_predictor, Owlv2Model.get_text_features
    monkeypatch.setattr(
        Owlv2ForObjectDetection,
        "class_predictor",
        lambda self, patches, names: compared.append(names.shape[1]) or plain(self, patches, names),
    )
    monkeypatch.setattr(
        Owlv2Model, "get_text_features", lambda self, ids, mask: read.append(len(ids)) or words(self, ids, mask)
    )
    names = [f"{i:x}" for i in range(1203)]  # short, for these checkpoints read 16 letters
    with detector(tiny).open() as model:
        found = model.find(PICTURES, names)
        assert sum(read) == 1203
        assert max(read + compared) <= 64
        again = model.find(PICTURES[:1], names)
        assert sum(read) == 1203
        model.find(PICTURES[:1], names[:3])
        assert sum(read) == 1206
    assert_alike(again, found[:1])
    assert_alike(found, find(tiny, PICTURES, names[::-1]))  # the best names come in another piece


def test_every_name_is_asked_for_as_a_photo_of_it(tiny, monkeypatch):
    from resources._detector import Owlv2DetectorModel

    said = []
    plain = Owlv2DetectorModel._text_vectors
    monkeypatch.setattr(
        Owlv2DetectorModel, "_text_vectors", lambda self, texts: said.extend(texts) or plain(self, texts)
    )
    find(tiny, PICTURES[:1], ("hot-air balloon", "{mug}"))
    assert said == ["a photo of a hot-air balloon", "a photo of a {mug}"]


def test_no_pictures_or_no_names_are_no_finds(tiny):
    assert find(tiny, []) == []
    assert find(tiny, PICTURES[:2], ()) == [[], []]


def test_a_tokenizer_in_the_published_files_is_read(tiny, copy):
    import json

    from transformers import AutoTokenizer

    vocabulary = AutoTokenizer.from_pretrained(tiny).get_vocab()
    (copy / "tokenizer.json").unlink()
    assert "lacks vocab.json and 1 more" in detector(copy).fault()
    (copy / "vocab.json").write_text(json.dumps(vocabulary))
    (copy / "merges.txt").write_text("#version: 0.2\n")
    assert_alike(find(copy, PICTURES), find(tiny, PICTURES))


def test_weights_that_are_not_in_the_file_are_not_made_up(copy):
    from safetensors.torch import load_file, save_file

    held = load_file(copy / "model.safetensors")
    del held["class_head.logit_shift.weight"]
    save_file(held, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelUnavailable, match=r"OWLv2.*lacks 1 weights, such as class_head\.logit_shift\.weight"):
        find(copy, [])


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer_config.json"])
def test_a_missing_file_is_named_with_the_command_that_fetches_it(copy, name):
    (copy / name).unlink()
    assert detector(copy).fault().startswith(f"the detector (OWLv2): the folder '{copy}' lacks {name}: hf download ")
    with pytest.raises(ModelUnavailable, match=f"lacks {name}"):
        find(copy, [])


def test_damaged_files_and_other_kinds_are_refused_by_name(copy):
    settings = (copy / "config.json").read_text()
    (copy / "config.json").write_text(settings.replace('"owlv2"', '"owlvit"'))
    with pytest.raises(ModelUnavailable, match=r"OWLv2.* kind 'owlvit'; accepted: owlv2"):
        find(copy, [])
    (copy / "config.json").write_text(settings)
    (copy / "tokenizer.json").write_text("{")
    with pytest.raises(ModelUnavailable, match=f"OWLv2.* in {copy} cannot be loaded"):
        find(copy, [])
    os.truncate(copy / "model.safetensors", 5000)
    with pytest.raises(ModelUnavailable, match=f"OWLv2.* in {copy} cannot be loaded"):
        find(copy, [])


def test_a_batch_that_is_too_large_is_searched_in_halves_and_what_does_not_fit_is_an_error(tiny, monkeypatch):
    import torch
    from transformers import Owlv2ForObjectDetection

    expected = find(tiny, PICTURES)
    plain, room = Owlv2ForObjectDetection.image_embedder, [2]

    def limited(self, pixels):
        if len(pixels) > room[0]:
            raise torch.OutOfMemoryError("simulated")
        return plain(self, pixels)

    monkeypatch.setattr(Owlv2ForObjectDetection, "image_embedder", limited)
    assert_alike(find(tiny, PICTURES, batch=4), expected)
    room[0] = 0
    with pytest.raises(ModelUnavailable, match=r"OWLv2.*out of memory.*lower the model's batch"):
        find(tiny, PICTURES)


def networks() -> list[weakref.ref]:
    from transformers import PreTrainedModel

    return [weakref.ref(one) for one in gc.get_objects() if isinstance(one, PreTrainedModel)]


def test_after_the_block_nothing_holds_the_weights(tiny):
    with detector(tiny).open() as model:
        model.find(PICTURES, NAMES)
        held = networks()
    assert held
    assert [one() for one in held if one() is not None] == []
    with pytest.raises(ModelUnavailable, match="was closed"):
        model.find(PICTURES, NAMES)


def test_the_model_says_its_name_revision_and_batch(tiny):
    with detector(tiny, weights=Weights(weights=str(tiny), revision="r7"), batch=3).open() as model:
        assert (model.model, model.revision, model.best_batch) == ("owl", "r7", 3)


def test_a_profile_without_a_detector_has_no_model_and_no_fault():
    detectors: Detectors = NoDetector()
    assert detectors.fault() == ""
    with detectors.open() as model:
        assert model is None
