"""Two runs do not share a device's memory: the second is told so before it begins. A CPU may be shared."""

from pathlib import Path

import pytest

from genval_assets.assets.device import device_held
from genval_assets.chat.settings import ChatSettings, LocalSettings, ServedSettings
from genval_assets.config import GenvalSettings, ProjectSettings
from genval_assets.models.settings import ModelsSettings
from genval_assets.project import Project
from genval_assets.types import ModelUnavailable
from resources.locks import RunLocks


def project(home: Path, profile: str, device: str = "cuda:1") -> Project:
    chat = ChatSettings(local=LocalSettings(device=device))
    models = ModelsSettings(device=device)
    return Project(home, GenvalSettings(project=ProjectSettings(profile=profile), models=models, chat=chat))


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


def test_who_needs_no_device_holds_none(tmp_path):
    one, locks = project(tmp_path, "offline", "cuda"), RunLocks(home=str(tmp_path))
    with device_held(one, locks), device_held(one, locks):
        assert not list((tmp_path / "locks").glob("device*"))


@pytest.mark.parametrize(
    ("profile", "device", "use", "chat_device", "devices"),
    [
        ("offline", "cuda", "profile", "cuda", ()),
        ("offline", "cuda", "local", "cuda:1", ("cuda:1",)),
        ("gpu", "cpu", "profile", "cpu", ()),
        ("gpu", "cpu", "profile", "cuda", ("cuda:0",)),
        ("gpu", "cuda:0", "local", "cuda:1", ("cuda:0", "cuda:1")),
        ("gpu", "cuda", "served", "cuda:1", ("cuda:0",)),
        ("gpu", "cuda", "local", "cuda:0", ("cuda:0",)),
    ],
)
def test_a_run_holds_every_device_that_its_models_are_on_chat_included(
    tmp_path, profile, device, use, chat_device, devices
):
    chat = ChatSettings(
        use=use,
        local=LocalSettings(weights="a/b", device=chat_device),
        served=ServedSettings(url="http://127.0.0.1:1/v1", model="m"),
    )
    models = ModelsSettings(device=device)
    settings = GenvalSettings(project=ProjectSettings(profile=profile), models=models, chat=chat)
    assert Project(tmp_path, settings).devices == devices


def test_a_failure_under_the_lock_is_not_taken_for_a_device_in_use(tmp_path):
    with (
        pytest.raises(BlockingIOError, match="of the work itself"),
        device_held(project(tmp_path, "gpu"), RunLocks(home=str(tmp_path))),
    ):
        raise BlockingIOError("of the work itself")
