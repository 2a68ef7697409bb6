"""Layer Diffusion on tiny random checkpoints: what it promises holds for any weights."""

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from genval_assets.instances.holes import filled
from genval_assets.types import ModelUnavailable
from resources.weights import Weights
from tests.resources.drawing import DECODER, OFFSETS, QUERY, UNET, asked, checkpoints, drawn, foregrounds, same, spoilt


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Iterator[dict[str, Path]]:
    with checkpoints(tmp_path_factory.mktemp("sdxl")) as saved:
        yield saved


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
        finished = [one.rgba for one in finisher.finish([one.latent for one in results])]
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


@pytest.mark.parametrize(("of_sdxl", "of_offsets", "said"), [("s", "", "s+"), ("", "l", "+l"), ("", "", "")])
def test_rows_tell_whose_revision_is_unknown(tiny, of_sdxl, of_offsets, said):
    given = {"sdxl": of_sdxl, "layer_diffuse": of_offsets}
    folders = {kind: Weights(weights=str(tiny[kind]), revision=given[kind]) for kind in given}
    with foregrounds(tiny, **folders).open() as model:
        assert (model.model, model.revision) == ("sdxl+layer_diffuse", said)


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


def test_offsets_of_biases_are_added_too(tiny, tmp_path):
    import torch

    bias = QUERY.replace("to_q.weight", "to_out.0.bias")
    more = spoilt(tiny, tmp_path, "layer_diffuse", OFFSETS, lambda weights: weights.update({bias: torch.ones(16)}))
    assert unet_of(more)[bias].equal(unet_of(tiny)[bias] + 1)


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
        results = finisher.finish([one.latent for one in quick])
        frames = [one.rgba for one in results]
        assert np.array_equal(frames[1], finisher.finish([quick[1].latent])[0].rgba)
    assert [(one.error, one.owed) for one in results] == [("", False)] * 2
    for one, frame in zip(quick, frames, strict=True):
        assert (frame.shape, frame.dtype) == (one.rgba.shape, np.uint8)
        assert np.abs(frame.astype(int) - one.rgba).mean() > 0
    assert not np.array_equal(*frames)


def test_pixels_are_decoded_finer_than_bfloat16_can(tiny):
    latents = [one.latent for one in drawn(tiny, asked(1), asked(2))]
    with foregrounds(tiny).finishing() as exact, foregrounds(tiny, dtype="bfloat16").finishing() as half:
        pairs = zip(exact.finish(latents), half.finish(latents), strict=True)
        errors = [np.abs(one.rgba.astype(int) - other.rgba).mean() for one, other in pairs]
    assert max(errors) < 1  # of 255; bfloat16 would be 2 away from it


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


def test_after_the_block_what_was_compiled_holds_no_weights_either(tiny, monkeypatch):
    from diffusers import UNet2DConditionModel

    compiled = UNet2DConditionModel.compile_repeated_blocks
    # without code for the processor: what holds the weights is made before it
    monkeypatch.setattr(
        UNet2DConditionModel, "compile_repeated_blocks", lambda self, **_: compiled(self, backend="eager")
    )
    with foregrounds(tiny, compile=True, batch=1, steps=1).open() as model:
        (one,) = model.draw([asked()])
        held = networks()
    assert one.error == ""
    gc.collect()
    assert [one() for one in held if one() is not None] == []


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
