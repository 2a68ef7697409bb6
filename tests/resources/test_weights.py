"""Weights are found in a folder or in the hub's cache, by commit, tag or branch; what is missing is only named."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from genval_assets.config import GenvalSettings, ProjectSettings
from genval_assets.profiles import gpu_models
from genval_assets.project import Project
from genval_assets.types import ModelUnavailable
from resources.weights import Weights

FIRST, SECOND = "a" * 40, "b" * 40
FILES = ("config.json", "model.safetensors")
NAME = "the eye"

pytest.importorskip("huggingface_hub", reason="hub ids need the extra 'models'")


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """A cache in which two commits of one model were fetched; main is the second. Nothing can be reached."""
    folder = tmp_path / "hub"
    for commit in (FIRST, SECOND):
        fetched(folder, "owner/model.v1", commit, *FILES)
    refs(folder, "owner/model.v1", main=SECOND, old=FIRST)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(folder))

    def refuse(*args: object) -> None:
        raise AssertionError(f"something was about to be fetched: {args}")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    return folder


def fetched(cache: Path, model: str, commit: str, *names: str) -> Path:
    """Lay files out as `hf download` does: content in blobs, a folder of links per commit."""
    home = cache / f"models--{model.replace('/', '--')}"
    for name in names:
        blob, link = home / "blobs" / f"{commit[:4]}-{name.replace('/', '-')}", home / "snapshots" / commit / name
        blob.parent.mkdir(parents=True, exist_ok=True)
        link.parent.mkdir(parents=True, exist_ok=True)
        blob.write_text(f"{name} of {commit}")
        link.symlink_to(os.path.relpath(blob, link.parent))
    return home / "snapshots" / commit


def refs(cache: Path, model: str, **commits: str) -> None:
    folder = cache / f"models--{model.replace('/', '--')}" / "refs"
    folder.mkdir(parents=True, exist_ok=True)
    for name, commit in commits.items():
        (folder / name).write_text(commit)


def weights(named: str = "owner/model.v1", revision: str = "") -> Weights:
    return Weights(weights=named, revision=revision)


@pytest.mark.parametrize(("revision", "commit"), [("", SECOND), ("main", SECOND), ("old", FIRST), (FIRST, FIRST)])
def test_a_hub_id_is_the_commit_that_was_fetched_under_that_name(cache, revision, commit):
    found = weights(revision=revision)
    assert found.is_hub_id
    assert found.folder() == cache / "models--owner--model.v1" / "snapshots" / commit
    assert found.identity == ("owner/model.v1", commit)
    assert found.fault(NAME, FILES) == ""
    assert (found.here(NAME, FILES) / "config.json").read_text() == f"config.json of {commit}"


def test_a_folder_is_taken_as_it_is_with_the_users_own_mark(tmp_path):
    (tmp_path / "my eye").mkdir()
    (tmp_path / "my eye" / "config.json").touch()
    found = weights(str(tmp_path / "my eye"), "r7")
    assert not found.is_hub_id
    assert found.folder() == tmp_path / "my eye"
    assert found.identity == ("my eye", "r7")
    assert found.fault(NAME, ("config.json",)) == ""


def test_a_folder_whose_name_looks_like_a_hub_id_is_that_folder(cache, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("owner/model.v1").mkdir(parents=True)
    found = weights()
    assert not found.is_hub_id
    assert found.folder() == Path("owner/model.v1")
    assert found.identity == ("model.v1", "")


def test_a_home_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "eye").mkdir()
    assert weights("~/eye").folder() == tmp_path / "eye"
    assert weights("~/eye").identity == ("eye", "")


def test_a_missing_folder_is_named_with_a_command_that_fills_it(tmp_path):
    missing = weights(str(tmp_path / "not here"))
    assert missing.fault(NAME, FILES) == (
        f"the eye: the folder '{tmp_path}/not here' is not on this machine: "
        f"hf download OWNER/NAME config.json model.safetensors --local-dir '{tmp_path}/not here'"
    )
    with pytest.raises(ModelUnavailable, match="is not on this machine"):
        missing.here(NAME, FILES)


def test_a_model_that_was_not_fetched_is_named_with_the_command_that_fetches_it(cache):
    missing = weights("owner/other")
    assert missing.fault(NAME, FILES) == (
        "the eye: owner/other@main is not on this machine: hf download owner/other config.json model.safetensors"
    )
    assert missing.identity == ("owner/other", "main")
    assert weights(revision="v2.0").fault(NAME, FILES) == (
        "the eye: owner/model.v1@v2.0 is not on this machine: "
        "hf download owner/model.v1 config.json model.safetensors --revision v2.0"
    )


def test_a_file_that_was_not_fetched_is_named_with_the_command_that_fetches_it(cache):
    lacking = weights(revision="old").fault(NAME, (*FILES, "unet/config.json", "vae/config.json"))
    assert lacking == (
        "the eye: owner/model.v1@old lacks unet/config.json and 1 more: hf download owner/model.v1 config.json "
        "model.safetensors unet/config.json vae/config.json --revision old"
    )
    with pytest.raises(ModelUnavailable, match=r"lacks unet/config\.json"):
        weights().here(NAME, ("unet/config.json",))


def test_a_link_whose_content_was_removed_is_a_missing_file(cache):
    for blob in (cache / "models--owner--model.v1" / "blobs").glob("bbbb-model*"):
        blob.unlink()
    assert "lacks model.safetensors: " in weights().fault(NAME, FILES)


def test_of_alternatives_one_is_enough_and_the_first_is_fetched(cache):
    assert weights().fault(NAME, ("vocab.json|config.json",)) == ""
    assert weights().fault(NAME, ("vocab.json|tokenizer.json",)) == (
        "the eye: owner/model.v1@main lacks vocab.json: hf download owner/model.v1 vocab.json"
    )


@pytest.mark.parametrize(
    "named", ["owner/model..v1", "owner/-model", "owner/model.", f"owner/{'x' * 97}", "a--b/c", "owner/model.git"]
)
def test_what_the_hub_would_not_take_for_an_id_is_a_folder(cache, named):
    assert not weights(named).is_hub_id
    assert weights(named).folder() is None
    assert f"the folder '{named}' is not on this machine" in weights(named).fault(NAME, FILES)


@pytest.mark.parametrize("named", ["a/b", "owner/model.v1", "owner-1/Model_2.0-x", f"owner/{'x' * 96}"])
def test_what_the_hub_takes_for_an_id_is_looked_up(cache, named):
    from huggingface_hub.utils import validate_repo_id

    validate_repo_id(named)
    assert weights(named).is_hub_id


@pytest.mark.parametrize("named", ["../../etc/passwd", "/etc", "owner/model/sub", "model", "owner/../x"])
def test_other_names_are_folders(named):
    assert not weights(named).is_hub_id


@pytest.mark.parametrize("revision", ["../../x", "feature/eyes", "no such"])
def test_a_revision_that_was_not_fetched_is_no_crash(cache, revision):
    assert weights(revision=revision).folder() is None


def test_a_branch_with_a_slash_is_found(cache):
    (cache / "models--owner--model.v1" / "refs" / "refs" / "pr").mkdir(parents=True)
    (cache / "models--owner--model.v1" / "refs" / "refs" / "pr" / "1").write_text(FIRST)
    assert weights(revision="refs/pr/1").identity == ("owner/model.v1", FIRST)


def test_a_missing_extra_is_named_with_the_command_that_installs_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "diffusers", None)
    assert weights(str(tmp_path)).fault(NAME, ()) == (
        "models in this process need diffusers: pip install 'genval[models]'"
    )


PROGRAM = """
import socket, sys
def refuse(*args): raise SystemExit(f"something was about to be fetched: {args}")
socket.getaddrinfo = socket.socket.connect = refuse
from resources.weights import Weights
found = Weights(weights="owner/model.v1")
print(found.identity[1], repr(found.fault("the eye", ["config.json"])), repr(Weights(weights="owner/x").folder()))
print([name for name in ("torch", "transformers", "diffusers") if name in sys.modules])
"""


def test_the_cache_is_where_hf_puts_it_and_nothing_heavy_is_imported_or_fetched(tmp_path):
    fetched(tmp_path / "home" / "hub", "owner/model.v1", FIRST, *FILES)
    refs(tmp_path / "home" / "hub", "owner/model.v1", main=FIRST)
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "HUGGINGFACE_"))}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=ours | {"HF_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == [f"{FIRST} '' None", "[]"], done.stderr


@pytest.mark.parametrize("profile", ["gpu-24gb", "gpu"])
def test_without_the_extra_every_model_says_so_once_and_nothing_breaks(tmp_path, monkeypatch, profile):
    """The light installation has no torch, also where the settings name a device."""
    monkeypatch.setattr("resources.weights.find_spec", lambda name: None)
    for name in ("torch", "diffusers", "transformers"):
        monkeypatch.setitem(sys.modules, name, None)  # importing it raises
    settings = GenvalSettings(project=ProjectSettings(profile=profile))
    models = gpu_models(Project(tmp_path, settings))
    roles = ("foregrounds", "painters", "variations", "layout_images", "segmenters", "detectors", "embedders")
    said = {models[role].fault() for role in roles}
    assert len(said) == 1
    assert said.pop().endswith("pip install 'genval[models]'")
