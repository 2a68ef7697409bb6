"""What pictures, instances and captions come from, as atoms such as `photograph:12`: who shares one stays together.

- photograph: of the user's file, by id; ids of one file or of near-duplicates are one. It is behind the picture itself,
  a scene that stands on it, and every cut-out and variation of an object that it shows.
- reference: a real object, by its annotation id in the user's file: in the photograph itself, in scenes that stand on
  it, and behind its cut-outs and variations.
- background: by kind and path, since each generation of the list gives one file another id. Near-duplicates have the
  same atom. A photograph that scenes stand on is a background too.
- prompt: of a drawn instance; of a picture drawn as a whole, its layout. A graph is laid out once, so that no finer
  name exists, and of the photograph whose list of objects a graph may follow nothing is seen in the picture.

An instance has no atom of its own: every one has a reference or a prompt.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain, pairwise
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from genval_assets.backgrounds.hashes import near_pairs, words
from genval_assets.export.content import IncompleteSet, SetContent, real_key
from genval_assets.export.grouping import grouped
from genval_assets.export.words import Shared
from genval_assets.negative_rows import PositiveCaption
from genval_assets.rows import Annotation, Background, Reference, Scene
from genval_assets.types import SourceImage

EVERY: tuple[Shared, ...] = get_args(Shared)
Origin = tuple[Shared, str | int]


class Provenance:
    """Looks up what something of a content comes from."""

    def __init__(self, content: SetContent, by: Iterable[Shared] = EVERY, phash_distance: int = 0) -> None:
        """Index a content.

        Args:
            content: the rows.
            by: kinds of atoms to name; all others are left out.
            phash_distance: photographs, and backgrounds, that differ in at most so many bits are one.
        """
        self._by = frozenset(by)
        self._references = {row.reference_id: row for row in content.references}
        self._instances = {row.instance_id: row for row in content.instances}
        self._backgrounds = {row.background_id: row for row in content.backgrounds}
        self._layouts = {row.layout_image_id: row.layout_id for row in content.layout_images}
        self._objects: dict[str, list[Annotation]] = defaultdict(list)
        for row in content.annotations:
            self._objects[row.scene_id].append(row)
        self._annotated: dict[int, list[int]] = defaultdict(list)
        for real in content.real_annotations:
            self._annotated[real.image_id].append(real.annotation_id)
        self._content, self._distance = content, phash_distance

    def of_photograph(self, image: SourceImage) -> frozenset[str]:
        """Return the atoms of one of the user's own images."""
        return self._named(self._photograph(image.image_id))

    def of_scene(self, scene: Scene) -> frozenset[str]:
        """Return the atoms of a composed or drawn picture.

        Raises:
            IncompleteSet: it or one of its objects names a row that the content lacks.
        """
        return self._named(self._scene(scene))

    def of_instance(self, instance_id: str) -> frozenset[str]:
        """Return the atoms of an instance alone.

        Raises:
            IncompleteSet: it or its reference was not given.
        """
        return self._named(self._instance(instance_id))

    def of_reference(self, reference_id: str) -> frozenset[str]:
        """Return the atoms of a real object alone.

        Raises:
            IncompleteSet: it was not given.
        """
        return self._named(self._reference(reference_id))

    def of_caption(self, row: PositiveCaption) -> frozenset[str]:
        """Return the atoms of a caption's picture where it is an instance or a real object; a scene has its own.

        Raises:
            IncompleteSet: the instance or the reference was not given.
        """
        if row.kind == "scene":
            return frozenset()
        return self._named(
            self._instance(row.subject_id) if row.kind == "instance" else self._reference(row.subject_id)
        )

    @cached_property
    def _stood_on(self) -> list[Background]:
        return [self._background(scene) for scene in self._content.scenes if scene.background_id is not None]

    @cached_property
    def _photographs_stood_on(self) -> dict[int, Background]:
        return {row.image_id: row for row in self._stood_on if row.image_id is not None}

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return background_names(self._stood_on, self._distance)

    @cached_property
    def _photographs(self) -> Mapping[int, int]:
        return photograph_names(self._content, self._distance)

    def _named(self, origins: Iterator[Origin]) -> frozenset[str]:
        return frozenset(f"{kind}:{name}" for kind, name in origins if kind in self._by)

    def _photograph(self, image_id: int) -> Iterator[Origin]:
        yield "photograph", self._photographs[image_id]
        if image_id in self._photographs_stood_on:
            yield "background", self._names[_file(self._photographs_stood_on[image_id])]
        for annotation_id in self._annotated[image_id]:
            yield "reference", annotation_id

    def _scene(self, scene: Scene) -> Iterator[Origin]:
        if scene.background_id is not None:
            yield "background", self._names[_file(self._background(scene))]
        if scene.image_id is not None:
            yield "photograph", self._photographs[scene.image_id]
        if scene.layout_image_id is not None:
            yield "prompt", self._layout(scene)
        for row in self._objects[scene.scene_id]:
            if row.source_annotation_id is not None:
                yield "reference", row.source_annotation_id
            if row.instance_id is not None:
                yield from self._instance(row.instance_id)

    def _instance(self, instance_id: str) -> Iterator[Origin]:
        if instance_id not in self._instances:
            raise IncompleteSet(f"splits need instance {instance_id}, which was not given")
        instance = self._instances[instance_id]
        if instance.prompt_id is not None:
            yield "prompt", instance.prompt_id
        if instance.reference_id is not None:
            yield from self._reference(instance.reference_id)

    def _reference(self, reference_id: str) -> Iterator[Origin]:
        reference = self._known_reference(reference_id)
        yield "reference", reference.annotation_id
        yield "photograph", self._photographs[reference.image_id]

    def _known_reference(self, reference_id: str) -> Reference:
        if reference_id not in self._references:
            raise IncompleteSet(f"splits need reference {reference_id}, which was not given")
        return self._references[reference_id]

    def _background(self, scene: Scene) -> Background:
        if scene.background_id not in self._backgrounds:
            raise IncompleteSet(f"scene {scene.scene_id} names background {scene.background_id}, which was not given")
        return self._backgrounds[scene.background_id]

    def _layout(self, scene: Scene) -> str:
        if scene.layout_image_id not in self._layouts:
            raise IncompleteSet(
                f"scene {scene.scene_id} is the drawn picture {scene.layout_image_id}, which was not given"
            )
        return self._layouts[scene.layout_image_id]


