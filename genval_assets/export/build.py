"""An exported set as values: the files to write, the pictures to link, and what a reader must find in them."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from genval_assets.export.card import card
from genval_assets.export.content import PictureBytes, SetContent, without_language
from genval_assets.export.facts import Facts
from genval_assets.export.formats.registry import WRITERS
from genval_assets.export.gallery import gallery
from genval_assets.export.hard_negatives import hard_negatives
from genval_assets.export.near_duplicates import hashed
from genval_assets.export.numbering import NumberedSet
from genval_assets.export.prepared import Prepared, prepare
from genval_assets.export.read_set import ReadSet
from genval_assets.export.settings import EXPORTS, ExportSettings
from genval_assets.export.verification import verification, verified
from genval_assets.export.words import Format
from genval_assets.export.written import Files, Links, Written
from genval_assets.language.llava import Conversation, llava_document
from genval_assets.layout_rows import QuestionAnswer


@dataclass(frozen=True)
class ExportedSet:
    """A set that `ports.Datasets` can write; the same rows and settings give the same bytes.

    Neither manifest nor verification are among the files: whoever writes them hashes and reads what really landed.
    """

    name: str
    files: Files
    links: Links
    prepared: Prepared
    written: Mapping[Format, Written]
    picture: PictureBytes

    def verify(self, read: Callable[[Format], ReadSet]) -> bytes:
        """Return `verification.json`: what another reader finds in what landed, held against the rows.

        Args:
            read: reads the set back in one of its formats.

        Raises:
            ExportDiffers: it is not what was to be written.
        """
        digest = cache(lambda path: hashlib.sha256(self.picture(path)).hexdigest())  # one for all formats
        found = {name: verified(self.prepared, one, read(name), digest) for name, one in self.written.items()}
        return verification(found)

    @property
    def numbered(self) -> NumberedSet:
        """The set's pictures and objects, for `numbering.export_rows`."""
        return self.prepared.numbered

    @property
    def facts(self) -> Facts:
        """What can be said of the set."""
        return self.prepared.facts


@dataclass(frozen=True)
class Landed:
    """Where a set is that left the home."""

    version: str  # 12 hex digits of its manifest's hash
    moved_aside: str  # where what was there is now; empty where it was removed, or nothing was there


def nothing_to_read(path: str) -> bytes:
    """Stand for the pictures of a set that reads none while it is made."""
    raise FileNotFoundError(f"this set reads no pictures, and was asked for {path!r}")


def export_set(
    name: str, content: SetContent, settings: ExportSettings, picture: PictureBytes = nothing_to_read
) -> ExportedSet:
    """Return the set `name` of the given rows as the home holds it: documents, pool, card, gallery and captions.

    Args:
        name: as it is printed, and the folder below `data/datasets`.
        content: the rows, in any order.
        settings: formats, masks, and what else belongs to the set.
        picture: reads a picture file, for contact sheets.

    Raises:
        IncompleteSet: a row names another that the content lacks.
    """
    prepared = prepare(name, hashed(content, settings, picture), settings)
    documents: list[Format] = sorted(set(settings.formats))
    written = {document: WRITERS[document](prepared, picture) for document in documents}
    cutouts = prepared.cutouts if settings.pool else prepared.cutouts.without_files()
    extras = (*_conversations(content.questions, prepared.numbered), *hard_negatives(prepared.captions))
    pages = tuple(gallery(prepared, picture)) if settings.gallery_size else ()
    described = (*_described(written), *_extras_described(prepared))
    return ExportedSet(
        name=name,
        files=(
            *(file for one in written.values() for file in one.files),
            ("instances.jsonl", cutouts.encoded()),
            ("README.md", card(prepared, written, described)),
            *pages,
            *extras,
        ),
        links=(*_links(written), *cutouts.links, *prepared.captions.links),
        prepared=prepared,
        written=written,
        picture=picture,
    )


def export_as(
    wanted: Format, content: SetContent, settings: ExportSettings, picture: PictureBytes = nothing_to_read
) -> ExportedSet:
    """Return the set of the given rows in one format, and nothing else but its card.

    Raises:
        IncompleteSet: a row names another that the content lacks.
    """
    prepared = prepare(f"{EXPORTS}/{wanted}", hashed(without_language(content), settings, picture), settings)
    written = {wanted: WRITERS[wanted](prepared, picture)}
    return ExportedSet(
        name=prepared.name,
        files=(*written[wanted].files, ("README.md", card(prepared, written, _described(written)))),
        links=written[wanted].links,
        prepared=prepared,
        written=written,
        picture=picture,
    )


def _links(written: Mapping[Format, Written]) -> Links:
    """Return the pictures of all formats, each once."""
    return tuple(dict.fromkeys(link for one in written.values() for link in one.links))


def _described(written: Mapping[Format, Written]) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys(line for one in written.values() for line in one.described))


def _extras_described(prepared: Prepared) -> Iterator[tuple[str, str]]:
    questions, captions = prepared.facts.questions, prepared.facts.negatives.captions
    if questions:
        yield (
            "conversations/llava.json",
            f"{questions} question-answer pairs in LLaVA's conversation form, one entry per picture; image begins at "
            "this set's folder",
        )
    if captions:
        yield (
            "negatives/hard_negatives.jsonl",
            "one line per caption, with its hard negatives, in FineGen's form; image_name begins at this set's folder",
        )
        yield "negatives/hard_negatives.parquet", "the same, one row per negative"
        yield "negatives/images/", "the pictures of these captions, but those that are in images/"
    yield "instances.jsonl", "one line per accepted instance: prompt or reference, seed, model, verdict"
    if prepared.settings.pool:
        yield "pool/", "their RGBA cut-outs (straight alpha), for copy-paste at training time"
    if prepared.settings.gallery_size:
        yield "gallery/index.html", "the pictures with their masks; opens offline, as the next"
        yield "gallery/statistics.html", "sizes, positions and numbers of the objects, by category"
        if prepared.content.candidates.rejects:
            yield "gallery/rejects.html", "rejected candidates of the whole project, by reason"


def _conversations(questions: Iterable[QuestionAnswer], numbered: NumberedSet) -> Iterator[tuple[str, bytes]]:
    """Yield the file of question-answer pairs, training pictures in the set's order; none where nobody asked."""
    of_scene: dict[str, list[QuestionAnswer]] = defaultdict(list)
    for row in sorted(questions, key=lambda row: (row.index, row.question_answer_id)):
        of_scene[row.scene_id].append(row)
    entries = [
        Conversation(i.scene.scene_id, i.file, tuple((row.question, row.answer) for row in of_scene[i.scene.scene_id]))
        for i in numbered.images
        if i.scene is not None and i.scene.scene_id in of_scene and i.split == "train"
    ]
    if entries:
        yield "conversations/llava.json", llava_document(entries)
