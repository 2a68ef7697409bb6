"""Layer Diffusion on tiny random checkpoints: what it promises holds for any weights."""

import gc
import shutil
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genval_assets.instances.holes import filled
from genval_assets.keys import seed_of
from genval_assets.types import Drawn, DrawRequest, ModelUnavailable
from resources.foregrounds import LayerDiffusion
from resources.weights import Weights

REASON = "foregrounds need the extra 'models'"


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Iterator[dict[str, Path]]:
    """Checkpoints by kind: they are small, so one thread is fastest."""
    torch = pytest.importorskip("torch", reason=REASON)
    pytest.importorskip("diffusers", reason=REASON)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        from tests.resources import tiny_sdxl

        before = torch.get_num_threads()
        torch.set_num_threads(1)
        root = tmp_path_factory.mktemp("sdxl")
        gc.freeze()  # what is imported by now need not be looked through whenever a model is closed
        yield {
            "sdxl": tiny_sdxl.save_sdxl(root / "sdxl"),
            "half": tiny_sdxl.save_sdxl(root / "half", variant="fp16"),
            "vae": tiny_sdxl.save_vae(root / "vae"),
            "layer_diffuse": tiny_sdxl.save_layer_diffuse(root / "layer_diffuse"),
        }
        gc.unfreeze()
        torch.set_num_threads(before)


def foregrounds(tiny, **settings) -> LayerDiffusion:
    folders = {kind: Weights(weights=str(tiny[kind]), revision=kind[0]) for kind in ("sdxl", "vae", "layer_diffuse")}
    small = {"variant": "", "device": "cpu", "dtype": "float32", "side": 64, "steps": 2, "batch": 4}
    return LayerDiffusion(**folders | small | settings)


def asked(seed: int = 1, prompt: str = "a dog", negative: str = "") -> DrawRequest:
    return DrawRequest(f"id{seed}", "dog", "dog", prompt, negative, seed)


def drawn(tiny, *requests: DrawRequest, **settings) -> list[Drawn]:
    with foregrounds(tiny, **settings).open() as model:
        return model.draw(requests)


def same(one: Drawn, other: Drawn) -> bool:
    return np.array_equal(one.rgba, other.rgba) and np.array_equal(one.latent, other.latent)


def spoilt(tiny, tmp_path, kind: str, name: str, change: Callable) -> dict[str, Path]:
    """Return the checkpoints with one file of tensors changed in a copy."""
    from safetensors.torch import load_file, save_file

    copy = Path(shutil.copytree(tiny[kind], tmp_path / kind))
    weights = load_file(copy / name)
    change(weights)
    save_file(weights, copy / name, metadata={"format": "pt"})
    return {**tiny, kind: copy}


UNET = "unet/diffusion_pytorch_model.safetensors"
OFFSETS = "ld_diffusers_sdxl_attn.safetensors"
DECODER = "ld_diffusers_sdxl_vae_transparent_decoder.safetensors"
QUERY = "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q.weight"


def test_a_frame_is_rgba_with_the_latent_it_was_decoded_from(tiny):
    (one,) = drawn(tiny, asked())
    assert (one.error, one.owed, one.request) == ("", False, asked())
    assert (one.rgba.shape, one.rgba.dtype) == ((64, 64, 4), np.uint8)
    assert (one.latent.shape, one.latent.dtype) == ((4, 8, 8), np.float16)
    assert one.rgba.std(axis=(0, 1)).min() > 5


def test_a_frames_channels_are_the_objects_colours_and_then_its_alpha(tiny, tmp_path):
    import torch

    def change(weights):  # the decoder's are alpha, red, green, blue
        weights["conv_out.weight"][:3] = 0
        weights["conv_out.bias"][:3] = torch.tensor([1.0, 0.2, 0.4])

    (one,) = drawn(spoilt(tiny, tmp_path, "layer_diffuse", DECODER, change), asked())
    assert [set(one.rgba[..., channel].flat) for channel in (0, 1, 3)] == [{51}, {102}, {255}]
    assert one.rgba[..., 2].std() > 5


