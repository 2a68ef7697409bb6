"""Tiny random checkpoints of every role, made once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.resources.tiny_networks import tiny_networks

MAKERS = ("tiny_chat", "tiny_gligen", "tiny_ip_adapter", "tiny_sdxl", "tiny_vision")


@pytest.fixture(scope="session")
def weights(tmp_path_factory) -> Iterator[dict[str, Path]]:
    """Folders of weights by their group of `[models]`, and `chat`; small networks are fastest on one thread."""
    pytest.importorskip("xgrammar", reason="answers are held to a schema by xgrammar")
    root = tmp_path_factory.mktemp("weights")
    with tiny_networks(*MAKERS) as (chat, gligen, ip_adapter, sdxl, vision):
        yield {
            "sdxl": sdxl.save_sdxl(root / "sdxl"),
            "vae": sdxl.save_vae(root / "vae"),
            "layer_diffuse": sdxl.save_layer_diffuse(root / "layer_diffuse"),
            "ip_adapter": ip_adapter.save(root / "ip_adapter"),
            "layout": gligen.save(root / "layout"),
            "segmenter": vision.save_sam2(root / "segmenter"),
            "detector": vision.save_owlv2(root / "detector"),
            "embedder": vision.save_siglip(root / "embedder"),
            "chat": chat.save_agreeable(root / "chat"),
        }
