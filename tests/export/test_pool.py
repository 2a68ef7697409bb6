"""The pool: every accepted instance, its cut-out and where it comes from."""

import dataclasses
import json

import pytest

from genval_assets.export.build import export_set
from genval_assets.export.settings import ExportSettings

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def pool_of(world, **settings: object) -> tuple[list[dict], dict[str, str]]:
    done = export_set("training", world.content(), ExportSettings(gallery_size=0, **settings))
    lines = [json.loads(line) for line in dict(done.files)["instances.jsonl"].splitlines()]
    return lines, dict(done.links)


def test_every_accepted_instance_is_a_line_with_its_provenance(mixed):
    lines, links = pool_of(mixed)
    assert [line["instance_id"] for line in lines] == ["inst-unicorn", "inst-zebra"]
    zebra = lines[1]
    assert zebra == {
        "instance_id": "inst-zebra", "file": "pool/inst-zebra.webp", "category": "zebra", "category_id": 0,
        "name": "zebra", "mask_threshold": 128, "width": 10, "height": 8, "area_px": 60, "fill": 0.75,
        "source": "cutout", "round": 1, "index": 0, "reference_id": "ref-1", "prompt_id": None, "seed": 7,
        "model": "genval-cutout", "revision": "1", "verdict_id": "v-inst-zebra", "stage": "gate",
        "judge": "mask gate", "judge_version": "1",
    }  # fmt: skip
    assert links["pool/inst-zebra.webp"] == "data/images/ef/inst-zebra.webp"


def test_instances_that_no_scene_shows_are_in_the_pool_and_rejected_ones_are_not(mixed):
    mixed.instance("spare", "dog")
    mixed.instance("bad", "dog")
    mixed.verdicts[-1] = dataclasses.replace(mixed.verdicts[-1], outcome="rejected", cutout=None)
    lines, links = pool_of(mixed)
    assert [line["instance_id"] for line in lines] == ["spare", "inst-unicorn", "inst-zebra"]
    assert "pool/bad.webp" not in links


def test_without_the_pool_the_provenance_still_leaves(mixed):
    lines, links = pool_of(mixed, pool=False)
    assert [line["file"] for line in lines] == [None, None]
    assert not any(path.startswith("pool/") for path in links)
