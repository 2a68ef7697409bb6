"""SDXL image-to-image with IP-Adapter on tiny random checkpoints: what it promises holds for any weights."""

import gc
import shutil
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from genval_assets.keys import seed_of
from genval_assets.model_ports import Variations
from genval_assets.types import ModelUnavailable, Varied, VaryRequest
from resources.variation import SdxlVariation
from resources.weights import Weights
from tests.resources.tiny_networks import tiny_networks

ADAPTER = "sdxl_models/ip-adapter_sdxl_vit-h.safetensors"


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Iterator[dict[str, Path]]:
    """Checkpoints by kind: they are small, so one thread is fastest."""
    with tiny_networks("tiny_ip_adapter", "tiny_sdxl") as (tiny_ip_adapter, tiny_sdxl):
        root = tmp_path_factory.mktemp("variation")
        folders = {
            "sdxl": tiny_sdxl.save_sdxl(root / "sdxl"),
            "vae": tiny_sdxl.save_vae(root / "vae"),
            "ip_adapter": tiny_ip_adapter.save(root / "ip_adapter"),
        }
        yield folders


def variation(tiny, **settings) -> SdxlVariation:
    folders = {kind: Weights(weights=str(tiny[kind]), revision=kind[0]) for kind in ("sdxl", "vae", "ip_adapter")}
    small = {"variant": "", "device": "cpu", "dtype": "float32", "side": 64, "steps": 4, "batch": 4}
    return SdxlVariation(**folders | small | settings)


