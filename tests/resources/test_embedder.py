"""The embedder on tiny random checkpoints: what it promises of pictures and words holds for any weights."""

import gc
import os
import shutil
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from genval_assets.model_ports import Embedders
from genval_assets.types import ModelUnavailable
from resources.embedder import ImageTextEmbedder
from resources.weights import Weights
from tests.resources.tiny_networks import tiny_networks

KINDS = ("clip", "siglip")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Iterator[dict[str, Path]]:
    """Checkpoints by kind: they are small, so one thread is fastest."""
    with tiny_networks("tiny_vision") as (tiny_vision,):
        root = tmp_path_factory.mktemp("embedders")
        yield {"clip": tiny_vision.save_clip(root / "clip"), "siglip": tiny_vision.save_siglip(root / "siglip")}


@pytest.fixture
def copy(tiny, tmp_path) -> Path:
    """A checkpoint to spoil."""
    return Path(shutil.copytree(tiny["siglip"], tmp_path / "copy"))


def embedder(folder: Path, **settings) -> ImageTextEmbedder:
    return ImageTextEmbedder(**{"weights": Weights(weights=str(folder)), "device": "cpu"} | settings)


def images(folder: Path, *pictures: np.ndarray, **settings) -> np.ndarray:
    embedders: Embedders = embedder(folder, **settings)
    with embedders.open() as model:
        return model.images(pictures)


def texts(folder: Path, *said: str, **settings) -> np.ndarray:
    with embedder(folder, **settings).open() as model:
        return model.texts(said)


def picture(seed: int, height: int = 40, width: int = 56) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


PICTURES = [picture(1), picture(2, 32, 32), picture(3, 90, 33), picture(4, 3, 3), picture(5)]


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_have_length_one_and_one_space(tiny, kind):
    shown, said = images(tiny[kind], *PICTURES), texts(tiny[kind], "a mug", "a key")
    assert shown.dtype == said.dtype == np.float32
    assert np.linalg.norm(np.concatenate([shown, said]), axis=1) == pytest.approx(1, abs=1e-6)
    assert shown.shape == (5, said.shape[1])


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_are_the_same_alone_and_in_a_batch_but_for_rounding(tiny, kind):
    alone = np.concatenate([images(tiny[kind], one, batch=1) for one in PICTURES])
    assert images(tiny[kind], *PICTURES, batch=3) == pytest.approx(alone, abs=1e-5)
    said = ("a mug", "a rather long way of saying that something is a mug", "")
    alone = np.concatenate([texts(tiny[kind], one, batch=1) for one in said])
    assert texts(tiny[kind], *said, batch=2) == pytest.approx(alone, abs=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_no_pictures_and_no_texts_are_no_rows(tiny, kind):
    width = images(tiny[kind], PICTURES[0]).shape[1]
    assert images(tiny[kind]).shape == texts(tiny[kind]).shape == (0, width)


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_and_texts_that_differ_have_vectors_that_differ(tiny, kind):
    shown = images(tiny[kind], *PICTURES)
    assert (shown @ shown.T)[~np.eye(5, dtype=bool)].max() < 0.999
    said = texts(tiny[kind], "a mug", "a key", "a red mug", "")
    assert (said @ said.T)[~np.eye(4, dtype=bool)].max() < 0.9999


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_are_those_of_the_library_used_as_published(tiny, kind):
    import torch
    from PIL import Image
    from transformers import AutoModel, AutoTokenizer
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

    network = AutoModel.from_pretrained(tiny[kind]).eval()
    processor = (CLIPImageProcessorPil if kind == "clip" else SiglipImageProcessorPil).from_pretrained(tiny[kind])
    said = ["A Photo of a mug", "key " * 50]
    tokens = AutoTokenizer.from_pretrained(tiny[kind])(
        [text.lower() for text in said],
        padding="max_length",
        max_length=77 if kind == "clip" else 64,
        truncation=True,
        padding_side="right",
        return_tensors="pt",
    )
    for shown in PICTURES[:3]:
        pixels = processor(Image.fromarray(shown), return_tensors="pt").pixel_values
        with torch.no_grad():
            answer = network(input_ids=tokens.input_ids, pixel_values=pixels)
        assert images(tiny[kind], shown) == pytest.approx(answer.image_embeds.numpy(), abs=1e-5)
        assert texts(tiny[kind], *said) == pytest.approx(answer.text_embeds.numpy(), abs=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_capitals_do_not_matter(tiny, kind):
    one, other = texts(tiny[kind], "A Mug", "a mug")
    assert np.array_equal(one, other)


def test_a_tokenizer_that_leaves_capitals_and_pads_in_front_changes_nothing(tiny, copy):
    import json

    made = json.loads((copy / "tokenizer.json").read_text())
    made["normalizer"] = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
    (copy / "tokenizer.json").write_text(json.dumps(made))
    settings = json.loads((copy / "tokenizer_config.json").read_text())
    as_published = {"tokenizer_class": "PreTrainedTokenizerFast", "padding_side": "left"}
    (copy / "tokenizer_config.json").write_text(json.dumps(settings | as_published))
    said = ("A Mug", "a key")
    assert texts(copy, *said) == pytest.approx(texts(tiny["siglip"], *said), abs=1e-6)


def test_another_kind_is_refused_with_those_that_are_read(copy):
    settings = (copy / "config.json").read_text()
    (copy / "config.json").write_text(settings.replace('"model_type": "siglip",', '"model_type": "siglip2",'))
    with pytest.raises(ModelUnavailable, match=r"the embedder .* kind 'siglip2'; accepted: clip, siglip"):
        images(copy)


def test_weights_that_are_not_in_the_file_are_not_made_up(copy):
    from safetensors.torch import load_file, save_file

    held = load_file(copy / "model.safetensors")
    del held["text_model.head.weight"]
    save_file(held, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelUnavailable, match=r"the embedder .* lacks 1 weights, such as text_model\.head\.weight"):
        images(copy)


def test_weights_that_answer_nan_are_no_vector(copy):
    from safetensors.torch import load_file, save_file

    held = load_file(copy / "model.safetensors")
    held["text_model.head.weight"].fill_(float("nan"))
    save_file(held, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelUnavailable, match="answers NaN or infinity"):
        texts(copy, "a mug")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "preprocessor_config.json", "tokenizer.json"])
