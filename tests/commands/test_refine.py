"""`genval refine` refines both agents as one run, and says what each step brought."""

import json

from genval_assets.config import GenvalSettings, parse_settings
from genval_assets.config_text import write_settings
from genval_assets.evaluation.careless import careless_prompt_agent
from genval_assets.rows import AgentPrompt
from genval_assets.textgrad.settings import TextGradSettings
from resources.tables import ParquetTables


def small(home) -> GenvalSettings:
    """Few pairs, from a careless text of one's own."""
    own = home.parent / "mine.txt"
    own.write_text(careless_prompt_agent())
    read = parse_settings((home / "genval.toml").read_text())
    return read.model_copy(update={"textgrad": TextGradSettings(pairs=22, prompt_agent_file=str(own))})


def test_each_step_is_printed_and_stored_and_the_refined_version_is_in_force(project, genval):
    (project / "genval.toml").write_text(write_settings(small(project)))
    done = genval("refine", "--steps", 2, "--home", project)
    assert done.exit_code == 0, done.stderr
    rows = [row for row in ParquetTables(home=str(project)).read(AgentPrompt, ["prompt"]) if row.step]
    assert 1 <= len(rows) <= 2
    assert all(f"prompt agent, step {row.step}:" in done.stderr for row in rows if row.criticism)
    last = [row.version for row in rows if row.accepted][-1:]
    assert all(f"prompt agent {version}" in done.stderr for version in last)


def test_programs_get_the_steps_as_json(project, genval):
    (project / "genval.toml").write_text(write_settings(small(project)))
    done = genval("refine", "--steps", 1, "--json", "--home", project)
    steps = json.loads(done.stdout)
    assert {step["step"] for step in steps} == {1}
    assert all(step["reason"] for step in steps)


def test_a_text_without_the_form_of_the_answer_is_named_and_nothing_is_refined(project, genval):
    (project / "genval.toml").write_text(write_settings(small(project)))
    (project.parent / "mine.txt").write_text("Write nice prompts.")
    done = genval("refine", "--home", project)
    assert done.exit_code == 2
    assert "does not describe the form of its answer" in done.stderr
