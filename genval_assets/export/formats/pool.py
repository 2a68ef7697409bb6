"""The accepted cut-outs as a pool for copy-paste while training: RGBA files, where they come from, and sizes to draw.

Not here: which instances are in the pool (`export/pool.py`).
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from math import sqrt
from pathlib import PurePosixPath

import msgspec
import numpy as np
import polars as pl
from PIL import Image

from genval_assets.compose.paste import object_mask
from genval_assets.compose.rle import area_px, encode, tight_box
from genval_assets.export.content import IncompleteSet, PictureBytes
from genval_assets.export.pool import PoolLine
from genval_assets.export.prepared import Prepared
from genval_assets.export.provenance import Provenance
from genval_assets.export.read_set import ReadObject, ReadPicture, ReadSet
from genval_assets.export.segmentation import Rle
from genval_assets.export.written import Holds, Links, Written
from genval_assets.rows import Category, Instance, Reference

LINES, TABLE, CATEGORIES = "instances.jsonl", "instances.parquet", "categories.json"
QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
DIGITS = 6
WITHOUT_CUTOUT = "accepted instances of which no cut-out with its mask is stored"
HELD_OUT = "accepted instances that share something with a validation or test picture"
MEANING = {
    "quantiles": "levels of every list of quantiles here; between two values they are interpolated linearly",
    "cutouts": "files of this category below pool/",
    "sources": "real objects that these cut-outs come from, each counted once; generated ones come from none",
    "area_px": "quantiles over the cut-outs: pixels of the mask",
    "width": "quantiles over the cut-outs: width of the file in px, soft rim included",
    "height": "likewise its height",
    "aspect": "quantiles over the cut-outs: width / height of the file",
    "drawn": "cut-outs that a model drew on a canvas of its own",
    "canvas_scale": "quantiles over the drawn ones: sqrt(area_px / area of the canvas). It says how models frame an "
    "object, nothing of how large it is in photographs",
    "real_objects": "real objects of this category that genval cut out of your photographs, in the pool or not; small, "
    "cut and covered ones are not among them, nor any that validation or test pictures come from",
    "real_scale": "quantiles over these: sqrt(pixels of the object's mask / area of its photograph). Times "
    "sqrt(area of your canvas) it is sqrt of the pixels that such an object would cover there",
}


class DamagedCutout(ValueError):
    """A stored cut-out is not the picture that its verdict measured."""


class CutoutLine(PoolLine, frozen=True):
    """One cut-out: the line of `instances.jsonl` and the row of `instances.parquet`."""

    file: str
    mask_threshold: int
    width: int
    height: int
    area_px: int
    class_index: int  # from 0 without gaps
    mask: Rle  # alpha > mask_threshold, at the cut-out's own size: exactly what genval pastes
    box: tuple[int, int, int, int]  # of the mask in the cut-out: left, top, width, height in px
    canvas_width: int | None  # that a model drew it on; None: it was cut out of a photograph
    canvas_height: int | None
    canvas_scale: float | None  # sqrt(area_px / area of the canvas)
    image_id: int | None  # of the photograph with the real object that it comes from, in the user's file
    photograph: str | None  # below the user's image folder
    photograph_width: int | None
    photograph_height: int | None
    real_area_px: int | None  # of the real object's mask in its photograph
    real_scale: float | None  # sqrt(real_area_px / area of the photograph)


COLUMNS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "instance_id": pl.String,
    "file": pl.String,
    "category": pl.String,
    "category_id": pl.Int64,
    "name": pl.String,
    "mask_threshold": pl.Int64,
    "width": pl.Int64,
    "height": pl.Int64,
    "area_px": pl.Int64,
    "fill": pl.Float64,
    "source": pl.String,
    "round": pl.Int64,
    "index": pl.Int64,
    "reference_id": pl.String,
    "prompt_id": pl.String,
    "seed": pl.Int64,
    "model": pl.String,
    "revision": pl.String,
    "verdict_id": pl.String,
    "stage": pl.String,
    "judge": pl.String,
    "judge_version": pl.String,
    "class_index": pl.Int64,
    "mask": pl.Struct({"size": pl.List(pl.Int64), "counts": pl.String}),
    "box": pl.List(pl.Int64),
    "canvas_width": pl.Int64,
    "canvas_height": pl.Int64,
    "canvas_scale": pl.Float64,
    "image_id": pl.Int64,
    "photograph": pl.String,
    "photograph_width": pl.Int64,
    "photograph_height": pl.Int64,
    "real_area_px": pl.Int64,
    "real_scale": pl.Float64,
}


class CategorySizes(msgspec.Struct, frozen=True):
    """One category; `MEANING` says what each number is. None where there is nothing to take quantiles of."""

    class_index: int
    category_id: int
    category: str  # key, and folder below pool/
    name: str
    cutouts: int
    sources: int
    area_px: list[float] | None
    width: list[float] | None
    height: list[float] | None
    aspect: list[float] | None
    drawn: int
    canvas_scale: list[float] | None
    real_objects: int
    real_scale: list[float] | None


class SizeDocument(msgspec.Struct, frozen=True):
    """What `categories.json` says."""

    quantiles: tuple[float, ...]
    meaning: Mapping[str, str]
    categories: list[CategorySizes]


@dataclass(frozen=True)
class _Cutouts:
    """The pool's cut-outs, each decoded once however many files tell of it, and not before the first is made."""

    prepared: Prepared
    picture: PictureBytes
    stored: tuple[PoolLine, ...]  # in the pool's order, each with its cut-out and its mask's threshold

    @property
    def links(self) -> Links:
        sources = dict(self.prepared.cutouts.links)
        return tuple((_file(line), sources[str(line.file)]) for line in self.stored)

    @property
    def lines(self) -> tuple[CutoutLine, ...]:
        return tuple(line for line, _ in self._measured)

    @cached_property
    def _measured(self) -> tuple[tuple[CutoutLine, str], ...]:
        """Each line, and the SHA-256 of its cut-out."""
        content = self.prepared.content
        instances = {row.instance_id: row for row in content.instances}
        references = {row.reference_id: row for row in content.references}
        measured = []
        for line, (_, source) in zip(self.stored, self.links, strict=True):
            shown = self.picture(source)
            reference = references[line.reference_id] if line.reference_id is not None else None
            index = self.prepared.classes[line.category_id]
            one = _line(line, index, instances[line.instance_id], reference, shown)
            measured.append((one, hashlib.sha256(shown).hexdigest()))
        return tuple(measured)

    def encoded(self) -> bytes:
        """Return `instances.jsonl`."""
        return msgspec.json.Encoder().encode_lines(self.lines)

    def table(self) -> bytes:
        """Return `instances.parquet`."""
        file = BytesIO()
        rows = [msgspec.to_builtins(line) for line in self.lines]
        pl.DataFrame(rows, schema=COLUMNS).write_parquet(file)
        return file.getvalue()

    def sizes(self) -> bytes:
        """Return `categories.json`."""
        of_category: dict[int, list[CutoutLine]] = defaultdict(list)
        for line in self.lines:
            of_category[line.category_id].append(line)
        real: dict[str, list[Reference]] = defaultdict(list)
        content, splits = self.prepared.content, self.prepared.numbered.splits
        origins = Provenance(content, phash_distance=splits.phash_distance)
        for row in content.references:
            if not splits.held_out or not splits.held_out & origins.of_reference(row.reference_id):
                real[row.category].append(row)
        entries = [
            _sizes(self.prepared.classes[number], number, category, of_category[number], real[category.category])
            for number, category in self.prepared.numbered.categories.items()
        ]
        document = SizeDocument(QUANTILES, MEANING, entries)
        return msgspec.json.format(msgspec.json.encode(document), indent=2)

    def expected(self) -> ReadSet:
        """Return what a reader must find: one picture with one object per cut-out."""
        categories = self.prepared.numbered.categories
        return ReadSet(
            categories={number: category.name for number, category in categories.items()},
            pictures={line.instance_id: _read(line, digest) for line, digest in self._measured},
        )


