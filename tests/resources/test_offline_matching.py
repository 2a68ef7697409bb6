"""The offline text model compares two descriptions by things, number, colour and pattern, on the prompt's scale."""

import numpy as np
import pytest

from genval_assets.layouts.seeing import MatchAnswer, MatchQuestion
from resources.offline.chat import OfflineChat
from resources.offline.matching import agreement
from resources.offline.mentions import said_things
from resources.offline.studio import KINDS
from resources.offline.wording import plural_of

SCENE = (
    "The picture shows a red mug, an orange striped fish and scissors. The red mug is to the left of the scissors. "
    "The fish is above the red mug."
)


@pytest.mark.parametrize(
    ("should_show", "shows", "score"),
    [
        ("red striped mug", "A red striped mug.", 5),
        ("mug", "A red striped mug.", 5),
        ("red mug", "A mug.", 4),
        ("wooden chair", "A chair.", 4),
        ("red mug", "A blue mug.", 3),
        ("red striped mug", "A red dotted mug.", 3),
        ("red striped mug", "A blue dotted mug.", 2),
        ("red mug", "There is a red mug and a duck.", 2),
        ("red mug", "Two red mugs.", 2),
        ("red mug", "There is a red mug and something that cannot be recognised.", 3),
        ("red mug", "A red teapot.", 1),
        ("red mug", "Something that cannot be recognised.", 1),
        ("red mug", "A red kite.", 0),
        ("red mug", "Nothing but background.", 0),
    ],
)
def test_a_phrase_has_the_score_that_the_scale_gives(should_show, shows, score):
    assert agreement(should_show, shows) == score


@pytest.mark.parametrize(
    ("shows", "score"),
    [
        ("There is scissors, a red mug and an orange striped fish.", 5),
        ("There is scissors, a red mug and a striped fish.", 4),
        ("There is scissors, a red mug and a blue striped fish.", 3),
        ("There is scissors, a red mug, an orange striped fish and a kite.", 3),
        ("There is scissors and a red mug.", 3),
        ("A red mug.", 2),
        ("There is a lamp and a kite.", 0),
    ],
)
def test_a_scene_scores_less_the_more_is_missing_other_or_too_much(shows, score):
    assert agreement(SCENE, shows) == score


@pytest.mark.parametrize("kind", KINDS)
def test_a_thing_by_another_name_or_in_the_plural_is_the_same_thing(kind):
    for name in (kind, *KINDS[kind].aliases):
        assert agreement(f"red {name}", f"A red {kind}.") == 5
        assert agreement(f"two red {plural_of(name)}", f"Two red {plural_of(kind)}.") == 5


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("A red mug stands beside a blue mug.", [("mug", "red", None), ("mug", "blue", None)]),
        ("A mug stands on a white desk. The mug is red and striped.", [("mug", "red", "striped")]),
        ("The mug is red, and the teapot is white.", [("mug", "red", None), ("teapot", "white", None)]),
        ("There are 3 yellow ducks. The three ducks are small.", [("duck", "yellow", None)] * 3),
        ("The mug is red and scissors are blue.", [("mug", "red", None), ("scissors", "blue", None)]),
        ("The fish is above the red mug.", [("fish", None, None), ("mug", "red", None)]),
        ("A kite is above red scissors.", [("kite", None, None), ("scissors", "red", None)]),
        ("Ducks on a white background.", [("duck", None, None)] * 2),
        ("Two things that cannot be recognised.", [("something", None, None)] * 2),
        ("A view of the sea.", []),
    ],
)  # fmt: skip
def test_each_thing_is_counted_once_with_what_is_said_of_it(text, things):
    assert [(thing.kind, thing.colour, thing.pattern) for thing in said_things(text)] == things


def test_a_description_agrees_fully_with_itself_in_any_order():
    rng = np.random.default_rng(0)
    for _ in range(40):
        said = [f"a {rng.choice(['red', 'blue', 'green'])} {kind}" for kind in rng.choice(list(KINDS), 4)]
        listed = ", ".join(said)
        assert agreement(f"There is {listed}.", f"There is {', '.join(rng.permutation(said))}.") == 5
        assert agreement(f"There is {listed}.", f"There is {', '.join(said[:2])}.") < 4


def test_what_the_studio_has_no_word_for_is_compared_by_its_words():
    assert agreement("grey zebra", "Grey zebra.") == 5
    assert agreement("zebra", "A red mug.") == 0


def test_the_stage_reads_the_answer_as_a_score_of_100():
    question = MatchQuestion("red mug", "A blue mug.", "mug", 1)
    with OfflineChat().open() as chat:
        (answer,) = chat.ask([question.request(2, ["expected one JSON object"])])
    assert MatchAnswer.model_validate_json(answer.text).score == 3
    assert question.read(answer.text) == 60
