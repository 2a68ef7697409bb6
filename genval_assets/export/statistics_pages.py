"""The statistics of a set as static pages: an overview with a table of categories, and a page per category."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from math import ceil, log1p

from genval_assets.export.candidates import CategoryCandidates
from genval_assets.export.facts import CategoryFacts
from genval_assets.export.pages import page_links, page_name, template
from genval_assets.export.prepared import Prepared
from genval_assets.export.reject_sheets import MEANINGS
from genval_assets.export.settings import CATEGORY_SETS
from genval_assets.export.statistics import ORIGINS, SIZE_BINS, Counts, ObjectStatistics, Statistics, statistics
from genval_assets.export.written import FileContent
from genval_assets.topup.wilson import Bounds, wilson

TABLE_SIZE = 100
"""Categories per page of the table."""
SHADES = 10
"""Of a heat map."""
SIZE_LABELS = {0: "0", SIZE_BINS // 2: "0.5", SIZE_BINS - 1: "1"}


@dataclass(frozen=True)
class Part:
    """One origin's part of a column."""

    origin: str
    count: int
    bottom: float  # shares of the chart's height, from its base
    height: float


@dataclass(frozen=True)
class Column:
    """One column of a histogram."""

    label: str  # below it; may be empty
    range: str  # what is counted, in words
    parts: tuple[Part, ...]  # without empty ones, from the base
    count: int


@dataclass(frozen=True)
class HeatMap:
    """How often objects lie where, as squares of some shades."""

    shades: tuple[tuple[float, str], ...]  # (opacity, SVG path data in cells)
    most: int  # boxes that reach into the most covered cell


@dataclass(frozen=True)
class Row:
    """One category of the table."""

    facts: CategoryFacts
    page: str | None  # of its statistics, relative to the table; None where there are none
    bars: tuple[tuple[str, float, float], ...]  # (origin, start, length) as shares of the axis, without empty ones
    candidates: CategoryCandidates | None

    @property
    def share(self) -> float:
        """Accepted of judged candidates."""
        assert self.candidates is not None
        return self.candidates.accepted / self.candidates.judged

    @property
    def bounds(self) -> Bounds:
        """Its 95 % Wilson interval."""
        assert self.candidates is not None
        return wilson(self.candidates.accepted, self.candidates.judged)


@dataclass(frozen=True)
class Told:
    """A set, and what its statistics pages need again and again; counted once, when the first page is made."""

    prepared: Prepared
    in_gallery: Collection[str]  # keys

    @cached_property
    def statistics(self) -> Statistics:
        """What is in the set."""
        return statistics(self.prepared)

    @cached_property
    def candidates(self) -> dict[str, CategoryCandidates]:
        """Candidates by category key."""
        return {one.category: one for one in self.prepared.content.candidates.categories}

    @cached_property
    def most(self) -> int:
        """Where the axis of instances ends."""
        return max((category.after for category in self.prepared.facts.categories), default=0)

    @property
    def common(self) -> dict[str, object]:
        """What all templates are given."""
        return {
            "facts": self.prepared.facts,
            "settings": self.prepared.settings,
            "origins": ORIGINS,
            "has_rejects": bool(self.prepared.content.candidates.rejects),
            "judged": bool(self.candidates),
            "meanings": MEANINGS,
        }


def statistics_pages(prepared: Prepared, in_gallery: Collection[str]) -> Iterator[tuple[str, FileContent]]:
    """Yield the pages as (path within the set, what makes it): overview and table first, then one per category.

    A set made for one category tells of the categories that are in it alone; any other of all.

    Args:
        prepared: the set; its candidates may be those of the whole project.
        in_gallery: keys of the categories that have pages in the gallery.
    """
    told = Told(prepared, in_gallery)
    is_of_one = prepared.name.startswith(f"{CATEGORY_SETS}/")
    present = {a.category for a in prepared.numbered.annotations if not a.iscrowd}
    with_page = present | told.candidates.keys()
    listed = [c for c in prepared.facts.categories if not is_of_one or c.category in present]
    starts = range(0, max(1, len(listed)), TABLE_SIZE)
    files = [page_name("statistics", i) for i in range(len(starts))]
    for at, start in enumerate(starts):
        yield f"gallery/{files[at]}", partial(_table, told, listed[start : start + TABLE_SIZE], with_page, files, at)
    for category in listed:
        if category.category in with_page:
            yield f"gallery/{_page_of(category)}", partial(_category, told, category)


def _page_of(category: CategoryFacts) -> str:
    return f"statistics/{page_name(category.category, 0)}"


