"""`genval doctor --smoke` opens each model, saves what it made, and names what cannot be right."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from PIL import Image

from genval_assets.commands.doctor import look
from genval_assets.commands.findings import Finding
from genval_assets.commands.smoke import smoke
from genval_assets.models.smoke import square_picture
from genval_assets.types import (
    ChatAnswer,
    Drawn,
    Finished,
    Found,
    LayoutDrawn,
    ModelUnavailable,
    Painted,
    Segment,
    Varied,
)
from resources.chat_http import ServedChat
from resources.locks import RunLocks
from tests.commands.conftest import own_environment

SIDE = 64
DEVICE = "device-cuda-0"
"""The lock of the device that the settings name by default."""
SERVED = '[chat.served]\nurl = "http://127.0.0.1:9/v1"\nmodel = "x"\n'


def picture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)


def frame(seed: int, side: int = SIDE) -> np.ndarray:
    rgba = np.dstack([np.resize(picture(seed), (side, side, 3)), np.zeros((side, side), np.uint8)])
    rgba[8:40, 8:40, 3] = 255
    return rgba


class Resource:
    """Opens one plain model, and counts."""

    def __init__(self, model: object) -> None:
        self.model = model
        self.opened = 0

    @contextmanager
    def open(self) -> Iterator[object]:
        self.opened += 1
        if isinstance(self.model, Exception):
            raise self.model
        yield self.model

    def fault(self) -> str:
        return ""


class Studio:
    """Draws frames; with latents where it draws quickly first."""

    def __init__(self, *, clear: bool = False, quick: bool = False) -> None:
        self.clear = clear
        self.quick = quick

    def draw(self, requests):
        latent = np.zeros((4, 8, 8), np.float16) if self.quick else None
        frames = [np.zeros((SIDE, SIDE, 4), np.uint8) if self.clear else frame(one.seed) for one in requests]
        return [Drawn(one, rgba, latent=latent) for one, rgba in zip(requests, frames, strict=True)]


class Foregrounds(Resource):
    """Finishes into frames of another seed."""

    finished_side = SIDE

    @contextmanager
    def finishing(self):
        yield self

    def finish(self, latents):
        return [Finished(frame(100 + i, self.finished_side)) for i, _ in enumerate(latents)]


class Spent(Foregrounds):
    """Its finisher's memory ends with the second frame."""

    def finish(self, latents):
        first, _, *others = super().finish(latents)
        return [first, Finished(None, "out of memory with one", owed=True), *others]


class Painter:
    def paint(self, requests):
        return [Painted(one, picture(one.seed)) for one in requests]


class BlackPainter:
    def paint(self, requests):
        return [Painted(one, np.zeros((SIDE, SIDE, 3), np.uint8)) for one in requests]


class Varier:
    def vary(self, requests):
        assert all(one.mask.any() and one.picture.shape[:2] == one.mask.shape for one in requests)
        return [Varied(one, None, "out of memory with 4 at once", owed=True) for one in requests]


class Eye:
    """Sees what is in the box; or everything."""

    def __init__(self, *, all_of_it: bool = False) -> None:
        self.all_of_it = all_of_it

    def masks(self, pictures, boxes):
        found = []
        for shown, (box,) in zip(pictures, boxes, strict=True):
            mask = np.full(shown.shape[:2], self.all_of_it)
            x, y, w, h = (int(side) for side in box)
            mask[y : y + h, x : x + w] = True
            found.append([Segment(mask, 0.75)])
        return found


class Finder:
    def find(self, pictures, names):
        return [[Found(names[0], (4.0, 4.0, 20.0, 20.0), 0.5)]] + [[] for _ in pictures[1:]]


class Vectors:
    def __init__(self, *, blind: bool = False) -> None:
        self.blind = blind

    def images(self, pictures):
        return self.texts(pictures)

    def texts(self, texts):
        return np.eye(8, dtype=np.float32)[[0 if self.blind else i for i, _ in enumerate(texts)]]


class Layouts:
    def draw(self, requests):
        return [LayoutDrawn(one, tuple(picture(seed) for seed in one.seeds)) for one in requests]


class Talker:
    def __init__(self, *texts: str) -> None:
        self.texts = texts

    def ask(self, requests):
        assert [len(one.images) for one in requests] == [0, 1]
        return [ChatAnswer(text) for text in self.texts]


