"""`genval demo` works only where it does no harm, and its picture shows what came out."""

import io

import numpy as np
from PIL import Image

from genval_assets.commands.showcase import COLUMNS, TILE_PX, showcase
from genval_assets.compose.rle import encode
from genval_assets.rows import Annotation, Scene
from resources.images import ImageFiles
from resources.tables import ParquetTables


def test_a_folder_that_holds_something_else_is_left_alone(genval, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    done = genval("demo", "--home", tmp_path)
    assert done.exit_code == 2
    assert "holds something else; choose another --home" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_picture_shows_what_a_project_has_made(topped_up):
    shown = showcase(ParquetTables(home=str(topped_up)), ImageFiles(home=str(topped_up)))
    picture = Image.open(io.BytesIO(shown))
    picture.load()
    assert picture.format == "JPEG"
    assert picture.width == COLUMNS * TILE_PX
    assert picture.height > 2 * TILE_PX


def test_a_project_that_has_made_nothing_has_a_picture_too(tmp_path):
    shown = showcase(ParquetTables(home=str(tmp_path)), ImageFiles(home=str(tmp_path)))
    assert Image.open(io.BytesIO(shown)).width == COLUMNS * TILE_PX


def test_scenes_drawn_from_layouts_have_a_band_of_their_own_with_their_masks(tmp_path, make_row):
    tables, images = ParquetTables(home=str(tmp_path)), ImageFiles(home=str(tmp_path))
    without = Image.open(io.BytesIO(showcase(tables, images)))
    (path,) = images.put([np.full((40, 40, 3), 200, np.uint8)])
    about = {"instance_id": None, "background_id": None, "canvas": "layout", "layout_image_id": "p"}
    size = {"width": 40, "height": 40}
    segmentation = encode(np.ones((20, 20), dtype=bool), (40, 40), 10, 10)
    of_node = {"source_annotation_id": None, "visible_share": None, "node_id": "n1"}
    tables.append(
        [make_row(Annotation, scene_id="d", segmentation=segmentation, x=10.0, y=10.0, w=20.0, h=20.0, **of_node)]
    )
    tables.append([make_row(Scene, scene_id="d", image=path, **size, **about)])
    shown = np.asarray(Image.open(io.BytesIO(showcase(tables, images))).convert("RGB")).astype(int)
    assert shown.shape[0] == without.height + 34 + 400 + 400  # a title, with masks, without
    masked, plain = shown[-600, 200], shown[-200, 200]
    assert abs(plain - 200).max() < 8
    assert abs(masked - 200).max() > 20
