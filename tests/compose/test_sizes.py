import numpy as np
import pytest

from genval_assets.compose.settings import SceneSettings
from genval_assets.compose.sizes import default_prior, fit_sizes, scale_for

SETTINGS = SceneSettings()


def draws(prior, n=20_000):
    rng = np.random.default_rng(1)
    return np.array([prior.draw(rng) for _ in range(n)])


def test_without_real_instances_sides_average_15_percent_with_a_spread_of_8():
    sides = draws(fit_sizes({}, SETTINGS).of("anything"))
    assert sides.mean() == pytest.approx(0.15, abs=0.003)
    assert sides.std() == pytest.approx(0.08, abs=0.004)


def test_one_instance_moves_its_category_by_a_sixth_of_the_way():
    # the shared prior already went a sixth of the way from the default to log(0.6), the category another sixth
    priors = fit_sizes({"whale": [0.6]}, SETTINGS)
    start, goal = default_prior(SETTINGS).log_mean, np.log(0.6)
    assert priors.shared.log_mean == pytest.approx(start + (goal - start) / 6)
    assert priors.of("whale").log_mean == pytest.approx(priors.shared.log_mean + (goal - priors.shared.log_mean) / 6)


def test_one_instance_in_the_middle_narrows_the_spread_by_its_weight():
    default = default_prior(SETTINGS)
    priors = fit_sizes({"whale": [float(np.exp(default.log_mean))]}, SETTINGS)
    assert priors.shared.log_spread**2 == pytest.approx(5 / 6 * default.log_spread**2)


def test_many_instances_speak_for_themselves():
    prior = fit_sizes({"fork": [0.05] * 5000, "bus": [0.5] * 5}, SETTINGS).of("fork")
    assert np.exp(prior.log_mean) == pytest.approx(0.05, rel=0.01)
    assert prior.log_spread < 0.05


def test_a_category_without_instances_takes_the_shared_prior():
    priors = fit_sizes({"fork": [0.05] * 50, "spoon": []}, SETTINGS)
    assert priors.of("spoon") == priors.of("unheard_of") == priors.shared


@pytest.mark.parametrize(
    ("side", "scale"),
    [
        (0.2, 0.4),  # 0.2 of 200 px is 40 px, the cut-out's own side is 100 px
        (0.9, 1.0),  # clipped to half the canvas: 100 px
        (0.001, 0.1),  # clipped to 10 px
    ],
)
def test_scale_brings_the_mask_to_the_wanted_side_within_the_limits(side, scale):
    assert scale_for(side, 100 * 100, (110, 110), (200, 200), SETTINGS) == pytest.approx(scale)


def test_a_cutout_is_enlarged_by_half_at_most():
    assert scale_for(0.4, 20 * 20, (20, 20), (1000, 1000), SETTINGS) == pytest.approx(1.5)


def test_a_long_thin_object_is_scaled_to_fit_the_canvas():
    assert scale_for(0.5, 400 * 50, (400, 50), (200, 200), SETTINGS) == pytest.approx(0.5)


def test_an_object_that_cannot_reach_the_least_side_has_no_scale():
    assert scale_for(0.4, 6 * 6, (6, 6), (1000, 1000), SETTINGS) is None
