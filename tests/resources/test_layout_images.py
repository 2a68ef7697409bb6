"""GLIGEN on a tiny random checkpoint: what it promises holds for any weights."""

import gc
import os
import shutil
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from genval_assets.keys import seed_of
from genval_assets.model_ports import LayoutImages
from genval_assets.types import LayoutDrawn, LayoutRequest, ModelUnavailable
from resources.layout_images import GligenLayouts
from resources.weights import Weights
from tests.resources.tiny_networks import tiny_networks

BOXES = ((0.1, 0.1, 0.3, 0.3), (0.5, 0.5, 0.4, 0.4))


@pytest.fixture(scope="session")
def folders(tmp_path_factory) -> Iterator[dict[str, Path]]:
    """The same GLIGEN as safetensors and as .bin files; it is small, so one thread is fastest."""
    with tiny_networks("tiny_gligen") as (tiny_gligen,):
        root = tmp_path_factory.mktemp("gligen")
        safe = tiny_gligen.save(root / "safe")
        pickled = tiny_gligen.pickle_networks(Path(shutil.copytree(safe, root / "pickled")))
        yield {"safe": safe, "pickled": pickled}


def gligen(folder: Path, **given) -> GligenLayouts:
    settings = {"pickled": False, "device": "cpu", "dtype": "float32", "steps": 2} | given
    return GligenLayouts(weights=Weights(weights=str(folder), revision="r7"), **settings)


def layout(**given) -> LayoutRequest:
    plain = {
        "layout_id": "l1",
        "caption": "a cat and a dog",
        "phrases": ("a cat", "a dog"),
        "boxes": BOXES,
        "seeds": (1,),
    }
    return LayoutRequest(**plain | given)


def draw(folder: Path, *requests: LayoutRequest, **given) -> list[LayoutDrawn]:
    layouts: LayoutImages = gligen(folder, **given)
    with layouts.open() as model:
        return model.draw(requests)


def difference(a: LayoutDrawn, b: LayoutDrawn) -> float:
    return float(np.abs(a.pictures[0].astype(int) - b.pictures[0]).mean())


def test_a_layout_has_one_picture_per_seed_each_as_if_drawn_alone(folders):
    together, first, second, reversed_ = draw(
        folders["safe"],
        layout(seeds=(1, 2, 3, 4)),
        layout(seeds=(1, 2)),
        layout(seeds=(3,)),
        layout(seeds=(4, 3, 2, 1)),
    )
    pictures = np.stack(together.pictures)
    assert pictures.shape == (4, 64, 64, 3)
    assert pictures.dtype == np.uint8
    assert np.array_equal(pictures[:2], np.stack(first.pictures))
    assert np.array_equal(pictures[::-1], np.stack(reversed_.pictures))
    assert np.array_equal(pictures[2], second.pictures[0])
    assert len({one.tobytes() for one in pictures}) == 4
    assert (together.error, together.owed, together.request.seeds) == ("", False, (1, 2, 3, 4))


def test_layouts_do_not_influence_each_other(folders):
    other = layout(caption="a cow", phrases=("a cow",), boxes=BOXES[1:], seeds=(1, 2))
    empty = layout(phrases=(), boxes=(), seeds=(3, 4))
    alone = draw(folders["safe"], other)[0]
    after = draw(folders["safe"], empty, layout(), other)[2]
    assert np.array_equal(np.stack(alone.pictures), np.stack(after.pictures))


@pytest.mark.parametrize(
    "changes",
    [
        {"boxes": ((0.6, 0.1, 0.3, 0.3), BOXES[1])},
        {"boxes": ((0.1, 0.1, 0.3, 0.8), BOXES[1])},
        {"boxes": BOXES[::-1]},
        {"phrases": ("a cat", "a bus")},
        {"phrases": ("a cat",), "boxes": BOXES[:1]},
        {"caption": "a cat and a bus"},
        {"seeds": (2,)},
    ],
)
def test_boxes_phrases_caption_and_seed_move_the_picture(folders, changes):
    plain, changed = draw(folders["safe"], layout(), layout(**changes))
    assert difference(plain, changed) > 0.1


