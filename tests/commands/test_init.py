"""`genval init` makes a project of the user's own data, or says all that is wrong and makes nothing."""

import json

import dagster as dg
import pytest

from genval_assets.partitions import CATEGORIES


def partitions(home) -> list[str]:
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        return list(instance.get_dynamic_partitions(CATEGORIES.name))


def test_a_list_of_names_becomes_a_project_that_draws(answer, tmp_path):
    names = tmp_path / "names.csv"
    names.write_text("name,target,image_count\nmug,3,50\nduck,2,0\nkey,,4\n")
    home = tmp_path / "home"
    told = answer("init", "--names", names, "--home", home)
    assert told["categories"] == 3
    assert told["sources"] == ["offline"]
    assert [(one["category"], one["target"]) for one in told["reach"]] == [("duck", 2), ("key", 100), ("mug", 3)]
    assert [one["category"] for one in told["rare"]] == ["duck", "key"]
    assert partitions(home) == ["duck", "key", "mug"]


def test_one_name_per_line_will_do_and_people_are_told_what_comes_next(genval, tmp_path):
    names = tmp_path / "names.txt"
    names.write_text("mug\nduck\n")
    done = genval("init", "--names", names, "--home", tmp_path / "home")
    assert done.exit_code == 0
    assert "2 categories, 2 of them rare" in done.stdout
    assert f"Next: genval top-up --home {tmp_path / 'home'} --until-done" in done.stdout
    assert "names = " in (tmp_path / "home" / "genval.toml").read_text()


def test_a_coco_file_becomes_a_project_that_cuts_out(answer, shared_data, tmp_path):
    sample, home = shared_data / "coco_sample", tmp_path / "home"
    told = answer(
        "init", "--coco", sample / "instances.json", "--images", sample / "images",
        "--backgrounds", shared_data / "backgrounds", "--home", home,
    )  # fmt: skip
    annotations = json.loads((sample / "instances.json").read_text())
    assert told["categories"] == len(annotations["categories"])
    assert told["sources"] == ["cutout"]
    assert all("image" in one["why"] for one in told["rare"])
    assert partitions(home)[0] == told["rare"][0]["category"]
    assert {one["reachable"] >= one["real"] for one in told["reach"]} == {True}


def test_what_was_not_given_or_is_not_there_is_said_before_anything_is_made(genval, tmp_path):
    (tmp_path / "names.txt").write_text("mug\n")
    (tmp_path / "coco.json").write_text("{}")
    home = tmp_path / "home"
    for arguments, faults in (
        ([], ["give either --coco FILE (with --images DIR) or --names FILE"]),
        (
            ["--coco", tmp_path / "coco.json", "--names", tmp_path / "names.txt"],
            ["give either", "--coco needs --images"],
        ),
        (["--coco", tmp_path / "coco.json"], ["--coco needs --images DIR"]),
        (["--names", tmp_path], [f"--names: no such file: {tmp_path}"]),
        (
            ["--names", tmp_path / "gone", "--backgrounds", tmp_path / "away"],
            ["--names: no such file", "--backgrounds: no such folder"],
        ),
    ):
        done = genval("init", *arguments, "--home", home)
        assert done.exit_code == 2
        assert all(fault in done.stderr for fault in faults)
        assert not home.exists()


def test_a_project_is_not_made_over_another(genval, topped_up):
    before = (topped_up / "genval.toml").read_text()
    done = genval("init", "--names", topped_up.parent / "names.csv", "--home", topped_up)
    assert done.exit_code == 2
    assert "this is a project already" in done.stderr
    assert (topped_up / "genval.toml").read_text() == before


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("!!!\nmug\n...\n", ["line 1", "line 3"]),
        ("Mug\nmug\n", ["line 2", "line 1"]),
        ("\u00e9tude\ne\u0301tude\n", ["line 2", "line 1"]),  # NFC and NFD
        ("name,target\nmug,many\nduck,-1\n", ["line 2: target", "line 3: target"]),
        ("", ["no concept in it"]),
    ],
)
def test_a_list_with_faults_is_refused_with_all_of_them_and_can_be_given_again(genval, tmp_path, text, faults):
    names, home = tmp_path / "names.txt", tmp_path / "home"
    names.write_text(text, encoding="utf-8")
    done = genval("init", "--names", names, "--home", home)
    assert done.exit_code == 2
    assert all(fault in done.stderr for fault in faults), done.stderr
    assert "nothing was set up" in done.stderr
    assert not (home / "genval.toml").exists()


def test_after_a_correction_the_same_command_makes_the_project(genval, tmp_path):
    names, home = tmp_path / "names.txt", tmp_path / "home"
    for text, code in (("mug\nMUG\n", 2), ("mug\nduck\n", 0)):
        names.write_text(text)
        assert genval("init", "--names", names, "--home", home).exit_code == code
    assert partitions(home) == ["duck", "mug"]


def test_an_annotation_file_that_is_none_is_refused(genval, tmp_path):
    (tmp_path / "coco.json").write_text('{"images": [{"id": 1')
    done = genval("init", "--coco", tmp_path / "coco.json", "--images", tmp_path, "--home", tmp_path / "home")
    assert done.exit_code == 2
    assert "coco.json" in done.stderr
    assert "Traceback" not in done.output
