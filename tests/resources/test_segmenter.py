"""The segmenter on tiny random checkpoints: what it promises of pictures and boxes holds for any weights."""

import gc
import json
import os
import shutil
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from genval_assets.model_ports import Segmenters
from genval_assets.types import ModelUnavailable
from resources.segmenter import Sam2Segmenter
from resources.weights import Weights
from tests.resources.tiny_networks import tiny_networks

KINDS = ("pictures", "films")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Iterator[dict[str, Path]]:
    """Checkpoints by kind: they are small, so one thread is fastest."""
    with tiny_networks("tiny_vision") as (tiny_vision,):
        root = tmp_path_factory.mktemp("segmenters")
        yield {
            "pictures": tiny_vision.save_sam2(root / "pictures"),
            "films": tiny_vision.save_sam2_video(root / "films"),
        }


@pytest.fixture
def copy(tiny, tmp_path) -> Path:
    """A checkpoint to spoil."""
    return Path(shutil.copytree(tiny["pictures"], tmp_path / "copy"))


def segmenter(folder: Path, **settings) -> Sam2Segmenter:
    return Sam2Segmenter(**{"weights": Weights(weights=str(folder)), "device": "cpu"} | settings)


def masks(folder: Path, pictures, boxes, **settings) -> list:
    segmenters: Segmenters = segmenter(folder, **settings)
    with segmenters.open() as model:
        return model.masks(pictures, boxes)


