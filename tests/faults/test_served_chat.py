"""A whole top-up through a chat endpoint that fails in every way: nothing lost, nothing twice, and no key anywhere."""

import base64
import io
import json
import socket
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genval_assets.chat.settings import ChatSettings, ServedSettings
from genval_assets.config import DataSettings, GenvalSettings, InstanceSettings
from genval_assets.rows import Answer, Failure, Instance, NotSelected, Prompt, Quarantined, Scene, Usage, Verdict
from genval_assets.topup.settings import BudgetSettings, TopUpSettings
from genval_assets.types import ChatRequest
from resources.offline.chat import RULES, OfflineChatModel
from resources.tables import ParquetTables
from tests.faults.home import genval, make_home, top_up, top_up_apart
from tests.resources.chat_server import ChatServer, Heard, Reply, completion

pytest.importorskip("openai", reason="needs the extra `models`")
KEY = "sk-this-key-must-stay-secret-0123456789"
VARIABLE = "GENVAL_TEST_KEY"
SCHEMAS = {schema.__name__: schema for schema in RULES}


def answered(heard: Heard) -> Reply:
    """Answer as the offline model does, from nothing but what arrived."""
    system, user = heard.body["messages"]
    parts = user["content"] if isinstance(user["content"], list) else [{"type": "text", "text": user["content"]}]
    request = ChatRequest(
        stage="",
        system=system["content"],
        user=next(part["text"] for part in parts if part["type"] == "text"),
        answer_schema=SCHEMAS[heard.body["response_format"]["json_schema"]["name"]],
        images=tuple(_pixels(part["image_url"]["url"]) for part in parts if part["type"] == "image_url"),
        seed=heard.body["seed"],
    )
    return completion(OfflineChatModel().ask([request])[0].text)


def _pixels(url: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB"))


def unreliable(heard: Heard):
    """Fail every sixth question, in turn with each fault; the key is thrown back where there is a body."""
    if heard.number % 6:
        return answered(heard)
    faults = (
        Reply(429, b"{}", {"retry-after": "0"}),
        Reply(500, f'{{"error": "your key {KEY} broke me"}}'.encode()),
        Reply(200, b"<html>gateway</html>", {"content-type": "text/html"}),
        _cut_off,
    )
    return faults[heard.number // 6 % len(faults)]


def _cut_off(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def project(folder: Path, url: str) -> Path:
    """A project of two names whose prompts and verdicts come from the endpoint."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "names.txt").write_text("mug\nkite\n")
    pictures = folder / "backgrounds"
    pictures.mkdir()
    y, x = np.mgrid[:208, :256]
    Image.fromarray(np.dstack([x, y, (x + y) // 2]).astype(np.uint8)).save(pictures / "wall.png")
    chat = ChatSettings(use="served", served=ServedSettings(url=url, model="m", key_env=VARIABLE, attempts=10))
    wanted = GenvalSettings(
        data=DataSettings(names=str(folder / "names.txt"), backgrounds=str(pictures)),
        instances=InstanceSettings(sources=("foreground",)),
        chat=chat,
        top_up=TopUpSettings(target=4),
        budget=BudgetSettings(disk_gb=0),
    )
    return make_home(folder / "home", wanted)


@pytest.fixture(autouse=True)
def _key(monkeypatch):
    monkeypatch.setenv(VARIABLE, KEY)


def everything_in(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file())


def test_through_an_endpoint_that_fails_in_every_way_nothing_is_lost_or_doubled_and_the_key_is_nowhere(tmp_path):
    with ChatServer(unreliable) as server:
        home = project(tmp_path, server.url)
        done = top_up_apart(home)
    assert done.returncode == 0, done.stderr
    tables = ParquetTables(home=str(home))
    drawn = tables.ids(Instance)
    verdicts = tables.read(Verdict)
    assert sorted(v.instance_id for v in verdicts) == sorted(drawn)
    assert {v.outcome for v in verdicts} <= {"accepted", "rejected"}
    prompts = tables.read(Prompt)
    assert {p.origin for p in prompts} == {"agent"}
    assert len({(p.category, p.index) for p in prompts}) == len(prompts) == len(drawn)
    settled = [row.instance_id for kind in (Scene, NotSelected) for row in tables.read(kind)]
    assert sorted(settled) == sorted(v.instance_id for v in verdicts if v.outcome == "accepted")
    assert tables.read(Failure) == tables.read(Quarantined) == []
    calls = [row for row in tables.read(Usage) if row.answer_id]
    assert {row.answer_id for row in calls} == tables.ids(Answer)
    assert len(calls) == len(tables.ids(Answer)) < len(server.questions)
    assert any(heard.headers["authorization"] == f"Bearer {KEY}" for heard in server.questions)
    assert KEY.encode() not in everything_in(home)
    assert KEY not in done.stdout + done.stderr


def test_an_endpoint_that_is_down_is_named_before_the_first_item_and_by_the_doctor(tmp_path):
    home = project(tmp_path, "http://127.0.0.1:9/v1")
    run, doctor = (genval(verb, "--home", str(home)) for verb in ("top-up", "doctor"))
    assert run.returncode == 1
    assert "127.0.0.1:9" in run.stderr
    assert ParquetTables(home=str(home)).read(Prompt) == []
    assert doctor.returncode == 1
    assert "TO DO  chat:" in doctor.stdout
    assert "127.0.0.1:9" in doctor.stdout


def test_an_endpoint_that_goes_down_in_the_middle_leaves_what_is_owed_and_the_same_command_finishes_it(tmp_path):
    with ChatServer(lambda heard: answered(heard) if heard.number < 6 else Reply(503, b"{}")) as server:
        home = project(tmp_path, server.url)
        text = (home / "genval.toml").read_text().replace("attempts = 10", "attempts = 1")
        (home / "genval.toml").write_text(text)
        broken = top_up(home)
        assert broken.returncode == 1
        assert "503" in broken.stderr
        server.script = answered
        assert top_up(home).returncode == 0
    tables = ParquetTables(home=str(home))
    verdicts = tables.read(Verdict)
    assert sorted(v.instance_id for v in verdicts) == sorted(tables.ids(Instance))
    assert {v.outcome for v in verdicts} <= {"accepted", "rejected"}
    assert KEY.encode() not in everything_in(home)


def test_a_key_that_is_not_set_is_asked_for_by_the_name_of_its_variable(tmp_path, monkeypatch):
    with ChatServer(answered) as server:
        home = project(tmp_path, server.url)
        monkeypatch.delenv(VARIABLE)
        run = genval("doctor", "--json", "--home", str(home))
    (found,) = [one for one in json.loads(run.stdout) if one["what"] == "chat"]
    assert not found["ready"]
    assert VARIABLE in found["detail"]