def test_boxes_are_given_as_corners_in_shares_of_the_picture(folders, monkeypatch):
    from diffusers.models.embeddings import GLIGENTextBoundingboxProjection

    seen = []
    forward = GLIGENTextBoundingboxProjection.forward

    def watched(self, boxes, masks, **given):
        seen.append((boxes[-1, :3].tolist(), masks.sum(dim=1).tolist()))
        return forward(self, boxes, masks, **given)

    monkeypatch.setattr(GLIGENTextBoundingboxProjection, "forward", watched)
    draw(folders["safe"], layout(), steps=1)
    boxes, filled = seen[0]
    assert boxes == [pytest.approx(corners) for corners in ([0.1, 0.1, 0.4, 0.4], [0.5, 0.5, 0.9, 0.9], [0, 0, 0, 0])]
    assert sorted(set(filled)) == [0, 2]  # what is guided away from has nothing anywhere


def test_the_boxes_count_in_every_step(folders, monkeypatch):
    from diffusers.models.attention import GatedSelfAttentionDense

    steps = []
    forward = GatedSelfAttentionDense.forward
    monkeypatch.setattr(
        GatedSelfAttentionDense, "forward", lambda self, x, objs: steps.append(self.enabled) or forward(self, x, objs)
    )
    draw(folders["safe"], layout(), steps=4)
    assert steps
    assert all(steps)


@pytest.mark.parametrize("count", [1, 30])
def test_up_to_thirty_boxes_are_drawn_and_the_last_one_counts(folders, count):
    boxes = tuple((0.02 * i, 0.03 * i, 0.1, 0.1) for i in range(count))
    phrases = tuple(f"thing {i}" for i in range(count))
    both = draw(
        folders["safe"],
        layout(phrases=phrases, boxes=boxes),
        layout(phrases=(*phrases[:-1], "zebra"), boxes=boxes),
    )
    assert [one.error for one in both] == ["", ""]
    assert difference(*both) > 0


def test_without_boxes_the_caption_alone_is_drawn_by_the_network_without_its_grounding(folders):
    from diffusers import PNDMScheduler, StableDiffusionPipeline, UNet2DConditionModel

    (drawn,) = draw(folders["safe"], layout(phrases=(), boxes=(), seeds=(5, 6)))
    folder = folders["safe"]
    from diffusers import AutoencoderKL
    from transformers import CLIPTextModel, CLIPTokenizer

    unet = UNet2DConditionModel.from_pretrained(folder / "unet")
    plain = UNet2DConditionModel.from_config({**unet.config, "attention_type": "default"})
    plain.load_state_dict(unet.state_dict(), strict=False)
    import torch

    pipeline = StableDiffusionPipeline(
        AutoencoderKL.from_pretrained(folder / "vae"),
        CLIPTextModel.from_pretrained(folder / "text_encoder"),
        CLIPTokenizer.from_pretrained(folder / "tokenizer"),
        plain,
        PNDMScheduler.from_pretrained(folder / "scheduler"),
        None,
        None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    noise = [torch.randn((4, 8, 8), generator=torch.Generator().manual_seed(seed)) for seed in (5, 6)]
    expected = pipeline(
        "a cat and a dog",
        num_images_per_prompt=2,
        latents=torch.stack(noise),
        num_inference_steps=2,
        guidance_scale=7.5,
        output_type="np",
    ).images
    assert np.abs(np.stack(drawn.pictures) / 255 - expected).max() < 0.004  # half a level, and rounding


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"phrases": ("a cat",) * 31, "boxes": BOXES[:1] * 31}, "31 boxes; GLIGEN reads at most 30"),
        ({"phrases": ("a cat", "d" * 80)}, "has 82 tokens; CLIP reads 77"),
        ({"boxes": (BOXES[0], (0.7, 0.5, 0.4, 0.4))}, "of 'a dog' does not lie in the picture"),
        ({"boxes": (BOXES[0], (-0.1, 0.5, 0.4, 0.4))}, "of 'a dog' does not lie in the picture"),
        ({"boxes": (BOXES[0], (0.1, 0.5, 0.0, 0.4))}, "of 'a dog' does not lie in the picture"),
    ],
)
def test_a_layout_of_which_a_part_would_be_ignored_is_refused_and_others_are_drawn(folders, changes, says):
    refused, drawn = draw(folders["safe"], layout(seeds=(1, 2), **changes), layout())
    assert refused.pictures == (None, None)
    assert says in refused.error
    assert not refused.owed
    assert drawn.error == ""