def test_what_was_drawn_within_an_object_is_no_hole_in_its_frame(tiny):
    import torch
    from diffusers import AutoencoderKL

    results = drawn(tiny, *[asked(i) for i in range(8)])
    with foregrounds(tiny).finishing() as finisher:
        finished = finisher.finish([one.latent for one in results])
    vae = AutoencoderKL.from_pretrained(tiny["vae"])
    for one, frame in zip(results, finished, strict=True):
        with torch.inference_mode():
            (picture,) = vae.decode(torch.tensor(one.latent)[None].float()).sample
        levels = ((picture / 2 + 0.5).clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
        assert np.array_equal(filled(one.rgba, levels), one.rgba)
        assert np.array_equal(filled(frame, levels), frame)


def test_a_batch_gives_the_same_pixels_as_one_by_one(tiny):
    requests = [asked(i, f"a dog {'in the sun ' * i}", "blurred" * (i % 2)) for i in range(5)]
    together = drawn(tiny, *requests, batch=4)
    assert all(same(one, drawn(tiny, one.request, batch=1)[0]) for one in together[:2])
    with foregrounds(tiny, batch=1).open() as alone:
        assert all(map(same, together, alone.draw(requests)))
        assert all(map(same, together, alone.draw(requests[::-1])[::-1]))
    assert [one.request for one in together] == requests


def test_prompt_negative_prompt_and_seed_each_decide(tiny):
    with foregrounds(tiny).open() as model:
        pictures = [one.rgba for one in model.draw([asked(), asked(2), asked(1, "a cat"), asked(1, negative="grey")])]
    assert len({picture.tobytes() for picture in pictures}) == 4


@pytest.mark.parametrize("change", [{"steps": 3}, {"guidance": 2.0}, {"side": 128}])
def test_settings_that_shape_pixels_do_and_are_in_the_fingerprint(tiny, change):
    plain, changed = foregrounds(tiny), foregrounds(tiny, **change)
    with plain.open() as one, changed.open() as other:
        assert not same(one.draw([asked()])[0], other.draw([asked()])[0])
    assert plain.fingerprint() != changed.fingerprint()


def test_the_fingerprint_names_all_weights_in_one_line(tiny):
    assert foregrounds(tiny).fingerprint() == (
        "layer_diffusion 1 sdxl+layer_diffuse@s+l offsets=ld_diffusers_sdxl_attn.safetensors "
        "decoder=ld_diffusers_sdxl_vae_transparent_decoder.safetensors vae=vae@v variant= dtype=float32 side=64 "
        "steps=2 guidance=5"
    )


def test_rows_name_sdxl_and_layer_diffusion(tiny):
    with foregrounds(tiny, batch=3).open() as model:
        assert (model.model, model.revision, model.best_batch) == ("sdxl+layer_diffuse", "s+l", 3)
    assert (foregrounds(tiny).source, foregrounds(tiny).can_draw("anything")) == ("layer_diffusion", True)


def unet_of(tiny, **settings) -> dict:
    with foregrounds(tiny, **settings).open() as model:
        return dict(model._sdxl.pipeline.unet.named_parameters())


def test_offsets_are_added_to_the_weights_exactly(tiny):
    from safetensors.torch import load_file

    stored, added = load_file(tiny["sdxl"] / UNET), load_file(tiny["layer_diffuse"] / OFFSETS)
    merged = unet_of(tiny)
    assert {key for key in stored if not merged[key].equal(stored[key])} == set(added)
    assert all(merged[key].equal(stored[key] + added[key].float()) for key in added)


def test_in_half_precision_the_sum_is_rounded_once(tiny):
    import torch
    from safetensors.torch import load_file

    half = {**tiny, "sdxl": tiny["half"]}
    stored = load_file(tiny["half"] / UNET.replace(".safetensors", ".fp16.safetensors"))
    added = load_file(tiny["layer_diffuse"] / OFFSETS)
    merged = unet_of(half, variant="fp16", dtype="bfloat16")
    assert all(merged[key].equal((stored[key].float() + added[key].float()).bfloat16()) for key in added)
    assert {weight.dtype for weight in merged.values()} == {torch.bfloat16}


def test_offsets_change_the_picture(tiny, tmp_path):
    def none(weights):
        for offset in weights.values():
            offset.zero_()

    plain = spoilt(tiny, tmp_path, "layer_diffuse", OFFSETS, none)
    assert not same(drawn(tiny, asked())[0], drawn(plain, asked())[0])


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_files_named_fp16_are_drawn_with_in_half_precision(tiny, dtype):
    half = {**tiny, "sdxl": tiny["half"]}
    (rough,) = drawn(half, asked(), variant="fp16", dtype=dtype)
    (exact,) = drawn(half, asked(), variant="fp16")
    assert rough.error == ""
    assert 0 < np.abs(rough.rgba.astype(int) - exact.rgba).mean() < 12


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


def test_offsets_of_biases_are_added_too(tiny, tmp_path):
    import torch

    bias = QUERY.replace("to_q.weight", "to_out.0.bias")
    more = spoilt(tiny, tmp_path, "layer_diffuse", OFFSETS, lambda weights: weights.update({bias: torch.ones(16)}))
    assert unet_of(more)[bias].equal(unet_of(tiny)[bias] + 1)


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


def test_compiled_networks_see_batches_of_one_shape(tiny, monkeypatch):
    from diffusers import UNet2DConditionModel

    compiled, shapes, forward = [], set(), UNet2DConditionModel.forward

    def noted(self, sample, *given, **named):
        shapes.add(tuple(sample.shape))
        return forward(self, sample, *given, **named)

    requests = [asked(i) for i in range(5)]
    expected = drawn(tiny, *requests)
    monkeypatch.setattr(UNet2DConditionModel, "forward", noted)
    monkeypatch.setattr(UNet2DConditionModel, "compile_repeated_blocks", lambda self, **how: compiled.append(how))
    assert all(map(same, drawn(tiny, *requests, batch=4, compile=True), expected))
    assert (compiled, shapes) == ([{"fullgraph": True}], {(8, 4, 8, 8)})


def test_each_text_is_encoded_once(tiny, monkeypatch):
    from transformers import CLIPTextModelWithProjection

    texts, forward = [], CLIPTextModelWithProjection.forward

    def noted(self, input_ids=None, **given):
        texts.append(input_ids)
        return forward(self, input_ids, **given)

    monkeypatch.setattr(CLIPTextModelWithProjection, "forward", noted)
    drawn(tiny, *[asked(i, prompt, "grey") for i in range(3) for prompt in ("a dog", "a cat")])
    assert len(texts) == 3


def test_nothing_asked_is_nothing_drawn(tiny):
    assert drawn(tiny) == []


def test_finished_frames_have_the_size_of_the_quick_ones_and_look_alike(tiny):
    resource = foregrounds(tiny)
    quick = drawn(tiny, asked(1), asked(2))
    with resource.finishing() as finisher:
        frames = finisher.finish([one.latent for one in quick])
        assert np.array_equal(frames[1], finisher.finish([quick[1].latent])[0])
    for one, frame in zip(quick, frames, strict=True):
        assert (frame.shape, frame.dtype) == (one.rgba.shape, np.uint8)
        assert np.abs(frame.astype(int) - one.rgba).mean() > 0
    assert not np.array_equal(*frames)


def test_pixels_are_decoded_finer_than_bfloat16_can(tiny):
    latents = [one.latent for one in drawn(tiny, asked(1), asked(2))]
    with foregrounds(tiny).finishing() as exact, foregrounds(tiny, dtype="bfloat16").finishing() as half:
        pairs = zip(exact.finish(latents), half.finish(latents), strict=True)
        errors = [np.abs(one.astype(int) - other).mean() for one, other in pairs]
    assert max(errors) < 1  # of 255; bfloat16 would be 2 away from it


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


def networks() -> list[weakref.ref]:
    from torch import nn

    gc.collect()
    return [weakref.ref(one) for one in gc.get_objects() if issubclass(type(one), nn.Module)]


def test_after_the_block_nothing_holds_the_weights(tiny):
    with foregrounds(tiny).open() as model:
        model.draw([asked()])
        held = networks()
    assert len(held) > 100
    gc.collect()
    assert [one() for one in held if one() is not None] == []
    with pytest.raises(ModelUnavailable, match="was closed"):
        model.draw([asked()])


def test_after_finishing_nothing_holds_the_weights(tiny):
    with foregrounds(tiny).finishing() as finisher:
        finisher.finish([np.ones((4, 8, 8), np.float16)])
        held = networks()
    assert len(held) > 100
    gc.collect()
    assert [one() for one in held if one() is not None] == []
    with pytest.raises(ModelUnavailable, match="was closed"):
        finisher.finish([np.ones((4, 8, 8), np.float16)])


def test_a_resource_that_is_only_looked_at_imports_nothing_heavy():
    program = (
        "import sys; from resources.foregrounds import LayerDiffusion; from resources.painter import SdxlPainter\n"
        "LayerDiffusion(sdxl={'weights': 'a'}, vae={'weights': 'b'}, layer_diffuse={'weights': 'c'}).fingerprint()\n"
        "print([name for name in ('torch', 'diffusers', 'transformers') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
