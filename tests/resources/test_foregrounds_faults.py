"""What Layer Diffusion does when files, numbers or memory fail: it says so, and nothing is made up."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genval_assets.keys import seed_of
from genval_assets.types import ModelUnavailable
from tests.resources.drawing import DECODER, OFFSETS, QUERY, UNET, asked, checkpoints, drawn, foregrounds, same, spoilt


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Iterator[dict[str, Path]]:
    with checkpoints(tmp_path_factory.mktemp("sdxl")) as saved:
        yield saved


def test_offsets_that_do_not_fit_are_listed(tiny, tmp_path):
    import torch

    def change(weights):
        weights["strange.to_q.weight"] = weights.pop(QUERY)
        weights[QUERY.replace("to_q", "to_k")] = torch.zeros(2, 2)

    wrong = spoilt(tiny, tmp_path, "layer_diffuse", OFFSETS, change)
    said = (
        rf"{OFFSETS} does not fit its network: it has keys that the network lacks strange.to_q.weight; "
        rf"no weights for {QUERY}; another shape for {QUERY.replace('to_q', 'to_k')}"
    )
    with pytest.raises(ModelUnavailable, match=said), foregrounds(wrong).open():
        pass


@pytest.mark.parametrize(
    ("kind", "name", "key"),
    [
        ("sdxl", UNET, "conv_in.weight"),
        ("sdxl", "text_encoder/model.safetensors", "embeddings.token_embedding.weight"),
        ("sdxl", "text_encoder_2/model.safetensors", "text_projection.weight"),
        ("vae", "diffusion_pytorch_model.safetensors", "decoder.conv_in.weight"),
        ("layer_diffuse", DECODER, "conv_in.weight"),
    ],
)
def test_missing_weights_are_named_and_not_made_up(tiny, tmp_path, kind, name, key):
    from safetensors.torch import load_file

    stored = next(one for one in load_file(tiny[kind] / name) if one.endswith(key))
    less = spoilt(tiny, tmp_path, kind, name, lambda weights: weights.pop(stored))
    with pytest.raises(ModelUnavailable, match=key), foregrounds(less).open():
        pass


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("sdxl", UNET),
        ("sdxl", "text_encoder/model.safetensors"),
        ("vae", "diffusion_pytorch_model.safetensors"),
        ("layer_diffuse", OFFSETS),
        ("layer_diffuse", DECODER),
    ],
)
def test_a_file_that_was_fetched_in_part_is_refused_with_its_folder(tiny, tmp_path, kind, name):
    copy = Path(shutil.copytree(tiny[kind], tmp_path / kind))
    (copy / name).write_bytes((copy / name).read_bytes()[:-100])
    cut = foregrounds({**tiny, kind: copy})
    assert cut.fault() == ""
    with pytest.raises(ModelUnavailable, match=str(copy)), cut.open():
        pass


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("sdxl", UNET),
        ("sdxl", "text_encoder_2/config.json"),
        ("sdxl", "tokenizer/vocab.json"),
        ("sdxl", "tokenizer_2/merges.txt"),
        ("sdxl", "scheduler/scheduler_config.json"),
        ("vae", "diffusion_pytorch_model.safetensors"),
        ("layer_diffuse", OFFSETS),
        ("layer_diffuse", DECODER),
    ],
)
def test_a_missing_file_is_said_without_loading_anything(tiny, tmp_path, kind, name):
    copy = Path(shutil.copytree(tiny[kind], tmp_path / kind))
    (copy / name).unlink()
    lacking = foregrounds({**tiny, kind: copy})
    assert f"lacks {name}" in lacking.fault()
    with pytest.raises(ModelUnavailable, match="lacks"), lacking.open():
        pass


def test_the_variant_decides_which_files_are_asked_for(tiny):
    assert "lacks unet/diffusion_pytorch_model.fp16.safetensors" in foregrounds(tiny, variant="fp16").fault()


def test_a_device_that_is_not_there_is_said(tiny):
    assert "device 'meta' is not available here" in foregrounds(tiny, device="meta").fault()
    with pytest.raises(ModelUnavailable, match="not available"), foregrounds(tiny, device="meta").finishing():
        pass


@pytest.mark.parametrize(
    ("kind", "name", "key", "value", "said"),
    [
        ("sdxl", UNET, "conv_out.bias", float("nan"), "not a number: the network overflowed"),
        ("vae", "diffusion_pytorch_model.safetensors", "decoder.conv_out.bias", float("inf"), "not a number"),
        ("layer_diffuse", DECODER, "conv_out.bias", -1e9, "of one colour"),
    ],
)
def test_broken_and_black_pictures_are_drawn_again_three_times_and_then_an_error(
    tiny, tmp_path, monkeypatch, kind, name, key, value, said
):
    from diffusers import UNet2DConditionModel

    batches = []
    forward = UNet2DConditionModel.forward

    def counted(self, sample, *given, **named):
        batches.append(len(sample))
        return forward(self, sample, *given, **named)

    broken = spoilt(tiny, tmp_path, kind, name, lambda weights: weights[key].fill_(value))
    monkeypatch.setattr(UNet2DConditionModel, "forward", counted)
    results = drawn(broken, asked(5), asked(6), steps=1)
    assert batches == [4] * 4  # two pictures, with and without their prompt, once and three times again
    for seed, one in zip((5, 6), results, strict=True):
        assert one.request == replace(asked(seed), seed=seed_of("again", seed, 3))
        assert (one.rgba, one.latent, one.owed) == (None, None, False)
        assert one.error.startswith(f"the picture is {said}")
        assert one.error.endswith("with 3 other seeds")


def test_only_the_broken_picture_is_drawn_again_and_says_with_which_seed(tiny, monkeypatch):
    from diffusers import AutoencoderKL

    decode, calls = AutoencoderKL.decode, []

    def broken(self, z, **given):
        calls.append(z)
        (picture,) = decode(self, z, **given)
        return (picture * float("nan"),) if len(calls) in (2, 4) else (picture,)  # the second of three, and its next

    with foregrounds(tiny).open() as model:
        requests = [asked(5), asked(6), asked(7)]
        expected = model.draw([asked(5), replace(asked(6), seed=seed_of("again", 6, 2)), asked(7)])
        monkeypatch.setattr(AutoencoderKL, "decode", broken)
        results = model.draw(requests)
    assert [one.request.seed for one in results] == [5, seed_of("again", 6, 2), 7]
    assert all(map(same, results, expected))


def test_latents_too_large_for_half_precision_are_broken_pictures(tiny, tmp_path):
    overflow = spoilt(tiny, tmp_path, "sdxl", UNET, lambda weights: weights["conv_out.bias"].fill_(1e6))
    assert "not a number" in drawn(overflow, asked(), steps=1)[0].error


def limit(monkeypatch, pictures: int) -> None:
    """Let the device hold so many pictures at once."""
    import torch
    from diffusers import UNet2DConditionModel

    forward = UNet2DConditionModel.forward

    def limited(self, sample, *given, **named):
        if len(sample) > 2 * pictures:
            raise torch.OutOfMemoryError(f"simulated: {len(sample)} rows")
        return forward(self, sample, *given, **named)

    monkeypatch.setattr(UNet2DConditionModel, "forward", limited)


def test_out_of_memory_halves_the_batch_once(tiny, monkeypatch):
    requests = [asked(i) for i in range(4)]
    expected = drawn(tiny, *requests)
    limit(monkeypatch, pictures=2)
    assert all(map(same, drawn(tiny, *requests), expected))


def test_a_half_that_does_not_fit_either_is_owed_as_it_was_asked_for(tiny, monkeypatch):
    limit(monkeypatch, pictures=2)
    results = drawn(tiny, *[asked(i) for i in range(7)], batch=5)
    assert [one.owed for one in results] == [True] * 3 + [False] * 4
    assert [one.rgba is None for one in results] == [True] * 3 + [False] * 4
    assert [one.request for one in results] == [asked(i) for i in range(7)]
    assert results[0].error == "out of memory with 3 at once: lower the model's batch"


def test_memory_that_ends_while_a_picture_is_drawn_again_leaves_it_owed(tiny, tmp_path, monkeypatch):
    import torch
    from diffusers import UNet2DConditionModel

    forward, seen = UNet2DConditionModel.forward, []

    def once(self, sample, *given, **named):
        seen.append(sample)
        if len(seen) > 1:
            raise torch.OutOfMemoryError("simulated")
        return forward(self, sample, *given, **named)

    black = spoilt(tiny, tmp_path, "layer_diffuse", DECODER, lambda weights: weights["conv_out.bias"].fill_(-1e9))
    monkeypatch.setattr(UNet2DConditionModel, "forward", once)
    (one,) = drawn(black, asked(5), steps=1)
    assert (one.owed, one.request) == (True, asked(5))


def test_finishing_needs_neither_sdxl_nor_the_offsets(tiny, tmp_path):
    copy = Path(shutil.copytree(tiny["layer_diffuse"], tmp_path / "decoder"))
    (copy / OFFSETS).unlink()
    bare = foregrounds({**tiny, "sdxl": tmp_path / "nowhere", "layer_diffuse": copy})
    with bare.finishing() as finisher:
        assert finisher.finish([np.ones((4, 8, 8), np.float16)])[0].shape == (64, 64, 4)
    assert "is not on this machine" in bare.fault()


def test_a_latent_that_cannot_be_finished_is_an_error(tiny):
    with foregrounds(tiny).finishing() as finisher, pytest.raises(ArithmeticError, match="no numbers"):
        finisher.finish([np.full((4, 8, 8), np.inf, np.float16)])


def test_memory_that_does_not_hold_one_frame_is_said(tiny, monkeypatch):
    import torch
    from diffusers import AutoencoderKL

    def none(self, z, **given):
        raise torch.OutOfMemoryError("simulated")

    monkeypatch.setattr(AutoencoderKL, "decode", none)
    with foregrounds(tiny).finishing() as finisher, pytest.raises(ModelUnavailable, match="finishing: out of memory"):
        finisher.finish([np.ones((4, 8, 8), np.float16)])