def _table(
    told: Told, categories: Sequence[CategoryFacts], with_page: Collection[str], files: Sequence[str], at: int
) -> bytes:
    found = told.statistics
    html = template("gallery_statistics.html.j2").render(
        **told.common,
        **_charts(found.overall),
        is_first=at == 0,
        pictures=columns(found.per_picture, *_picture_labels(found.per_picture)),
        splits=found.splits,
        reasons=[(group.reason, group.count) for group in told.prepared.content.candidates.rejects],
        candidates=_total(told.candidates.values()),
        rows=[_row(category, told, with_page) for category in categories],
        ticks=_ticks(told.most),
        pager=page_links(at, files),
    )
    return html.encode()


def _category(told: Told, category: CategoryFacts) -> bytes:
    nothing = ObjectStatistics(*(0 * counts for counts in vars(told.statistics.overall).values()))
    found = told.statistics.of_category[category.category] if category.in_set else nothing
    row = _row(category, told, ())
    html = template("gallery_statistics_category.html.j2").render(
        **told.common,
        **_charts(found),
        row=row,
        ticks=_ticks(told.most),
        in_gallery=category.category in told.in_gallery,
        gallery_page=f"../categories/{page_name(category.category, 0)}",
    )
    return html.encode()


def _charts(found: ObjectStatistics) -> dict[str, object]:
    ranges = [f"{i / SIZE_BINS:.2f} to {(i + 1) / SIZE_BINS:.2f}" for i in range(SIZE_BINS)]
    labels = [SIZE_LABELS.get(i, "") for i in range(SIZE_BINS)]
    return {
        "objects": found.objects,
        "sizes": columns(found.sizes, labels, ranges),
        "areas": list(zip(ORIGINS, found.areas.tolist(), strict=True)),
        "heat": heat_map(found.places),
    }


def _picture_labels(counts: Counts) -> tuple[list[str], list[str]]:
    most = counts.shape[1] - 2
    labels = [str(i) if i % 5 == 0 else "" for i in range(most + 1)]
    return [*labels, f"{most + 1}+"], [*(str(i) for i in range(most + 1)), f"{most + 1} or more"]


def columns(counts: Counts, labels: Sequence[str], ranges: Sequence[str]) -> list[Column]:
    """Return the columns of a histogram, the tallest as tall as the chart.

    Args:
        counts: (origins, columns), stacked in the order of `ORIGINS`.
        labels: below each column.
        ranges: what each column counts.
    """
    tallest = max(1, int(counts.sum(axis=0).max()))
    made = []
    for i, (label, counted) in enumerate(zip(labels, ranges, strict=True)):
        parts, below = [], 0
        for origin, count in zip(ORIGINS, counts[:, i].tolist(), strict=True):
            if count:
                parts.append(Part(origin, count, below / tallest, count / tallest))
            below += count
        made.append(Column(label, counted, tuple(parts), below))
    return made


def heat_map(places: Counts) -> HeatMap:
    """Return counts by cell (rows, columns) as one path per shade; cells that nothing reaches have none."""
    most = int(places.max())
    shade_of = -(-places * SHADES // max(1, most))
    paths: dict[int, list[str]] = {}
    for y, row in enumerate(shade_of.tolist()):
        x = 0
        while x < len(row):
            width = next((i for i, shade in enumerate(row[x:]) if shade != row[x]), len(row) - x)
            if row[x]:
                paths.setdefault(row[x], []).append(f"M{x} {y}h{width}v1h-{width}z")
            x += width
    return HeatMap(tuple((shade / SHADES, "".join(path)) for shade, path in sorted(paths.items())), most)


def _row(category: CategoryFacts, told: Told, with_page: Collection[str]) -> Row:
    ends = [0, category.real_instances, category.real_instances + category.pasted, category.after]
    places = [_on_axis(end, told.most) for end in ends]
    bars = [(origin, a, b - a) for origin, (a, b) in zip(ORIGINS, pairwise(places), strict=True) if b > a]
    page = _page_of(category) if category.category in with_page else None
    return Row(category, page, tuple(bars), told.candidates.get(category.category))


def _on_axis(count: int, most: int) -> float:
    """Return where a count lies on the logarithmic axis from 0 to `most`, in [0, 1]: by log(1 + count)."""
    return log1p(count) / log1p(max(1, most))


def _ticks(most: int) -> list[tuple[str, float]]:
    """Return (label, place) of 0, 1, 10, 100, ... as far as the axis goes."""
    powers = [10**i for i in range(ceil(log1p(most)) + 1) if 10**i <= most]
    return [(f"{count:,}", _on_axis(count, most)) for count in (0, *powers)]


def _total(found: Collection[CategoryCandidates]) -> Mapping[str, int]:
    return {
        "accepted": sum(one.accepted for one in found),
        "rejected": sum(one.rejected for one in found),
        "errors": sum(one.errors for one in found),
    }