def test_no_layouts_and_no_seeds_are_no_pictures(folders):
    assert draw(folders["safe"]) == []
    assert draw(folders["safe"], layout(seeds=()))[0].pictures == ()


def test_bin_files_give_the_same_pictures_as_safetensors(folders):
    request = layout(seeds=(1, 2))
    (safe,) = draw(folders["safe"], request)
    (pickled,) = draw(folders["pickled"], request, pickled=True)
    assert np.array_equal(np.stack(safe.pictures), np.stack(pickled.pictures))


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize(
    "file", ["unet/diffusion_pytorch_model.bin", "vae/diffusion_pytorch_model.bin", "text_encoder/pytorch_model.bin"]
)
@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_that_would_run_code_is_refused_and_runs_nothing(folders, tmp_path, file, zipped):
    import torch

    copy = Path(shutil.copytree(folders["pickled"], tmp_path / "copy"))
    weights = torch.load(copy / file, weights_only=True)
    torch.save({**weights, "trap": Trap(tmp_path / "sprung")}, copy / file, _use_new_zipfile_serialization=zipped)
    with pytest.raises(ModelUnavailable, match=r"the layout model \(GLIGEN\).*copy"):
        draw(copy, layout(), pickled=True)
    assert not (tmp_path / "sprung").exists()
    torch.load(copy / file, weights_only=False)  # the trap is a real one
    assert (tmp_path / "sprung").is_dir()


def test_bin_files_are_read_only_where_it_is_allowed(folders):
    assert "lacks text_encoder/model.safetensors and 2 more" in gligen(folders["pickled"], pickled=False).fault()
    assert "lacks text_encoder/pytorch_model.bin and 2 more" in gligen(folders["safe"], pickled=True).fault()
    assert gligen(folders["pickled"], pickled=True).fault() == ""
    with pytest.raises(ModelUnavailable, match=r"model\.safetensors"):
        draw(folders["pickled"], layout(), pickled=False)


@pytest.mark.parametrize("part", ["unet", "vae", "text_encoder"])
def test_missing_weights_are_an_error_and_never_noise(folders, tmp_path, part):
    from safetensors.torch import load_file, save_file

    copy = Path(shutil.copytree(folders["safe"], tmp_path / "copy"))
    (file,) = (copy / part).glob("*.safetensors")
    weights = load_file(file)
    weights.pop(next(key for key in sorted(weights) if "norm" in key))
    save_file(weights, file, metadata={"format": "pt"})
    with pytest.raises(ModelUnavailable, match=rf"{part} has no weights for \S*norm\S*: fetch"):
        draw(copy, layout())


def test_damaged_files_are_named(folders, tmp_path):
    copy = Path(shutil.copytree(folders["safe"], tmp_path / "copy"))
    file = copy / "unet" / "diffusion_pytorch_model.safetensors"
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(ModelUnavailable, match=r"the layout model \(GLIGEN\) in .*copy cannot be loaded"):
        draw(copy, layout())


