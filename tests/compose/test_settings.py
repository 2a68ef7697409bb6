import pytest
from pydantic import ValidationError

from genval_assets.compose.settings import SceneSettings


def test_blends_need_some_weight():
    with pytest.raises(ValidationError, match="at least one must be above 0"):
        SceneSettings(blend_none=0, blend_harmonised=0, blend_feathered=0)


def test_every_setting_says_what_it_is():
    assert all(field.description for field in SceneSettings.model_fields.values())