def write(prepared: Prepared, picture: PictureBytes) -> Written:
    """Return the pool of a set; pixels are read when its files are made.

    Accepted instances of which no cut-out is stored, or no mask in it, are left out and counted, as are those that
    validation or test pictures share something with.

    Raises:
        IncompleteSet: an instance comes from a real object that the content lacks.
    """
    lines = prepared.cutouts.lines
    stored = tuple(line for line in lines if line.file and line.mask_threshold is not None and line.area_px)
    _refuse_unknown_references(prepared, stored)
    cutouts = _Cutouts(prepared, picture, stored)
    left_out = ((WITHOUT_CUTOUT, len(lines) - len(stored)), (HELD_OUT, prepared.cutouts.held_out))
    return Written(
        files=((LINES, cutouts.encoded), (TABLE, cutouts.table), (CATEGORIES, cutouts.sizes)),
        links=cutouts.links,
        holds=Holds(crowds=False, masks="exact"),
        described=(
            ("pool/", "RGBA cut-outs of accepted instances (WebP, straight alpha), in a folder per category key"),
            (LINES, "one line per cut-out: mask and its box, sizes, prompt or real object, seed, model, verdict"),
            (TABLE, "the same, one row per cut-out"),
            (CATEGORIES, "per category: class index, category id, cut-outs, real objects, quantiles of their sizes"),
        ),
        absent=tuple((why, instances) for why, instances in left_out if instances),
        expected=cutouts.expected,
    )


