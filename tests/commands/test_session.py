"""Faults of the settings end every command before any work, all of them in one message, with exit code 2."""

import re

import pytest

VERBS = (["top-up"], ["status"], ["gc"], ["dev"])


@pytest.fixture
def home(tmp_path):
    """A home whose settings have four faults."""
    (tmp_path / "genval.toml").write_text(
        '[project]\nprofile = "laptop"\n[top_up]\ntarget = -1\nspeed = 3\n[data]\ncoco = 7\n'
    )
    return tmp_path


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
def test_all_faults_of_the_settings_are_listed_with_file_and_key(genval, home, verb):
    done = genval(*verb, "--home", home)
    assert done.exit_code == 2
    for key in ("[project] profile", "[top_up] target", "[top_up] speed", "[data] coco"):
        assert f"{home / 'genval.toml'}: {key}" in done.stderr
    assert [path.name for path in home.iterdir()] == ["genval.toml"]


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
def test_data_that_is_not_there_is_listed(genval, tmp_path, verb):
    (tmp_path / "genval.toml").write_text('[data]\ncoco = "away.json"\nimages = "nowhere"\n')
    done = genval(*verb, "--home", tmp_path)
    assert done.exit_code == 2
    assert f"[data] coco: no such file: {tmp_path / 'away.json'}" in done.stderr
    assert f"[data] images: no such folder: {tmp_path / 'nowhere'}" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["genval.toml"]


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
def test_a_home_without_a_project_is_told_from_a_broken_one(genval, tmp_path, verb):
    done = genval(*verb, "--home", tmp_path / "none")
    assert done.exit_code == 2
    assert "`genval init` writes it" in done.stderr
    assert not (tmp_path / "none").exists()


def test_a_pinned_version_that_is_gone_ends_a_command_with_a_line_that_lists_those_there_are(project, genval):
    settings = project / "genval.toml"
    settings.write_text(
        re.sub(r'^prompt_agent = ""', 'prompt_agent = "0123456789ab"', settings.read_text(), flags=re.M)
    )
    done = genval("status", "--home", project)
    assert done.exit_code == 2
    assert "no version '0123456789ab' of the prompt agent; known: " in done.stderr


def test_a_text_of_your_own_that_is_empty_is_refused_and_not_replaced_by_the_shipped_one(project, genval):
    (project / "mine.txt").write_text("\n")
    settings = project / "genval.toml"
    settings.write_text(settings.read_text().replace('prompt_agent_file = ""', 'prompt_agent_file = "mine.txt"'))
    done = genval("status", "--home", project)
    assert done.exit_code == 2
    assert "mine.txt is empty" in done.stderr