def picture(seed: int, side: int = 48) -> np.ndarray:
    """Four by four patches of colour."""
    patches = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return np.kron(patches, np.ones((side // 4, side // 4, 1), dtype=np.uint8))


def asked(seed: int = 1, shown: int = 1, side: int = 48, prompt: str = "a dog", negative: str = "") -> VaryRequest:
    mask = np.ones((side, side), dtype=bool)
    return VaryRequest(f"id{seed}", "dog", "dog", prompt, negative, picture(shown, side), mask, seed)


def varied(tiny, *requests: VaryRequest, **settings) -> list[Varied]:
    variations: Variations = variation(tiny, **settings)
    with variations.open() as model:
        return model.vary(requests)


def difference(one: Varied, other: Varied) -> float:
    return float(np.abs(one.rgb.astype(int) - other.rgb).mean())


def test_a_variation_is_rgb_of_the_models_side_whatever_the_requests(tiny):
    requests = [asked(1, side=48), asked(2, side=100), asked(3, side=64)]
    for one, request in zip(varied(tiny, *requests, side=128, steps=2), requests, strict=True):
        assert (one.rgb.shape, one.rgb.dtype) == ((128, 128, 3), np.uint8)
        assert one.rgb.std() > 5
        assert (one.request, one.error, one.owed) == (request, "", False)


def test_a_batch_gives_the_same_pixels_as_one_by_one(tiny):
    requests = [asked(seed, shown=seed, prompt=f"dog {seed}", side=40 + 4 * seed) for seed in range(6)]
    together, alone = varied(tiny, *requests, batch=4), varied(tiny, *requests, batch=1)
    assert [np.array_equal(one.rgb, other.rgb) for one, other in zip(together, alone, strict=True)] == [True] * 6
    assert len({one.rgb.tobytes() for one in together}) == 6


def test_every_picture_sees_its_own_reference_only(tiny):
    with variation(tiny).open() as model:
        shown = [[asked(1, shown=1), asked(2, shown=2)], [asked(1, shown=1), asked(2, shown=3)]]
        before, after = (model.vary(pair) for pair in shown)
    assert np.array_equal(before[0].rgb, after[0].rgb)
    assert difference(before[1], after[1]) > 1


@pytest.mark.parametrize("changes", [{"seed": 2}, {"shown": 2}, {"prompt": "a cat"}, {"negative": "a cat"}])
def test_seed_source_and_words_move_the_picture(tiny, changes):
    one, other = varied(tiny, asked(), asked(**changes))
    assert difference(one, other) > 0.3


def other_reference(model, monkeypatch, shown: int) -> None:
    """Let every picture be drawn over its own source, with another one as the reference."""
    own = model._references
    monkeypatch.setattr(
        model, "_references", lambda requests: own([replace(one, picture=picture(shown)) for one in requests])
    )


@pytest.mark.parametrize(("scale", "moves"), [(0.0, False), (0.5, True), (1.0, True)])
def test_the_reference_moves_the_picture_unless_its_scale_is_0(tiny, monkeypatch, scale, moves):
    with variation(tiny, reference_scale=scale).open() as model:
        (own,) = model.vary([asked(shown=1)])
        other_reference(model, monkeypatch, shown=2)
        (other,) = model.vary([asked(shown=1)])
    assert (difference(own, other) > 1) is moves
    assert (difference(own, other) == 0) is not moves


def test_strength_decides_how_much_of_the_source_stays(tiny, monkeypatch):
    import torch
    from diffusers import AutoencoderKL

    vae = AutoencoderKL.from_pretrained(tiny["vae"])
    requests = [asked(seed, shown=seed) for seed in range(4)]

    def kept(strength: float) -> float:
        far = []
        for one in varied(tiny, *requests, strength=strength, steps=10, reference_scale=0):
            large = cv2.resize(one.request.picture, (64, 64), interpolation=cv2.INTER_CUBIC)
            pixels = torch.from_numpy(large).permute(2, 0, 1)[None].float() / 127.5 - 1
            with torch.inference_mode():
                source = vae.decode(vae.encode(pixels).latent_dist.mode()).sample
            levels = (source / 2 + 0.5).clamp(0, 1)[0].permute(1, 2, 0).numpy() * 255
            far.append(np.abs(one.rgb - levels).mean())
        return float(np.mean(far))

    assert kept(0.1) < 0.75 * kept(0.3) < 0.75 * kept(0.9)


@pytest.mark.parametrize("guidance", [1.0, 5.0])
def test_it_draws_what_the_librarys_own_pipeline_draws(tiny, guidance):
    import torch
    from diffusers import AutoencoderKL, StableDiffusionXLImg2ImgPipeline
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    vae = AutoencoderKL.from_pretrained(tiny["vae"])
    pipeline = StableDiffusionXLImg2ImgPipeline.from_pretrained(
        tiny["sdxl"],
        vae=vae,
        add_watermarker=False,
        feature_extractor=CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}),
    )
    pipeline.load_ip_adapter(
        tiny["ip_adapter"],
        subfolder="sdxl_models",
        weight_name="ip-adapter_sdxl_vit-h.safetensors",
        image_encoder_folder="models/image_encoder",
        local_files_only=True,
    )
    pipeline.set_ip_adapter_scale(0.7)
    pipeline.set_progress_bar_config(disable=True)
    request = asked(5, shown=6, side=64, negative="cats")
    pixels = torch.from_numpy(request.picture).permute(2, 0, 1)[None].float() / 127.5 - 1
    with torch.no_grad():
        source = vae.encode(pixels).latent_dist.mode() * vae.config.scaling_factor
    pipeline.scheduler.set_timesteps(5)
    noise = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(5))
    latents = pipeline.scheduler.add_noise(source, noise, pipeline.scheduler.timesteps[2:3])  # 3 of 5 steps
    expected = pipeline(
        "a dog",
        negative_prompt="cats",
        image=latents,
        latents=latents,
        ip_adapter_image=Image.fromarray(request.picture),
        strength=0.6,
        num_inference_steps=5,
        guidance_scale=guidance,
        output_type="np",
    ).images[0]
    (one,) = varied(tiny, request, strength=0.6, steps=5, guidance=guidance, reference_scale=0.7)
    assert np.abs(one.rgb - expected * 255).max() < 0.6


