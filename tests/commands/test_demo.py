"""`genval demo` works only where it does no harm, and its picture shows what came out."""

import io

from PIL import Image

from genval_assets.commands.showcase import COLUMNS, TILE_PX, showcase
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
