"""What docs/train.md prints works: its settings are read, its Python compiles, and runs where genval can run it."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genval_assets.config import parse_settings
from genval_assets.export.build import export_as
from genval_assets.export.settings import ExportSettings
from resources.datasets import DatasetFolders
from tests.export.conftest import World, drawn
from tests.export.real_sample import with_pictures

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of the libraries that read the exports
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

PAGE = (Path(__file__).parents[2] / "docs" / "train.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def block(words: str) -> str:
    (found,) = (one for one in blocks("python") if words in one)
    return found


def test_its_settings_are_accepted_and_do_what_it_says():
    merged, divided = (parse_settings(text).export for text in blocks("toml"))
    assert (merged.include_real, merged.include_val) == (True, True)
    assert divided.splits.val == 0.15


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_its_python_is_python(number):
    compile(blocks("python")[number], "docs/train.md", "exec")


@pytest.fixture(scope="module")
def exports(tmp_path_factory) -> Path:
    """A small set in the formats whose snippets run, in the folders that they name."""
    world, folder = World(), tmp_path_factory.mktemp("train")
    world.category("zebra", source_id=0)
    world.category("dog", source_id=7)
    world.background("plain", "drawn")
    for index in range(4):
        world.scene(f"s{index}", "zebra", "plain", index=index)
        world.object(f"s{index}", "zebra", drawn((2, 2, 20, 20)))
        world.object(f"s{index}", "dog", drawn((30, 5, 9, 30)))
    home = folder / "home"
    content = with_pictures(world.content(), home)
    cutout = np.zeros((8, 10, 4), dtype=np.uint8)
    cutout[:6] = 255  # the 60 px that the verdicts say
    for verdict in content.verdicts:
        Image.fromarray(cutout).save(home / verdict.cutout, lossless=True, exact=True)
    sets = DatasetFolders(home=str(home))
    for wanted in ("hf", "webdataset", "pool"):
        done = export_as(wanted, content, ExportSettings(), sets.picture)
        sets.write_to(done, str(folder / "exports" / wanted), overwrite=False)
    return folder


def test_its_model_of_hugging_face_takes_a_step_on_an_export(exports, tmp_path, monkeypatch):
    import torch
    from transformers import YolosConfig, YolosForObjectDetection, YolosImageProcessor

    torch.set_num_threads(1)
    torch.manual_seed(0)
    tiny = YolosConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, image_size=[64, 64],
        patch_size=16, num_detection_tokens=4, use_mid_position_embeddings=False,
    )  # fmt: skip
    YolosForObjectDetection(tiny).save_pretrained(tmp_path / "tiny")
    YolosImageProcessor(size={"height": 64, "width": 64}).save_pretrained(tmp_path / "tiny")
    monkeypatch.chdir(exports)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    text = block("AutoModelForObjectDetection").replace("PekingU/rtdetr_v2_r18vd", str(tmp_path / "tiny"))
    told = f'"{tmp_path}/runs", max_steps=1, use_cpu=True, report_to="none", disable_tqdm=True, '
    namespace: dict = {}
    exec(text.replace('"runs/rare", ', told), namespace)
    assert namespace["model"].config.id2label == {0: "zebra", 1: "dog"}
    row = namespace["dataset"]["train"].with_transform(namespace["detr"])[0]
    assert row["labels"]["class_labels"].tolist() == [0, 1]
    cx, cy, width, height = row["labels"]["boxes"][0].tolist()
    assert [cx * 64, cy * 48, width * 64, height * 48] == pytest.approx([12, 12, 20, 20], abs=1e-4)


def test_its_pipeline_of_webdataset_gives_boxes_as_corners(exports, monkeypatch):
    monkeypatch.chdir(exports)
    namespace: dict = {}
    exec(block("webdataset"), namespace)
    found = list(namespace["train"])
    assert len(found) == 4
    image, target = found[0]
    assert tuple(image.shape) == (3, 48, 64)
    assert target["boxes"].tolist() == [[2, 2, 22, 22], [30, 5, 39, 35]]
    assert target["labels"].tolist() == [0, 1]


def test_its_pasting_gives_an_object_and_its_mask_within_the_photograph(exports, monkeypatch):
    monkeypatch.chdir(exports)
    namespace: dict = {}
    exec(block("def paste("), namespace)
    photograph = np.full((60, 80, 3), 7, dtype=np.uint8)
    for seed, line in enumerate(namespace["lines"]):
        picture, mask = namespace["paste"](photograph, line, np.random.default_rng(seed))
        assert mask.any()
        assert (picture[mask] > 7).all()
        assert (picture[~mask] == 7).mean() > 0.9  # the soft rim alone
