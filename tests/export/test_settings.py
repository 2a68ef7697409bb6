"""The `[export]` group refuses what would not work, before any work."""

import pytest
from pydantic import ValidationError

from genval_assets.export.settings import ExportSettings


@pytest.mark.parametrize(
    "wrong",
    [{"formats": ()}, {"formats": ("yolo",)}, {"masks": "png"}, {"name": "../x"}, {"name": "a@b"}, {"colour": 1},
     {"gallery_size": -1}, {"name": "categories"}, {"name": "Categories"}],
)  # fmt: skip
def test_a_wrong_value_or_an_unknown_key_is_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        ExportSettings(**wrong)


def test_every_setting_says_what_it_does():
    assert all(field.description for field in ExportSettings.model_fields.values())
