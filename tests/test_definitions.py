"""The definitions load for a project, follow its settings, and cost no heavy import."""

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from genval_assets.assets.catalog import LINE
from genval_assets.chat.settings import ChatSettings, LocalSettings
from genval_assets.config import (
    PROFILES,
    DataSettings,
    GenvalSettings,
    InstanceSettings,
    ProjectSettings,
    ScheduleSettings,
)
from genval_assets.config_text import write_settings
from genval_assets.definitions import definitions_for
from genval_assets.models.settings import ModelsSettings
from genval_assets.project import Project

ROOT = Path(__file__).parents[1]
SYSTEMS = {"gen-n-val", "auto-cherry-picker", "instada", "finegen", "genval"}
FOLLOWERS = ("training_dataset", "warehouse")
HEAVY = ("torch", "diffusers", "transformers")


def definitions(tmp_path: Path, **given) -> dg.Definitions:
    return definitions_for(Project(tmp_path, GenvalSettings(**given)))


@pytest.fixture
def specs(tmp_path) -> dict[str, dg.AssetSpec]:
    return {s.key.to_user_string(): s for s in definitions(tmp_path).resolve_all_asset_specs()}


def test_they_load_for_any_project(tmp_path):
    dg.Definitions.validate_loadable(definitions(tmp_path))


def test_every_asset_of_the_graph_is_there(specs):
    assert set(specs) == {
        "concept_list", "layout_pool", "backgrounds", "agent_prompts", "golden_labels", "negative_ranking", *LINE,
        "training_dataset", "warehouse", "coco_export", "lvis_export", "yolo_export", "hf_export", "imagefolder_export",
        "webdataset_export", "pool_export",
    }  # fmt: skip


def test_every_asset_says_what_it_is_where_it_belongs_and_whose_it_is(specs):
    for name, spec in specs.items():
        assert spec.description, name
        assert spec.group_name != "default", name
        assert spec.owners, name
        assert spec.kinds, name
        assert spec.tags.get("system") in SYSTEMS, name


def test_the_chain_is_partitioned_by_category_and_nothing_else_is(specs):
    partitioned = {name for name, spec in specs.items() if spec.partitions_def is not None}
    assert partitioned == set(LINE)
    assert {specs[name].partitions_def.name for name in LINE} == {"category"}


def test_the_merged_set_and_the_warehouse_follow_by_themselves(specs):
    automatic = {name for name, spec in specs.items() if spec.automation_condition is not None}
    assert automatic == {"training_dataset", "warehouse"}


@pytest.mark.parametrize("on", [True, False])
def test_the_settings_switch_sensors_and_schedule(tmp_path, on):
    schedule = ScheduleSettings(rare_classes=on, new_concepts=on, nightly=on, interval_seconds=33)
    made = definitions(tmp_path, schedule=schedule)
    sensors = {sensor.name: sensor for sensor in made.sensors}
    status = dg.DefaultSensorStatus.RUNNING if on else dg.DefaultSensorStatus.STOPPED
    for name in ("rare_classes", "new_concepts"):
        assert (sensors[name].default_status, sensors[name].minimum_interval_seconds) == (status, 33)
    (nightly,) = made.schedules
    assert nightly.default_status.value == status.value


def test_alerts_and_what_follows_a_wave_always_run(tmp_path):
    sensors = {sensor.name: sensor for sensor in definitions(tmp_path).sensors}
    for name in ("failure_alert", "after_the_wave"):
        assert sensors[name].default_status == dg.DefaultSensorStatus.RUNNING


def test_after_a_wave_the_merged_set_and_the_warehouse_are_asked_for_once(tmp_path):
    """Once for a batch of several categories, and not at all when nothing has happened."""
    made = definitions(tmp_path)
    everything = dg.AssetSelection.assets("concept_list", "backgrounds", *LINE, *FOLLOWERS)
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("category", ["ant", "bee", "cat"])
        asked, cursor = [], None
        for finished in [[], ["ant", "cat"], [], [], ["bee"], []]:
            made_now = [dg.AssetMaterialization(name, partition=c) for c in finished for name in LINE]
            for materialization in made_now:
                instance.report_runless_asset_event(materialization)
            result = dg.evaluate_automation_conditions(made, instance, everything, cursor=cursor)
            cursor = result.cursor
            asked.append([name for name in FOLLOWERS if result.get_num_requested(dg.AssetKey(name))])
            for name in asked[-1]:
                instance.report_runless_asset_event(dg.AssetMaterialization(name))
    both = list(FOLLOWERS)
    assert asked == [[], both, [], [], both, []]


def in_a_process(code: str, *, home: Path, first_on_path: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "GENVAL_HOME": str(home), "PYTHONPATH": str(first_on_path)}
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True)


def pools_of(tmp_path, profile: str, device: str) -> dict[str, str | None]:
    project = ProjectSettings(profile=profile)
    chat = ChatSettings(local=LocalSettings(device=device))
    loaded = definitions(tmp_path, project=project, models=ModelsSettings(device=device), chat=chat)
    ops = {asset.op.name: asset.op.pool for asset in loaded.assets if isinstance(asset, dg.AssetsDefinition)}
    return ops | {"top_up": next(iter(loaded.jobs)).nodes[0].definition.pool}


@pytest.mark.parametrize("profile", ["gpu-24gb", "gpu"])
def test_runs_that_open_models_on_a_device_wait_for_their_turn(tmp_path, profile):
    pools = pools_of(tmp_path, profile, "cuda")
    assert {name for name, pool in pools.items() if pool == "gpu"} == {
        "backgrounds", "agent_prompts", "instance_line", "negative_ranking", "top_up",
    }  # fmt: skip


def test_nothing_waits_where_there_is_no_device(tmp_path):
    assert set(pools_of(tmp_path, "offline", "cuda").values()) == {None}
    assert set(pools_of(tmp_path, "gpu", "cpu").values()) == {None}


@pytest.fixture(params=PROFILES)
def home(tmp_path, request) -> Path:
    """The home of a project that draws from a list of names, as far as definitions look at it."""
    names = tmp_path / "names.txt"
    names.write_text("dog\n")
    given = GenvalSettings(
        project=ProjectSettings(profile=request.param),
        data=DataSettings(names=str(names)),
        instances=InstanceSettings(sources=("foreground",)),
    )
    (tmp_path / "genval.toml").write_text(write_settings(given))
    return tmp_path


def test_loading_them_imports_no_model_library(home, tmp_path):
    """Packages of these names stand first on the path, and break whoever imports them."""
    broken = tmp_path / "broken"
    for name in HEAVY:
        (broken / name).mkdir(parents=True)
        (broken / name / "__init__.py").write_text("raise AssertionError('a heavy import')\n")
    guard = in_a_process("import torch", home=home, first_on_path=broken)
    assert "a heavy import" in guard.stderr
    loaded = in_a_process(
        "import dagster as dg, genval_assets.definitions as d\n"
        "dg.Definitions.validate_loadable(d.defs)\nprint('loaded')",
        home=home, first_on_path=broken,
    )  # fmt: skip
    assert loaded.stdout == "loaded\n", loaded.stderr


def test_without_a_project_the_daemon_is_told_what_to_set(tmp_path):
    env = {k: v for k, v in os.environ.items() if k not in ("GENVAL_HOME", "DAGSTER_HOME")}
    code = "import genval_assets.definitions as d\nd.defs"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Set GENVAL_HOME to the folder that `genval init` made" in done.stderr
