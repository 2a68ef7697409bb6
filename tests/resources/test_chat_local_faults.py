"""What the local chat model says when it cannot be opened: the thing, and what to do. Nothing is made up or run."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from genval_assets.chat.answers import Answered
from genval_assets.types import ChatRequest, ModelUnavailable
from resources.chat_local import LocalChat
from tests.resources.tiny_networks import tiny_networks

COMMIT = "c" * 40
FETCH = "hf download Qwen/Qwen3-VL-4B-Instruct --local-dir "


class Name(Answered):
    name: str


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Iterator[dict[str, Path]]:
    """Checkpoints by kind."""
    with tiny_networks("tiny_chat") as (tiny_chat,):
        root = tmp_path_factory.mktemp("checkpoints")
        yield {"text": tiny_chat.save_text(root / "text"), "sighted": tiny_chat.save_sighted(root / "sighted")}


@pytest.fixture
def copy(tiny, tmp_path) -> Path:
    """A text checkpoint to spoil."""
    return Path(shutil.copytree(tiny["text"], tmp_path / "copy"))


def chat(weights: Path | str, **settings) -> LocalChat:
    return LocalChat(**{"weights": str(weights), "device": "cpu", "dtype": "float32", "max_tokens": 2} | settings)


def open_(weights: Path) -> int:
    """Open it, and return how many tokens a question has."""
    with chat(weights).open() as model:
        return model.ask([ChatRequest("test", "Answer.", "A zebra?", Name)])[0].tokens_in


def test_a_checkpoint_that_can_be_opened_has_no_fault(tiny):
    assert [chat(folder).fault() for folder in tiny.values()] == ["", ""]


def test_a_missing_folder_is_named_with_the_command_that_fills_it(tmp_path, tiny):
    missing = chat(tmp_path / "not here")
    assert missing.fault() == (
        f"the folder of the local chat model, '{tmp_path}/not here', is not there: "
        f"{FETCH}'{tmp_path}/not here' (or the id of your own model)"
    )
    with pytest.raises(ModelUnavailable, match="is not there"), missing.open():
        pass


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json", "model.safetensors"])
def test_a_missing_file_is_named_with_the_command_that_fetches_it(copy, name):
    (copy / name).unlink()
    assert chat(copy).fault().startswith(f"the local chat model in '{copy}' lacks {name}: {FETCH}{copy}")


def test_pickled_weights_do_not_count(copy):
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    assert "lacks model.safetensors" in chat(copy).fault()


def test_a_checkpoint_fetched_in_part_names_the_shard_that_is_missing(copy):
    shards = {"a": "model-1.safetensors", "b": "model-2.safetensors", "c": "model-3.safetensors"}
    (copy / "model.safetensors").rename(copy / "model-1.safetensors")
    (copy / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": shards}))
    assert "lacks model-2.safetensors and 1 more: " + FETCH in chat(copy).fault()


def test_a_damaged_index_is_named(copy):
    (copy / "model.safetensors.index.json").write_text('{"weight_map": [')
    assert f"{copy}/model.safetensors.index.json is damaged" in chat(copy).fault()


@pytest.mark.parametrize("package", ["torch", "transformers", "safetensors"])
def test_a_missing_extra_is_named_with_the_command_that_installs_it(tmp_path, monkeypatch, package):
    for name in ("torch", "transformers", "safetensors"):
        monkeypatch.setitem(sys.modules, name, None if name == package else sys)
    assert chat(tmp_path).fault() == f"the local chat model needs {package}: pip install 'genval[models]'"


@pytest.mark.parametrize("device", ["meta", "xpu:3", "toaster"])
def test_a_device_that_is_not_here_is_named(tiny, device):
    assert f"device '{device}' is" in (fault := chat(tiny["text"], device=device).fault())
    assert "set device in [chat.local]" in fault


def test_a_second_card_is_asked_for_only_where_there_are_two(tiny, monkeypatch):
    import torch

    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda check_available: torch.device("cuda"))
    monkeypatch.setattr(torch.accelerator, "device_count", lambda: 2)
    faults = [chat(tiny["text"], device=device).fault() for device in ("cuda", "cuda:1", "cuda:2", "mps")]
    assert [bool(fault) for fault in faults] == [False, False, True, True]
    assert "not available here (2 x cuda)" in faults[2]


@pytest.fixture
def cache(tiny, tmp_path, monkeypatch) -> Path:
    """A hub's cache as `hf download owner/chat` leaves it."""
    home = tmp_path / "hub" / "models--owner--chat"
    shutil.copytree(tiny["text"], home / "snapshots" / COMMIT)
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text(COMMIT)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return home / "snapshots" / COMMIT