def picture(seed: int, height: int = 60, width: int = 90) -> np.ndarray:
    """Blotches: their mask changes with the box."""
    rng = np.random.default_rng(seed)
    return np.kron(rng.integers(0, 256, (height // 10, width // 10, 3)), np.ones((10, 10, 1))).astype(np.uint8)


PICTURES = [picture(1), picture(2, 80, 40), picture(3, 50, 50), picture(4)]
BOXES = [
    [(5, 5, 30, 40), (50, 10, 30, 30), (0, 0, 90, 60)],
    [],
    [(10, 10, 20, 20)],
    [(5.5, 5.25, 30, 40), (1, 1, 9, 9)],
]


def same(one, other) -> bool:
    return [[(s.mask.tobytes(), s.mask.shape, s.score) for s in of] for of in one] == [
        [(s.mask.tobytes(), s.mask.shape, s.score) for s in of] for of in other
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_masks_are_the_same_alone_and_in_a_batch(tiny, kind):
    with segmenter(tiny[kind], batch=3).open() as together, segmenter(tiny[kind], batch=1).open() as alone:
        answers = together.masks(PICTURES, BOXES)
        assert same(answers, [alone.masks([p], [b])[0] for p, b in zip(PICTURES, BOXES, strict=True)])
        assert same(answers, together.masks(PICTURES[::-1], BOXES[::-1])[::-1])


def test_each_box_of_each_picture_has_its_own_mask_of_the_whole_picture(tiny):
    answers = masks(tiny["pictures"], PICTURES, BOXES)
    assert [len(of) for of in answers] == [3, 0, 1, 2]
    for of, shown in zip(answers, PICTURES, strict=True):
        assert all(s.mask.shape == shown.shape[:2] and s.mask.dtype == np.bool_ for s in of)
        assert all(0 <= s.score <= 1 for s in of)
        assert len({s.mask.tobytes() for s in of}) == len(of)
    assert len({s.score for of in answers for s in of}) == 6


def test_nothing_asked_is_nothing_answered(tiny):
    assert masks(tiny["pictures"], [], []) == []
    assert masks(tiny["pictures"], PICTURES[:2], [[], []]) == [[], []]


def test_a_picture_is_looked_at_once_however_many_boxes_it_has(tiny, monkeypatch):
    from transformers import Sam2Model

    looked = []
    plain = Sam2Model.get_image_embeddings
    monkeypatch.setattr(Sam2Model, "get_image_embeddings", lambda self, x: looked.append(len(x)) or plain(self, x))
    many = [(float(i), 2.0, 20.0, 30.0) for i in range(40)]  # more than are decoded at once
    answers = masks(tiny["pictures"], PICTURES[:3], [many, [], many[:1]], batch=2)
    assert looked == [2]
    assert [len(of) for of in answers] == [40, 0, 1]
    (few,) = masks(tiny["pictures"], PICTURES[:1], [many[17:20]])
    for one, other in zip(answers[0][17:20], few, strict=True):  # more rows at once are rounded otherwise
        assert one.score == pytest.approx(other.score, abs=1e-4)
        assert np.mean(one.mask == other.mask) > 0.998


def slow_masks(folder: Path, shown: np.ndarray, boxes) -> list[tuple[np.ndarray, float]]:
    """State once more, box by box and pixel by pixel, what a mask is; only the network itself is the library's."""
    import torch
    from transformers import Sam2Model

    network = Sam2Model.from_pretrained(folder).eval()
    side = network.config.vision_config.backbone_config.image_size[0]
    height, width = shown.shape[:2]
    levels = antialiased(antialiased(shown.astype(np.float64), side, axis=1), side, axis=0) / 255
    pixels = ((levels - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]).transpose(2, 0, 1)[None]
    found = []
    for x, y, w, h in boxes:
        corners = [x / width * side, y / height * side, (x + w) / width * side, (y + h) / height * side]
        with torch.no_grad():
            answer = network(
                pixel_values=torch.tensor(pixels, dtype=torch.float32),
                input_boxes=torch.tensor([[corners]], dtype=torch.float32),
            )
        scores = answer.iou_scores[0, 0].tolist()
        best = max(range(len(scores)), key=scores.__getitem__)
        logits = answer.pred_masks[0, 0, best].numpy().astype(np.float64)
        found.append((stretched(stretched(logits, height, 0), width, 1), scores[best]))
    return found


def antialiased(values: np.ndarray, size: int, axis: int) -> np.ndarray:
    """Return grey levels resized along one axis: each is a weighted mean under a triangle as wide as the scale."""
    values = np.moveaxis(values, axis, 0)
    scale = len(values) / size
    reach = max(1.0, scale)
    rows = []
    for i in range(size):
        centre = (i + 0.5) * scale
        weights = np.array([max(0.0, 1 - abs(j + 0.5 - centre) / reach) for j in range(len(values))])
        rows.append(np.tensordot(weights / weights.sum(), values, axes=1))
    return np.moveaxis(np.floor(np.stack(rows) + 0.5), 0, axis)


def stretched(values: np.ndarray, size: int, axis: int) -> np.ndarray:
    """Return values between the two nearest along one axis; beyond the last centres the last value holds."""
    values = np.moveaxis(values, axis, 0)
    places = np.clip((np.arange(size) + 0.5) * len(values) / size - 0.5, 0, len(values) - 1)
    low = np.floor(places).astype(int)
    high = np.minimum(low + 1, len(values) - 1)
    share = (places - low)[:, None]
    return np.moveaxis(values[low] * (1 - share) + values[high] * share, 0, axis)


@pytest.mark.parametrize("shown", [picture(1), picture(2, 80, 40), picture(5, 240, 200)])
def test_masks_and_scores_are_as_an_independent_statement_has_them(tiny, shown):
    boxes = [(5, 5, 30, 40), (10.5, 20, 25, 25)]
    (answers,) = masks(tiny["pictures"], [shown], [boxes])
    for segment, (logits, score) in zip(answers, slow_masks(tiny["pictures"], shown, boxes), strict=True):
        assert segment.score == pytest.approx(score, abs=0.01)  # some grey levels are rounded otherwise
        assert np.mean(segment.mask == (logits > 0)) > 0.98


def test_tensors_are_those_of_the_library_where_it_has_its_processor(tiny):
    pytest.importorskip("torchvision", reason="transformers builds SAM 2's processor with torchvision only")
    import torch
    from transformers.models.sam2.image_processing_sam2 import Sam2ImageProcessor
    from transformers.models.sam2.processing_sam2 import Sam2Processor

    from resources._segmenter import full_mask, pixel_values, scaled_boxes

    processor = Sam2Processor(Sam2ImageProcessor(size={"height": 128, "width": 128}), target_size=128)
    for shown in (picture(1), picture(2, 80, 40), picture(5, 240, 200)):
        height, width = shown.shape[:2]
        made = processor(images=shown, input_boxes=[[[5, 5, 35, 45.5]]], return_tensors="pt")
        assert torch.equal(pixel_values(shown, 128), made["pixel_values"][0])
        assert torch.equal(scaled_boxes([(5, 5, 30, 40.5)], width, height, 128), made["input_boxes"][0])
        logits = torch.randn(1, 1, 32, 32, generator=torch.Generator().manual_seed(1))
        (mask,) = processor.post_process_masks([logits], [(height, width)])
        assert np.array_equal(full_mask(logits[0, 0], height, width), mask[0, 0].numpy())


def test_the_best_candidate_is_taken_whole_and_its_score_lies_in_0_to_1(tiny):
    import torch

    from resources._segmenter import best_candidates, full_mask

    logits = torch.full((2, 3, 4, 4), -1.0)
    logits[0, 2, 0, 0] = logits[0, 2, 3, 3] = 1.0  # two parts, far from each other
    logits[1, 0] = 1.0
    best, scores = best_candidates(logits, torch.tensor([[0.1, 0.2, 1.3], [-0.1, -0.4, -0.2]]))
    assert scores == [1.0, 0.0]
    assert full_mask(best[0], 4, 4).astype(int).tolist() == [[1, 0, 0, 0], [0] * 4, [0] * 4, [0, 0, 0, 1]]
    assert full_mask(best[1], 2, 6).all()
    assert full_mask(best[0], 8, 16)[:2, :4].any()


def test_the_published_layout_is_read_although_it_is_of_the_kind_for_films(tiny, caplog):
    settings = json.loads((tiny["films"] / "config.json").read_text())
    assert settings["model_type"] == "sam2_video"
    (answer,) = masks(tiny["films"], PICTURES[:1], [[(5, 5, 30, 40)]])
    assert answer[0].mask.any()
    assert caplog.records == []


def spoil_weights(folder: Path, change) -> None:
    from safetensors.torch import load_file, save_file

    held = load_file(folder / "model.safetensors")
    change(held)
    save_file(held, folder / "model.safetensors", metadata={"format": "pt"})


def test_weights_that_are_not_in_the_file_are_not_made_up(copy):
    spoil_weights(copy, lambda held: held.pop("mask_decoder.iou_token.weight"))
    with pytest.raises(ModelUnavailable, match=r"SAM 2.1.*lacks 1 weights, such as mask_decoder\.iou_token\.weight"):
        masks(copy, [], [])


def test_weights_that_answer_nan_are_no_mask(copy):
    spoil_weights(copy, lambda held: held["mask_decoder.iou_token.weight"].fill_(float("nan")))
    with pytest.raises(ModelUnavailable, match="answers NaN or infinity"):
        masks(copy, PICTURES[:1], [[(5, 5, 30, 40)]])


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_missing_file_is_named_with_the_command_that_fetches_it(copy, name):
    (copy / name).unlink()
    fault = segmenter(copy).fault()
    assert fault.startswith(f"the segmenter (SAM 2.1): the folder '{copy}' lacks {name}: hf download ")
    with pytest.raises(ModelUnavailable, match=f"lacks {name}"):
        masks(copy, [], [])


def test_damaged_files_and_other_kinds_are_refused_by_name(copy):
    settings = (copy / "config.json").read_text()
    (copy / "config.json").write_text(settings.replace('"sam2"', '"clip"'))
    with pytest.raises(ModelUnavailable, match=r"SAM 2.1.* kind 'clip'; accepted: sam2, sam2_video"):
        masks(copy, [], [])
    (copy / "config.json").write_text("{")
    with pytest.raises(ModelUnavailable, match=f"SAM 2.1.* in {copy} cannot be loaded"):
        masks(copy, [], [])
    (copy / "config.json").write_text(settings.replace('"hidden_size": 32', '"hidden_size": "wide"'))
    with pytest.raises(ModelUnavailable, match=f"SAM 2.1.* in {copy} cannot be loaded"):
        masks(copy, [], [])
    (copy / "config.json").write_text(settings)
    os.truncate(copy / "model.safetensors", 5000)
    with pytest.raises(ModelUnavailable, match=f"SAM 2.1.* in {copy} cannot be loaded"):
        masks(copy, [], [])


def test_a_device_that_is_not_here_is_named(tiny):
    assert "device 'xpu:3' is not available here" in segmenter(tiny["pictures"], device="xpu:3").fault()


def limit(monkeypatch, pictures: int) -> None:
    """Let the device hold so many pictures at once."""
    import torch
    from transformers import Sam2Model

    plain = Sam2Model.get_image_embeddings

    def limited(self, pixels):
        if len(pixels) > pictures:
            raise torch.OutOfMemoryError("simulated")
        return plain(self, pixels)

    monkeypatch.setattr(Sam2Model, "get_image_embeddings", limited)


def test_a_batch_that_is_too_large_is_looked_at_in_halves(tiny, monkeypatch):
    expected = masks(tiny["pictures"], PICTURES, BOXES)
    limit(monkeypatch, pictures=2)
    assert same(masks(tiny["pictures"], PICTURES, BOXES, batch=3), expected)


def test_what_does_not_fit_is_no_empty_mask_but_an_error(tiny, monkeypatch):
    limit(monkeypatch, pictures=0)
    with pytest.raises(ModelUnavailable, match=r"SAM 2.1.*out of memory.*lower the model's batch"):
        masks(tiny["pictures"], PICTURES, BOXES)


def networks() -> list[weakref.ref]:
    from transformers import PreTrainedModel

    return [weakref.ref(one) for one in gc.get_objects() if isinstance(one, PreTrainedModel)]


def test_after_the_block_nothing_holds_the_weights(tiny):
    with segmenter(tiny["pictures"]).open() as model:
        model.masks(PICTURES, BOXES)
        held = networks()
    assert held
    assert [one() for one in held if one() is not None] == []
    with pytest.raises(ModelUnavailable, match="was closed"):
        model.masks(PICTURES, BOXES)


def tensors() -> dict[int, int]:
    """Return the numbers that each tensor holds, by its id."""
    import torch

    gc.collect()
    return {id(one): one.numel() for one in gc.get_objects() if issubclass(type(one), torch.Tensor)}


def test_after_the_block_the_library_holds_nothing_of_the_last_pictures(tiny):
    before = tensors()
    masks(tiny["pictures"], [picture(1)], [[(5.0, 5.0, 20.0, 20.0)]])
    assert [size for one, size in tensors().items() if one not in before and size > 8] == []


def test_the_model_says_its_name_revision_and_batch(tiny):
    given = Weights(weights=str(tiny["pictures"]), revision="r7")
    with Sam2Segmenter(weights=given, device="cpu", batch=3).open() as model:
        assert (model.model, model.revision, model.best_batch) == ("pictures", "r7", 3)