def test_a_checkpoint_without_gates_is_not_taken_for_gligen(tmp_path, folders):
    from tests.resources import tiny_gligen

    with pytest.raises(ModelUnavailable, match="no GLIGEN for text and boxes"):
        draw(tiny_gligen.save(tmp_path / "plain", attention_type="default"), layout())


def test_a_device_that_is_not_here_is_named(folders):
    assert "device 'warp' is none that torch knows" in gligen(folders["safe"], device="warp").fault()


def spoil(monkeypatch, spoilt: set[int], value: float) -> list[int]:
    """Let the decoder answer `value` for these of all pictures, counted from 0; how many each call had is listed."""
    from diffusers import AutoencoderKL

    decode, calls = AutoencoderKL.decode, []

    def decoded(self, latents, **given):
        result = decode(self, latents, **given)
        for i in range(len(latents)):
            if sum(calls) + i in spoilt:
                result.sample[i] = value
        calls.append(len(latents))
        return result

    monkeypatch.setattr(AutoencoderKL, "decode", decoded)
    return calls


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0])
def test_a_broken_or_black_picture_is_drawn_again_with_another_seed(folders, monkeypatch, value):
    other = seed_of("again", 8, 1)
    plain = draw(folders["safe"], layout(seeds=(7, 9)), layout(seeds=(other,)))
    calls = spoil(monkeypatch, {1}, value)
    (drawn,) = draw(folders["safe"], layout(seeds=(7, 8, 9)))
    assert drawn.request.seeds == (7, other, 9)
    assert calls == [3, 2]  # on the CPU at least two are drawn at once
    assert np.array_equal(drawn.pictures[0], plain[0].pictures[0])
    assert np.array_equal(drawn.pictures[1], plain[1].pictures[0])
    assert drawn.error == ""


def test_a_picture_that_stays_broken_is_given_up_after_three_more_seeds(folders, monkeypatch):
    calls = spoil(monkeypatch, {0, 2, 4, 6}, float("nan"))
    (drawn,) = draw(folders["safe"], layout(seeds=(7, 8)))
    assert calls == [2, 2, 2, 2]
    assert [one is None for one in drawn.pictures] == [True, False]
    assert drawn.request.seeds == (seed_of("again", 7, 3), 8)
    assert "not a number" in drawn.error
    assert not drawn.owed


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


def test_a_layout_that_does_not_fit_is_drawn_in_halves(folders, monkeypatch):
    request = layout(seeds=(1, 2, 3, 4))
    (whole,) = draw(folders["safe"], request)
    limit(monkeypatch, 2)
    (halves,) = draw(folders["safe"], request)
    assert np.array_equal(np.stack(whole.pictures), np.stack(halves.pictures))


def test_pictures_that_never_fit_are_owed(folders, monkeypatch):
    limit(monkeypatch, 1)
    (drawn,) = draw(folders["safe"], layout(seeds=(1, 2, 3)))
    assert [one is None for one in drawn.pictures] == [True, True, False]
    assert drawn.request.seeds == (1, 2, 3)
    assert drawn.owed
    assert "out of memory with 2 at once" in drawn.error


def networks() -> list[weakref.ref]:
    import torch

    gc.collect()
    return [weakref.ref(one) for one in gc.get_objects() if issubclass(type(one), torch.nn.Module)]


def test_after_the_block_nothing_holds_the_weights(folders):
    with gligen(folders["safe"]).open() as model:
        model.draw([layout()])
        held = networks()
        assert (model.model, model.revision) == ("safe", "r7")
    assert held
    gc.collect()
    assert [one() for one in held if one() is not None] == []
    with pytest.raises(ModelUnavailable, match="was closed"):
        model.draw([layout()])


def test_opening_says_nothing_of_a_deprecated_pipeline(folders, caplog):
    import logging

    logger = logging.getLogger("diffusers")
    logger.addHandler(caplog.handler)
    try:
        with gligen(folders["safe"]).open():
            pass
    finally:
        logger.removeHandler(caplog.handler)
    assert "deprecated" not in caplog.text