class Gauge:
    def __init__(self, peak: float | None = None) -> None:
        self.peak = peak
        self.resets = 0

    def reset(self) -> None:
        self.resets += 1

    def peak_mb(self) -> float | None:
        return self.peak


def tried(home, role: str, resource: object, peak: float | None = None):
    (found,) = smoke(home, {role: resource, "gauge": Gauge(peak)}, [role])
    return found


def saved(home, role: str) -> list[np.ndarray]:
    return [np.array(Image.open(path)) for path in sorted((home / "smoke").glob(f"{role}-*.png"))]


SOUND = {
    "foregrounds": Foregrounds(Studio()),
    "painters": Resource(Painter()),
    "segmenters": Resource(Eye()),
    "detectors": Resource(Finder()),
    "layout_images": Resource(Layouts()),
}


@pytest.mark.parametrize("role", SOUND)
def test_four_pictures_of_a_sound_model_are_saved_to_be_looked_at(role, tmp_path):
    found = tried(tmp_path, role, SOUND[role], peak=1234.4)
    assert found.ready, found.detail
    assert "peak 1,234 MB" in found.detail
    assert str(tmp_path / "smoke" / f"{role}-*.png") in found.detail
    assert len(saved(tmp_path, role)) == 4


def test_every_model_is_opened_alone_and_measured_anew(tmp_path):
    gauge = Gauge()
    ready = {
        role: Resource(one.model) if role != "foregrounds" else Foregrounds(one.model) for role, one in SOUND.items()
    }
    list(smoke(tmp_path, {**ready, "gauge": gauge}, list(ready)))
    assert [one.opened for one in ready.values()] == [1] * len(ready)
    assert gauge.resets == len(ready)


def test_what_is_finished_is_what_people_look_at(tmp_path):
    assert tried(tmp_path, "foregrounds", Foregrounds(Studio(quick=True))).ready
    assert np.array_equal(saved(tmp_path, "foregrounds")[0], frame(100))


def test_a_frame_that_finishing_makes_larger_is_a_fault(tmp_path):
    foregrounds = Foregrounds(Studio(quick=True))
    foregrounds.finished_side = 96
    found = tried(tmp_path, "foregrounds", foregrounds)
    assert not found.ready
    assert "mug, finished: finished as (96, 96, 4)" in found.detail


def test_a_frame_that_cannot_be_finished_is_a_fault_and_its_quick_one_is_shown(tmp_path):
    found = tried(tmp_path, "foregrounds", Spent(Studio(quick=True)))
    assert not found.ready
    assert found.detail.startswith("banana, finished: out of memory with one")
    assert np.array_equal(saved(tmp_path, "foregrounds")[1], frame(2))
    assert np.array_equal(saved(tmp_path, "foregrounds")[2], frame(102))


FAULTY = [
    ("foregrounds", Foregrounds(Studio(clear=True)), "mug: alpha is 0 everywhere"),
    ("painters", Resource(BlackPainter()), "the picture is flat"),
    ("variations", Resource(Varier()), "out of memory with 4 at once"),
    ("segmenters", Resource(Eye(all_of_it=True)), "of the mask lies in or near the box"),
    ("embedders", Resource(Vectors(blind=True)), "two different pictures have the same vector"),
    ("chat", Resource(Talker('{"answer": "a cup"}', "I see a red square.")), "expected one JSON object"),
    ("painters", Resource(ModelUnavailable("files are damaged: fetch them again")), "files are damaged"),
]


@pytest.mark.parametrize(("role", "resource", "why"), FAULTY)
def test_what_cannot_be_right_is_to_do(role, resource, why, tmp_path):
    found = tried(tmp_path, role, resource)
    assert not found.ready
    assert why in found.detail


