"""`[textgrad]` refuses what would make a refinement meaningless."""

import pytest
from pydantic import ValidationError

from genval_assets.textgrad.settings import TextGradSettings


def test_every_key_is_described_and_the_defaults_are_valid():
    assert TextGradSettings().pairs == 200
    assert all(len(field.description or "") > 15 for field in TextGradSettings.model_fields.values())


@pytest.mark.parametrize(
    ("key", "value"),
    [("pairs", 19), ("steps", 0), ("patience", 0), ("minibatch", 11), ("questions", 0), ("judge", "latest"),
     ("prompt_agent", "0123456789AB"), ("unknown", 1)],
)  # fmt: skip
def test_values_outside_their_bounds_are_refused(key, value):
    with pytest.raises(ValidationError, match=key):
        TextGradSettings.model_validate({key: value})


@pytest.mark.parametrize(("pin", "file"), [("prompt_agent", "prompt_agent_file"), ("judge", "judge_file")])
def test_a_version_and_a_text_of_ones_own_exclude_each_other(pin, file):
    with pytest.raises(ValidationError, match=f"{pin} and {file} are both set"):
        TextGradSettings.model_validate({pin: "0123456789ab", file: "mine.txt"})
    other = "judge" if pin == "prompt_agent" else "prompt_agent"
    assert getattr(TextGradSettings.model_validate({other: "0123456789ab", file: "mine.txt"}), file) == "mine.txt"
