"""What docs/models.md says is what the program does: commands that fetch, and memory per stage."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from genval_assets.config import GenvalSettings
from genval_assets.models.memory import PUBLISHED, STAGES, need_of
from genval_assets.profiles import gpu_models
from genval_assets.project import Project
from resources.sdxl import VAE_FILES, sdxl_files
from resources.weights import PACKAGES

DOCUMENT = (Path(__file__).parents[2] / "docs" / "models.md").read_text()
README = (Path(__file__).parents[2] / "README.md").read_text()
HERE = {"sdxl": sdxl_files("fp16"), "vae": VAE_FILES}
MISSING = [
    ("foregrounds", ()),
    ("foregrounds", ("sdxl",)),
    ("foregrounds", ("sdxl", "vae")),
    ("variations", ("sdxl", "vae")),
    ("layout_images", ()),
    ("segmenters", ()),
    ("detectors", ()),
    ("embedders", ()),
    ("chat", ()),
]
"""A role, and the groups of weights that are there already: what is missing first is what is printed."""


@pytest.mark.parametrize(("role", "here"), MISSING)
def test_the_document_prints_the_command_that_fetches_what_is_missing(role, here, tmp_path, monkeypatch):
    for name in PACKAGES:
        pytest.importorskip(name, reason="the profile needs the extra 'models'")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    models = {"device": "cpu", **{group: {"weights": folder_with(tmp_path / group, HERE[group])} for group in here}}
    settings = GenvalSettings.model_validate({"project": {"profile": "gpu-24gb"}, "models": models})
    fault = gpu_models(Project(tmp_path, settings))[role].fault()
    command = fault[fault.index("hf download ") :].splitlines()[0].split(" (or ")[0]
    assert f"{command}\n" in DOCUMENT


def folder_with(folder: Path, files: Sequence[str]) -> str:
    """Make a folder of empty files."""
    for file in files:
        path = folder / file.split("|")[0]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return str(folder)


def test_every_default_is_in_the_document():
    lines = re.findall(r"^hf download (\S+)", DOCUMENT, re.M)
    models = GenvalSettings().models
    named = [group.weights for _, group in models if hasattr(group, "weights")]
    assert set(named) <= set(lines)


def counted() -> dict[str, float]:
    """Return stage -> GB of weights, as doctor counts them."""
    widths = dict.fromkeys(PUBLISHED, 2) | dict.fromkeys(("segmenter", "detector", "embedder"), 4)
    return {stage.name: round(need_of(stage, {}, widths).weight_bytes / 1e9, 1) for stage in STAGES}


def test_the_memory_of_each_stage_is_that_which_doctor_counts():
    table = DOCUMENT.partition("| stage | open |")[2].partition("\n\n")[0]
    rows = [row.split("|") for row in table.splitlines()[2:]]
    assert [float(row[-2]) for row in rows] == list(counted().values())
    for row, stage in zip(rows, counted(), strict=True):
        assert row[1].replace("`", "").strip().startswith(stage)


def test_the_largest_sum_that_the_documents_state_is_that_of_the_table():
    of_a_night = {name: gb for name, gb in counted().items() if name != "agent_prompts"}
    most, in_a_night = max(counted().values()), max(of_a_night.values())
    assert f"The largest sum is {most} GB; of a night, {in_a_night} GB." in DOCUMENT
    assert f"the models of one stage together, at most {most} GB of weights" in README
