"""An exported set as values: the files to write, the pictures to link, and what can be said of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from genval_assets.export.captions import exported_captions
from genval_assets.export.card import card
from genval_assets.export.coco import coco_document
from genval_assets.export.content import SetContent
from genval_assets.export.facts import Facts, facts
from genval_assets.export.gallery import gallery
from genval_assets.export.hard_negatives import hard_negatives
from genval_assets.export.lvis import lvis_document
from genval_assets.export.numbering import NumberedSet, number
from genval_assets.export.polygons import PolygonLoss
from genval_assets.export.pool import Pool, pool
from genval_assets.export.segmentation import Segmentations, segmentations
from genval_assets.export.settings import ExportSettings
from genval_assets.language.llava import Conversation, llava_document
from genval_assets.layout_rows import QuestionAnswer

DOCUMENTS = {"coco": coco_document, "lvis": lvis_document}


@dataclass(frozen=True)
class ExportedSet:
    """A set that `ports.Datasets` can write; the same rows and settings give the same bytes.

    The manifest is not among the files: whoever writes them hashes what really landed.
    """

    name: str
    files: tuple[tuple[str, bytes], ...]  # (path within the set, content)
    links: tuple[tuple[str, str], ...]  # (path within the set, path relative to the home, or absolute)
    numbered: NumberedSet  # for `numbering.export_rows`
    facts: Facts
    loss: PolygonLoss | None  # None: masks are run lengths


def export_set(name: str, content: SetContent, settings: ExportSettings) -> ExportedSet:
    """Return the set `name` of the given rows.

    Args:
        name: as it is printed, and the folder below `data/datasets`.
        content: the rows, in any order.
        settings: formats, masks, and what else belongs to the set.

    Raises:
        IncompleteSet: a row names another that the content lacks.
    """
    numbered = number(content, settings)
    cutouts = pool(content, numbered, with_cutouts=settings.pool)
    masks = segmentations(numbered, settings.masks)
    captions = exported_captions(content, numbered)
    counted = facts(name, content, numbered, captions)
    return ExportedSet(
        name=name,
        files=(
            *_files(name, numbered, cutouts, masks, counted, settings),
            *_conversations(content.questions, numbered),
            *hard_negatives(captions),
        ),
        links=(*_pictures(numbered, content.image_folder), *cutouts.links, *captions.links),
        numbered=numbered,
        facts=counted,
        loss=masks.loss,
    )


def _files(
    name: str, numbered: NumberedSet, cutouts: Pool, masks: Segmentations, counted: Facts, settings: ExportSettings
) -> Iterator[tuple[str, bytes]]:
    for wanted in sorted(set(settings.formats)):
        yield f"annotations/{wanted}.json", DOCUMENTS[wanted](name, numbered, masks)
    yield "instances.jsonl", cutouts.lines
    yield "README.md", card(counted, settings, masks.loss)
    if settings.gallery_size:
        yield from gallery(counted, numbered, settings.gallery_size)


def _conversations(questions: Iterable[QuestionAnswer], numbered: NumberedSet) -> Iterator[tuple[str, bytes]]:
    """Yield the file of question-answer pairs, pictures in the set's order; none where nobody asked."""
    of_scene: dict[str, list[QuestionAnswer]] = defaultdict(list)
    for row in sorted(questions, key=lambda row: (row.index, row.question_answer_id)):
        of_scene[row.scene_id].append(row)
    entries = [
        Conversation(i.scene.scene_id, i.file, tuple((row.question, row.answer) for row in of_scene[i.scene.scene_id]))
        for i in numbered.images
        if i.scene is not None and i.scene.scene_id in of_scene
    ]
    if entries:
        yield "conversations/llava.json", llava_document(entries)


def _pictures(numbered: NumberedSet, image_folder: str) -> Iterator[tuple[str, str]]:
    for image in numbered.images:
        if image.scene is not None:
            yield image.file, image.scene.image
        elif image.source is not None:
            yield image.file, f"{image_folder}/{image.source.path}"
