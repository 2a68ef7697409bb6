"""FG-OVD's protocol: a caption is right when no negative is as near to the picture as it is."""

import numpy as np
import pytest

from genval_assets.evaluation.ranking import Choice, Ranked, accuracies, rank, ranked


@pytest.mark.parametrize(
    ("caption", "negatives", "place"),
    [
        (0.9, [0.1, 0.5, 0.8], 1),
        (0.5, [0.4, 0.6, 0.2], 2),
        (0.5, [0.4, 0.5, 0.6], 3),
        (0.5, [0.5, 0.5], 3),
        (-0.5, [-0.6, -0.4], 2),
        (0.0, [0.0, 0.0, 0.0], 4),
        (0.5, [float("nan"), 0.1], 2),
        (float("nan"), [-0.9, 0.1], 3),
        (0.5, [], 1),
    ],
)
def test_a_negative_as_near_counts_against_the_caption(caption, negatives, place):
    assert rank(caption, np.array(negatives)) == place


AHEAD, NEAR, ASLANT, MIRRORED, AWAY, NOTHING = (1, 0), (0.8, 0.6), (0.6, 0.8), (0.8, -0.6), (-1, 0), (0, 0)


def vectors(*rows: tuple[float, float]) -> np.ndarray:
    return np.array(rows, dtype=np.float32).reshape(-1, 2)


def choice(name: str = "p", **negatives: int) -> Choice:
    return Choice(name, name, {level: tuple(f"{level} {i}" for i in range(n)) for level, n in negatives.items()})


def test_a_caption_is_ranked_within_each_level_that_it_has_negatives_of_and_among_all():
    one = choice(easy=1, hard=2, trivial=1)
    assert one.texts == ("p", "hard 0", "hard 1", "easy 0", "trivial 0")
    (ranks,) = ranked([one], vectors(AHEAD), vectors(NEAR, ASLANT, MIRRORED, AHEAD, AWAY))
    assert ranks == (Ranked("p", "hard", 2, 2), Ranked("p", "easy", 1, 2), Ranked("p", "trivial", 1, 1),
                     Ranked("p", "all", 4, 3))  # fmt: skip


def test_each_caption_is_compared_with_its_own_negatives_on_its_own_picture():
    choices = [choice("a", hard=1), choice("b"), choice("c", medium=2)]
    texts = vectors(AHEAD, ASLANT, NEAR, AHEAD, NEAR, ASLANT)
    found = ranked(choices, vectors(AHEAD, AHEAD, ASLANT), texts)
    assert found == [
        (Ranked("a", "hard", 1, 1), Ranked("a", "all", 1, 1)),
        (),
        (Ranked("c", "medium", 2, 3), Ranked("c", "all", 2, 3)),
    ]


@pytest.mark.parametrize(
    ("picture", "caption", "negatives", "place"),
    [
        (AHEAD, NOTHING, [NOTHING, NOTHING], 3),
        (AHEAD, NOTHING, [AWAY, AWAY], 3),
        (AHEAD, NEAR, [NOTHING, ASLANT], 2),
        (NOTHING, NEAR, [AWAY, ASLANT], 3),
    ],
)
def test_where_the_embedder_knows_nothing_the_caption_does_not_win_by_accident(picture, caption, negatives, place):
    (ranks,) = ranked([choice(hard=2)], vectors(picture), vectors(caption, *negatives))
    assert ranks[0].rank == place


@pytest.mark.parametrize("n", range(1, 40, 2))
def test_texts_that_the_embedder_cannot_tell_apart_always_tie(n):
    rng = np.random.default_rng(n)
    text, picture = rng.normal(size=(2, 515)).astype(np.float32)
    (ranks,) = ranked([choice(hard=n)], picture[None], np.tile(text, (n + 1, 1)))
    assert ranks[0].rank == n + 1


def test_one_vector_is_needed_for_each_picture_and_text():
    assert ranked([], vectors(), vectors()) == []
    for n_pictures, n_texts in ((2, 2), (0, 2), (1, 1), (1, 3)):
        with pytest.raises(ValueError, match="expected 1 vectors of pictures and 2 of texts"):
            ranked([choice(hard=1)], vectors(*[AHEAD] * n_pictures), vectors(*[NEAR] * n_texts))


def test_accuracy_is_the_share_of_captions_that_come_first_of_those_that_have_the_level():
    ranks = [
        Ranked("a", "all", 10, 1), Ranked("a", "hard", 4, 1), Ranked("a", "easy", 3, 1),
        Ranked("b", "all", 10, 6), Ranked("b", "hard", 10, 6),
        Ranked("c", "all", 10, 2), Ranked("c", "hard", 4, 2), Ranked("c", "easy", 3, 1),
    ]  # fmt: skip
    rows = [(r.level, r.captions, r.negatives, r.accuracy.value, r.mean_rank) for r in accuracies(ranks)]
    assert rows == [
        ("hard", 3, 18, pytest.approx(1 / 3), 3.0),
        ("easy", 2, 6, 1.0, 1.0),
        ("all", 3, 30, pytest.approx(1 / 3), 3.0),
    ]
    assert accuracies(ranks)[1].accuracy.low == pytest.approx(0.342372, abs=1e-5)  # 2 / (2 + 1.96^2)
    assert accuracies([]) == []