def _refuse_unknown_references(prepared: Prepared, lines: Sequence[PoolLine]) -> None:
    known = {row.reference_id for row in prepared.content.references}
    for line in lines:
        if line.reference_id is not None and line.reference_id not in known:
            raise IncompleteSet(
                f"instance {line.instance_id} comes from real object {line.reference_id}, which was not given"
            )


def _file(line: PoolLine) -> str:
    return f"pool/{line.category}/{line.instance_id}{PurePosixPath(str(line.file)).suffix}"


def _line(line: PoolLine, class_index: int, row: Instance, reference: Reference | None, shown: bytes) -> CutoutLine:
    """Return the line of a cut-out, its mask measured in the picture itself.

    Raises:
        DamagedCutout: its size or its mask's area is not what the verdict says.
    """
    with Image.open(BytesIO(shown)) as opened:
        rgba = np.asarray(opened.convert("RGBA"))  # an opaque WebP is stored without alpha
    height, width = rgba.shape[:2]
    assert line.mask_threshold is not None
    mask = object_mask(rgba, line.mask_threshold)
    if (width, height, area_px(mask)) != (line.width, line.height, line.area_px):
        raise DamagedCutout(
            f"the cut-out of instance {line.instance_id} has {width} x {height} px, {area_px(mask)} of them in its "
            f"mask; its verdict says {line.width} x {line.height} and {line.area_px}"
        )
    drawn = row.source != "cutout"  # the frame of a cut-out is its own crop, and says nothing
    return CutoutLine(
        **msgspec.structs.asdict(msgspec.structs.replace(line, file=_file(line))),
        class_index=class_index,
        mask=Rle((height, width), encode(mask, (height, width))),
        box=tight_box(mask),
        canvas_width=row.frame_width if drawn else None,
        canvas_height=row.frame_height if drawn else None,
        canvas_scale=_scale(area_px(mask), row.frame_width, row.frame_height) if drawn else None,
        image_id=reference.image_id if reference else None,
        photograph=reference.photograph if reference else None,
        photograph_width=reference.photograph_width if reference else None,
        photograph_height=reference.photograph_height if reference else None,
        real_area_px=reference.area_px if reference else None,
        real_scale=_real_scale(reference) if reference else None,
    )


def _sizes(
    class_index: int, number: int, category: Category, lines: Sequence[CutoutLine], real: Sequence[Reference]
) -> CategorySizes:
    canvas_scales = [line.canvas_scale for line in lines if line.canvas_scale is not None]
    return CategorySizes(
        class_index=class_index,
        category_id=number,
        category=category.category,
        name=category.name,
        cutouts=len(lines),
        sources=len({line.reference_id for line in lines} - {None}),
        area_px=_quantiles([line.area_px for line in lines]),
        width=_quantiles([line.width for line in lines]),
        height=_quantiles([line.height for line in lines]),
        aspect=_quantiles([line.width / line.height for line in lines]),
        drawn=len(canvas_scales),
        canvas_scale=_quantiles(canvas_scales),
        real_objects=len(real),
        real_scale=_quantiles([_real_scale(row) for row in real]),
    )


def _quantiles(values: Sequence[float]) -> list[float] | None:
    """Return the quantiles at `QUANTILES`, interpolated linearly (Hyndman and Fan 1996, definition 7)."""
    if not values:
        return None
    return [round(float(value), DIGITS) for value in np.quantile(values, QUANTILES)]


def _scale(area: float, width: int, height: int) -> float:
    return round(sqrt(area / (width * height)), DIGITS)


def _real_scale(reference: Reference) -> float:
    return _scale(reference.area_px, reference.photograph_width, reference.photograph_height)


def _read(line: CutoutLine, digest: str) -> ReadPicture:
    height, width = line.mask.size
    one = ReadObject(line.instance_id, line.category_id, line.box, line.mask.counts, area=line.area_px)
    return ReadPicture("train", width, height, (one,), digest)