class Breaking:
    """Breaks when it is asked."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def paint(self, requests):
        raise self.error


BREAKS = [
    RuntimeError("CUDA error: device-side assert triggered"),
    ArithmeticError("the decoder overflowed"),
    AssertionError("four were asked"),
]


@pytest.mark.parametrize("error", BREAKS, ids=lambda error: type(error).__name__)
def test_a_model_that_breaks_is_to_do_and_the_others_are_still_tried(error, tmp_path):
    resources = {"painters": Resource(Breaking(error)), "detectors": Resource(Finder()), "gauge": Gauge()}
    broken, sound = smoke(tmp_path, resources, ["painters", "detectors"])
    assert broken == Finding("smoke, painters", False, f"{type(error).__name__}: {error}")
    assert sound.ready


def test_a_device_that_is_lost_when_it_is_measured_is_to_do(tmp_path):
    class Lost(Gauge):
        def peak_mb(self):
            raise RuntimeError("CUDA error: unspecified launch failure")

    (found,) = smoke(tmp_path, {"painters": Resource(Painter()), "gauge": Lost()}, ["painters"])
    assert found == Finding("smoke, painters", False, "RuntimeError: CUDA error: unspecified launch failure")


def test_interrupting_a_trial_ends_the_command(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        tried(tmp_path, "painters", Resource(Breaking(KeyboardInterrupt())))


class Watching(Resource):
    """Notes whether somebody holds the device while it is open."""

    def __init__(self, model: object, locks: RunLocks) -> None:
        super().__init__(model)
        self.locks = locks
        self.seen = ""

    @contextmanager
    def open(self) -> Iterator[object]:
        self.seen = self.locks.state(DEVICE).kind
        with super().open() as model:
            yield model


@pytest.fixture
def painters(tmp_path, monkeypatch) -> Watching:
    """The one model of a GPU profile of the home `tmp_path`, as the commands see it."""
    (tmp_path / "genval.toml").write_text('[project]\nprofile = "gpu-24gb"\n[chat]\nuse = "served"\n' + SERVED)
    painters = Watching(Painter(), RunLocks(home=str(tmp_path)))
    chat = ServedChat(url="http://127.0.0.1:9/v1", model="x", max_tokens=64)
    models = {"gpu-24gb": lambda _: {"painters": painters, "chat": chat, "gauge": Gauge()}}
    monkeypatch.setattr("genval_assets.commands.doctor.MODELS", models)
    return painters


def smoked(home) -> dict:
    with own_environment():
        return {one.what: one for one in look(home, smoke=True) if one.what.startswith("smoke")}


def test_models_are_tried_with_the_device_held(painters, tmp_path):
    assert smoked(tmp_path)["smoke, painters"].ready
    assert painters.seen == "held"
    assert painters.locks.state(DEVICE).kind == "released"


def test_beside_a_run_that_has_the_device_no_model_is_opened(painters, tmp_path):
    with painters.locks.hold(DEVICE):
        found = smoked(tmp_path)
    assert list(found) == ["smoke"]
    assert not found["smoke"].ready
    assert found["smoke"].detail.startswith("no model was tried: device 'cuda")
    assert "is in use by another run of this project" in found["smoke"].detail
    assert painters.opened == 0


def test_both_answers_of_a_chat_model_are_shown(tmp_path):
    talker = Talker('{"answer": "a cup"}', '```json\n{"answer": "red"}\n```')
    found = tried(tmp_path, "chat", Resource(talker))
    assert found.ready
    assert "said of tea 'a cup', of the picture 'red'" in found.detail


def test_a_model_that_answers_neither_question_is_to_do(tmp_path):
    class Silent:
        def ask(self, requests):
            return [ChatAnswer("", error="503 five times") for _ in requests]

    found = tried(tmp_path, "chat", Resource(Silent()))
    assert not found.ready
    assert "503 five times" in found.detail


def test_the_mask_is_drawn_over_the_picture(tmp_path):
    tried(tmp_path, "segmenters", Resource(Eye()))
    plain, _, mask = square_picture(512, 0)
    shown = saved(tmp_path, "segmenters")[0]
    assert (shown[mask] != plain[mask]).any(axis=1).all()
    assert np.array_equal(shown[~mask], plain[~mask])


def test_a_role_without_a_model_is_not_tried(tmp_path):
    assert list(smoke(tmp_path, {"gauge": Gauge(), "layout_images": None}, ["layout_images", "painters"])) == []


def made_in(project) -> list[str]:
    """Return what a project holds, without what was drawn off stage and the truth of the pictures of this look."""
    aside = {"rehearsals", "sealed_layouts"}
    return sorted(str(path) for path in (project / "data").rglob("*") if not aside & set(path.parts))


def test_the_offline_profile_is_tried_too_and_leaves_no_candidates(project, genval):
    before = made_in(project)
    done = genval("doctor", "--home", project, "--smoke", "--json")
    found = {one["what"]: one for one in json.loads(done.stdout)}
    assert done.exit_code == 0, done.output
    assert {"smoke, foregrounds", "smoke, painters", "smoke, embedders", "smoke, chat"} <= set(found)
    assert "rules, simulated" in found["smoke, chat"]["detail"]
    assert len(saved(project, "foregrounds")) == 4
    assert made_in(project) == before
