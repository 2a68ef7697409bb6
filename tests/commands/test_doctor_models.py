"""`genval doctor` on a profile with weights: each model is ready or says what to do, and what memory stages take."""

import json
import struct
from pathlib import Path

import pytest

from genval_assets.commands.equipment import look_at_models
from genval_assets.config import GenvalSettings
from genval_assets.models.memory import PUBLISHED
from genval_assets.project import Project
from resources.chat_local import LocalChat
from resources.weights import PACKAGES

COMMIT = "0123456789abcdef0123456789abcdef01234567"
GPU = {"project": {"profile": "gpu-24gb"}, "models": {"device": "cpu"}}
pytestmark = pytest.mark.usefixtures("extra")


@pytest.fixture
def extra() -> None:
    for name in PACKAGES:
        pytest.importorskip(name, reason="the profile needs the extra 'models'")


class Model:
    """A resource that only tells whether it can be opened."""

    def __init__(self, fault: str = "") -> None:
        self.why = fault

    def fault(self) -> str:
        return self.why


def project(home: Path, sources: tuple[str, ...] = ("foreground",), painted: int = 0, **models) -> Project:
    settings = {
        "project": {"profile": "gpu-24gb"},
        "instances": {"sources": sources},
        "backgrounds": {"painted": painted},
        "models": {"device": "cpu", **models},
    }
    return Project(home, GenvalSettings.model_validate(settings))


def settled(home: Path, instances: dict) -> Project:
    return Project(home, GenvalSettings.model_validate({**GPU, "instances": instances}))


def looked_at(project: Project, **resources) -> dict:
    roles = ("foregrounds", "variations", "segmenters", "embedders", "painters", "detectors", "layout_images")
    everything = {**{role: Model() for role in roles}, "chat": Model(), **resources}
    return {one.what: one for one in look_at_models(project, everything)}


def stored(path: Path, **tensors: list[int]) -> None:
    """Write the header of a safetensors file, which is all that is read."""
    described = {name: {"dtype": "F16", "shape": shape, "data_offsets": [0, 0]} for name, shape in tensors.items()}
    header = json.dumps(described).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(header)) + header)


def test_a_model_that_cannot_be_opened_says_what_to_do(tmp_path):
    found = looked_at(project(tmp_path), foregrounds=Model("the decoder is not here: hf download …"))
    assert not found["foregrounds"].ready
    assert found["foregrounds"].detail == "the decoder is not here: hf download …"


def test_models_that_the_settings_do_not_ask_for_are_nothing_to_do(tmp_path):
    missing = Model("not here")
    found = looked_at(project(tmp_path), variations=missing, painters=missing, layout_images=missing)
    assert found["variations"].ready
    assert found["variations"].detail == found["painters"].detail == "not asked for by these settings"
    wanted = looked_at(project(tmp_path, ("variation",), painted=3), segmenters=missing, painters=missing)
    assert {what for what, one in wanted.items() if not one.ready} == {"segmenters", "painters"}


def test_packages_and_device_are_named(tmp_path):
    found = looked_at(project(tmp_path))
    assert "diffusers" in found["packages"].detail
    assert found["device"].detail == "cpu"


def test_a_device_that_is_not_there_is_to_do(tmp_path):
    found = looked_at(project(tmp_path, device="cuda:99"))
    assert not found["device"].ready
    assert "'cuda:99' is not available here" in found["device"].detail
    again = looked_at(project(tmp_path, device="cuda:99"), foregrounds=Model(found["device"].detail))["foregrounds"]
    assert again.detail.startswith("as above: device 'cuda:99' is not available here")
    assert found["memory, raw_instances, drawn"].ready  # nothing is known of the device to hold against it


def test_weights_that_are_not_pinned_say_how_to_pin_them(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *_, **__: str(tmp_path / COMMIT))
    loose = looked_at(project(tmp_path))["foregrounds"].detail
    assert f'madebyollin/sdxl-vae-fp16-fix@{COMMIT}, not pinned: set revision = "{COMMIT}" in [models.vae]' in loose
    pinned = looked_at(project(tmp_path, vae={"revision": COMMIT}))["foregrounds"].detail
    assert f"madebyollin/sdxl-vae-fp16-fix@{COMMIT}; lllyasviel" in pinned


def test_weights_in_a_folder_are_named_with_their_mark(tmp_path):
    (tmp_path / "mine").mkdir()
    found = looked_at(project(tmp_path, vae={"weights": str(tmp_path / "mine"), "revision": "v2"}))
    assert "mine (folder) marked v2" in found["foregrounds"].detail


