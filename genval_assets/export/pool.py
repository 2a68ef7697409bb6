"""The accepted instances: their provenance line by line, and their RGBA cut-outs for copy-paste at training time."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import msgspec

from genval_assets.export.content import IncompleteSet, SetContent
from genval_assets.export.numbering import NumberedSet
from genval_assets.export.provenance import Provenance
from genval_assets.export.splits import Splits
from genval_assets.export.written import Links
from genval_assets.rows import Instance, Verdict


class PoolLine(msgspec.Struct, frozen=True):
    """One accepted instance, as a line of `instances.jsonl`."""

    instance_id: str
    file: str | None  # RGBA cut-out within the set, straight alpha; None where the pool is not exported
    category: str  # key
    category_id: int
    name: str
    mask_threshold: int | None  # alpha level (0..255) above which a pixel belongs to the mask
    width: int | None  # of the cut-out, px
    height: int | None
    area_px: int | None  # of the mask
    fill: float | None  # mask area / box area
    source: str  # cutout | variation | layer_diffusion | offline
    round: int
    index: int
    reference_id: str | None  # the real instance that it comes from
    prompt_id: str | None
    seed: int
    model: str
    revision: str
    verdict_id: str
    stage: str  # gate | vlm | person: who accepted it
    judge: str
    judge_version: str


@dataclass(frozen=True)
class Pool:
    """The accepted instances of a set's categories, by category, source and index, and the cut-outs they name."""

    lines: tuple[PoolLine, ...]
    links: Links
    held_out: int = 0  # accepted instances that are not here: they share something with a validation or test picture

    def without_files(self) -> "Pool":
        """Return the same instances where the cut-outs themselves are not exported."""
        return replace(self, lines=tuple(msgspec.structs.replace(line, file=None) for line in self.lines), links=())

    def encoded(self) -> bytes:
        """Return the lines as JSON lines."""
        return msgspec.json.Encoder().encode_lines(self.lines)


def pool(content: SetContent, numbered: NumberedSet) -> Pool:
    """Return the pool of a set: instances to train on, so that none is behind a validation or test picture.

    Raises:
        IncompleteSet: a verdict names an instance that the content lacks, or a pasted object one without acceptance.
    """
    verdicts = accepted(content.verdicts)
    instances = {i.instance_id: i for i in content.instances}
    missing = sorted(verdicts.keys() - instances.keys())
    if missing:
        raise IncompleteSet(f"{len(missing)} verdicts name instances that were not given, first {missing[0]}")
    _refuse_unaccepted(numbered, verdicts)
    ids = numbered.ids()
    names = {c.category: c.name for c in content.categories}
    chosen = sorted(
        (instances[key] for key in verdicts if instances[key].category in ids),
        key=lambda i: (i.category, i.source, i.index, i.instance_id),
    )
    held_out = _held_out(content, chosen, numbered.splits)
    chosen = [instance for instance in chosen if instance.instance_id not in held_out]
    lines = tuple(_line(i, verdicts[i.instance_id], ids[i.category], names[i.category]) for i in chosen)
    links = tuple((line.file, str(verdicts[line.instance_id].cutout)) for line in lines if line.file is not None)
    return Pool(lines, links, len(held_out))


def accepted(verdicts: Iterable[Verdict]) -> dict[str, Verdict]:
    """Return the verdict of each accepted instance by its id, of verdicts that are in force."""
    return {verdict.instance_id: verdict for verdict in verdicts if verdict.outcome == "accepted"}


def _held_out(content: SetContent, instances: Iterable[Instance], splits: Splits) -> set[str]:
    if not splits.held_out:
        return set()
    origins = Provenance(content, phash_distance=splits.phash_distance)
    return {one.instance_id for one in instances if origins.of_instance(one.instance_id) & splits.held_out}


def _refuse_unaccepted(numbered: NumberedSet, verdicts: dict[str, Verdict]) -> None:
    for row in (a.row for a in numbered.annotations if a.row is not None):
        if row.instance_id is not None and row.instance_id not in verdicts:
            raise IncompleteSet(
                f"annotation {row.annotation_id} shows instance {row.instance_id}, which no given verdict accepts"
            )


def _line(instance: Instance, verdict: Verdict, number: int, name: str) -> PoolLine:
    area, width, height = verdict.area_px, verdict.width, verdict.height
    return PoolLine(
        instance_id=instance.instance_id,
        file=f"pool/{instance.instance_id}{PurePosixPath(verdict.cutout).suffix}" if verdict.cutout else None,
        category=instance.category,
        category_id=number,
        name=name,
        mask_threshold=verdict.mask_threshold,
        width=width,
        height=height,
        area_px=area,
        fill=round(area / (width * height), 4) if area and width and height else None,
        source=instance.source,
        round=instance.round,
        index=instance.index,
        reference_id=instance.reference_id,
        prompt_id=instance.prompt_id,
        seed=instance.seed,
        model=instance.model,
        revision=instance.revision,
        verdict_id=verdict.verdict_id,
        stage=verdict.stage,
        judge=verdict.judge,
        judge_version=verdict.judge_version,
    )