@pytest.mark.parametrize("side", [20, 32, 300])
def test_references_are_prepared_as_the_librarys_processor_does(tiny, side):
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    from resources._ip_adapter import clip_pixels

    shown = np.random.default_rng(side).integers(0, 256, (side, side, 3), dtype=np.uint8)
    processor = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    expected = np.asarray(processor(Image.fromarray(shown), return_tensors="np").pixel_values[0])
    assert clip_pixels(shown, 32) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"drop": "ip_adapter.1.to_k_ip.weight"}, r"no weights for ip_adapter\.1\.to_k_ip\.weight"),
        ({"drop": "image_proj.norm.bias"}, r"no weights for image_proj\.norm\.bias"),
        ({"add": "image_proj.latents"}, r"keys that the network lacks image_proj\.latents"),
        ({"cut": "ip_adapter.1.to_v_ip.weight"}, r"another shape for ip_adapter\.1\.to_v_ip\.weight"),
        ({"cut": "image_proj.proj.weight"}, r"another shape for image_proj\.proj\.weight"),
    ],
)
def test_an_adapter_that_does_not_fit_is_an_error_that_lists_its_keys(tiny, tmp_path, change, says):
    from safetensors.torch import load_file, save_file

    copy = Path(shutil.copytree(tiny["ip_adapter"], tmp_path / "copy"))
    weights = load_file(copy / ADAPTER)
    if "drop" in change:
        del weights[change["drop"]]
    if "add" in change:
        weights[change["add"]] = weights["image_proj.norm.bias"].clone()
    if "cut" in change:
        weights[change["cut"]] = weights[change["cut"]][:, :-1].contiguous()
    save_file(weights, copy / ADAPTER)
    with pytest.raises(ModelUnavailable, match=says):
        varied({**tiny, "ip_adapter": copy}, asked())


def test_missing_weights_of_the_image_encoder_are_an_error_and_never_noise(tiny, tmp_path):
    from safetensors.torch import load_file, save_file

    copy = Path(shutil.copytree(tiny["ip_adapter"], tmp_path / "copy"))
    file = copy / "models" / "image_encoder" / "model.safetensors"
    weights = load_file(file)
    del weights["visual_projection.weight"]
    save_file(weights, file, metadata={"format": "pt"})
    with pytest.raises(ModelUnavailable, match=r"IP-Adapter.*visual_projection\.weight"):
        varied({**tiny, "ip_adapter": copy}, asked())


def test_damaged_files_are_named(tiny, tmp_path):
    copy = Path(shutil.copytree(tiny["ip_adapter"], tmp_path / "copy"))
    (copy / ADAPTER).write_bytes((copy / ADAPTER).read_bytes()[:200])
    with pytest.raises(ModelUnavailable, match=r"IP-Adapter.*ip-adapter_sdxl_vit-h\.safetensors"):
        varied({**tiny, "ip_adapter": copy}, asked())


def test_what_is_not_there_is_named_before_anything_is_loaded(tiny, tmp_path):
    assert variation(tiny).fault() == ""
    assert "lacks models/missing/config.json" in variation(tiny, image_encoder="models/missing").fault()
    assert "lacks sdxl_models/other.safetensors" in variation(tiny, file="other.safetensors").fault()
    assert "(SDXL)" in variation({**tiny, "sdxl": tmp_path}).fault()
    assert "(VAE)" in variation({**tiny, "vae": tmp_path}).fault()
    assert "device 'warp'" in variation(tiny, device="warp").fault()
    with pytest.raises(ModelUnavailable, match="not on this machine"):
        varied({**tiny, "ip_adapter": tmp_path / "nowhere"}, asked())


def test_only_safetensors_are_accepted(tiny):
    with pytest.raises(ValidationError, match="file"):
        variation(tiny, file="ip-adapter_sdxl_vit-h.bin")


def test_less_than_one_step_is_refused_by_name(tiny):
    assert "3 steps at strength 0.3 are not one" in variation(tiny, steps=3, strength=0.3).fault()
    assert variation(tiny, steps=4, strength=0.3).fault() == ""


