"""What two splits of a set share although they must not: an own look at what leaves, whoever planned the splits.

Not here, on purpose: anything of `splits.py` and `provenance.py`. What a picture comes from is read from the set's
rows once more, kind by kind.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from genval_assets.backgrounds.hashes import nearest_distances, words
from genval_assets.export.numbering import NumberedImage
from genval_assets.export.prepared import Prepared
from genval_assets.export.read_set import picture_key
from genval_assets.export.words import Split
from genval_assets.negative_rows import PositiveCaption
from genval_assets.rows import Annotation, Instance, Reference

Source = tuple[str, object]
"""Kind of source and its name."""


@dataclass(frozen=True, order=True)
class Leak:
    """Something that is in two splits, or beside training pictures and in a held-out one."""

    kind: str  # photograph | reference | background | prompt | near_(duplicate|photograph|background) | pool | caption
    shared: str  # what it is
    where: str  # one place of each side

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.kind} {self.shared} in {self.where}"


def leaks(prepared: Prepared) -> tuple[Leak, ...]:
    """Return what the splits of a set share, in order; nothing where there is one split."""
    if len(prepared.splits) < 2:
        return ()
    seen = _Seen(prepared)
    near = (*seen.near_duplicates(), *seen.near_photographs(), *seen.near_backgrounds())
    return tuple(sorted({*seen.shared(), *near, *seen.pooled(), *seen.captioned()}))


class _Seen:
    """Everything that is in the set, by what it shows."""

    def __init__(self, prepared: Prepared) -> None:
        content = prepared.content
        self.prepared, self.by = prepared, set(prepared.settings.splits.by)
        self.bits = prepared.settings.splits.phash_distance
        self.instances: dict[str, Instance] = {row.instance_id: row for row in content.instances}
        self.references: dict[str, Reference] = {row.reference_id: row for row in content.references}
        self.shown: defaultdict[str, list[Annotation]] = defaultdict(list)
        for row in content.annotations:
            self.shown[row.scene_id].append(row)
        self.real_objects: defaultdict[int, list[int]] = defaultdict(list)
        for real in content.real_annotations:
            self.real_objects[real.image_id].append(real.annotation_id)

    def shared(self) -> Iterator[Leak]:
        """Yield the sources that are behind pictures of two splits."""
        places: defaultdict[Source, dict[Split, str]] = defaultdict(dict)
        for image in self.prepared.numbered.images:
            for source in self._behind(image):
                places[source].setdefault(image.split, image.file)
        for (kind, name), where in places.items():
            if len(where) > 1:
                yield Leak(kind, str(name), _where(where))

    def near_duplicates(self) -> Iterator[Leak]:
        """Yield pictures that look like one of another split."""
        hashes = self.prepared.content.hashes
        looks = {
            split: {i.file: hashes[picture_key(i)] for i in self.prepared.images_of(split)}
            for split in self.prepared.splits
        }
        yield from _alike("near_duplicate", looks, self.bits)

    def near_photographs(self) -> Iterator[Leak]:
        """Yield photographs, behind a picture or beside training ones, that look like one behind another split's."""
        looks: dict[Split, dict[str, str]] = {split: {} for split in self.prepared.splits}
        for image in self.prepared.numbered.images:
            looks[image.split] |= self._photographs(self._behind(image))
        for line in self.prepared.cutouts.lines:
            looks["train"] |= self._photographs(_of_instance(self.instances[line.instance_id], self.references))
        for one in self.prepared.captions.captions:
            looks["train"] |= self._photographs(self._of_caption(one.row))
        yield from _alike("near_photograph", looks, self.bits) if "photograph" in self.by else ()

    def near_backgrounds(self) -> Iterator[Leak]:
        """Yield backgrounds that look like one of another split, where splits are by background."""
        looks = {
            split: {i.background.path: i.background.phash for i in self.prepared.images_of(split) if i.background}
            for split in self.prepared.splits
        }
        yield from _alike("near_background", looks, self.bits) if "background" in self.by else ()

    def pooled(self) -> Iterator[Leak]:
        """Yield instances of the pool that come from what validation and test pictures come from."""
        held = self._held_out()
        for line in self.prepared.cutouts.lines:
            for kind, name in self._wanted(_of_instance(self.instances[line.instance_id], self.references)):
                if (kind, name) in held:
                    yield Leak("pool", f"{kind} {name}", f"{line.instance_id} and {held[kind, name]}")

    def captioned(self) -> Iterator[Leak]:
        """Yield captions of validation and test pictures, and of what these come from."""
        held = self._held_out()
        training = {i.scene.scene_id for i in self.prepared.images_of("train") if i.scene}
        for row in (one.row for one in self.prepared.captions.captions):
            if row.kind == "scene" and row.subject_id not in training:
                yield Leak("caption", f"scene {row.subject_id}", row.positive_id)
            for kind, name in self._wanted(self._of_caption(row)):
                if (kind, name) in held:
                    yield Leak("caption", f"{kind} {name}", f"{row.positive_id} and {held[kind, name]}")

    def _of_caption(self, row: PositiveCaption) -> Iterator[Source]:
        if row.kind == "instance":
            yield from _of_instance(self.instances[row.subject_id], self.references)
        if row.kind == "real":
            yield from _of_reference(self.references[row.subject_id])

    def _photographs(self, sources: Iterable[Source]) -> dict[str, str]:
        """Return the hashes of the photographs among sources, by name, as far as they are known."""
        hashes = self.prepared.content.hashes
        keys = {f"real-{name}" for kind, name in sources if kind == "photograph"}
        return {key: hashes[key] for key in keys & hashes.keys()}

    def _held_out(self) -> dict[Source, str]:
        """Return a validation or test picture of each source that is behind one."""
        held_out = [image for image in self.prepared.numbered.images if image.split != "train"]
        return {source: image.file for image in held_out for source in self._behind(image)}

    def _behind(self, image: NumberedImage) -> Iterator[Source]:
        return self._wanted(self._everything_behind(image))

    def _wanted(self, sources: Iterable[Source]) -> Iterator[Source]:
        return (source for source in sources if source[0] in self.by)

    def _everything_behind(self, image: NumberedImage) -> Iterator[Source]:
        if image.validation:  # its file has ids of its own; only looks tell whether it is a training picture too
            return
        if image.source is not None:  # the photograph itself, or the one that it stands on
            yield "photograph", image.source.image_id
            yield "background", image.source.image_id
        if image.scene is None:
            assert image.source is not None
            yield from (("reference", number) for number in self.real_objects[image.source.image_id])
            return
        if image.background is not None:
            yield "background", (image.background.kind, image.background.path)
        if image.drawn is not None:
            yield "prompt", image.drawn.layout_id
        for row in self.shown[image.scene.scene_id]:
            if row.source_annotation_id is not None:
                yield "reference", row.source_annotation_id
            if row.instance_id is not None:
                yield from _of_instance(self.instances[row.instance_id], self.references)


