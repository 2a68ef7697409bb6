"""The offline text model plans pictures that the studio can draw, and errs as seldom as it says. Simulated."""

import re
from collections import Counter
from functools import cache
from itertools import combinations

import numpy as np

from genval_assets.chat.ask import Reply, ask_all
from genval_assets.layouts.graph import SceneGraph
from genval_assets.layouts.layout import LayoutQuestion
from genval_assets.layouts.objects import Thing
from genval_assets.layouts.scene_graph import GraphQuestion
from genval_assets.types import Xywh
from resources.offline.chat import OfflineChatModel
from resources.offline.graphing import graph_things
from resources.offline.laying import lay_out
from resources.offline.studio import COLOURS, KINDS
from resources.offline.wording import read_wording

N = 300


@cache
def questions() -> tuple[GraphQuestion, ...]:
    """Lists of one to six of the studio's kinds, some of them twice."""
    rng = np.random.default_rng(1)
    lists = [rng.choice(list(KINDS), int(rng.integers(1, 7))) for _ in range(N)]
    return tuple(
        GraphQuestion(tuple(Thing(f"n{j}", kind, kind) for j, kind in enumerate(kinds)), "mug", i)
        for i, kinds in enumerate(lists)
    )


@cache
def graphs() -> tuple[Reply[SceneGraph], ...]:
    return tuple(ask_all(OfflineChatModel(), questions()))


@cache
def layouts() -> tuple[tuple[SceneGraph, Reply[dict[str, Xywh]]], ...]:
    asked = [LayoutQuestion(reply.value, "mug", i) for i, reply in enumerate(graphs()) if reply.value]
    return tuple(zip([q.graph for q in asked], ask_all(OfflineChatModel(), asked), strict=True))


def shared(a: Xywh, b: Xywh) -> float:
    """The smaller of two boxes' overlaps along x and y, counted from touching."""
    return min(min(a[i] + a[i + 2], b[i] + b[i + 2]) - max(a[i], b[i]) for i in (0, 1))


def test_about_one_first_answer_in_twelve_has_one_of_three_faults_and_telling_it_helps():
    attempts = Counter(len(reply.answers) for reply in graphs())
    assert 0.05 < 1 - attempts[1] / N < 0.11
    assert attempts[3] <= 3
    assert all(reply.value for reply in graphs())
    assert {"missing_node", "self_relation", "unmentioned"} <= {r for reply in graphs() for r in reply.reasons}


def test_the_studio_understands_every_phrase_and_can_paint_it():
    for graph in (reply.value for reply in graphs()):
        for node in graph.nodes:
            said = read_wording(node.phrase)
            colours = [word for word in node.attributes if word in COLOURS]
            assert said.kinds == (node.category,)
            assert len(colours) <= 1
            assert said.colour == (colours[0] if colours else None)
            assert (said.pattern is None) or KINDS[node.category].patterned


def test_captions_say_each_thing_with_its_attributes():
    for graph in (reply.value for reply in graphs()):
        assert all(node.phrase in graph.caption for node in graph.nodes)
        assert 2 <= len(re.findall(r"\.(?: |$)", graph.caption)) <= 4


def test_most_things_have_a_colour_some_a_pattern_and_twins_differ():
    nodes = [node for reply in graphs() for node in reply.value.nodes]
    coloured = np.mean([bool(COLOURS.keys() & node.attributes) for node in nodes])
    patterned = np.mean([bool({"striped", "dotted", "checkered"} & set(node.attributes)) for node in nodes])
    assert 0.8 < coloured < 0.95
    assert 0.05 < patterned < 0.2
    twins = [
        (a.phrase, b.phrase)
        for reply in graphs()
        for a, b in combinations(reply.value.nodes, 2)
        if a.name == b.name and len(set(KINDS[a.category].colours)) > 1
    ]
    assert len(twins) > 20
    assert sum(a == b for a, b in twins) <= 0.1 * len(twins)


def test_many_relations_occur_and_none_that_the_studio_cannot_show():
    said = Counter(r.predicate for reply in graphs() for r in reply.value.relations)
    assert set(said) == {"left of", "right of", "above", "below", "next to", "in front of", "behind"}
    assert min(said.values()) > 10


def test_things_that_the_studio_does_not_know_are_planned_too():
    things = (Thing("n1", "gargoyle", "gargoyle"), Thing("n2", "mug", "mug"))
    (reply,) = ask_all(OfflineChatModel(), [GraphQuestion(things, "gargoyle", 0)])
    assert [node.name for node in reply.value.nodes] == ["gargoyle", "mug"]


def test_graphs_and_layouts_depend_on_their_own_request_alone():
    request, other = (question.request(1, []) for question in questions()[:2])
    assert graph_things(request) == graph_things(request) != graph_things(other)
    graph = graphs()[5].value
    first, again = (LayoutQuestion(graph, "mug", i).request(1, []) for i in (5, 6))
    assert lay_out(first) == lay_out(first) != lay_out(again)


def test_about_one_first_layout_in_eight_has_a_fault_and_all_come_to_one_that_has_none():
    attempts = Counter(len(reply.answers) for _, reply in layouts())
    assert 0.08 < 1 - attempts[1] / N < 0.17
    assert all(reply.value for _, reply in layouts())
    codes = {code for _, reply in layouts() for code in reply.reasons}
    assert codes >= {"violated_relation", "out_of_range", "too_small", "missing_node"}


def test_things_are_large_enough_to_be_recognised_and_spread():
    boxes = [box for _, reply in layouts() for box in reply.value.values()]
    assert min(max(w, h) for _, _, w, h in boxes) * 512 >= 70
    centres = np.array([(x + w / 2, y + h / 2) for x, y, w, h in boxes])
    assert (centres.std(axis=0) > 0.15).all()


def test_in_some_layouts_boxes_touch_and_in_none_one_is_covered():
    """What stands in front of another may hide some of it; else only crowded layouts overlap, a little."""
    overlaps = [
        max((shared(a, b) for a, b in combinations(reply.value.values(), 2)), default=0.0)
        for graph, reply in layouts()
        if len(graph.nodes) > 1 and not {"in front of", "behind"} & {r.predicate for r in graph.relations}
    ]
    assert 0.05 < np.mean([overlap > 0.001 for overlap in overlaps]) < 0.25
    assert max(overlaps) < 0.06
