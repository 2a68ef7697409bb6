"""The served chat model against a local server on real sockets that fails in all the ways servers do."""

import gzip
import json
import sys
import threading
from collections import Counter
from email.utils import formatdate

import pytest

from genval_assets.types import ChatAnswer, ModelUnavailable
from resources._chat_pace import LONGEST_WAIT
from tests.resources.chat_server import (
    ChatServer,
    FastClock,
    Heard,
    Raw,
    Reply,
    completion,
    models,
    question,
    served,
)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def in_turn(*replies: Reply | Raw):
    """Reply to the first question so, to the second so, and to all later ones as to the last."""
    return lambda heard: replies[min(heard.number, len(replies) - 1)]


def busy(retry_after: str | None = None) -> Reply:
    return Reply(429, b'{"error": "slow down"}', {} if retry_after is None else {"retry-after": retry_after})


def ask_one(script, **given) -> tuple[ChatAnswer, list[Heard], list[float]]:
    """Return what came of one question, what the server heard, and the waits."""
    clock = FastClock()
    with ChatServer(script) as server, served(server, clock, **given).open() as model:
        [answer] = model.ask([question()])
    return answer, server.questions, clock.waits


def drip(connection) -> None:
    """Send a byte now and then: each arrives long before a read would time out."""
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
    hung_up = threading.Event()
    while not hung_up.wait(0.02):
        connection.sendall(b" ")


def cut(connection) -> None:
    connection.sendall(completion('{"said": "cut"}').encode()[:-30])


HTML = Reply(200, b"<html><body>Welcome to nginx</body></html>", {"content-type": "text/html"})


# What arrives


def test_the_raw_text_is_returned_with_its_cost():
    answer, [heard], _ = ask_one(in_turn(completion('{"said": "hello"}', tokens_in=31, tokens_out=5)))
    assert (answer.text, answer.tokens_in, answer.tokens_out, answer.error) == ('{"said": "hello"}', 31, 5, "")
    assert answer.seconds > 0
    assert heard.method == "POST"


@pytest.mark.parametrize(
    "text", ["Sure! Here you are.", '```json\n{"sad": 1}\n```', '{"said": "cut in the mid', "", " \n"]
)
def test_text_that_the_schema_does_not_permit_passes_as_it_is(text):
    answer, asked, _ = ask_one(in_turn(completion(text, finish="length")))
    assert (answer.text, answer.error, len(asked)) == (text, "", 1)


def test_a_model_that_only_thought_has_answered_nothing_and_is_not_asked_again():
    answer, asked, _ = ask_one(in_turn(completion(None, finish="length")))
    assert (answer.text, answer.error, len(asked)) == ("", "", 1)


def test_a_refusal_of_the_model_is_its_answer():
    body = {"choices": [{"message": {"content": None, "refusal": "I will not."}}]}
    answer, _, _ = ask_one(in_turn(Reply(body=json.dumps(body).encode())))
    assert (answer.text, answer.tokens_in, answer.error) == ("I will not.", 0, "")


# Faults that pass


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        (busy(), [1.0]),
        (busy("7"), [7.0]),
        (busy("0"), [1.0]),
        (busy("soon"), [1.0]),
        (busy("86400"), [LONGEST_WAIT]),
        (Reply(503, b"loading", {"retry-after": "9"}), [9.0]),
        (Reply(500, b"oops"), [1.0]),
        (Reply(599), [1.0]),
        (HTML, [1.0]),
        (Reply(200, b'{"error": {"message": "upstream"}}'), [1.0]),
        (Reply(200, b'{"choices": []}'), [1.0]),
        (Reply(200, b'{"choices": [{"message": {"content": 5}}]}'), [1.0]),
        (Reply(200, b'{"choices": [{"message": {"content": "\\ud800"}}]}'), [1.0]),
        (Reply(200, b"{}", {"content-encoding": "gzip"}), [1.0]),
        (Reply(200, b"{}", {"content-type": "text/html\u00b2", "retry-after": "\u00b2"}), [1.0]),
        (cut, [1.0]),
        (lambda connection: None, [1.0]),
        (lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.9\r\n"), [1.0]),
    ],
)
def test_a_fault_that_may_pass_is_tried_again_after_a_wait(fault, waits):
    answer, asked, waited = ask_one(in_turn(fault, completion("good")))
    assert (answer.text, answer.error, len(asked)) == ("good", "", 2)
    assert waited == waits


def test_retry_after_may_be_a_date():
    clock = FastClock()
    at = formatdate(clock.clock.today() + 30, usegmt=True)
    with ChatServer(in_turn(busy(at), completion("good"))) as server, served(server, clock).open() as model:
        assert model.ask([question()])[0].text == "good"
    [wait] = clock.waits
    assert 25 < wait <= 30  # the date has no fractions of a second