def _of_instance(instance: Instance, references: Mapping[str, Reference]) -> Iterator[Source]:
    if instance.prompt_id is not None:
        yield "prompt", instance.prompt_id
    if instance.reference_id is not None:
        yield from _of_reference(references[instance.reference_id])


def _of_reference(reference: Reference) -> Iterator[Source]:
    yield "reference", reference.annotation_id
    yield "photograph", reference.image_id


def _alike(kind: str, looks: Mapping[Split, Mapping[str, str]], bits: int) -> Iterator[Leak]:
    """Yield what looks like something of another split; `looks` are hashes by split and name."""
    for one, other in combinations(looks, 2):
        there = words(looks[other].values())
        near = nearest_distances(there, words(looks[one].values())) <= bits
        for place in np.flatnonzero(near):
            name, phash = list(looks[other].items())[int(place)]
            twin = _nearest(there[place], looks[one])
            if twin != name:  # one and the same is named as shared
                yield Leak(kind, phash, _where({one: twin, other: name}))


def _nearest(look: np.uint64, others: Mapping[str, str]) -> str:
    distances: NDArray[np.uint8] = np.bitwise_count(words(others.values()) ^ look)
    return list(others)[int(distances.argmin())]


def _where(places: Mapping[Split, str]) -> str:
    return ", ".join(f"{split} ({file})" for split, file in sorted(places.items()))
