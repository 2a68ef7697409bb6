"""`genval review`: a page that shows candidates without their verdicts, and labels that come back from it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from genval_assets.golden.labels import COLUMNS
from genval_assets.instances.in_force import in_force
from genval_assets.rows import Annotation, GoldenLabel, Instance, Verdict
from resources.tables import ParquetTables
from tests.ui.browser import Browser, browse, chromium
from tests.ui.served import wait_for

needs_chromium = pytest.mark.skipif(chromium() is None, reason="needs Chromium")


def verdicts(home: Path) -> list[Verdict]:
    return in_force(ParquetTables(home=str(home)).read(Verdict))


def labels(home: Path) -> list[GoldenLabel]:
    return ParquetTables(home=str(home)).read(GoldenLabel)


def shown(page: Path) -> list[str]:
    return re.findall(r'data-id="([0-9a-f]+)"', page.read_text())


def csv(folder: Path, **keep: str) -> Path:
    file = folder / "labels.csv"
    reasons = {"yes": "", "no": "incomplete"}
    lines = [",".join(COLUMNS), *(f"{instance},{word},{reasons.get(word, '')}," for instance, word in keep.items())]
    file.write_text("\n".join(lines))
    return file


def test_the_page_shows_candidates_of_every_outcome_and_nothing_of_their_verdicts(topped_up, genval, tmp_path):
    page = tmp_path / "page.html"
    done = genval("review", "--n", 30, "--out", page, "--home", topped_up)
    assert done.exit_code == 0, done.output
    rows = {row.instance_id: row for row in verdicts(topped_up)}
    assert {rows[instance].outcome for instance in shown(page)} == {"accepted", "rejected"}
    text = page.read_text()
    told = {row.verdict_id for row in rows.values()} | {str(row.cutout) for row in rows.values()}
    told |= {row.explanation for row in rows.values() if row.explanation} | {"mask_gate", "too_small", "fragmented"}
    instances = ParquetTables(home=str(topped_up)).read(Instance)
    told |= {row.image for row in instances} | {f'"{row.source}"' for row in instances}
    assert [word for word in told if word in text] == []


def test_another_seed_is_another_sample_and_the_same_one_the_same_page(topped_up, genval, tmp_path):
    pages = [tmp_path / f"{n}.html" for n in range(3)]
    for page, seed in zip(pages, (1, 1, 2), strict=True):
        assert genval("review", "--n", 6, "--seed", seed, "--out", page, "--home", topped_up).exit_code == 0
    assert pages[0].read_bytes() == pages[1].read_bytes()
    assert set(shown(pages[0])) != set(shown(pages[2]))


def test_what_was_labelled_is_not_asked_again_while_there_is_something_else(project, genval, tmp_path):
    everything = [row.instance_id for row in verdicts(project) if row.outcome != "error"]
    file = csv(tmp_path, **dict.fromkeys(everything[:-2], "yes"))
    assert genval("review", "--import", file, "--home", project).exit_code == 0
    assert genval("review", "--n", 2, "--home", project).exit_code == 0
    assert set(shown(project / "review.html")) == set(everything[-2:])


@pytest.mark.parametrize("keep", ["maybe", "yes,,\nnobody,yes"])
def test_a_file_with_a_fault_ends_with_code_2_names_the_line_and_stores_nothing(project, genval, tmp_path, keep):
    first = verdicts(project)[0].instance_id
    done = genval("review", "--import", csv(tmp_path, **{first: keep}), "--overrule", "--home", project)
    assert done.exit_code == 2
    assert re.search(r"labels\.csv: line [23]: .*\nnothing was stored", done.stderr)
    assert labels(project) == []
    assert len(ParquetTables(home=str(project)).read(Verdict)) == len(verdicts(project))


def test_wrong_use_is_named(topped_up, genval, tmp_path):
    assert genval("review", "--overrule", "--home", topped_up).exit_code == 2
    missing = genval("review", "--import", tmp_path / "no.csv", "--home", topped_up)
    assert (missing.exit_code, "no.csv: No such file" in missing.stderr) == (2, True)


def test_before_anything_was_judged_it_says_what_to_do(genval, tmp_path):
    (tmp_path / "names.txt").write_text("mug\n")
    home = tmp_path / "home"
    assert genval("init", "--names", tmp_path / "names.txt", "--home", home).exit_code == 0
    done = genval("review", "--home", home)
    assert (done.exit_code, "genval top-up" in done.stderr) == (2, True)


def test_an_overruled_instance_leaves_every_set_and_the_published_tables_agree(project, genval, answer, tmp_path):
    tables = ParquetTables(home=str(project))
    own = {row.instance_id: row.scene_category for row in tables.read(Annotation) if row.instance_id}
    victim = next(row for row in verdicts(project) if row.outcome == "accepted" and row.instance_id in own)
    refused = next(row for row in verdicts(project) if row.stage == "gate" and row.outcome == "rejected")
    file = csv(tmp_path, **{victim.instance_id: "no", refused.instance_id: "yes"})
    told = answer("review", "--import", file, "--overrule", "--home", project)
    assert (told["labels"], told["overruled"]) == (2, [victim.instance_id])
    assert told["without_cutout"] == [refused.instance_id]
    sets = project / "data" / "datasets"
    for name in ("training", f"categories/{own[victim.instance_id]}"):
        for file_name in ("annotations/coco.json", "instances.jsonl"):
            assert victim.instance_id not in (sets / name / file_name).read_text()
    ask = f"select outcome, stage, reasons from verdicts_in_force where instance_id = '{victim.instance_id}'"
    assert answer("sql", ask, "--home", project)["rows"] == [
        {"outcome": "rejected", "stage": "person", "reasons": ["incomplete"]}
    ]
    agreement = answer("sql", "from judge_agreement where criterion = 'overall'", "--home", project)["rows"]
    assert sum(row["fp"] for row in agreement) == 1
    again = answer("top-up", "--until-done", "--home", project)
    assert again["errors"] == []
    lacking = {row["category"]: row["deficit"] for row in again["categories"]}
    assert lacking[victim.category] == 0


@pytest.fixture
def browser(tmp_path) -> Iterator[Browser]:
    with browse(tmp_path / "profile") as one:
        one.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path / "downloads"))
        yield one


def press(browser: Browser, *keys: str) -> None:
    for key in keys:
        text = {"text": key} if len(key) == 1 else {}
        browser.command("Input.dispatchKeyEvent", type="keyDown", key=key, **text)
        browser.command("Input.dispatchKeyEvent", type="keyUp", key=key)


def downloaded(folder: Path) -> Path | None:
    file = folder / "labels.csv"
    return file if file.exists() else None


@needs_chromium
def test_three_labels_by_keys_are_kept_saved_and_imported(project, genval, answer, browser, tmp_path):
    assert genval("review", "--n", 8, "--home", project).exit_code == 0
    page = project / "review.html"
    first, second, third, *_ = shown(page)
    browser.open(page.as_uri())
    assert browser.evaluate("document.querySelectorAll('.card:not([hidden])').length") == 1
    press(browser, "k", "r", "2", "4", "4", "ArrowRight", "r", "u", "k")
    browser.wait_for_text("3 of 8 labelled", "2 kept, 1 rejected")
    press(browser, "ArrowLeft", "n")
    browser.command("Input.insertText", text='a "tin", red')
    press(browser, "Enter")
    browser.open(page.as_uri())  # as on the next day
    browser.wait_for_text("3 of 8 labelled", "2 kept, 1 rejected")
    assert browser.evaluate("document.getElementById('unkept').hidden")
    press(browser, "s")
    file = wait_for(lambda: downloaded(tmp_path / "downloads"), 10)
    told = answer("review", "--import", file, "--home", project)
    assert (told["labels"], told["new"]) == (3, 3)
    rows = {row.instance_id: (row.keep, row.reasons, row.note) for row in labels(project)}
    assert rows[first] == (True, [], "")
    assert rows[second] == (False, ["wrong_category"], "")
    assert rows[third] == (True, [], 'a "tin", red')


@needs_chromium
def test_on_the_page_a_hostile_name_is_a_name_and_nothing_is_loaded(topped_up, genval, browser, tmp_path):
    page = tmp_path / "page.html"
    assert genval("review", "--n", 100, "--out", page, "--home", topped_up).exit_code == 0
    before = len(browser.asked_for)
    browser.open(page.as_uri())
    names = browser.evaluate("[...document.querySelectorAll('h1')].map(one => one.textContent)")
    assert {"kite (<script>alert`1`</script>)", "rocket ({{7*7}})", 'lamp ("x" or 1=1)'} <= set(names)
    assert browser.evaluate("document.scripts.length") == 1
    assert browser.evaluate("[...document.images].every(one => one.complete && one.naturalWidth > 0)")
    assert {address.split(":")[0] for address in browser.asked_for[before:]} == {"file", "data"}
