"""Which graphs are still to be worked: the planner asks for them until each has come to its end."""

from dataclasses import replace

import pytest

from genval_assets.layouts.owed import Worked, owed_graphs, wanted_graphs

DONE = Worked(
    graphs={"g0": ("mug", 0), "g1": ("mug", 1)},
    layouts={"l0": "g0", "l1": "g1"},
    rejected={"l0"},
    ended={"l1": "scene"},
    asked={"scene"},
)


def test_a_graph_is_over_when_its_layout_was_refused_or_its_scene_was_asked_about():
    assert owed_graphs({"mug": 2}, DONE, questions=True) == {}


@pytest.mark.parametrize(
    "missing",
    [
        {"graphs": {"g0": ("mug", 0)}, "layouts": {"l0": "g0"}},
        {"layouts": {"l0": "g0"}},
        {"rejected": set()},
        {"ended": {}},
        {"asked": set()},
    ],
)
def test_whatever_is_missing_of_it_is_owed(missing):
    assert owed_graphs({"mug": 2}, replace(DONE, **missing), questions=True) == {"mug": 1}


def test_without_questions_a_scene_is_the_end():
    assert owed_graphs({"mug": 2}, replace(DONE, asked=set()), questions=False) == {}


def test_pictures_of_which_none_was_kept_are_an_end():
    assert owed_graphs({"mug": 2}, replace(DONE, ended={"l1": None}, asked=set()), questions=True) == {}


def test_more_that_was_worked_than_is_wanted_now_owes_nothing():
    assert owed_graphs({"mug": 1}, DONE, questions=True) == {}


def test_two_layouts_of_one_graph_do_not_stand_for_another_graph():
    twice = replace(DONE, layouts={"l0": "g0", "l2": "g0"}, rejected={"l0", "l2"}, ended={})
    assert owed_graphs({"mug": 2}, twice, questions=True) == {"mug": 1}


def test_graphs_are_wanted_where_the_target_is_not_reached_by_real_instances():
    targets = [("rare", 9, 2), ("common", 9, 9), ("unasked", 0, 3)]
    assert wanted_graphs(targets, 5) == {"rare": 5}
    assert wanted_graphs(targets, 0) == {}
