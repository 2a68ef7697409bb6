"""diffusers is heard where it says something: that a prompt was cut off; and nowhere else."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genval_assets.types import LayoutRequest, PaintRequest, VaryRequest
from resources.layout_images import GligenLayouts
from resources.painter import SdxlPainter
from resources.variation import SdxlVariation
from resources.weights import Weights
from tests.resources.drawing import asked, checkpoints, foregrounds

LONG = " ".join(f"word{i}" for i in range(200))
CUT = "CLIP can only handle sequences up to 77 tokens"
SMALL = {"variant": "", "device": "cpu", "side": 64, "steps": 4, "batch": 2}
PAINTED = PaintRequest(0, "a meadow", "people", 1)
VARIED = VaryRequest("id", "dog", "dog", "a dog", "", np.eye(48, dtype=np.uint8)[..., None].repeat(3, 2) * 255, None, 1)
LAID_OUT = LayoutRequest("l1", "a cat", ("a cat",), ((0.1, 0.1, 0.3, 0.3),), (1, 2))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Iterator[dict[str, Path]]:
    root = tmp_path_factory.mktemp("quiet")
    with checkpoints(root) as saved:
        from tests.resources import tiny_gligen, tiny_ip_adapter

        yield saved | {
            "ip_adapter": tiny_ip_adapter.save(root / "ip_adapter"),
            "gligen": tiny_gligen.save(root / "gligen"),
        }


@pytest.fixture
def heard(caplog) -> Iterator[pytest.LogCaptureFixture]:
    """What diffusers logs, which it does not pass on."""
    logger = logging.getLogger("diffusers")
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)


def weights(tiny, *kinds: str) -> dict[str, Weights]:
    return {kind: Weights(weights=str(tiny[kind])) for kind in kinds}


def draw(tiny, dtype: str) -> None:
    with foregrounds(tiny, dtype=dtype).open() as model:
        model.draw([asked()])


def paint(tiny, dtype: str, *requests: PaintRequest) -> None:
    with SdxlPainter(**weights(tiny, "sdxl", "vae"), **SMALL, dtype=dtype).open() as model:
        model.paint(requests or [PAINTED])


def vary(tiny, dtype: str) -> None:
    with SdxlVariation(**weights(tiny, "sdxl", "vae", "ip_adapter"), **SMALL, dtype=dtype).open() as model:
        model.vary([VARIED])


def lay_out(tiny, dtype: str, *requests: LayoutRequest) -> None:
    settings = {"pickled": False, "device": "cpu", "dtype": dtype, "steps": 2}
    with GligenLayouts(weights=weights(tiny, "gligen")["gligen"], **settings).open() as model:
        model.draw(requests or [LAID_OUT])


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("use", [draw, paint, vary])
def test_a_model_that_draws_says_nothing(tiny, heard, capfd, use, dtype):
    use(tiny, dtype)
    assert heard.messages == []
    assert capfd.readouterr() == ("", "")


def test_a_layout_model_that_draws_says_nothing(tiny, heard, capfd):
    lay_out(tiny, "float32")
    assert heard.messages == []
    assert capfd.readouterr() == ("", "")


def test_a_prompt_that_is_cut_off_is_heard_of_once(tiny, heard):
    requests = [replace(PAINTED, prompt=LONG, seed=seed) for seed in range(3)]
    paint(tiny, "float32", *requests, PAINTED)
    (line,) = heard.messages
    assert CUT in line
    assert "1 9 9" in line  # one token per letter


def test_each_text_that_is_cut_off_is_heard_of(tiny, heard):
    paint(tiny, "float32", replace(PAINTED, prompt=LONG, negative=f"{LONG} end"))
    assert [CUT in line for line in heard.messages] == [True, True]


def test_a_caption_that_is_cut_off_is_heard_of_once_also_when_pictures_are_drawn_again(tiny, heard, monkeypatch):
    from diffusers import AutoencoderKL

    decode, calls = AutoencoderKL.decode, []

    def broken(self, latents, **given):
        result = decode(self, latents, **given)
        if not calls:
            result.sample[0] = float("nan")
        calls.append(len(latents))
        return result

    monkeypatch.setattr(AutoencoderKL, "decode", broken)
    lay_out(tiny, "float32", replace(LAID_OUT, caption=LONG))
    assert len(calls) == 2
    (line,) = heard.messages
    assert CUT in line
