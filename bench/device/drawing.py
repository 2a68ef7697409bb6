# ruff: noqa: TID253 - imported only where the bench measures
"""Pictures per second and peak memory: one picture after the other as published code draws them, against ours."""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

import torch
from device.scale import Scale, allocated, gb, taken
from diffusers import StableDiffusionXLPipeline
from safetensors.torch import load_file

from genval_assets.types import DrawRequest
from resources._memory import free
from resources._transparent_decoder import TURNS, TransparentDecoder, load_decoder
from resources.foregrounds import LayerDiffusion

ACCEPTED = 0.56
"""Share of drawn candidates that are accepted, assumed: .8 pass the gate, of those the judge keeps .7."""
GOAL = 2.5
NEGATIVE = "blurry, cropped, several objects"


@dataclass(frozen=True)
class Way:
    """One way of drawing."""

    name: str
    pictures: int  # per round
    draw: Callable[[int], int]  # draws so many; returns how many had to be drawn again
    own_bytes: int  # of its weights, on the device


class Naive:
    """SDXL with Layer Diffusion, written straight from the library: one picture per call, in float16.

    The prompt and the negative prompt are encoded for each picture, and each picture is decoded eight times, one look
    after the other.
    """

    def __init__(self, scale: Scale, root: Path) -> None:
        self._scale = scale
        dtype = torch.float32 if scale.device == "cpu" else torch.float16
        self._pipeline = StableDiffusionXLPipeline.from_pretrained(
            _whole_pipeline(root), variant="fp16", dtype=dtype, use_safetensors=True, add_watermarker=False
        )
        self._pipeline.set_progress_bar_config(disable=True)
        weights = dict(self._pipeline.unet.named_parameters())
        for key, offset in load_file(root / "layer_diffuse" / "ld_diffusers_sdxl_attn.safetensors").items():
            weights[key].data += offset.to(dtype)
        self._pipeline.to(scale.device)
        file = root / "layer_diffuse" / "ld_diffusers_sdxl_vae_transparent_decoder.safetensors"
        self._decoder: TransparentDecoder = load_decoder(file, scale.device, dtype)

    @torch.inference_mode()
    def draw(self, prompt: str, seed: int, steps: int) -> torch.Tensor:
        """Return one RGBA frame."""
        latents = (
            self._pipeline(
                prompt,
                negative_prompt=NEGATIVE,
                height=self._scale.side,
                width=self._scale.side,
                num_inference_steps=steps,
                guidance_scale=5.0,
                generator=torch.Generator("cpu").manual_seed(seed),
                output_type="latent",
            ).images
            / self._pipeline.vae.config.scaling_factor
        )
        rgb = (self._pipeline.vae.decode(latents, return_dict=False)[0] / 2 + 0.5).clamp(0, 1)
        looks = []
        for turn in range(TURNS):
            seen = self._decoder(_turned(rgb, turn), _turned(latents, turn)).clamp(0, 1)
            back = torch.rot90(seen, -(turn % 4), (2, 3))
            looks.append(back.flip(3) if turn >= TURNS // 2 else back)
        return (torch.stack(looks).median(dim=0).values * 255).to(torch.uint8).cpu()


def _turned(square: torch.Tensor, turn: int) -> torch.Tensor:
    return torch.rot90(square.flip(3) if turn >= TURNS // 2 else square, turn % 4, (2, 3))


def _whole_pipeline(root: Path) -> Path:
    """Return SDXL's folder, with the VAE beside the other networks, as the library loads it in one call."""
    folder = root / "sdxl_with_vae"
    if not folder.is_dir():
        folder.mkdir()
        for part in (root / "sdxl").iterdir():
            if part.name not in ("vae", "model_index.json"):
                (folder / part.name).symlink_to(part)
        vae = folder / "vae"
        vae.mkdir()
        (vae / "config.json").symlink_to(root / "vae" / "config.json")
        file = root / "vae" / "diffusion_pytorch_model.safetensors"
        (vae / "diffusion_pytorch_model.fp16.safetensors").symlink_to(file)
        (folder / "model_index.json").write_text(INDEX)
    return folder


INDEX = """{
  "_class_name": "StableDiffusionXLPipeline",
  "_diffusers_version": "0.42.1",
  "force_zeros_for_empty_prompt": true,
  "scheduler": ["diffusers", "EulerDiscreteScheduler"],
  "text_encoder": ["transformers", "CLIPTextModel"],
  "text_encoder_2": ["transformers", "CLIPTextModelWithProjection"],
  "tokenizer": ["transformers", "CLIPTokenizer"],
  "tokenizer_2": ["transformers", "CLIPTokenizer"],
  "unet": ["diffusers", "UNet2DConditionModel"],
  "vae": ["diffusers", "AutoencoderKL"]
}
"""


def report_drawing(scale: Scale, root: Path, rounds: int, *, compiled: bool) -> None:
    """Print the table of each number of steps; all ways are measured in turn."""
    print(scale.title("Drawing"))
    print(
        f"{scale.side} x {scale.side} px, medians of {rounds} interleaved rounds.\n"
        f"naive: float16, one picture per call, prompts encoded for each, {TURNS} looks each.\n"
        f"ours: {scale.dtype}, negative prompt encoded once, one look each, {TURNS} looks for the accepted share, "
        f"assumed as {ACCEPTED:.0%}.\nPeak: of a way's own weights and work.\n"
    )
    print("| steps | way | pictures per s | against naive | peak GB | drawn again |")
    print("|---:|---|---:|---:|---:|---:|")
    best = []
    for steps in scale.steps:
        best.append(_report_steps(scale, root, steps, rounds, compiled=compiled))
        free()
    if not scale.rehearsed:
        print(f"\nbest against naive at the same steps and size: {min(best):.2f} x at least; the goal is {GOAL} x")


def _report_steps(scale: Scale, root: Path, steps: int, rounds: int, *, compiled: bool) -> float:
    with ExitStack() as stack:
        ways = _ways(scale, root, steps, stack, compiled=compiled)
        for way in ways:  # kernels are chosen, and networks compiled, before anything is measured
            way.draw(way.pictures)
        speeds: dict[str, list[float]] = {way.name: [] for way in ways}
        peaks: dict[str, int] = dict.fromkeys(speeds, 0)
        again: dict[str, int] = dict.fromkeys(speeds, 0)
        for _ in range(rounds):
            for way in ways:
                others = allocated(scale.device) - way.own_bytes
                with taken(scale.device) as took:
                    again[way.name] += way.draw(way.pictures)
                speeds[way.name].append(way.pictures / took.seconds)
                peaks[way.name] = max(peaks[way.name], took.peak_bytes - others)
    return _print_ways(steps, speeds, peaks, again)


def _print_ways(
    steps: int, speeds: Mapping[str, Sequence[float]], peaks: Mapping[str, int], again: Mapping[str, int]
) -> float:
    """Print a row per way; return the best ratio."""
    naive = next(iter(speeds.values()))
    ratios = {}
    for name, own in speeds.items():
        ratios[name] = statistics.median(a / b for a, b in zip(own, naive, strict=True))
        cells = f"{statistics.median(own):.3f} | {ratios[name]:.2f} x | {gb(peaks[name])} | {again[name]}"
        print(f"| {steps} | {name} | {cells} |", flush=True)
    return max(ratios.values())


def _ways(scale: Scale, root: Path, steps: int, stack: ExitStack, *, compiled: bool) -> list[Way]:
    """Return the ways of drawing, the naive one first, their networks loaded side by side."""
    numbers = count(1)
    before = allocated(scale.device)
    naive = Naive(scale, root)

    def naively(pictures: int) -> int:
        for number in islice(numbers, pictures):
            naive.draw(_prompt(number), number, steps)
        return 0

    ways = [Way("naive", scale.naive_pictures, naively, allocated(scale.device) - before)]
    ours = Ours(scale, scale.foregrounds(root, steps, max(scale.batches)), stack, numbers)
    ways += [ours.way(f"ours, batch {n}", n, max(n, scale.naive_pictures)) for n in scale.batches]
    if compiled and scale.device != "cpu":
        batch = scale.compiled_batch
        quick = Ours(scale, scale.foregrounds(root, steps, batch, compiled=True), stack, numbers)
        ways.append(quick.way(f"ours, batch {batch}, compiled", batch, batch))
    return ways


class Ours:
    """The profile's foreground model and its finisher, open until the stack is closed."""

    def __init__(self, scale: Scale, resource: LayerDiffusion, stack: ExitStack, numbers: Iterator[int]) -> None:
        before = allocated(scale.device)
        self._model = stack.enter_context(resource.open())
        self._finisher = stack.enter_context(resource.finishing())
        self._numbers = numbers
        self._owed = 0.0
        self.own_bytes = allocated(scale.device) - before

    def way(self, name: str, batch: int, pictures: int) -> Way:
        """Return a way that draws in batches of `batch`."""

        def draw(pictures: int) -> int:
            self._model.best_batch = batch
            return self._draw(pictures)

        return Way(name, pictures, draw, self.own_bytes)

    def _draw(self, pictures: int) -> int:
        """Draw, and finish the accepted share; a part of a picture that is due is finished in a later round."""
        requests = [
            DrawRequest(str(i), "bench", "mug", _prompt(i), NEGATIVE, i) for i in islice(self._numbers, pictures)
        ]
        drawn = self._model.draw(requests)
        self._owed += ACCEPTED * pictures
        due = [one.latent for one in drawn if one.latent is not None][: int(self._owed)]
        self._owed -= len(due)
        finished = self._finisher.finish(due)
        assert all(one.rgba is not None for one in finished), [one.error for one in finished]
        if failed := [one.error for one in drawn if one.rgba is None]:
            raise RuntimeError(f"{len(failed)} of {pictures} pictures were not drawn: {failed[0]}")
        return sum(one.request.seed != request.seed for one, request in zip(drawn, requests, strict=True))


def _prompt(number: int) -> str:
    """Return a prompt of its own for each picture, as candidates have them."""
    return f"a single mug, number {number}, high-resolution, highly realistic"
