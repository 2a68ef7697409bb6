"""CLIS-I: how well a picture shows its layout (ACP, equation 10), by what a vision model says of it.

The whole picture, each box and each crop are captioned, and each caption is compared with the words that were drawn
from. Not here: what is asked (`seeing.py`), and which picture is kept (`best_image.py`).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import msgspec

from genval_assets.chat.ask import ask_all
from genval_assets.layouts.graph import Boxes, SceneGraph
from genval_assets.layouts.seeing import CaptionQuestion, MatchQuestion
from genval_assets.model_ports import ChatModel
from genval_assets.types import Rgb, Xywh

BOX_WEIGHT, CROP_WEIGHT = 4, 1
"""Of an object's score: .8 box + .2 crop (the paper's released code). Whole numbers, so that no rounding at floors."""


@dataclass(frozen=True, eq=False)
class LaidOut:
    """A picture that was drawn of a layout."""

    picture: Rgb
    graph: SceneGraph
    boxes: Boxes  # one per node of the graph
    category: str  # partition key, for the record
    seed: int


@dataclass(frozen=True)
class Term:
    """What was said of the picture or of a part of it, and how well that agrees with what was asked for."""

    said: str  # the caption; empty: no attempt brought one that could be read
    score: float | None  # 0 to 100; None: caption or comparison could not be read


@dataclass(frozen=True)
class NodeTerms:
    """The two terms of one object."""

    node_id: str
    box: Term  # of the box, seen on the whole picture
    crop: Term  # of what the box holds, seen alone

    @property
    def local(self) -> float | None:
        """The object's score, 0 to 100; of one readable term that term, of none None."""
        return _mean((BOX_WEIGHT, self.box.score), (CROP_WEIGHT, self.crop.score))


@dataclass(frozen=True)
class PictureScore:
    """CLIS-I of one picture with its terms. Terms that could not be read are left out and the rest is reweighted."""

    whole: Term
    nodes: tuple[NodeTerms, ...]  # in the graph's order
    unanswered: str = ""  # why the model was not reached for some term: nothing is decided, the picture stays owed

    @property
    def local_mean(self) -> float | None:
        """The mean over the objects that have a score; None where none has."""
        return _mean(*((1, node.local) for node in self.nodes))

    @property
    def clis_i(self) -> float | None:
        """Half the whole picture's score, half the objects' mean; of one that is known that one; else None."""
        return _mean((1, self.whole.score), (1, self.local_mean))

    @property
    def worst(self) -> NodeTerms | None:
        """The object with the least score, the first of equals; None where none has a score."""
        scored = [(node.local, i) for i, node in enumerate(self.nodes) if node.local is not None]
        return self.nodes[min(scored)[1]] if scored else None

    @property
    def n_unread(self) -> int:
        """How many terms were left out."""
        locals_ = ((node.box, node.crop) for node in self.nodes)
        return sum(term.score is None for term in (self.whole, *chain.from_iterable(locals_)))


def terms_json(score: PictureScore) -> str:
    """Return the terms of a picture as they are stored: `whole`, and `nodes` with `box` and `crop` of each."""
    return msgspec.json.encode({"whole": score.whole, "nodes": score.nodes}).decode()


def read_terms(stored: str) -> PictureScore:
    """Return the score of a picture whose terms were stored.

    Raises:
        msgspec.ValidationError: they are none.
    """
    return msgspec.json.decode(stored, type=PictureScore)


def examine_pictures(chat: ChatModel, pictures: Sequence[LaidOut]) -> list[PictureScore]:
    """Return a score per picture, in order; all captions are asked together, then all comparisons.

    Raises:
        KeyError: a node has no box.
    """
    looks = [list(_looks(laid_out)) for laid_out in pictures]
    heard = iter(_heard(chat, list(chain.from_iterable(looks))))
    return [
        _score(laid_out.graph, list(islice(heard, len(own)))) for laid_out, own in zip(pictures, looks, strict=True)
    ]


def crop(picture: Rgb, box: Xywh) -> Rgb:
    """Return the pixels that a box, given as shares of the picture, touches: at least one, at their true size."""
    height, width = picture.shape[:2]
    left, top, w, h = box
    columns, rows = _span(left, w, width), _span(top, h, height)
    return picture[rows, columns]


@dataclass(frozen=True, eq=False)
class _Look:
    """One thing to look at, and the words that it was drawn from."""

    question: CaptionQuestion
    should_show: str


@dataclass(frozen=True)
class _Heard:
    term: Term
    unanswered: str


def _looks(laid_out: LaidOut) -> Iterator[_Look]:
    """Yield the whole picture, then the box and the crop of each node."""
    picture, category, seed = laid_out.picture, laid_out.category, laid_out.seed
    yield _Look(CaptionQuestion(picture, None, category, seed), laid_out.graph.caption)
    for node in laid_out.graph.nodes:
        x, y, w, h = laid_out.boxes[node.node_id]
        yield _Look(CaptionQuestion(picture, (x, y, x + w, y + h), category, seed), node.phrase)
        yield _Look(CaptionQuestion(crop(picture, (x, y, w, h)), None, category, seed), node.phrase)


def _heard(chat: ChatModel, looks: Sequence[_Look]) -> list[_Heard]:
    captions = ask_all(chat, [look.question for look in looks])
    said = {i: reply.value for i, reply in enumerate(captions) if reply.value is not None}
    asked = {i: looks[i].question for i in said}
    questions = [MatchQuestion(looks[i].should_show, said[i], asked[i].category, asked[i].seed) for i in said]
    matches = dict(zip(said, ask_all(chat, questions), strict=True))
    heard = []
    for i, caption in enumerate(captions):
        if i in matches:
            heard.append(_Heard(Term(said[i], matches[i].value), matches[i].unanswered))
        else:
            heard.append(_Heard(Term("", None), caption.unanswered))
    return heard


def _score(graph: SceneGraph, heard: Sequence[_Heard]) -> PictureScore:
    terms = [one.term for one in heard]
    nodes = zip(graph.nodes, terms[1::2], terms[2::2], strict=True)
    return PictureScore(
        whole=terms[0],
        nodes=tuple(NodeTerms(node.node_id, box, crop) for node, box, crop in nodes),
        unanswered=next((one.unanswered for one in heard if one.unanswered), ""),
    )


def _mean(*weighted: tuple[int, float | None]) -> float | None:
    """Return the weighted mean of the values that are known; None where none is."""
    known = [(weight, value) for weight, value in weighted if value is not None]
    if not known:
        return None
    return sum(weight * value for weight, value in known) / sum(weight for weight, _ in known)


def _span(start: float, extent: float, length: int) -> slice:
    first = math.floor(start * length)
    return slice(first, max(first + 1, min(length, math.ceil((start + extent) * length))))
