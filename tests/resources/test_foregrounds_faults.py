"""What Layer Diffusion does when files, numbers or memory fail: it says so, and nothing is made up."""

import re
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
        ("layer_diffuse", DECODER, "conv_out.bias", -1e9, "transparent all over"),
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
        assert finisher.finish([np.ones((4, 8, 8), np.float16)])[0].rgba.shape == (64, 64, 4)
    assert "is not on this machine" in bare.fault()


GOOD = np.ones((4, 8, 8), np.float16)


@pytest.mark.parametrize(
    ("latent", "said"),
    [
        (np.full((4, 8, 8), np.inf, np.float16), "holds NaN or infinity"),
        (np.where(np.eye(8, dtype=bool), np.nan, GOOD), "holds NaN or infinity"),
        (np.ones((3, 8, 8), np.float16), r"of the shape \(4, h, h\), h a multiple of 8, not \(3, 8, 8\)"),
        (np.ones((8, 8), np.float16), r"not \(8, 8\)"),
        (np.ones((4, 8, 16), np.float16), r"not \(4, 8, 16\)"),
        (np.ones((4, 12, 12), np.float16), r"not \(4, 12, 12\)"),
        (np.ones((4, 0, 0), np.float16), r"not \(4, 0, 0\)"),
        (np.ones((4, 8, 8), np.uint8), "an array of floats, not uint8"),
        (np.full((4, 8, 8), None), "an array of floats, not object"),
        (None, "an array of floats, not NoneType"),
    ],
)
def test_a_latent_that_cannot_be_decoded_fails_by_itself(tiny, latent, said):
    with foregrounds(tiny).finishing() as finisher:
        (alone,) = finisher.finish([GOOD])
        before, broken, after = finisher.finish([GOOD, latent, GOOD])
    assert (broken.rgba, broken.owed) == (None, False)
    assert re.search(said, broken.error)
    assert np.array_equal(before.rgba, alone.rgba)
    assert np.array_equal(after.rgba, alone.rgba)


@pytest.mark.parametrize("dtype", [">f2", np.float64, np.longdouble])
def test_a_latent_of_any_kind_of_floats_gives_the_same_frame(tiny, dtype):
    with foregrounds(tiny).finishing() as finisher:
        one, other = finisher.finish([GOOD, GOOD.astype(dtype)])
    assert np.array_equal(one.rgba, other.rgba)


def test_a_latent_that_the_decoder_cannot_hold_is_an_error(tiny, tmp_path):
    overflow = spoilt(tiny, tmp_path, "layer_diffuse", DECODER, lambda weights: weights["conv_out.bias"].fill_(np.inf))
    with foregrounds(overflow).finishing() as finisher:
        (one,) = finisher.finish([GOOD])
    assert (one.rgba, one.owed) == (None, False)
    assert "no numbers" in one.error


@pytest.mark.parametrize("error", ["OutOfMemoryError", "RuntimeError"])
def test_frames_that_find_no_room_are_owed_and_tried_once_each(tiny, monkeypatch, error):
    import torch
    from diffusers import AutoencoderKL

    decode, tried = AutoencoderKL.decode, []
    full = torch.OutOfMemoryError if error == "OutOfMemoryError" else RuntimeError

    def second_fails(self, z, **given):
        tried.append(len(z))
        if len(tried) == 2:
            raise full("CUBLAS_STATUS_ALLOC_FAILED")
        return decode(self, z, **given)

    monkeypatch.setattr(AutoencoderKL, "decode", second_fails)
    with foregrounds(tiny).finishing() as finisher:
        results = finisher.finish([GOOD] * 3)
    assert tried == [1, 1, 1]
    assert [(one.rgba is None, one.owed) for one in results] == [(False, False), (True, True), (False, False)]
    assert "lower side in [models.drawing]" in results[1].error


def invisible(weights) -> None:
    """Alpha is nothing everywhere; the colours stay as they are."""
    weights["conv_out.weight"][0] = 0
    weights["conv_out.bias"][0] = -1


def grey(weights) -> None:
    """The VAE decodes one grey, whatever the latent."""
    weights["decoder.conv_out.weight"][:] = 0
    weights["decoder.conv_out.bias"][:] = 0


@pytest.mark.parametrize(
    ("kind", "name", "change", "said"),
    [
        ("layer_diffuse", DECODER, invisible, "transparent all over"),
        ("vae", "diffusion_pytorch_model.safetensors", grey, "of one colour before its transparency is told"),
    ],
)
def test_a_frame_that_shows_nothing_is_drawn_again_and_then_an_error(tiny, tmp_path, kind, name, change, said):
    (one,) = drawn(spoilt(tiny, tmp_path, kind, name, change), asked(5), steps=1)
    assert (one.rgba, one.owed) == (None, False)
    assert one.request.seed == seed_of("again", 5, 3)
    assert one.error == f"the picture is {said}, and so it was with 3 other seeds"
