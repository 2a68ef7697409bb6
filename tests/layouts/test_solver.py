"""Where no model lays out a graph, a rule does: without faults, and things hide one another little."""

from graphlib import CycleError
from itertools import chain, combinations, pairwise

import numpy as np
import pytest

from genval_assets.layouts.graph import Node, Relation, SceneGraph
from genval_assets.layouts.layout_faults import layout_faults
from genval_assets.layouts.order import ranks
from genval_assets.layouts.solver import in_ranks, solve
from genval_assets.layouts.starts import no_examples

ANY = ("left of", "right of", "above", "below", "next to", "on", "in", "in front of", "behind", "far from", "chasing")
FREE = ("next to", "left of", "right of", "above", "below")


def random_graph(n: int, rng: np.random.Generator, predicates=ANY, per_node: float = 1.5) -> SceneGraph:
    """A graph whose directional relations are true of hidden spots, so that they hold no cycle."""
    spots = rng.random((n, 2))
    relations = {}
    for _ in range(int(per_node * (n - 1))):
        i, j = (int(k) for k in rng.choice(n, 2, replace=False))
        predicate = str(rng.choice(predicates))
        if predicate in ("left of", "right of"):
            predicate = "left of" if spots[i, 0] < spots[j, 0] else "right of"
        if predicate in ("above", "below"):
            predicate = "above" if spots[i, 1] < spots[j, 1] else "below"
        relations[i, j] = Relation(f"n{i}", predicate, f"n{j}")
    return SceneGraph(tuple(Node(f"n{i}", "key", "thing") for i in range(n)), tuple(relations.values()), "")


def odd_pairs(subject: str, predicate: str, other: str) -> np.ndarray:
    """Real pairs as they can be: huge, thin, tiny, far outside the usual."""
    return np.array([
        [0.0, 0.0, 1.0, 1.0, 0.9, 0.9, 0.001, 0.001],
        [0.1, 0.1, 0.002, 0.9, 0.1, 0.1, 0.9, 0.002],
        [0.4, 0.4, 0.1, 0.1, 0.4, 0.4, 0.1, 0.1],
    ])  # fmt: skip


@pytest.mark.parametrize("n", [1, 2, 3, 4, 6, 9, 14, 21, 30])
@pytest.mark.parametrize("examples", [no_examples, odd_pairs])
def test_a_layout_never_has_a_fault(n, examples):
    for seed in range(8):
        graph = random_graph(n, np.random.default_rng([n, seed]))
        assert layout_faults(graph, solve(graph, examples, seed)) == []


@pytest.mark.parametrize("n", [1, 2, 19, 20, 21, 30])
def test_the_arrangement_that_ends_the_search_meets_any_order(n):
    rng = np.random.default_rng(n)
    chains = [
        [Relation(f"n{a}", predicate, f"n{b}") for a, b in pairwise(rng.permutation(n))]
        for predicate in ("left of", "below")
    ]
    graph = SceneGraph(tuple(Node(f"n{i}", "key", "thing") for i in range(n)), tuple(chain.from_iterable(chains)), "")
    assert layout_faults(graph, in_ranks(graph)) == []
    assert layout_faults(graph, solve(graph, no_examples, 0)) == []


def shared(a, b) -> float:
    """The smaller of two boxes' overlaps along x and y, counted from touching."""
    return min(min(a[i] + a[i + 2], b[i] + b[i + 2]) - max(a[i], b[i]) for i in (0, 1))


@pytest.mark.parametrize("n", [2, 4, 6, 12, 20])
def test_what_need_not_overlap_does_not(n):
    for seed in range(6):
        boxes = solve(random_graph(n, np.random.default_rng([n, seed, 7]), FREE, 1.0), no_examples, seed)
        assert max(shared(a, b) for a, b in combinations(boxes.values(), 2)) <= 0.001


@pytest.mark.parametrize("predicate", ["in front of", "on"])
def test_of_two_things_that_belong_close_none_hides_more_than_a_fifth_however_real_ones_stand(predicate):
    graph = SceneGraph((Node("a", "k", "x"), Node("b", "k", "y")), (Relation("a", predicate, "b"),), "")
    boxes = solve(graph, lambda *_: np.array([[0.2, 0.2, 0.4, 0.4, 0.22, 0.25, 0.4, 0.4]]), 0)
    assert 0.05 < shared(*boxes.values()) < 0.2 * 0.4 + 0.001


def test_what_lies_in_another_thing_stays_in_it():
    graph = SceneGraph((Node("a", "k", "x"), Node("b", "k", "y")), (Relation("a", "in", "b"),), "")
    (ax, ay, aw, ah), (bx, by, bw, bh) = solve(graph, no_examples, 0).values()
    assert bx < ax < ax + aw < bx + bw
    assert by < ay < ay + ah < by + bh


@pytest.mark.parametrize("n", [1, 2, 6])
def test_few_things_can_be_recognised_at_512_px(n):
    for seed in range(12):
        boxes = solve(random_graph(n, np.random.default_rng([n, seed, 3]), per_node=1), no_examples, seed)
        assert min(max(w, h) for _, _, w, h in boxes.values()) * 512 >= 70


def test_the_same_seed_gives_the_same_layout_and_another_one_another():
    graph = random_graph(5, np.random.default_rng(0))
    assert solve(graph, no_examples, 3) == solve(graph, no_examples, 3)
    assert solve(graph, no_examples, 3) != solve(graph, no_examples, 4)


def test_things_stand_as_real_ones_do_where_there_is_room():
    graph = SceneGraph((Node("a", "mug", "x"), Node("b", "table", "y")), (Relation("a", "left of", "b"),), "")
    asked = []

    def pairs(subject: str, predicate: str, other: str) -> np.ndarray:
        asked.append((subject, predicate, other))
        return np.array([[0.1, 0.3, 0.3, 0.3, 0.5, 0.45, 0.4, 0.32]])  # offset of centres: .45, .16

    boxes = solve(graph, pairs, 0)
    (ax, ay, aw, ah), (bx, by, bw, bh) = boxes["a"], boxes["b"]
    assert asked == [("mug", "left of", "table")]
    assert (aw, ah, bw, bh) == pytest.approx((0.3, 0.3, 0.4, 0.32), abs=1e-6)
    assert bx + bw / 2 - ax - aw / 2 == pytest.approx(0.45, abs=0.02)
    assert by + bh / 2 - ay - ah / 2 == pytest.approx(0.16, abs=0.02)


def test_an_order_that_no_picture_can_hold_is_no_layout():
    round_about = (Relation("a", "left of", "b"), Relation("b", "left of", "a"))
    with pytest.raises(CycleError):
        solve(SceneGraph((Node("a", "k", "x"), Node("b", "k", "y")), round_about, ""), no_examples, 0)


def test_ranks_follow_what_is_demanded_and_else_the_list():
    assert ranks(["c", "a", "b"], [("b", "c")]) == {"a": 0, "b": 1, "c": 2}
