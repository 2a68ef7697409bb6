"""Scenes that show an instance which was accepted when it was pasted and is not any more: they count for nothing.

Such a scene may be of another category than the instance, so counts that follow one category cannot see it. It is
looked for here, over all of them, and only where anything was withdrawn.
"""

from pathlib import Path

import polars as pl

from genval_assets.rows import Annotation, Row, Scene, Verdict
from resources.counts import COLUMNS, in_force, objects
from resources.parts import listed, read_parts


def without_spoilt(home: Path, counts: pl.DataFrame) -> pl.DataFrame:
    """Return the counts with `scenes` less what shows an instance that `withdrawn` of any category names."""
    withdrawn = counts["withdrawn"].explode().drop_nulls()
    if withdrawn.is_empty():
        return counts
    pasted = _rows(home, Annotation, None, ("annotation_id", "scene_id", "scene_category", "instance_id"))
    spoilt = pasted.filter(pl.col("instance_id").is_in(withdrawn.implode()))
    touched = spoilt.select(category="scene_category").unique()
    keys = touched["category"].to_list()
    sound = _rows(home, Scene, keys, COLUMNS["scenes"]).join(spoilt, on="scene_id", how="anti")
    verdicts = in_force(_rows(home, Verdict, keys, COLUMNS["verdicts"]))
    with_scene = objects(sound, verdicts.filter(pl.col("outcome") == "accepted"))
    renewed = touched.join(with_scene, on="category", how="left").with_columns(pl.col("objects").fill_null(0))
    joined = counts.join(renewed, on="category", how="left", maintain_order="left")
    return joined.with_columns(scenes=pl.coalesce("objects", "scenes").cast(pl.Int64)).drop("objects")


def _rows(home: Path, kind: type[Row], categories: list[str] | None, columns: tuple[str, ...]) -> pl.DataFrame:
    with listed(home, kind.table) as parts:
        return read_parts(home, kind, parts, categories, columns)
