"""Which captions belong to a set with their hard negatives, and where their pictures stand in it.

Not here: the files that are made of them (`hard_negatives.py`).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from genval_assets.export.content import SetContent
from genval_assets.export.numbering import NumberedSet
from genval_assets.export.provenance import Provenance
from genval_assets.negative_rows import HardNegative, NegativeList, PositiveCaption
from genval_assets.negatives.quota import LEVELS, TRIVIAL
from genval_assets.negatives.stored import reread
from genval_assets.negatives.sub_texts import SubText, sub_texts

PICTURES = "negatives/images"
"""Folder of the set with the pictures that stand nowhere else in it."""
ORDER = {level: place for place, level in enumerate((*LEVELS.values(), TRIVIAL))}


@dataclass(frozen=True)
class ShownIn:
    """The picture of a caption within the set."""

    file: str
    source: str | None  # to be linked from there, path relative to the home; None: the set holds it anyway
    width: int | None  # px; None where no row tells it
    height: int | None


@dataclass(frozen=True)
class ExportedCaption:
    """A caption with its accepted negatives."""

    row: PositiveCaption
    text: str
    category_id: int  # exported
    name: str  # the category's
    picture: ShownIn
    negatives: tuple[HardNegative, ...]  # hard, medium, easy, each by index; at least one
    trivial: tuple[HardNegative, ...]  # by index
    ended: NegativeList
    sub_texts: tuple[SubText, ...]


@dataclass(frozen=True)
class CaptionSet:
    """The captions of a set, by category, kind and picture."""

    captions: tuple[ExportedCaption, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()  # (reason, how many), by reason

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """(path within the set, path relative to the home) of each picture that stands nowhere else in the set."""
        pictures = {one.picture.file: one.picture.source for one in self.captions}
        return tuple((file, source) for file, source in sorted(pictures.items()) if source is not None)


def exported_captions(content: SetContent, numbered: NumberedSet) -> CaptionSet:
    """Return the captions of a set's pictures with their accepted negatives, and how many were left out, and why.

    Left out: `retired`, its category is; `refused_instance`, not accepted any more; `scene_not_in_set`;
    `photograph_gone`, the user's file no longer names it; `held_out`, the picture is for validation or testing, or
    shares something with one that is, and no trivial negative quotes it; `no_caption`, none could be accepted;
    `unfinished`, the work on its list has not ended; `torn`, the stored negatives are not those that its list counts;
    `no_negatives`, none was accepted but trivial ones.

    Raises:
        IncompleteSet: where pictures are held out, a caption's instance or reference was not given.
    """
    chosen = _Chosen(content, numbered)
    found = [chosen.of(row) for row in sorted(_all(content), key=_order)]
    left_out = Counter(one for one in found if isinstance(one, str))
    return CaptionSet(tuple(one for one in found if isinstance(one, ExportedCaption)), tuple(sorted(left_out.items())))


def _all(content: SetContent) -> Iterable[PositiveCaption]:
    return (*content.captions, *content.spoilt_captions, *content.gone_captions)


def _order(row: PositiveCaption) -> tuple[str, str, str, str]:
    return row.category, row.kind, row.subject_id, row.positive_id


class _Chosen:
    """Looks up what belongs to a caption."""

    def __init__(self, content: SetContent, numbered: NumberedSet) -> None:
        self.ids, self.names = numbered.ids(), {c.category: c.name for c in numbered.categories.values()}
        self.scenes = {i.scene.scene_id: i for i in numbered.images if i.scene is not None}
        self.spoilt = {row.positive_id for row in content.spoilt_captions}
        self.gone = {row.positive_id for row in content.gone_captions}
        self.ended = {row.positive_id: row for row in content.negative_lists}
        self.accepted = _accepted(content.negatives, {row.negative_list_id for row in content.negative_lists})
        self.held_out = numbered.splits.held_out
        self.origins = Provenance(content, phash_distance=numbered.splits.phash_distance)
        held = {row.positive_id for row in content.captions if self._without_picture(row) == "held_out"}
        self.withdrawn = held.union(content.withdrawn_captions)

    def of(self, row: PositiveCaption) -> ExportedCaption | str:
        """Return a caption with its negatives, or why it is left out."""
        return self._without_picture(row) or self._without_list(row) or self._captioned(row)

    def _without_picture(self, row: PositiveCaption) -> str:
        if row.category not in self.ids:
            return "retired"
        if row.positive_id in self.spoilt:
            return "refused_instance"
        if row.positive_id in self.gone:
            return "photograph_gone"
        if row.kind == "scene" and row.subject_id not in self.scenes:
            return "scene_not_in_set"
        return "held_out" if self._is_held_out(row) else ""

    def _is_held_out(self, row: PositiveCaption) -> bool:
        if row.kind == "scene":
            return self.scenes[row.subject_id].split != "train"
        return bool(self.held_out) and bool(self.held_out & self.origins.of_caption(row))

    def _without_list(self, row: PositiveCaption) -> str:
        if row.outcome != "accepted":
            return "no_caption"
        if row.positive_id not in self.ended:
            return "unfinished"
        counted, ended = Counter(one.level for one in self.accepted[row.positive_id]), self.ended[row.positive_id]
        if counted != Counter(hard=ended.n_hard, medium=ended.n_medium, easy=ended.n_easy, trivial=ended.n_trivial):
            return "torn"
        return "" if counted.total() > counted[TRIVIAL] else "no_negatives"

    def _captioned(self, row: PositiveCaption) -> ExportedCaption:
        accepted = self.accepted[row.positive_id]
        negatives = tuple(one for one in accepted if one.level != TRIVIAL)
        read = reread(row, negatives)
        return ExportedCaption(
            row=row,
            text=str(row.caption),
            category_id=self.ids[row.category],
            name=self.names[row.category],
            picture=self._picture(row),
            negatives=negatives,
            trivial=tuple(
                one for one in accepted if one.level == TRIVIAL and one.other_positive_id not in self.withdrawn
            ),
            ended=self.ended[row.positive_id],
            sub_texts=sub_texts(read.positive, read.negatives),
        )

    def _picture(self, row: PositiveCaption) -> ShownIn:
        if row.kind == "scene":
            image = self.scenes[row.subject_id]
            return ShownIn(image.file, None, image.width, image.height)
        return ShownIn(f"{PICTURES}/{PurePosixPath(row.image).name}", row.image, None, None)


def _accepted(negatives: Iterable[HardNegative], lists: Collection[str]) -> defaultdict[str, list[HardNegative]]:
    """Return the accepted negatives of each caption in `lists`: hard, medium, easy, trivial, each by index."""
    of_caption: defaultdict[str, list[HardNegative]] = defaultdict(list)
    for row in negatives:
        if row.outcome == "accepted" and row.negative_list_id in lists:
            of_caption[row.positive_id].append(row)
    for rows in of_caption.values():
        rows.sort(key=lambda row: (ORDER[str(row.level)], row.index, row.negative_id))
    return of_caption
