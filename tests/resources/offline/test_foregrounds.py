"""The offline foreground model draws what the prompt says, errs as the prompt lets it, and seals the truth."""

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest

from genval_assets.model_ports import Foregrounds
from genval_assets.ports import SealedTruth
from genval_assets.types import Drawn, DrawRequest
from resources.offline.drawing import draft
from resources.offline.errors import irreducible, sample_faults
from resources.offline.foregrounds import OfflineForegrounds
from resources.offline.sealed import SealedTruthFiles, read_truths
from resources.offline.studio import KINDS
from resources.offline.wording import read_wording

NAIVE = "a photo of a {}"
CAREFUL = "a photo of a single {}, whole object in view, on a plain background"


def request(prompt: str, seed: int = 0, name: str = "mug", instance_id: str | None = None) -> DrawRequest:
    return DrawRequest(instance_id or f"{name}-{seed}", name, name, prompt, "", seed)


@pytest.fixture
def home(tmp_path) -> Path:
    return tmp_path


def drawn(home: Path, *requests: DrawRequest, frame: int = 192) -> list[Drawn]:
    foregrounds: Foregrounds = OfflineForegrounds(home=str(home), frame=frame)
    with foregrounds.open() as model:
        return model.draw(requests)


def invalid_share(template: str, seeds: range = range(150)) -> float:
    found = reasons_of(template, seeds)
    return sum(map(bool, found)) / len(found)


def reasons_of(template: str, seeds: range) -> list[list[str]]:
    wordings = {kind: read_wording(template.format(kind)) for kind in KINDS}
    return [sample_faults(kind, wording, seed).reasons() for kind, wording in wordings.items() for seed in seeds]


def test_a_careless_prompt_spoils_about_half_and_a_careful_one_few():
    assert 0.42 <= invalid_share(NAIVE) <= 0.56
    assert 0.05 <= invalid_share(CAREFUL) <= 0.10


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("a {}, whole object in view, on a plain background", "multiple_objects"),
        ("a single {} on a plain background", "incomplete"),
        ("a single {}, whole object in view", "cluttered_background"),
    ],
)
def test_each_cue_guards_against_its_own_fault(template, fault):
    def share(text: str, reason: str) -> float:
        found = reasons_of(text, range(40))
        return sum(reason in reasons for reasons in found) / len(found)

    assert share(template, fault) > 0.12
    assert share(CAREFUL, fault) < 0.03
    others = {"multiple_objects", "incomplete", "cluttered_background"} - {fault}
    assert all(share(template, other) < 0.03 for other in others)


@pytest.mark.parametrize("kind", KINDS)
def test_no_wording_saves_every_draw_of_a_kind(kind):
    best = read_wording(CAREFUL.format(kind))
    bad = [bool(sample_faults(kind, best, seed).reasons()) for seed in range(800)]
    assert np.mean(bad) > 0.02
    assert 0.03 <= irreducible(kind) < 0.10


@pytest.mark.parametrize(
    ("words", "fault"),
    [("two {}s", "multiple_objects"), ("close-up of a {}", "incomplete"), ("a {} on a table", "cluttered_background")],
)
def test_faults_that_the_words_ask_for_mostly_come(words, fault):
    reasons = [sample_faults("mug", read_wording(words.format("mug")), seed).reasons() for seed in range(200)]
    assert sum(fault in r for r in reasons) > 120


def test_two_prompts_on_the_same_seed_differ_by_their_words_alone():
    naive, careful = (read_wording(t.format("chair")) for t in (NAIVE, CAREFUL))
    for seed in range(300):
        spoiled = sample_faults("chair", careful, seed).reasons()
        assert set(spoiled) <= set(sample_faults("chair", naive, seed).reasons())


