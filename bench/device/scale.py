# ruff: noqa: TID253 - imported only where the bench measures
"""The two scales of `bench/gpu.py`: full size on a device, and tiny on the CPU to rehearse the script itself."""

import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from typing import Any

import torch

from genval_assets.models.settings import ModelsSettings
from resources.chat_local import LocalChat
from resources.detector import Owlv2Detector
from resources.embedder import ImageTextEmbedder
from resources.foregrounds import LayerDiffusion
from resources.layout_images import GligenLayouts
from resources.painter import SdxlPainter
from resources.segmenter import Sam2Segmenter
from resources.variation import SdxlVariation
from resources.weights import Weights


@dataclass(frozen=True)
class Scale:
    """What is measured, and on what."""

    device: str
    dtype: str
    save: Callable[[Path], None]
    side: int
    steps: tuple[int, ...]
    batches: tuple[int, ...]
    compiled_batch: int
    naive_pictures: int  # per round
    candidates: int  # drawn in the stages
    batch: int  # of the stages
    question: int  # tokens of a question, one character each
    answer: int  # tokens of an answer, at most

    @property
    def rehearsed(self) -> bool:
        """Whether only the script itself is tried."""
        return self.device == "cpu"

    def title(self, table: str) -> str:
        """Return a table's heading."""
        return f"\n{table}" + (", rehearsed: these figures measure nothing" if self.rehearsed else "") + "\n"

    def foregrounds(self, root: Path, steps: int, batch: int, *, compiled: bool = False) -> LayerDiffusion:
        """Return the resource that draws foregrounds."""
        return LayerDiffusion(
            **self._drawing(root, steps, batch), compile=compiled, layer_diffuse=_weights(root, "layer_diffuse")
        )

    def painters(self, root: Path) -> SdxlPainter:
        """Return the resource that paints backgrounds."""
        return SdxlPainter(**self._drawing(root, self.steps[0], self.batch))

    def variations(self, root: Path) -> SdxlVariation:
        """Return the resource that varies real instances."""
        adapter = ModelsSettings().ip_adapter
        return SdxlVariation(
            **self._drawing(root, self.steps[0], self.batch),
            ip_adapter=_weights(root, "ip_adapter"),
            subfolder=adapter.subfolder,
            file=adapter.file,
            image_encoder=adapter.image_encoder,
        )

    def layouts(self, root: Path) -> GligenLayouts:
        """Return the resource that draws layouts."""
        return GligenLayouts(weights=_weights(root, "layout"), pickled=False, device=self.device, dtype=self.dtype)

    def segmenters(self, root: Path) -> Sam2Segmenter:
        """Return the resource that segments."""
        return Sam2Segmenter(weights=_weights(root, "segmenter"), device=self.device)

    def detectors(self, root: Path) -> Owlv2Detector:
        """Return the resource that detects."""
        return Owlv2Detector(weights=_weights(root, "detector"), device=self.device)

    def embedders(self, root: Path) -> ImageTextEmbedder:
        """Return the resource that embeds."""
        return ImageTextEmbedder(weights=_weights(root, "embedder"), device=self.device)

    def chat(self, root: Path, longest: int) -> LocalChat:
        """Return the resource that answers, within `longest` tokens."""
        return LocalChat(
            weights=str(root / "chat"), device=self.device, dtype=self.dtype, batch=self.batch, max_tokens=longest
        )

    def _drawing(self, root: Path, steps: int, batch: int) -> dict[str, Any]:
        return {
            "sdxl": _weights(root, "sdxl"),
            "vae": _weights(root, "vae"),
            "variant": "fp16",
            "device": self.device,
            "dtype": self.dtype,
            "side": self.side,
            "steps": steps,
            "batch": batch,
        }


def _weights(root: Path, name: str) -> Weights:
    return Weights(weights=str(root / name), revision="random")


