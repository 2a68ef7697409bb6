"""What a category lacks counts real and synthetic instances together."""

import pytest

from genval_assets.topup.deficit import deficit, deficits


@pytest.mark.parametrize(
    ("real", "effective", "target", "missing"),
    [(4, 0, 100, 96), (4, 95, 100, 1), (4, 96, 100, 0), (4, 97, 100, 0), (500, 0, 100, 0), (0, 0, 0, 0)],
)
def test_real_and_effective_instances_count_together(tally, real, effective, target, missing):
    assert deficit(tally(real=real, effective=effective, target=target)) == missing


def test_accepted_ones_beyond_what_is_effective_do_not_count(tally, round_of):
    assert deficit(tally(rounds=(round_of(1, 50),), effective=12)) == 84


def test_only_what_is_missing_is_listed(tally):
    assert deficits([tally("a", effective=90), tally("b", effective=96), tally("c", effective=500)]) == {"a": 6}


def test_what_no_scene_could_hold_is_not_in_the_dataset_and_does_not_count(tally, round_of):
    assert deficit(tally(rounds=(round_of(1, 96),), refused=1)) == 1
    assert deficit(tally(rounds=(round_of(1, 50),), effective=12, refused=38)) == 96