@pytest.mark.parametrize("revision", ["", COMMIT])
def test_a_hub_id_is_asked_where_it_was_fetched_to_and_its_commit_is_stored(cache, revision):
    if revision:
        (cache.parents[1] / "refs" / "main").unlink()
    fetched = chat("owner/chat", revision=revision)
    assert fetched.fault() == ""
    with fetched.open() as model:
        assert (model.model, model.revision) == ("owner/chat", COMMIT)
        assert model.ask([ChatRequest("test", "Answer.", "A zebra?", Name)])[0].tokens_out > 0


def test_a_hub_id_that_was_not_fetched_is_named_with_the_command_that_fetches_all_of_it(cache):
    assert chat("owner/other").fault() == (
        "the local chat model owner/other@main is not on this machine: hf download owner/other"
    )
    missing = chat("owner/chat", revision="v2")
    assert missing.fault() == (
        "the local chat model owner/chat@v2 is not on this machine: hf download owner/chat --revision v2"
    )
    with pytest.raises(ModelUnavailable, match="is not on this machine"), missing.open():
        pass


def test_a_hub_id_fetched_in_part_names_the_shard_that_is_missing(cache):
    shards = {"a": "model-1.safetensors", "b": "model-2.safetensors"}
    (cache / "model.safetensors").rename(cache / "model-1.safetensors")
    (cache / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": shards}))
    assert chat("owner/chat").fault() == (
        f"the local chat model in '{cache}' lacks model-2.safetensors: hf download owner/chat"
    )


def test_asking_for_faults_on_the_cpu_does_not_import_torch(tiny):
    program = (
        "import sys; from resources.chat_local import LocalChat; "
        "print(repr(LocalChat(weights=sys.argv[1], device='cpu').fault()), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tiny["text"])], capture_output=True, text=True)
    assert done.stdout.strip() == "'' False", done.stderr


def test_weights_that_are_not_in_the_file_are_not_made_up(copy):
    from safetensors.torch import load_file, save_file

    held = load_file(copy / "model.safetensors")
    del held["model.layers.1.mlp.up_proj.weight"]
    save_file(held, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelUnavailable, match=r"lacks 1 weights, such as model\.layers\.1\.mlp\.up_proj\.weight"):
        open_(copy)


def cut_weights(folder: Path) -> None:
    os.truncate(folder / "model.safetensors", 5000)


def unknown_kind(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "telepathy"}')


def own_code(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    code = {"AutoConfig": "evil.Config", "AutoModelForCausalLM": "evil.Model"}
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "telepathy", "auto_map": code}))
    (folder / "evil.py").write_text("raise SystemExit('it ran')")


def broken_config(folder: Path) -> None:
    (folder / "config.json").write_text("{")


@pytest.mark.parametrize("spoil", [cut_weights, unknown_kind, own_code, broken_config])
def test_a_spoiled_checkpoint_is_refused_by_name(copy, spoil):
    spoil(copy)
    with pytest.raises(ModelUnavailable, match=f"the local chat model in '{copy}' cannot be loaded: "):
        open_(copy)


LOSES_SYSTEM = "{{ messages[1].content }}"
REFUSES_SYSTEM = "{{ raise_exception('System role not supported') }}"


@pytest.mark.parametrize(
    ("template", "why"),
    [
        (None, r"has no chat template \(chat_template.jinja, or"),
        (LOSES_SYSTEM, "leaves out genval-system"),
        (REFUSES_SYSTEM, "refuses a system prompt: System role not supported"),
    ],
)
def test_a_chat_template_that_cannot_carry_the_question_is_refused(copy, template, why):
    (copy / "chat_template.jinja").unlink()
    if template:
        (copy / "chat_template.jinja").write_text(template)
    with pytest.raises(ModelUnavailable, match=why):
        open_(copy)


def test_a_model_that_can_think_aloud_is_told_not_to(copy):
    plain = open_(copy)
    thinking = "{% if enable_thinking is not defined or enable_thinking %}<think>{% endif %}"
    with (copy / "chat_template.jinja").open("a") as template:
        template.write(thinking)
    assert open_(copy) == plain


def test_a_template_without_room_for_a_picture_is_refused(tiny, tmp_path):
    copy = Path(shutil.copytree(tiny["sighted"], tmp_path / "copy"))
    template = "{% for m in messages %}{% for p in m.content %}{{ p.text }}{% endfor %}{% endfor %}"
    (copy / "chat_template.jinja").write_text(template)
    with pytest.raises(ModelUnavailable, match=r"leaves out <\|picture\|>"):
        open_(copy)