def save_tiny(root: Path) -> None:
    """Save the tests' tiny checkpoints under the names that `sizes` gives; check that full sizes are right."""
    from device.sizes import check_sizes, save_adapter
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    from tests.resources import tiny_chat, tiny_gligen, tiny_sdxl, tiny_vision

    check_sizes()
    if root.is_dir():
        return
    tiny_sdxl.save_sdxl(root / "sdxl", variant="fp16")
    tiny_sdxl.save_vae(root / "vae")
    tiny_sdxl.save_layer_diffuse(root / "layer_diffuse")
    tiny_gligen.save(root / "layout")
    tiny_vision.save_sam2(root / "segmenter")
    tiny_vision.save_owlv2(root / "detector")
    tiny_vision.save_siglip(root / "embedder")
    tiny_chat.save_sighted(root / "chat")
    seeing = CLIPVisionConfig(**tiny_vision.WIDTH, image_size=32, patch_size=8, projection_dim=16)
    save_adapter(root / "ip_adapter", tiny_sdxl.unet(), CLIPVisionModelWithProjection(seeing))


def save_full(root: Path) -> None:
    """Save full-size random checkpoints."""
    from device import sizes

    sizes.check_sizes()
    began = time.perf_counter()
    sizes.save_full(root, "cuda")
    print(f"random weights in {root}: {time.perf_counter() - began:.0f} s")


FULL = Scale(
    device="cuda",
    dtype="bfloat16",
    save=save_full,
    side=1024,
    steps=(20, 30),
    batches=(1, 4, 8, 16),
    compiled_batch=8,
    naive_pictures=2,
    candidates=32,
    batch=8,
    question=700,
    answer=120,
)
TINY = Scale(
    device="cpu",
    dtype="float32",
    save=save_tiny,
    side=64,
    steps=(2, 3),
    batches=(1, 2),
    compiled_batch=2,
    naive_pictures=1,
    candidates=4,
    batch=2,
    question=40,
    answer=6,
)


def synchronised(device: str) -> None:
    """Wait until the device has done what it was told."""
    if device != "cpu":
        torch.accelerator.synchronize()


def allocated(device: str) -> int:
    """Return the bytes that tensors take on the device; 0 on the CPU, which is not counted."""
    return 0 if device == "cpu" else torch.accelerator.memory_allocated()


@dataclass
class Taken:
    """What a piece of work took."""

    seconds: float = 0.0
    peak_bytes: int = 0
    busy: float | None = None  # mean share of time in which the device computed; None: not sampled


@contextmanager
def taken(device: str, *, sampled: bool = False) -> Iterator[Taken]:
    """Measure the block; its seconds end when the device has done everything."""
    found = Taken()
    synchronised(device)
    if device != "cpu":
        torch.accelerator.reset_peak_memory_stats()
    with busy_share(device) if sampled else _nothing() as samples:
        began = time.perf_counter()
        yield found
        synchronised(device)
        found.seconds = time.perf_counter() - began
    found.peak_bytes = 0 if device == "cpu" else torch.accelerator.max_memory_allocated()
    found.busy = statistics.fmean(samples.shares) if samples.shares else None


@dataclass
class Samples:
    """Shares of time in which the device computed, as its driver tells them."""

    shares: list[float] = field(default_factory=list)


@contextmanager
def _nothing() -> Iterator[Samples]:
    yield Samples()


@contextmanager
def busy_share(device: str) -> Iterator[Samples]:
    """Sample nvidia-smi five times a second while the block lasts; nothing where there is none."""
    samples = Samples()
    if device == "cpu" or which("nvidia-smi") is None:
        yield samples
        return
    card = f"GPU-{torch.cuda.get_device_properties(0).uuid}"
    command = ["nvidia-smi", "-i", card, "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "-lms", "200"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    lines = process.stdout
    reader = threading.Thread(
        target=lambda: samples.shares.extend(int(line) / 100 for line in lines if line.strip().isdigit()), daemon=True
    )
    reader.start()
    try:
        yield samples
    finally:
        process.terminate()
        process.wait()
        reader.join()


def gb(size: float) -> str:
    """Return bytes as GB; a dash where nothing is counted."""
    return f"{size / 1e9:.1f}" if size else "-"