def test_every_setting_that_shapes_pixels_is_in_the_fingerprint(tiny):
    changes = [
        {},
        {"side": 128},
        {"steps": 5},
        {"guidance": 2.0},
        {"dtype": "bfloat16"},
        {"variant": "fp16"},
        {"strength": 0.7},
        {"reference_scale": 0.1},
        {"file": "other.safetensors"},
        {"subfolder": "other"},
        {"image_encoder": "other"},
    ]
    lines = [variation(tiny, **change).fingerprint() for change in changes]
    for kind in ("sdxl", "vae", "ip_adapter"):
        weights = Weights(weights=str(tiny[kind]), revision="another")
        lines.append(variation(tiny, **{kind: weights}).fingerprint())
    assert len(set(lines)) == len(lines)
    assert not any("\n" in line for line in lines)
    assert variation(tiny, batch=2, compile=True).fingerprint() == lines[0]


def spoil(monkeypatch, bad: set[int], value: float) -> None:
    """Let the decoder answer `value` for these of all pictures, counted from 0."""
    from diffusers import AutoencoderKL

    decode, done = AutoencoderKL.decode, []

    def decoded(self, latents, **given):
        result = decode(self, latents, **given)
        if len(done) in bad:
            result[0][:] = value
        done.append(1)
        return result

    monkeypatch.setattr(AutoencoderKL, "decode", decoded)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0])
def test_a_broken_or_black_picture_is_drawn_again_with_another_seed(tiny, monkeypatch, value):
    again = seed_of("again", 2, 1)
    plain = varied(tiny, asked(1), asked(again))
    spoil(monkeypatch, {1}, value)
    one, other = varied(tiny, asked(1), asked(2))
    assert np.array_equal(one.rgb, plain[0].rgb)
    assert np.array_equal(other.rgb, plain[1].rgb)
    assert other.request.seed == again
    assert np.array_equal(other.request.picture, asked(2).picture)


def test_a_picture_that_stays_broken_is_given_up_after_three_more_seeds(tiny, monkeypatch):
    spoil(monkeypatch, set(range(99)), float("nan"))
    (one,) = varied(tiny, asked(2))
    assert one.rgb is None
    assert "not a number" in one.error
    assert (one.request.seed, one.owed) == (seed_of("again", 2, 3), False)


def limit(monkeypatch, pictures: int) -> None:
    """Let the device hold so many pictures at once; guidance doubles them."""
    import torch
    from diffusers import UNet2DConditionModel

    forward = UNet2DConditionModel.forward

    def limited(self, sample, *given, **named):
        if len(sample) > 2 * pictures:
            raise torch.OutOfMemoryError(f"simulated: {len(sample)}")
        return forward(self, sample, *given, **named)

    monkeypatch.setattr(UNet2DConditionModel, "forward", limited)


def test_a_batch_that_does_not_fit_is_drawn_in_halves(tiny, monkeypatch):
    requests = [asked(seed, shown=seed) for seed in range(4)]
    whole = varied(tiny, *requests)
    limit(monkeypatch, 2)
    assert [difference(one, other) for one, other in zip(whole, varied(tiny, *requests), strict=True)] == [0] * 4


def test_only_the_half_that_never_fits_is_owed(tiny, monkeypatch):
    limit(monkeypatch, 2)
    results = varied(tiny, *(asked(seed) for seed in range(5)), batch=5)
    assert [one.owed for one in results] == [True, True, True, False, False]
    assert [one.request.seed for one in results] == [0, 1, 2, 3, 4]
    assert "out of memory with 3 at once" in results[0].error


def test_nothing_asked_is_nothing_drawn(tiny):
    assert varied(tiny) == []


def networks() -> list[weakref.ref]:
    import torch

    gc.collect()
    return [weakref.ref(one) for one in gc.get_objects() if issubclass(type(one), torch.nn.Module)]


def test_after_the_block_nothing_holds_the_weights(tiny):
    with variation(tiny, batch=3).open() as model:
        model.vary([asked()])
        held = networks()
        assert (model.model, model.revision, model.best_batch) == ("sdxl", "s", 3)
    assert held
    gc.collect()
    assert [one() for one in held if one() is not None] == []
    with pytest.raises(ModelUnavailable, match="was closed"):
        model.vary([asked()])
