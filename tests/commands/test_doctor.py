"""`genval doctor` says of everything that a run needs whether it is there, or what to do."""

import json

from genval_assets.commands.findings import Finding
from tests.commands.conftest import HOSTILE


def findings(done) -> dict[str, dict]:
    return {one["what"]: one for one in json.loads(done.stdout)}


def test_a_sound_project_is_ready(topped_up, genval):
    done = genval("doctor", "--home", topped_up, "--json")
    found = findings(done)
    assert done.exit_code == 0
    assert all(one["ready"] for one in found.values())
    assert {"settings", "data", "tables", "disk", "runs", "models", "python"} <= set(found)
    assert "simulated" in found["models"]["detail"]
    assert f"categories {len(HOSTILE)}" in found["tables"]["detail"]


def test_people_read_a_line_each(topped_up, genval):
    done = genval("doctor", "--home", topped_up)
    assert f"ready  settings: {topped_up / 'genval.toml'}, profile offline" in done.stdout.splitlines()


def test_commands_that_fetch_weights_stand_on_lines_of_their_own(genval, tmp_path, monkeypatch):
    found = Finding(
        "painters", False, "SDXL: a/sdxl is not here: hf download a/sdxl x\nVAE: not here: hf download b/vae"
    )
    monkeypatch.setattr("genval_assets.commands.doctor.look", lambda *_, **__: [found])
    lines = genval("doctor", "--home", tmp_path).stdout.splitlines()
    assert lines[0] == "TO DO  painters: SDXL: a/sdxl is not here:"
    assert [line.strip() for line in lines[1:]] == ["hf download a/sdxl x", "VAE: not here:", "hf download b/vae"]


def test_faults_of_the_settings_are_a_finding(genval, tmp_path):
    (tmp_path / "genval.toml").write_text("[top_up]\ntarget = -1\nspeed = 3\n")
    done = genval("doctor", "--home", tmp_path, "--json")
    assert done.exit_code == 1
    (found,) = json.loads(done.stdout)
    assert not found["ready"]
    assert "[top_up] target" in found["detail"]
    assert "[top_up] speed" in found["detail"]


def test_missing_data_and_damaged_tables_are_to_do_and_the_rest_is_still_looked_at(project, genval):
    (project.parent / "names.csv").unlink()
    part = next((project / "data" / "tables" / "verdicts").glob("*.parquet"))
    part.chmod(0o644)
    part.write_bytes(part.read_bytes()[:50])
    done = genval("doctor", "--home", project, "--json")
    found = findings(done)
    assert done.exit_code == 1
    assert {what for what, one in found.items() if not one["ready"]} == {"data", "tables"}
    assert f"[data] names: no such file: {project.parent / 'names.csv'}" in found["data"]["detail"]
    assert part.name in found["tables"]["detail"]


def test_too_little_disk_is_to_do(project, genval):
    settings = project / "genval.toml"
    settings.write_text(settings.read_text().replace("disk_gb = 2.0", "disk_gb = 1000000.0"))
    found = findings(genval("doctor", "--home", project, "--json"))
    assert not found["disk"]["ready"]
    assert "disk_gb keeps 1e+06 GB" in found["disk"]["detail"]


def test_annotations_are_read_and_missing_images_counted(genval, tmp_path):
    images = [{"id": 1, "file_name": "gone.jpg", "width": 8, "height": 8}]
    coco = {"images": images, "annotations": [], "categories": [{"id": 1, "name": "dog"}]}
    (tmp_path / "coco.json").write_text(json.dumps(coco))
    (tmp_path / "genval.toml").write_text('[data]\ncoco = "coco.json"\nimages = "."\n')
    found = findings(genval("doctor", "--home", tmp_path, "--json"))
    assert found["annotations"]["detail"].startswith("1 images, 1 of them without a file")
    assert not found["annotations"]["ready"]


def test_a_text_of_your_own_without_the_form_of_the_answer_is_to_do(project, genval):
    (project / "mine.txt").write_text("Write something nice.")
    settings = project / "genval.toml"
    settings.write_text(settings.read_text().replace('prompt_agent_file = ""', 'prompt_agent_file = "mine.txt"'))
    found = findings(genval("doctor", "--home", project, "--json"))
    assert not found["agents"]["ready"]
    assert "'JSON' is missing" in found["agents"]["detail"]
