"""Tiny random checkpoints of every role, made once."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def weights(tmp_path_factory) -> Iterator[dict[str, Path]]:
    """Folders of weights by their group of `[models]`, and `chat`; small networks are fastest on one thread."""
    torch = pytest.importorskip("torch", reason="the models need the extra 'models'")
    pytest.importorskip("diffusers", reason="the models need the extra 'models'")
    pytest.importorskip("xgrammar", reason="answers are held to a schema by xgrammar")
    from tests.resources import tiny_chat, tiny_gligen, tiny_ip_adapter, tiny_sdxl, tiny_vision

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    root = tmp_path_factory.mktemp("weights")
    gc.freeze()  # what is imported by now need not be looked through whenever a model is closed
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield {
            "sdxl": tiny_sdxl.save_sdxl(root / "sdxl"),
            "vae": tiny_sdxl.save_vae(root / "vae"),
            "layer_diffuse": tiny_sdxl.save_layer_diffuse(root / "layer_diffuse"),
            "ip_adapter": tiny_ip_adapter.save(root / "ip_adapter"),
            "layout": tiny_gligen.save(root / "layout"),
            "segmenter": tiny_vision.save_sam2(root / "segmenter"),
            "detector": tiny_vision.save_owlv2(root / "detector"),
            "embedder": tiny_vision.save_siglip(root / "embedder"),
            "chat": tiny_chat.save_agreeable(root / "chat"),
        }
    gc.unfreeze()
    torch.set_num_threads(before)