def test_memory_is_counted_from_the_files_that_are_there(tmp_path):
    vae, eye = tmp_path / "vae", tmp_path / "eye"
    stored(vae / "diffusion_pytorch_model.safetensors", weight=[1000, 1_000_000])
    stored(eye / "model.safetensors", weight=[500, 1_000_000])
    one = project(
        tmp_path, ("variation",), painted=1, vae={"weights": str(vae)}, segmenter={"weights": str(eye)}, dtype="float16"
    )
    found = looked_at(one)
    unet_and_text = PUBLISHED["sdxl_unet"] + PUBLISHED["sdxl_text"]
    painted = 2 * (unet_and_text + 1_000_000_000) / 1e9
    assert found["memory, backgrounds, painted"].detail == (
        f"needs {painted:.1f} GB of weights, plus activations, which are not counted "
        "(sdxl_unet, sdxl_text as published: not here yet)"
    )
    adapter = PUBLISHED["ip_adapter"] + PUBLISHED["image_encoder"]
    varied = painted + (2 * adapter + 4 * 500_000_000 + 4 * PUBLISHED["embedder"]) / 1e9  # they see in float32
    assert f"needs {varied:.1f} GB" in found["memory, raw_instances, varied"].detail


def test_a_chat_model_in_this_process_takes_memory_and_a_served_one_none(tmp_path):
    stored(tmp_path / "chat" / "model-00001-of-00002.safetensors", a=[1_000_000_000])
    stored(tmp_path / "chat" / "model-00002-of-00002.safetensors", b=[2_000_000_000])
    local = looked_at(project(tmp_path), chat=LocalChat(weights=str(tmp_path / "chat"), device="cpu"))
    drawing = 2 * sum(PUBLISHED[name] for name in ("sdxl_unet", "sdxl_text", "vae", "transparent_decoder")) / 1e9
    assert local["memory, optimized_prompts"].detail.startswith("needs 6.0 GB")
    assert local["memory, optimized_prompts, rethinking"].detail.startswith(f"needs {drawing + 6:.1f} GB")
    served = looked_at(project(tmp_path))
    assert "memory, optimized_prompts" not in served
    assert served["memory, optimized_prompts, rethinking"].detail.startswith(f"needs {drawing:.1f} GB")
    finishing = 2 * (PUBLISHED["vae"] + PUBLISHED["transparent_decoder"]) / 1e9
    assert served["memory, validated_instances"].detail.startswith(f"needs {finishing:.1f} GB")


def stages_of(found: dict) -> set[str]:
    return {what.removeprefix("memory, ") for what in found if what.startswith("memory, ")}


def test_memory_is_told_of_the_stages_that_the_settings_use(tmp_path):
    chat = LocalChat(weights=str(tmp_path), device="cpu")
    searched = "backgrounds, searched"
    cutouts = settled(tmp_path, {"sources": ("cutout",), "rethink": {"keep_share": 1}})
    assert stages_of(looked_at(cutouts, chat=chat)) == {searched}
    varied = settled(tmp_path, {"sources": ("variation",)})
    kept = {searched, "composite_scenes, selection"}
    assert stages_of(looked_at(varied, chat=chat)) == {*kept, "raw_instances, varied", "validated_instances"}
    drawing = {*kept, "optimized_prompts", "raw_instances, drawn", "validated_instances", "agent_prompts"}
    once = settled(tmp_path, {"sources": ("foreground",), "rethink": {"enabled": False}})
    assert stages_of(looked_at(once, chat=chat)) == drawing
    rethought = project(tmp_path, painted=1)
    more = {"optimized_prompts, rethinking", "backgrounds, painted"}
    assert stages_of(looked_at(rethought, chat=chat)) == drawing | more


def test_chat_that_looks_at_no_candidate_is_not_counted_where_candidates_are_judged(tmp_path):
    blind = settled(tmp_path, {"sources": ("foreground",), "judge": {"sources": ()}})
    found = looked_at(blind, chat=LocalChat(weights=str(tmp_path), device="cpu"))["memory, validated_instances"]
    assert found.detail.startswith(f"needs {2 * (PUBLISHED['vae'] + PUBLISHED['transparent_decoder']) / 1e9:.1f} GB")


def test_what_several_models_lack_is_told_once_with_the_command_and_then_referred_to(tmp_path):
    sdxl, vae = "drawing: a/sdxl is not here: hf download a/sdxl x", "decoder: a/vae is not here: hf download a/vae"
    found = looked_at(
        project(tmp_path, painted=1),
        foregrounds=Model(f"{sdxl}\n{vae}"),
        embedders=Model("embedder: a/eye is not here: hf download a/eye"),
        painters=Model(f"{sdxl}\n{vae}"),
    )
    assert found["foregrounds"].detail == f"{sdxl}\n{vae}"
    assert found["painters"].detail == "as above: drawing: a/sdxl is not here\nas above: decoder: a/vae is not here"
    assert not found["painters"].ready
    assert "".join(one.detail for one in found.values()).count("hf download") == 3


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no safetensors file"),
        (b"<html>404</html>", "no safetensors file"),
        (struct.pack("<Q", 500) + b"{", "ends within its header"),
        (struct.pack("<Q", 2) + b"[]", "no header of a safetensors file"),
    ],
)
def test_a_damaged_file_of_weights_is_to_do(content, why, tmp_path):
    (tmp_path / "vae").mkdir()
    (tmp_path / "vae" / "diffusion_pytorch_model.safetensors").write_bytes(content)
    found = looked_at(project(tmp_path, vae={"weights": str(tmp_path / "vae")}))
    assert not found["weights of vae"].ready
    assert why in found["weights of vae"].detail
