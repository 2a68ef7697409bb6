"""Latents are kept as they were, once each, until their candidate is judged."""

from datetime import timedelta

import numpy as np
import pytest

from genval_assets.rows import Instance, Verdict
from resources.gc import collect_garbage
from resources.latents import LatentFiles
from resources.tables import ParquetTables
from tests.assets.fakes import NOW


def latent(number: float, shape: tuple[int, ...] = (4, 8, 8)) -> np.ndarray:
    return np.full(shape, number, dtype=np.float16)


@pytest.fixture
def latents(tmp_path) -> LatentFiles:
    return LatentFiles(home=str(tmp_path))


def test_what_comes_back_is_what_was_put_in_and_the_same_content_is_one_file(latents, tmp_path):
    paths = latents.put([latent(0.1), latent(2), latent(0.1)])
    assert paths[0] == paths[2] != paths[1]
    assert latents.get(paths[1]).tolist() == latent(2).tolist()
    assert latents.get(paths[0]).dtype == np.float16
    assert len(list((tmp_path / "data" / "latents").rglob("*.npy"))) == 2


@pytest.mark.parametrize("wrong", [latent(1).astype(np.float32), latent(1, (8, 8))])
def test_what_is_no_latent_is_refused(latents, wrong):
    with pytest.raises(ValueError, match=r"expected a .* latent"):
        latents.put([wrong])


@pytest.mark.parametrize("path", ["../x.npy", "data/images/ab/x.npy", "data/latents/../../x.npy"])
def test_no_path_leaves_the_home_s_latents(latents, path):
    with pytest.raises(ValueError, match="is no latent of this home"):
        latents.get(path)


def test_gc_takes_the_latents_of_judged_candidates_and_keeps_those_that_wait(latents, tmp_path, make_row):
    judged, waiting, unnamed = latents.put([latent(1), latent(2), latent(3)])
    tables = ParquetTables(home=str(tmp_path))
    tables.append([make_row(Instance, instance_id=name, latent=at) for name, at in (("a", judged), ("b", waiting))])
    tables.append([make_row(Verdict, instance_id="a", outcome="rejected", reasons=["flat"])])
    found = collect_garbage(tmp_path, timedelta(days=30), NOW, dry_run=True)
    assert found.latents == tuple(sorted([judged, unnamed]))
    collect_garbage(tmp_path, timedelta(days=30), NOW)
    assert [(tmp_path / path).exists() for path in (judged, waiting, unnamed)] == [False, True, False]
