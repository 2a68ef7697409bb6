"""How much memory a stage's weights take: exact where files are there, said where they are not."""

import json
import struct

import pytest

from genval_assets.definitions import ASSETS
from genval_assets.models.memory import PUBLISHED, STAGES, Need, Stage, fits, in_words, need_of, open_in, parameters_in

STAGE = Stage("raw_instances, drawn", {"foregrounds": ("vae", "transparent_decoder")})


def header(**tensors: list[int]) -> bytes:
    described = {name: {"dtype": "F16", "shape": shape, "data_offsets": [0, 0]} for name, shape in tensors.items()}
    return json.dumps({"__metadata__": {"format": "pt"}, **described}).encode()


def test_every_number_of_a_file_is_counted():
    assert parameters_in(header(weight=[3, 4], bias=[4], scale=[])) == 3 * 4 + 4 + 1
    assert parameters_in(b"{}   ") == 0


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b'{"weight": {"dtype": "F16", "shape": [-2]}}', b'{"weight": {"dtype": "F16", "shape": "x"}}']
)
def test_what_is_no_header_is_refused(raw):
    with pytest.raises(ValueError, match="no header of a safetensors file"):
        parameters_in(raw)


def test_a_file_that_the_library_wrote_is_counted(tmp_path):
    numpy = pytest.importorskip("safetensors.numpy")
    import numpy as np

    numpy.save_file({"a": np.zeros((5, 7), np.float32), "b": np.zeros((2,), np.float16)}, tmp_path / "x.safetensors")
    raw = (tmp_path / "x.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    assert parameters_in(raw[8 : 8 + length]) == 37


def test_files_that_are_there_are_counted_and_the_others_stand_as_published():
    need = need_of(STAGE, {"vae": 1_000_000}, {"vae": 4, "transparent_decoder": 2})
    assert need.weight_bytes == 4_000_000 + 2 * PUBLISHED["transparent_decoder"]
    assert need.guessed == ("transparent_decoder",)


def test_the_sentence_names_the_device_and_says_what_is_not_counted():
    need = Need(STAGE, 6_940_000_000, ("vae",))
    assert in_words(need, 24_000_000_000) == (
        "needs 6.9 GB of weights, plus activations, which are not counted; the device has 24.0 GB "
        "(vae as published: not here yet)"
    )
    assert "the device" not in in_words(need, None)


def test_weights_larger_than_the_device_do_not_fit():
    need = Need(STAGE, 6_000, ())
    assert fits(need, 6_001)
    assert not fits(need, 6_000)
    assert fits(need, None)


def test_the_published_weights_of_every_stage_leave_a_quarter_of_a_24_gb_card():
    for stage in STAGES:
        assert need_of(stage, {}, dict.fromkeys(PUBLISHED, 2)).weight_bytes < 18e9, stage.name


def test_a_model_that_is_served_or_not_used_takes_none_of_the_device():
    judged = Stage("validated", {"chat": ("chat",), "foregrounds": ("vae",)})
    assert open_in(judged, ["foregrounds", "painters"]).networks == {"foregrounds": ("vae",)}
    assert open_in(judged, []).networks == {}


TOGETHER = {
    "optimized_prompts, rethinking": {"chat", "foregrounds"},  # rethinking.py draws probes while chat judges them
    "raw_instances, varied": {"variations", "segmenters", "embedders"},  # varying.py opens all three
    "layout_scenes, masks": {"segmenters", "detectors"},  # layout_scenes.py opens both
    "validated_instances": {"chat", "foregrounds"},  # judging.py finishes what chat accepts
    "agent_prompts": {"chat", "foregrounds", "embedders"},  # agents.py draws rehearsals, judges and compares them
}
"""Where `genval_assets/assets` opens a model while another is open, by reading it."""


def test_stages_that_open_several_models_together_are_counted_together():
    assert {stage.name: set(stage.networks) for stage in STAGES if len(stage.networks) > 1} == TOGETHER


def test_stages_are_called_what_dagster_and_the_table_of_usage_call_them():
    assets = {key.to_user_string() for asset in ASSETS for key in asset.keys}
    named = {stage.name.partition(",")[0] for stage in STAGES}
    assert named <= assets
