"""What docs/negatives.md prints works: its settings are read, its lines of Python run on an exported set."""

import json
import re
from pathlib import Path

from genval_assets.config import parse_settings
from genval_assets.negatives.settings import NegativeSettings
from genval_assets.negatives.vocabulary import vocabulary

PAGE = (Path(__file__).parents[2] / "docs" / "negatives.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_its_settings_are_accepted_and_do_what_it_says():
    on, words = (parse_settings(block).hard_negatives for block in blocks("toml"))
    assert on.pictures == 20
    own = vocabulary(words.vocabulary)
    assert [own.type_of(word) for word in ("rubber", "latex", "cork", "turquoise")] == [
        "material", "material", "material", "colour",
    ]  # fmt: skip
    assert own.same_or_entailed("latex", "rubber")
    assert own.same_or_entailed("cork", "wooden")
    assert not own.same_or_entailed("cork", "rubber")


def test_it_speaks_of_every_setting_and_of_no_other():
    table = PAGE.split("| setting | what it says |")[1].split("\n\n")[0]
    named = [name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert named == list(NegativeSettings.model_fields)


def test_its_lines_of_python_print_what_a_set_holds(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "my_project/data/datasets/training/negatives"
    folder.mkdir(parents=True)
    told = {"attribute": "colour", "origin": "blue", "target": "red", "noun": "mug"}
    line = {
        "image_name": "images/s1.jpg",
        "positive": "A blue mug.",
        "negatives": [{"sentence": "A red mug.", "level": "hard", "attribute_change": [told]}],
        "subtext": [
            {"noun": "mug", "adjectives": ["blue"], "label": 1, "sentence": "A picture of a blue mug."},
            {"noun": "mug", "adjectives": ["red"], "label": 0, "sentence": "A picture of a red mug."},
        ],
    }
    (folder / "hard_negatives.jsonl").write_text(json.dumps(line) + "\n")
    monkeypatch.chdir(tmp_path)
    (code,) = blocks("python")
    exec(code, {})
    assert capsys.readouterr().out.splitlines() == [
        "my_project/data/datasets/training/images/s1.jpg A blue mug.",
        "  hard A red mug. ['blue -> red (mug)']",
        "  true A picture of a blue mug.",
        "  false A picture of a red mug.",
    ]