def test_waits_double_until_the_tries_are_used_up():
    answer, asked, waits = ask_one(in_turn(Reply(500, b"broken\nfor good")), attempts=4)
    assert len(asked) == 4
    assert waits == [1.0, 2.0, 4.0]
    assert answer.text == ""
    assert "no answer from http://127.0.0.1:" in answer.error
    assert "in 4 tries: status 500, saying: 'broken\\nfor good'" in answer.error


def test_an_error_repeats_the_first_200_characters_of_what_was_seen():
    answer, _, _ = ask_one(in_turn(Reply(500, b"x" * 5000)), attempts=1)
    assert answer.error.count("x") == 200


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_a_question_that_is_refused_is_not_put_again(status):
    script = in_turn(completion("good"), Reply(status, b"context too long"), completion("good"))
    with ChatServer(script) as server, served(server, concurrency=1).open() as model:
        first, refused, last = model.ask([question("a"), question("b"), question("c")])
    assert (first.text, refused.text, last.text) == ("good", "", "good")
    assert f"in 1 try: status {status}, saying: 'context too long'" in refused.error
    assert len(server.questions) == 3


# Bounds


def test_a_slow_drip_holds_an_item_for_its_deadline_and_not_for_ever():
    script = lambda heard: drip if heard.user == "slow" else completion(heard.user)  # noqa: E731
    with ChatServer(script) as server, served(server, deadline_seconds=1.0).open() as model:
        slow, quick = model.ask([question("slow"), question("quick")])
    assert "in 1 try: no whole answer within 1 s" in slow.error
    assert quick.text == "quick"


def test_all_tries_of_an_item_share_its_deadline():
    def late(connection):
        threading.Event().wait(0.6)
        connection.sendall(Reply(500, headers={"connection": "close"}).encode())

    answer, asked, _ = ask_one(lambda heard: late, deadline_seconds=1.0, attempts=10)
    assert len(asked) == 2
    assert "in 2 tries: no whole answer within" in answer.error


def test_a_body_of_20_mb_is_refused():
    answer, _, _ = ask_one(in_turn(Reply(200, b" " * 20_000_000)), attempts=1)
    assert "a body of more than 4 MB was refused" in answer.error


def test_a_packed_body_is_refused_since_it_could_hold_any_length():
    packed = Reply(200, gzip.compress(completion("x").body), {"content-encoding": "gzip"})
    answer, [heard], _ = ask_one(in_turn(packed), attempts=1)
    assert heard.headers["accept-encoding"] == "identity"
    assert "a body packed with 'gzip' was refused" in answer.error


@pytest.mark.parametrize("status", [200, 500])
def test_an_endless_body_is_hung_up_on(status):
    written = []

    def endless(connection):
        connection.sendall(f"HTTP/1.1 {status} OK\r\n\r\n".encode())
        while True:  # ends when the client hangs up
            connection.sendall(b" " * 65536)
            written.append(65536)

    answer, _, _ = ask_one(lambda heard: endless, attempts=1, deadline_seconds=20)
    assert "a body of more than 4 MB was refused" in answer.error
    assert sum(written) < 100_000_000


# Many at once


def flaky(heard: Heard, seen: Counter) -> Reply | Raw:
    """Fail two of three questions at their first try, each in another way."""
    seen[heard.user] += 1
    number = int(heard.user)
    if seen[heard.user] > 1 or number % 3 == 0:
        return completion(json.dumps({"said": heard.user}), tokens_in=number)
    return [busy(), busy("2"), Reply(500), Reply(502, b"<html>"), HTML, cut, lambda _: None][number % 7]


def test_of_40_questions_to_a_flaky_server_none_is_lost_doubled_or_mixed_up():
    seen: Counter[str] = Counter()
    lock = threading.Lock()

    def script(heard):
        with lock:
            return flaky(heard, seen)

    with ChatServer(script) as server, served(server, attempts=6).open() as model:
        answers = model.ask([question(str(i)) for i in range(40)])
    assert [json.loads(answer.text)["said"] for answer in answers] == [str(i) for i in range(40)]
    assert [answer.tokens_in for answer in answers] == list(range(40))
    assert seen == {str(i): 1 if i % 3 == 0 else 2 for i in range(40)}


def test_the_others_go_on_when_one_is_given_up():
    script = lambda heard: Reply(500, b"bad") if heard.user == "3" else completion(heard.user)  # noqa: E731
    with ChatServer(script) as server, served(server).open() as model:
        answers = model.ask([question(str(i)) for i in range(8)])
        assert model.ask([question("again")])[0].text == "again"
    assert [answer.text for answer in answers] == ["0", "1", "2", "", "4", "5", "6", "7"]
    assert [bool(answer.error) for answer in answers] == [i == 3 for i in range(8)]


