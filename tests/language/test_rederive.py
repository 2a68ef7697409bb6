"""Every answer comes out again when it is worked out from the annotations by other code, which notices wrong ones."""

import json
import re
from collections import Counter
from dataclasses import replace

import pytest

from genval_assets.language.templates import templates
from tests.language.random_scenes import random_scene
from tests.language.rederive import FORMS, faults

SCENES = 300


@pytest.fixture(scope="module")
def scenes(make_row):
    return [random_scene(seed, make_row) for seed in range(SCENES)]


def wrong(told, rows):
    return faults(rows, told.annotations, told.stored, told.scene, told.colours)


def test_every_answer_of_random_scenes_comes_out_again(scenes):
    assert [fault for told in scenes for fault in wrong(told, told.rows)] == []


def test_every_template_is_used_and_checked(scenes):
    used = Counter(row.template for told in scenes for row in told.rows)
    assert set(used) == set(FORMS) == {template.id for template in templates()}
    assert min(used.values()) >= 5


def test_hardly_a_scene_is_without_questions(scenes):
    assert sum(not told.rows for told in scenes) <= SCENES // 50


def one_more(row):
    told = re.search(r"\d+", row.answer)
    if row.template.startswith(("count", "compare")) and told[0] != "1":
        return replace(row, answer=row.answer.replace(told[0], str(int(told[0]) + 1), 1))
    return None


def one_less(row):
    told = re.search(r"\d+", row.answer)
    if row.template in ("count_number", "count_tell") or (row.template.startswith("count") and int(told[0]) > 2):
        return replace(row, answer=row.answer.replace(told[0], str(int(told[0]) - 1), 1))
    return None


def yes_is_no(row):
    if row.template.startswith(("compare", "confirm")):
        turned = {"Yes": "No", "No": "Yes"}
        return replace(row, answer=re.sub("^(Yes|No)", lambda said: turned[said[0]], row.answer))
    return None


def other_side(row):
    sides = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}
    if row.task != "relation":
        return None
    told = re.search("left of|right of|above|below", row.answer)
    return replace(row, answer=row.answer.replace(told[0], sides[told[0]])) if told else None


def other_colour(row):
    if not row.template.startswith("colour"):
        return None
    told = re.search(r"(\w+)\.$", row.answer)[1]
    return replace(row, answer=f"{row.answer[: -len(told) - 1]}{'pink' if told != 'pink' else 'red'}.")


def moved_answer(row):
    if not row.template.startswith("where"):
        return None
    return replace(row, answer=re.sub(r"\[(0\.\d\d)", lambda edge: f"[{float(edge[1]) + 0.02:.2f}", row.answer))


def moved_grounding(row):
    boxes = json.loads(row.grounding)
    boxes[-1][2] = round(boxes[-1][2] - 0.002, 3)
    return replace(row, grounding=json.dumps(boxes))


def one_box_less(row):
    return replace(row, grounding=json.dumps(json.loads(row.grounding)[1:]))


def one_node_less(row):
    boxes = json.dumps(json.loads(row.grounding)[1:])
    return replace(row, nodes=row.nodes[1:], grounding=boxes) if len(row.nodes) > 1 else None


def nodes_swapped(row):
    if row.task != "relation":
        return None
    boxes = json.loads(row.grounding)
    return replace(row, nodes=row.nodes[::-1], grounding=json.dumps(boxes[::-1]))


def coloured(row):
    """Say a colour where none was said, or another than was said."""
    return replace(row, answer=row.answer.replace("the ", "the purple ", 1)) if row.task == "relation" else None


def two_lines(row):
    return replace(row, answer=f"{row.answer}\n")


def other_task(row):
    return replace(row, task="relation" if row.task == "attribute" else "attribute")


MUTATIONS = [
    one_more, one_less, yes_is_no, other_side, other_colour, moved_answer, moved_grounding, one_box_less, one_node_less,
    nodes_swapped, coloured, two_lines, other_task,
]  # fmt: skip


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_the_check_notices_a_wrong_row(scenes, mutation):
    tried = [(told, changed) for told in scenes for changed in map(mutation, told.rows) if changed is not None]
    assert len(tried) >= 20
    assert [changed for told, changed in tried if not wrong(told, [changed])] == []


def test_the_check_notices_that_another_one_may_be_there(scenes):
    """A category that is not annotated everywhere has no count, and no phrase of its own."""
    sure = ("where", "count", "compare", "relation", "confirm", "colour_is", "colour_name")
    for told in scenes:
        rows = [row for row in told.rows if row.template.startswith(sure)]
        unsure = replace(told, scene=replace(told.scene, not_exhaustive=[a.category for a in told.annotations]))
        assert len(wrong(unsure, rows)) == len(rows)


def test_the_check_notices_a_second_one_of_the_same_words(scenes):
    """Of every object a twin without attributes, far from it: what was unique is not, what was counted is more."""
    noticed = 0
    for told in scenes:
        for row in told.rows:
            if not row.template.startswith(("where", "count", "colour_is", "colour_name")):
                continue
            graph = json.loads(told.stored.graph)
            of = next(n for n in graph["nodes"] if n["node_id"] == row.nodes[0])
            graph["nodes"].append({**of, "node_id": "twin", "attributes": []})
            first = next(a for a in told.annotations if a.node_id == row.nodes[0])
            twin = replace(first, node_id="twin", annotation_id="twin")
            stored = replace(told.stored, graph=json.dumps(graph))
            colours = {**told.colours, "twin": None}
            assert faults([row], [*told.annotations, twin], stored, told.scene, colours)
            noticed += 1
    assert noticed >= 100


def test_the_check_notices_pixels_of_another_colour(scenes):
    rows = [(told, row) for told in scenes for row in told.rows if row.template.startswith("colour")]
    assert len(rows) >= 100
    for told, row in rows:
        assert faults([row], told.annotations, told.stored, told.scene, dict.fromkeys(told.colours, "brown"))


def test_the_check_notices_a_repeated_question(scenes):
    told = next(told for told in scenes if told.rows)
    again = replace(told.rows[0], index=99)
    assert wrong(told, [*told.rows, again]) == ["a question or an index comes twice"]
