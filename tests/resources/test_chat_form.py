"""What a server is sent: pictures bit by bit, the permitted form strictly, the settings of the question."""

import io
import json
from base64 import b64decode
from typing import Literal, Optional

import numpy as np
import pytest
from PIL import Image
from pydantic import BaseModel, Field

from genval_assets.chat.answers import Answered
from resources._chat_form import data_url, read_completion, response_format
from resources._chat_schema import UnservableSchema, strict_schema
from resources.offline.chat import RULES
from tests.resources.chat_server import ChatServer, Echo, completion, question, served


def sent(request, **given):
    """Return the body that a server receives for a question."""
    with ChatServer(lambda heard: completion("x")) as server, served(server, **given).open() as model:
        model.ask([request])
    return server.questions[0].body


def pixels_of(url: str) -> np.ndarray:
    head, _, data = url.partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(b64decode(data, validate=True))))


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, shape, dtype=np.uint8)


def test_a_question_is_sent_with_its_settings():
    body = sent(question("What is it?", seed=123, temperature=0.7), max_tokens=77)
    assert body["messages"] == [
        {"role": "system", "content": "Answer in JSON."},
        {"role": "user", "content": "What is it?"},
    ]
    assert (body["model"], body["seed"], body["temperature"], body["max_tokens"]) == ("m", 123, 0.7, 77)


def test_pictures_arrive_bit_by_bit_before_the_question():
    pictures = (noise(33, 65, 3), np.zeros((1, 1, 3), np.uint8), noise(128, 96, 3))
    body = sent(question("Which?", images=pictures))
    *shown, asked = body["messages"][1]["content"]
    assert asked == {"type": "text", "text": "Which?"}
    assert len(shown) == 3
    for part, picture in zip(shown, pictures, strict=True):
        assert np.array_equal(pixels_of(part["image_url"]["url"]), picture)


def test_a_picture_that_is_a_view_of_another_arrives_as_it_looks():
    picture = noise(40, 40, 3)[::2, ::-1]
    assert np.array_equal(pixels_of(data_url(picture)), picture)


def test_the_permitted_form_is_sent_strictly():
    form = sent(question())["response_format"]
    assert form == {
        "type": "json_schema",
        "json_schema": {
            "name": "Echo",
            "strict": True,
            "schema": {
                "type": "object",
                "description": "The answer that the questions of these tests ask for.",
                "properties": {"said": {"type": "string"}},
                "required": ["said"],
                "additionalProperties": False,
            },
        },
    }


def every_node(schema):
    yield schema
    for below in [*schema.get("properties", {}).values(), *schema.get("anyOf", []), schema.get("items")]:
        if below is not None:
            yield from every_node(below)


@pytest.mark.parametrize("schema", [*RULES, Echo])
def test_every_object_of_every_answer_asks_for_all_its_keys_and_forbids_others(schema):
    nodes = list(every_node(strict_schema(schema)))
    assert nodes[0]["type"] == "object"
    for node in nodes:
        assert set(node) <= {
            "type",
            "enum",
            "anyOf",
            "items",
            "properties",
            "required",
            "additionalProperties",
            "description",
        }
        if node.get("type") == "object":
            assert node["required"] == list(node["properties"])
            assert node["additionalProperties"] is False


class Part(BaseModel):
    """What it says of itself."""

    title: str = Field(max_length=5, description="What it is called.")
    default: int = 3


class Whole(Answered):
    """All forms that may be asked for."""

    title: Literal["only"]
    kind: Literal["a", "b"]
    note: Optional[str]  # noqa: UP045  # as users may write it
    parts: tuple[Part, ...] = Field(min_length=1, description="In order.")
    first: Part = Field(description="The first of them.")


def test_references_are_written_out_and_limits_are_told_in_words():
    part = {
        "type": "object",
        "description": "What it says of itself.",
        "properties": {
            "title": {"type": "string", "description": "What it is called. (maxLength 5)"},
            "default": {"type": "integer"},
        },
        "required": ["title", "default"],
        "additionalProperties": False,
    }
    assert strict_schema(Whole) == {
        "type": "object",
        "description": "All forms that may be asked for.",
        "properties": {
            "title": {"type": "string", "enum": ["only"]},
            "kind": {"type": "string", "enum": ["a", "b"]},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "parts": {"type": "array", "description": "In order. (minItems 1)", "items": part},
            "first": {**part, "description": "The first of them."},
        },
        "required": ["title", "kind", "note", "parts", "first"],
        "additionalProperties": False,
    }


class Tree(BaseModel):
    twigs: list["Tree"]


class Mixed(BaseModel):
    pair: tuple[int, str]


class Anything(BaseModel):
    things: list


class Table(BaseModel):
    cells: dict[str, int]


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        (Tree, "Tree.twigs\\[\\]: Tree refers to itself"),
        (Mixed, "Mixed.pair: strict servers do not take prefixItems"),
        (Anything, "Anything.things\\[\\]: .* got anything"),
        (Table, "Table.cells: .* got a dictionary"),
    ],
)
def test_a_form_that_strict_servers_refuse_is_refused_before_anything_is_sent(schema, why):
    with (
        ChatServer(lambda heard: completion("x")) as server,
        served(server).open() as model,
        pytest.raises(UnservableSchema, match=why),
    ):
        model.ask([question(), question(answer_schema=schema)])
    assert server.questions == []


def test_the_name_of_a_form_has_only_letters_that_servers_take():
    class Größe(BaseModel):
        x: int

    assert response_format(Größe)["json_schema"]["name"] == "Gr__e"


@pytest.mark.parametrize(
    "usage", [{"prompt_tokens": -1}, {"prompt_tokens": 2**40}, {"prompt_tokens": "many"}, {"completion_tokens": 1.5}, 7]
)
def test_counts_that_cannot_be_are_no_completion(usage):
    body = {"choices": [{"message": {"content": "x"}}], "usage": usage}
    assert read_completion(json.dumps(body).encode()) is None


@pytest.mark.parametrize("usage", [{}, None, {"prompt_tokens": None}])
def test_counts_that_a_server_does_not_tell_are_0(usage):
    body = {"choices": [{"message": {"content": "x"}}], "usage": usage}
    read = read_completion(json.dumps(body).encode())
    assert (read.text, read.tokens_in, read.tokens_out) == ("x", 0, 0)
