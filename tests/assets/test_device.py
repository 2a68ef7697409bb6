"""Two runs do not share a device's memory: the second is told so before it begins. A CPU may be shared."""

from pathlib import Path

import pytest

from genval_assets.assets.device import device_held
from genval_assets.config import GenvalSettings, ProjectSettings
from genval_assets.models.settings import ModelsSettings
from genval_assets.project import Project
from genval_assets.types import ModelUnavailable
from resources.locks import RunLocks


def project(home: Path, profile: str, device: str = "cuda:1") -> Project:
    return Project(home, GenvalSettings(project=ProjectSettings(profile=profile), models=ModelsSettings(device=device)))


def test_the_second_run_on_a_device_is_told_to_wait(tmp_path):
    gpu, locks = project(tmp_path, "gpu-24gb"), RunLocks(home=str(tmp_path))
    with (
        device_held(gpu, locks),
        pytest.raises(ModelUnavailable, match="'cuda:1' is in use by another run"),
        device_held(gpu, locks),
    ):
        pass
    with device_held(gpu, locks):
        pass


@pytest.mark.parametrize(("profile", "device"), [("offline", "cuda"), ("gpu", "cpu")])
def test_who_needs_no_device_holds_none(tmp_path, profile, device):
    one, locks = project(tmp_path, profile, device), RunLocks(home=str(tmp_path))
    with device_held(one, locks), device_held(one, locks):
        assert not list((tmp_path / "locks").glob("device*"))


def test_a_failure_under_the_lock_is_not_taken_for_a_device_in_use(tmp_path):
    with (
        pytest.raises(BlockingIOError, match="of the work itself"),
        device_held(project(tmp_path, "gpu"), RunLocks(home=str(tmp_path))),
    ):
        raise BlockingIOError("of the work itself")
