"""The manifest is one that standard tools verify."""

import pytest

from genval_assets.export.manifest import listed, manifest


def test_lines_are_sorted_by_path_and_read_by_sha256sum():
    assert manifest({"b": "2" * 64, "a/c.json": "1" * 64}).decode() == f"{'1' * 64}  a/c.json\n{'2' * 64}  b\n"


def test_line_breaks_in_a_path_cannot_forge_a_line():
    assert manifest({"a\nb\\c": "0" * 64}).decode() == "\\" + "0" * 64 + "  a\\nb\\\\c\n"


@pytest.mark.parametrize(
    "path", ["a.txt", "a  b.txt", "new\nline", "back\\slash", "\\n", "carriage\rreturn", "line\u2028end"]
)
def test_a_manifest_is_read_as_it_was_written(path):
    assert listed(manifest({path: "0" * 64, "other": "1" * 64})) == {path: "0" * 64, "other": "1" * 64}
