"""The painter of backgrounds on tiny random checkpoints."""

import gc
import shutil
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genval_assets.keys import seed_of
from genval_assets.types import ModelUnavailable, Painted, PaintRequest
from resources.painter import SdxlPainter
from resources.weights import Weights
from tests.resources.tiny_networks import tiny_networks


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Iterator[dict[str, Path]]:
    """Checkpoints by kind: they are small, so one thread is fastest."""
    with tiny_networks("tiny_sdxl") as (tiny_sdxl,):
        root = tmp_path_factory.mktemp("painter")
        yield {"sdxl": tiny_sdxl.save_sdxl(root / "sdxl"), "vae": tiny_sdxl.save_vae(root / "vae")}


def painter(tiny, **settings) -> SdxlPainter:
    folders = {kind: Weights(weights=str(tiny[kind]), revision=kind[0]) for kind in ("sdxl", "vae")}
    small = {"variant": "", "device": "cpu", "dtype": "float32", "side": 64, "steps": 2, "batch": 4}
    return SdxlPainter(**folders | small | settings)


def asked(seed: int = 1, prompt: str = "a meadow", negative: str = "people") -> PaintRequest:
    return PaintRequest(0, prompt, negative, seed)


def painted(tiny, *requests: PaintRequest, **settings) -> list[Painted]:
    with painter(tiny, **settings).open() as model:
        return model.paint(requests)


def test_a_background_is_rgb_of_the_models_size(tiny):
    (one,) = painted(tiny, asked(), side=128)
    assert (one.rgb.shape, one.rgb.dtype) == ((128, 128, 3), np.uint8)
    assert (one.request, one.error, one.owed) == (asked(), "", False)
    assert one.rgb.std() > 5


def test_it_paints_what_the_librarys_own_pipeline_paints(tiny):
    import torch
    from diffusers import AutoencoderKL, StableDiffusionXLPipeline

    pipeline = StableDiffusionXLPipeline.from_pretrained(
        tiny["sdxl"], vae=AutoencoderKL.from_pretrained(tiny["vae"]), add_watermarker=False
    )
    pipeline.set_progress_bar_config(disable=True)
    expected = pipeline(
        ["a meadow"] * 2,
        negative_prompt=["people"] * 2,
        generator=[torch.Generator().manual_seed(seed) for seed in (3, 4)],
        height=64,
        width=64,
        num_inference_steps=2,
        guidance_scale=5.0,
        output_type="np",
    ).images
    for one, picture in zip(painted(tiny, asked(3), asked(4)), expected, strict=True):
        assert np.abs(one.rgb - picture * 255).max() < 0.6


def test_without_a_negative_prompt_it_paints_as_the_pipeline_does(tiny):
    import torch
    from diffusers import AutoencoderKL, StableDiffusionXLPipeline

    pipeline = StableDiffusionXLPipeline.from_pretrained(
        tiny["sdxl"], vae=AutoencoderKL.from_pretrained(tiny["vae"]), add_watermarker=False
    )
    pipeline.set_progress_bar_config(disable=True)
    (expected,) = pipeline(
        "a meadow",
        generator=torch.Generator().manual_seed(3),
        height=64,
        width=64,
        num_inference_steps=2,
        guidance_scale=5.0,
        output_type="np",
    ).images
    (one,) = painted(tiny, asked(3, negative=""))
    assert np.abs(one.rgb - expected * 255).max() < 0.6


@pytest.mark.parametrize("guidance", [5.0, 1.0])
def test_a_batch_gives_the_same_pixels_as_one_by_one(tiny, guidance):
    requests = [asked(i, f"a meadow {'in the sun ' * i}") for i in range(5)]
    together = painted(tiny, *requests, guidance=guidance)
    alone = painted(tiny, *requests[::-1], batch=1, guidance=guidance)[::-1]
    assert [one.rgb.tobytes() for one in together] == [one.rgb.tobytes() for one in alone]
    assert len({one.rgb.tobytes() for one in together}) == 5


def test_guidance_of_one_does_not_look_at_the_negative_prompt(tiny):
    one, other = painted(tiny, asked(), asked(negative="trees"), guidance=1.0)
    assert np.array_equal(one.rgb, other.rgb)


def test_half_precision_paints_nearly_the_same(tiny):
    (rough,), (exact,) = painted(tiny, asked(), dtype="bfloat16"), painted(tiny, asked())
    assert 0 < np.abs(rough.rgb.astype(int) - exact.rgb).mean() < 12


@pytest.mark.parametrize(
    ("channels", "value", "said"),
    [(slice(3), -1e9, "of one colour"), (slice(1), float("nan"), "not a number: the network overflowed")],
)
def test_a_broken_background_is_painted_again_three_times(tiny, tmp_path, channels, value, said):
    from safetensors.torch import load_file, save_file

    copy = Path(shutil.copytree(tiny["vae"], tmp_path / "vae"))
    weights = load_file(copy / "diffusion_pytorch_model.safetensors")
    weights["decoder.conv_out.bias"][channels] = value
    save_file(weights, copy / "diffusion_pytorch_model.safetensors", metadata={"format": "pt"})
    (one,) = painted({**tiny, "vae": copy}, asked(5))
    assert one.request == replace(asked(5), seed=seed_of("again", 5, 3))
    assert (one.rgb, one.owed) == (None, False)
    assert one.error == f"the picture is {said}, and so it was with 3 other seeds"


def test_out_of_memory_leaves_backgrounds_owed(tiny, monkeypatch):
    import torch
    from diffusers import UNet2DConditionModel

    def none(self, sample, *given, **named):
        raise torch.OutOfMemoryError("simulated")

    monkeypatch.setattr(UNet2DConditionModel, "forward", none)
    results = painted(tiny, asked(1), asked(2), asked(3))
    assert [(one.owed, one.request.seed) for one in results] == [(True, 1), (True, 2), (True, 3)]
    assert "lower the model's batch" in results[0].error


def test_the_fingerprint_names_weights_and_settings(tiny):
    assert painter(tiny).fingerprint() == ("sdxl 1 sdxl@s vae=vae@v variant= dtype=float32 side=64 steps=2 guidance=5")


def test_rows_name_sdxl(tiny):
    with painter(tiny, batch=2).open() as model:
        assert (model.model, model.revision, model.best_batch) == ("sdxl", "s", 2)


def test_a_vae_with_a_mean_per_channel_is_refused(tiny, tmp_path):
    copy = Path(shutil.copytree(tiny["vae"], tmp_path / "vae"))
    config = (copy / "config.json").read_text().replace('"latents_mean": null', '"latents_mean": [1, 1, 1, 1]')
    (copy / "config.json").write_text(config)
    with pytest.raises(ModelUnavailable, match="a mean or a spread per channel"), painter({**tiny, "vae": copy}).open():
        pass


def test_weights_that_are_nowhere_are_said_with_the_command_that_fetches_them(tiny, tmp_path):
    nowhere = painter({**tiny, "sdxl": tmp_path / "nowhere"})
    assert "hf download" in nowhere.fault()
    with pytest.raises(ModelUnavailable, match="is not on this machine"), nowhere.open():
        pass


def test_after_the_block_nothing_holds_the_weights(tiny):
    from torch import nn

    with painter(tiny).open() as model:
        model.paint([asked()])
        gc.collect()
        held = [weakref.ref(one) for one in gc.get_objects() if issubclass(type(one), nn.Module)]
    assert len(held) > 100
    gc.collect()
    assert [one() for one in held if one() is not None] == []
    with pytest.raises(ModelUnavailable, match="was closed"):
        model.paint([asked()])
