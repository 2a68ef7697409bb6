"""What a model took on the GPU is given back at the end of its block, to the byte."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pydantic import Field

from genval_assets.chat.answers import Answered
from genval_assets.types import ChatRequest, LayoutRequest, PaintRequest, VaryRequest
from resources.chat_local import LocalChat
from resources.detector import Owlv2Detector
from resources.embedder import ImageTextEmbedder
from resources.layout_images import GligenLayouts
from resources.painter import SdxlPainter
from resources.segmenter import Sam2Segmenter
from resources.variation import SdxlVariation
from resources.weights import Weights
from tests.resources.drawing import asked, checkpoints, foregrounds

torch = pytest.importorskip("torch", reason="models in memory need the extra 'models'")

DEVICE = "cuda"


class Name(Answered):
    name: str = Field(min_length=2, max_length=3)


PICTURE = np.random.default_rng(1).integers(0, 256, (48, 48, 3), dtype=np.uint8)
SMALL = {"variant": "", "device": DEVICE, "dtype": "float32", "side": 64, "steps": 4, "batch": 2}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Iterator[dict[str, Path]]:
    root = tmp_path_factory.mktemp("device")
    with checkpoints(root) as saved:
        from tests.resources import tiny_chat, tiny_gligen, tiny_ip_adapter, tiny_vision

        yield saved | {
            "ip_adapter": tiny_ip_adapter.save(root / "ip_adapter"),
            "gligen": tiny_gligen.save(root / "gligen"),
            "sam2": tiny_vision.save_sam2(root / "sam2"),
            "owlv2": tiny_vision.save_owlv2(root / "owlv2"),
            "siglip": tiny_vision.save_siglip(root / "siglip"),
            "chat": tiny_chat.save_sighted(root / "chat"),
        }


def weights(tiny, *kinds: str) -> dict[str, Weights]:
    return {kind: Weights(weights=str(tiny[kind])) for kind in kinds}


def draw(tiny) -> Iterator[None]:
    with foregrounds(tiny, device=DEVICE, batch=2).open() as model:
        assert not model.draw([asked()])[0].error
        yield


def finish(tiny) -> Iterator[None]:
    with foregrounds(tiny, device=DEVICE).finishing() as finisher:
        assert not finisher.finish([np.ones((4, 8, 8), np.float16)])[0].error
        yield


def paint(tiny) -> Iterator[None]:
    with SdxlPainter(**weights(tiny, "sdxl", "vae"), **SMALL).open() as model:
        assert not model.paint([PaintRequest(0, "a meadow", "people", 1)])[0].error
        yield


def vary(tiny) -> Iterator[None]:
    mask = np.ones((48, 48), dtype=bool)
    with SdxlVariation(**weights(tiny, "sdxl", "vae", "ip_adapter"), **SMALL).open() as model:
        assert not model.vary([VaryRequest("id", "dog", "dog", "a dog", "", PICTURE, mask, 1)])[0].error
        yield


def lay_out(tiny) -> Iterator[None]:
    request = LayoutRequest("l1", "a cat", ("a cat",), ((0.1, 0.1, 0.3, 0.3),), (1,))
    settings = {"pickled": False, "device": DEVICE, "dtype": "float32", "steps": 2}
    with GligenLayouts(weights=weights(tiny, "gligen")["gligen"], **settings).open() as model:
        assert not model.draw([request])[0].error
        yield


def segment(tiny) -> Iterator[None]:
    with Sam2Segmenter(weights=weights(tiny, "sam2")["sam2"], device=DEVICE).open() as model:
        assert len(model.masks([PICTURE], [[(5.0, 5.0, 20.0, 20.0)]])[0]) == 1
        yield


def detect(tiny) -> Iterator[None]:
    with Owlv2Detector(weights=weights(tiny, "owlv2")["owlv2"], device=DEVICE, min_score=0.0).open() as model:
        assert model.find([PICTURE], ["mug"])[0]
        yield


def embed(tiny) -> Iterator[None]:
    with ImageTextEmbedder(weights=weights(tiny, "siglip")["siglip"], device=DEVICE).open() as model:
        assert len(model.images([PICTURE])) == len(model.texts(["a mug"])) == 1
        yield


def chat(tiny) -> Iterator[None]:
    with LocalChat(weights=str(tiny["chat"]), device=DEVICE, dtype="float32", max_tokens=5).open() as model:
        assert not model.ask([ChatRequest("test", "Answer.", "A zebra?", Name, (PICTURE,))])[0].error
        yield


def held() -> int:
    """Bytes of tensors on the GPU; the work space of cuBLAS, which stays with the process, is given back first."""
    gc.collect()
    torch.cuda.synchronize()
    torch._C._cuda_clearCublasWorkspaces()
    return torch.cuda.memory_allocated()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="memory of a GPU is counted by CUDA alone")
@pytest.mark.parametrize("use", [draw, finish, paint, vary, lay_out, segment, detect, embed, chat])
def test_after_the_block_the_gpu_holds_what_it_held_before(tiny, use: Callable[..., Iterator[None]]):
    before = held()
    block = use(tiny)
    next(block)
    assert held() > before
    assert list(block) == []
    assert held() == before
