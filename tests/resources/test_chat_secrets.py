"""The key of a served chat model goes to its endpoint, and nowhere else: not to another host, not into any text."""

import logging
import traceback
from urllib.parse import quote

import pytest

from genval_assets.types import ModelUnavailable
from resources.chat_key import MASK, Key, read_key
from tests.resources.chat_server import ChatServer, Reply, completion, models, question, served

KEY = "sk-proj-7/Qz+9xW=tail"
"""With what texts write in another way: slashes and signs."""


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("GENVAL_TEST_KEY", KEY)


def keyed(server: ChatServer, **given):
    return served(server, **{"key_env": "GENVAL_TEST_KEY", **given})


def assert_keyless(text: str) -> None:
    """See that no part of the key is there: these stay the same however it is written."""
    assert [part for part in ("sk-proj", "Qz", "9xW", "tail") if part in text] == []


# It is sent to the endpoint, and to no one else


def test_the_endpoint_is_shown_the_key():
    with ChatServer(lambda heard: completion("x")) as server, keyed(server).open() as model:
        model.ask([question()])
    assert {heard.headers["authorization"] for heard in server.everything} == {f"Bearer {KEY}"}


def test_no_other_secret_of_the_environment_leaves(monkeypatch):
    """The `openai` client takes these for its own."""
    secrets = {
        "OPENAI_API_KEY": "sk-other",
        "OPENAI_ADMIN_KEY": "sk-admin",
        "OPENAI_ORG_ID": "org-secret",
        "OPENAI_PROJECT_ID": "proj-secret",
        "OPENAI_CUSTOM_HEADERS": "X-Secret: custom-secret\nAuthorization: Bearer sk-custom\nHost: elsewhere",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    with ChatServer(lambda heard: completion("x")) as server, served(server).open() as model:
        assert model.ask([question()])[0].text == "x"
    for heard in server.everything:
        assert set(heard.headers) <= {
            "host",
            "accept",
            "content-type",
            "content-length",
            "user-agent",
            "accept-encoding",
        }
        assert heard.headers["host"] in server.url


def test_cookies_of_the_endpoint_are_not_sent_back():
    with ChatServer(lambda heard: Reply(500, b"", {"set-cookie": "a=b"})) as server, keyed(server).open() as model:
        model.ask([question()])
    assert all("cookie" not in heard.headers for heard in server.everything)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_error_that_names_it_and_is_not_followed(status):
    with ChatServer(lambda heard: completion("stolen"), lambda heard: models("m")) as thief:
        away = Reply(status, b"", {"location": f"{thief.url}/chat/completions"})
        with ChatServer(lambda heard: away) as server, keyed(server).open() as model:
            [answer] = model.ask([question()])
        assert len(server.questions) == 1
        assert f"status {status}, a redirect to '{thief.url}/chat/completions', which is not followed" in answer.error
        with ChatServer(lambda heard: completion("x"), lambda heard: away) as server:
            fault = keyed(server).fault()
        assert "a redirect to" in fault
        assert "If you trust the other address" in fault
    assert thief.connections == 0


@pytest.mark.parametrize("part", ["user:hunter22@", "hunter22@"])
def test_an_address_that_holds_a_password_is_refused_without_repeating_it(part):
    with ChatServer(lambda heard: completion("x")) as server:
        chat = served(server, url=server.url.replace("//", f"//{part}"))
        assert "url holds a user, a password" in chat.fault()
        assert "hunter22" not in chat.fault() + repr(chat)
    assert server.connections == 0


def test_an_address_that_holds_a_query_is_refused():
    with ChatServer(lambda heard: completion("x")) as server:
        fault = served(server, url=server.url + "?api-key=hunter22").fault()
    assert "a query" in fault
    assert "hunter22" not in fault


def test_a_proxy_is_used_where_the_environment_names_one(monkeypatch):
    with ChatServer(lambda heard: Reply(500)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.removesuffix("/v1"))
        served(proxy, url="http://endpoint.invalid/v1").fault()
    assert [heard.path for heard in proxy.everything] == ["http://endpoint.invalid/v1/models"]


# It is in no text


def echoing(status: int) -> Reply:
    """Repeat the key wherever a server can: reason, headers, body; in the body also where an error is cut off."""
    body = " ".join(["x" * 91, KEY, KEY.replace("/", "\\/"), quote(KEY), quote(KEY, safe=""), KEY])
    assert 192 <= body.rindex("sk-proj") + len("sk-proj") <= 200
    heads = {"x-request-id": KEY, "location": f"http://elsewhere/{KEY}", "x-echo": KEY, "retry-after": KEY}
    return Reply(status, body.encode(), heads, reason=KEY)


@pytest.mark.parametrize("status", [200, 302, 400, 401, 429, 500])
def test_a_key_that_the_server_repeats_is_in_no_error_and_no_log(status, caplog):
    caplog.set_level(logging.DEBUG)
    script = lambda heard: completion("x") if heard.number == 0 else echoing(status)  # noqa: E731
    with ChatServer(script) as server, keyed(server).open() as model:
        caplog.set_level(logging.DEBUG, "httpcore2.http11")
        answers = model.ask([question("first")]) + model.ask([question("second")])
    assert answers[1].error
    assert_keyless(repr(answers))
    assert "receive_response_headers" in caplog.text  # the log that repeats what the server sent was on
    assert_keyless(caplog.text)
    assert MASK in caplog.text


def test_a_key_that_the_model_repeats_is_not_in_its_answer():
    with ChatServer(lambda heard: completion(f"your key is {KEY}, right?")) as server, keyed(server).open() as model:
        [answer] = model.ask([question()])
    assert answer.text == "your key is [key], right?"


@pytest.mark.parametrize("where", ["at the start", "at the first answer", "in the list of models"])
def test_a_key_is_in_no_exception_nor_what_led_to_it(where):
    listed = {"at the start": echoing(401), "in the list of models": models(KEY)}.get(where, models("m"))
    with ChatServer(lambda heard: echoing(401), lambda heard: listed) as server:
        chat = keyed(server)
        assert_keyless(chat.fault() + repr(chat))
        with pytest.raises(ModelUnavailable) as refused, chat.open() as model:
            model.ask([question()])
    assert "Does the environment variable GENVAL_TEST_KEY hold this endpoint's key?" in str(refused.value)
    assert_keyless("".join(traceback.format_exception(refused.value)))
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


def test_a_fault_of_the_protocol_does_not_repeat_it():
    script = lambda heard: lambda connection: connection.sendall(f"HTTP/1.1 {KEY} {KEY}\r\n\r\n".encode())  # noqa: E731
    with ChatServer(script) as server, keyed(server, attempts=1).open() as model:
        [answer] = model.ask([question()])
    assert "RemoteProtocolError: illegal status line" in answer.error
    assert_keyless(answer.error)


def test_a_key_does_not_show_itself():
    assert repr(Key("NAME", KEY)) == "Key(variable='NAME')"


# Where it comes from


@pytest.mark.parametrize("held", [None, ""])
def test_a_variable_that_holds_nothing_is_named(held, monkeypatch):
    monkeypatch.delenv("GENVAL_TEST_KEY")
    if held is not None:
        monkeypatch.setenv("GENVAL_TEST_KEY", held)
    with ChatServer(lambda heard: completion("x")) as server:
        fault = keyed(server).fault()
    assert "the environment variable GENVAL_TEST_KEY, which is not set or empty" in fault
    assert server.connections == 0


@pytest.mark.parametrize(
    "held", ["sk-secret-1234\n", " sk-secret-1234", "Bearer sk-secret-1234", '"sk-secret-1234"', "sk-sécret-1234"]
)
def test_a_variable_that_holds_more_than_a_key_is_refused_without_repeating_it(held):
    with pytest.raises(ModelUnavailable, match="set it to the key alone") as refused:
        read_key("NAME", {"NAME": held})
    assert "cret" not in str(refused.value)


def test_a_key_too_short_to_be_told_from_words_is_refused():
    with pytest.raises(ModelUnavailable, match="holds 5 characters, a key has at least 8"):
        read_key("NAME", {"NAME": "EMPTY"})
    assert read_key("NAME", {"NAME": "EMPTY-KEY"}).value == "EMPTY-KEY"


def test_without_a_key_nothing_is_masked():
    assert read_key("", {}).mask("any text") == "any text"