def test_questions_under_way_halve_on_429_and_come_back_one_by_one():
    """Eight lanes; the first eight questions are refused together. Then 4 + 5 + 6 + 7 answers open all eight again."""
    full = threading.Barrier(8)

    def script(heard):
        if heard.number < 8 or 30 <= heard.number < 38:
            full.wait(timeout=10)  # eight are here at once, or this breaks
        return busy() if heard.number < 8 else completion(heard.user)

    with ChatServer(script) as server, served(server, concurrency=8).open() as model:
        answers = model.ask([question(str(i)) for i in range(60)])
    assert [answer.text for answer in answers] == [str(i) for i in range(60)]
    under_way = [heard.under_way for heard in server.questions]
    assert max(under_way[:8]) == 8
    assert max(under_way[8:12]) <= 4
    assert max(under_way[12:17]) <= 5
    assert max(under_way[17:23]) <= 6
    assert max(under_way[23:30]) <= 7
    assert max(under_way) == 8


# Opening and closing


def test_a_model_that_the_endpoint_lists_is_ready_and_costs_no_token():
    with ChatServer(in_turn(completion("x")), lambda heard: models("other", "m")) as server:
        assert served(server).fault() == ""
        assert server.questions == []


@pytest.mark.parametrize("listed", [Reply(404), Reply(405), models("other"), HTML])
def test_where_no_list_names_the_model_one_token_decides(listed):
    with ChatServer(in_turn(completion("x")), lambda heard: listed) as server:
        assert served(server).fault() == ""
    [heard] = server.questions
    assert heard.body["max_tokens"] == 1


def test_an_endpoint_that_is_busy_is_there():
    with ChatServer(in_turn(completion("x")), lambda heard: busy()) as server:
        assert served(server).fault() == ""


def test_a_model_that_is_not_served_is_named_with_those_that_are():
    with ChatServer(in_turn(Reply(404, b"no such model")), lambda heard: models("a", "b")) as server:
        fault = served(server, model="c").fault()
    assert fault.startswith(f"no chat model 'c' at {server.url}: status 404, saying: 'no such model'")
    assert "it lists the models a, b. Check [chat.served] model" in fault


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        (Reply(401, b"who are you"), "status 401, saying: 'who are you'. No key was sent"),
        (Reply(403, b"no"), "status 403, saying: 'no'. No key was sent"),
        (Reply(503, b"loading model"), "status 503, saying: 'loading model'. Check"),
        (cut, "peer closed connection"),
    ],
)
def test_an_endpoint_that_cannot_be_asked_says_so_before_the_first_item(listed, said):
    with ChatServer(in_turn(completion("x")), lambda heard: listed) as server:
        chat = served(server)
        assert said in chat.fault()
        with pytest.raises(ModelUnavailable) as refused, chat.open():
            pytest.fail("it was opened")
    assert said in str(refused.value)
    assert server.questions == []


def test_an_endpoint_that_is_down_says_so_before_the_first_item():
    with ChatServer(in_turn(completion("x"))) as server:
        chat = served(server)
    fault = chat.fault()
    assert fault.startswith(f"no chat model 'm' at {server.url}: ConnectError: ")
    assert "Is the server running" in fault
    with pytest.raises(ModelUnavailable, match="Is the server running"), chat.open():
        pytest.fail("it was opened")


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_model_that_refuses_everything_from_the_start_ends_the_work(status):
    refusal = pytest.raises(ModelUnavailable, match=f"status {status}, saying: 'no'")
    with ChatServer(in_turn(Reply(status, b"no"))) as server, served(server).open() as model, refusal:
        model.ask([question(str(i)) for i in range(3)])
    assert len(server.questions) == 3


@pytest.mark.parametrize("url", ["", "127.0.0.1:8000/v1", "ftp://host/v1", "http:///v1", "http://host:99999/v1"])
def test_an_address_that_is_none_is_refused(url):
    with ChatServer(in_turn(completion("x"))) as server:
        fault = served(server, url=url).fault()
    assert fault == f"[chat.served] url is {url!r}, no address such as http://127.0.0.1:8000/v1"


def test_without_the_extra_the_message_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "openai", None)
    for part in ("_chat_http", "_chat_wire"):
        monkeypatch.delitem(sys.modules, f"resources.{part}", raising=False)
    with ChatServer(in_turn(completion("x"))) as server:
        assert "the package openai, which cannot be imported: pip install 'genval[models]'" in served(server).fault()


def test_the_module_that_lists_the_resource_does_not_load_the_client(program):
    source = "import resources.chat_http, sys; print(sorted({'openai', 'httpx2'} & set(sys.modules)))"
    assert program(source).first_line == "[]"


def test_nothing_is_left_when_it_is_closed():
    before = set(threading.enumerate())
    with ChatServer(in_turn(completion("x"))) as server:
        with served(server).open() as model:
            model.ask([question(str(i)) for i in range(20)])
            model.ask([question(str(i)) for i in range(20)])
        assert {thread.name for thread in threading.enumerate() if thread.name.startswith("asyncio")} == set()
    assert server.connections <= 8  # they are used again
    assert set(threading.enumerate()) == before


def test_no_question_asks_nothing():
    with ChatServer(in_turn(completion("x"))) as server, served(server).open() as model:
        assert model.ask([]) == []
    assert server.questions == []