def parts(mask: np.ndarray) -> int:
    """How many connected parts are larger than a hundredth of the mask."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    return int((stats[1:, cv2.CC_STAT_AREA] > 0.01 * mask.sum()).sum())


def test_the_sealed_faults_are_those_that_show_in_the_pixels(home):
    requests = [request(NAIVE.format(k), seed, k) for k in KINDS for seed in (1, 2, 3)]
    pictures = {d.request.instance_id: d.rgba for d in drawn(home, *requests)}
    truths = read_truths(home)
    assert len(truths) == len(requests)
    seen, apart = set(), []
    for truth in truths:
        alpha = pictures[truth.instance_id][..., 3]
        border = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
        assert truth.valid == (not truth.faults)
        seen.update(truth.faults)
        if truth.valid:
            assert border.max() == 0
            assert parts(alpha > 50) == 1
            assert truth.drawn == truth.category
        if truth.faults == ["incomplete"]:
            assert (border > 127).sum() > 3
        if truth.faults == ["wrong_category"]:
            assert truth.drawn != truth.category
        if truth.faults == ["cluttered_background"]:
            clean = draft(read_wording(CAREFUL.format(truth.category)), int(truth.instance_id[-1]), 192)
            if not clean.faults.reasons():  # else it is one that no wording saves
                assert (alpha > 50).sum() > 1.02 * (clean.rgba[..., 3] > 50).sum()
        if truth.faults == ["multiple_objects"]:
            apart.append(parts(alpha > 50) >= 2)
    assert np.mean(apart) > 0.5  # the others touch
    assert seen == {"multiple_objects", "incomplete", "cluttered_background", "wrong_category"}


def valid_draw(home: Path, prompt: str, name: str) -> np.ndarray:
    """The first of some draws that is good by the sealed truth."""
    results = drawn(home, *[request(prompt, seed, name) for seed in range(6)])
    good = SealedTruthFiles(home=str(home)).read()
    return next(d.rgba for d in results if good[d.request.instance_id])


def test_the_colour_in_the_words_is_the_colour_in_the_picture(home):
    careful = "a single {} {}, whole object, plain white background"
    for colour, channel in (("red", 0), ("green", 1), ("blue", 2)):
        picture = valid_draw(home / colour, careful.format(colour, "backpack"), "backpack")
        mean = picture[picture[..., 3] > 200][:, :3].mean(axis=0)
        assert int(mean.argmax()) == channel


def test_upside_down_is_drawn_upside_down(home):
    upright = valid_draw(home / "a", "a single upright traffic cone, whole object, plain background", "traffic cone")
    inverted = valid_draw(
        home / "b", "a single upside down traffic cone, whole object, plain background", "traffic cone"
    )

    def width_at(picture: np.ndarray, q: float) -> int:
        rows = np.flatnonzero((picture[..., 3] > 127).any(axis=1))
        return int((picture[rows[int(q * (len(rows) - 1))], :, 3] > 127).sum())

    assert width_at(upright, 0.9) > 2 * width_at(upright, 0.1)
    assert width_at(inverted, 0.1) > 2 * width_at(inverted, 0.9)


def test_a_draw_depends_on_its_own_request_alone(home):
    batch = [request(NAIVE.format("lamp"), seed, "lamp") for seed in range(4)]
    together = drawn(home / "a", *batch)
    alone = [drawn(home / "b", r)[0] for r in reversed(batch)][::-1]
    assert all(np.array_equal(a.rgba, b.rgba) for a, b in zip(together, alone, strict=True))
    assert SealedTruthFiles(home=str(home / "a")).read() == SealedTruthFiles(home=str(home / "b")).read()


def test_drawing_again_changes_no_truth_and_counts_no_instance_twice(home):
    first = [request(NAIVE.format("duck"), seed, "duck") for seed in range(3)]
    drawn(home, *first)
    before = SealedTruthFiles(home=str(home)).read()
    drawn(home, *first)
    drawn(home, first[1], request(NAIVE.format("duck"), 9, "duck"))
    after = SealedTruthFiles(home=str(home)).read()
    assert len(after) == 4
    assert {k: after[k] for k in before} == before
    assert len(read_truths(home)) == 4


def test_what_the_model_hands_out_carries_no_truth(home):
    assert [f.name for f in dataclasses.fields(Drawn)] == ["request", "rgba", "error", "owed", "latent"]
    results = drawn(home, *[request(NAIVE.format("kite"), seed, "kite") for seed in range(12)])
    assert not all(SealedTruthFiles(home=str(home)).read().values())
    assert {(d.error, d.owed, d.latent) for d in results} == {("", False, None)}
    assert {p.parent for p in home.rglob("*") if p.is_file()} == {home / "data" / "sealed"}


def test_a_concept_it_does_not_know_is_an_error_that_names_what_it_knows(home):
    unknown, known = drawn(home, request("a single zebra", name="zebra"), request("a single mug", 3))
    assert unknown.rgba is None
    assert "zebra" in unknown.error
    assert all(kind in unknown.error for kind in KINDS)
    assert known.rgba is not None
    assert set(SealedTruthFiles(home=str(home)).read()) == {"mug-3"}


def test_what_is_not_the_category_is_never_good(home):
    drawn(home, *[request("a single mug, whole object, plain background", seed, "chair") for seed in range(5)])
    assert set(SealedTruthFiles(home=str(home)).read().values()) == {False}


def test_without_draws_there_is_no_truth(home):
    sealed: SealedTruth = SealedTruthFiles(home=str(home))
    assert sealed.read() == {}


def test_the_frame_has_the_size_that_the_settings_and_the_fingerprint_say(home):
    (result,) = drawn(home, request(NAIVE.format("mug")), frame=100)
    assert result.rgba.shape == (100, 100, 4)
    assert "frame=100" in OfflineForegrounds(home=str(home), frame=100).fingerprint()