def background_names(backgrounds: Iterable[Background], phash_distance: int) -> Mapping[str, str]:
    """Return a name for each background's file, the same for near-duplicates: the first of their files.

    Those that are alike only through a third have one name too.
    """
    rows = sorted({(_file(row), row.phash) for row in backgrounds})
    files = [file for file, _ in rows]
    replaced = [(i, i + 1) for i, (one, other) in enumerate(pairwise(files)) if one == other]
    near = near_pairs(words(phash for _, phash in rows), phash_distance)
    first = grouped(len(rows), [np.array(replaced, dtype=np.int64).reshape(-1, 2), *near])
    return {file: files[i] for file, i in zip(files, first, strict=True)}


def photograph_names(content: SetContent, phash_distance: int) -> Mapping[int, int]:
    """Return a name for each photograph by its id: the least of the ids that have a file in common or look alike.

    Those that are alike only through a third have one name too.
    """
    images = {(image.image_id, image.path) for image in (*content.source_images, *content.real_images)}
    rows = sorted(images.union((row.image_id, row.photograph) for row in content.references))
    hashed = np.array([i for i, (number, _) in enumerate(rows) if real_key(number) in content.hashes], dtype=np.int64)
    near = near_pairs(words(content.hashes[real_key(rows[i][0])] for i in hashed), phash_distance)
    same = (_repeated(column) for column in zip(*rows, strict=True))
    first = grouped(len(rows), chain(same, (hashed[pairs] for pairs in near)))
    return {number: rows[i][0] for (number, _), i in zip(rows, first, strict=True)}


def _repeated(values: Iterable[object]) -> NDArray[np.int64]:
    """Return each value's place beside that of the first that equals it, (N, 2)."""
    first: dict[object, int] = {}
    return np.array([(first.setdefault(value, i), i) for i, value in enumerate(values)], dtype=np.int64)


def _file(background: Background) -> str:
    return f"{background.kind}/{background.path}"