def test_a_missing_file_is_named_with_the_command_that_fetches_it(copy, name):
    (copy / name).unlink()
    fault = embedder(copy).fault()
    assert fault.startswith(f"the embedder (SigLIP 2 or CLIP): the folder '{copy}' lacks {name}: hf download ")
    with pytest.raises(ModelUnavailable, match=f"lacks {name}"):
        images(copy)


@pytest.mark.parametrize("name", ["config.json", "preprocessor_config.json", "tokenizer.json", "model.safetensors"])
def test_damaged_files_are_refused_by_name(copy, name):
    os.truncate(copy / name, 20)
    with pytest.raises(ModelUnavailable, match=rf"the embedder .* in {copy} cannot be loaded"):
        images(copy)


def test_a_batch_that_is_too_large_is_embedded_in_halves_and_what_does_not_fit_is_an_error(tiny, monkeypatch):
    import torch
    from transformers import SiglipModel

    expected = images(tiny["siglip"], *PICTURES)
    plain, room = SiglipModel.get_image_features, [3]

    def limited(self, pixel_values):
        if len(pixel_values) > room[0]:
            raise torch.OutOfMemoryError("simulated")
        return plain(self, pixel_values=pixel_values)

    monkeypatch.setattr(SiglipModel, "get_image_features", limited)
    assert images(tiny["siglip"], *PICTURES) == pytest.approx(expected, abs=1e-5)
    room[0] = 2
    with pytest.raises(ModelUnavailable, match=r"the embedder .*out of memory.*lower the model's batch"):
        images(tiny["siglip"], *PICTURES)


def networks() -> list[weakref.ref]:
    from transformers import PreTrainedModel

    return [weakref.ref(one) for one in gc.get_objects() if isinstance(one, PreTrainedModel)]


@pytest.mark.parametrize("kind", KINDS)
def test_after_the_block_nothing_holds_the_weights(tiny, kind):
    with embedder(tiny[kind]).open() as model:
        model.images(PICTURES)
        model.texts(["a mug"])
        held = networks()
    assert held
    assert [one() for one in held if one() is not None] == []
    with pytest.raises(ModelUnavailable, match="was closed"):
        model.texts(["a mug"])


def test_the_model_says_its_name_revision_and_batch(tiny):
    with embedder(tiny["clip"], weights=Weights(weights=str(tiny["clip"]), revision="r7"), batch=3).open() as model:
        assert (model.model, model.revision, model.best_batch) == ("clip", "r7", 3)
