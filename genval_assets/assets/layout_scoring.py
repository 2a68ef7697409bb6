"""Wiring of the second part of `layout_scenes`: CLIS-I of every picture that was drawn of a layout."""

from collections.abc import Sequence
from dataclasses import dataclass

from genval_assets import keys
from genval_assets.assets.cost import chunks, metered
from genval_assets.assets.layout_drawing import Planned
from genval_assets.assets.recorded import RecordedChat
from genval_assets.batches import Batch
from genval_assets.chat.ask import Unanswered
from genval_assets.layout_rows import ImageScore, LayoutImage
from genval_assets.layouts.clis_i import LaidOut, PictureScore, examine_pictures, terms_json
from genval_assets.layouts.seeing import STAGE
from genval_assets.model_ports import Chat
from genval_assets.ports import Images
from genval_assets.rows import Category
from genval_assets.types import RefusedItem

PICTURES_PER_FLUSH = 16


@dataclass(frozen=True)
class _Picture:
    planned: Planned
    row: LayoutImage

    @property
    def category(self) -> Category:
        return self.planned.category


def score_pictures(batch: Batch, planned: Sequence[Planned], images: Images, chat: Chat) -> None:
    """Score and store the pictures without a score; categories for which the model was not reached fail."""
    todo = _unscored(batch, planned)
    if not todo:
        return
    with (
        metered(batch, STAGE, model="chat") as meter,
        chat.open() as model,
        meter.asking(RecordedChat(model, batch.tables, batch.run_id, batch.now)) as asked,
        batch.progress.stage(f"{STAGE}, looking", len(todo)) as advance,
    ):
        for some in chunks(todo, PICTURES_PER_FLUSH):
            batch.stop_here()
            batch.attempt_together(STAGE, some, lambda few: _score(batch, few, images, asked))
            meter.items += len(some)
            advance(len(some))


def _unscored(batch: Batch, planned: Sequence[Planned]) -> list[_Picture]:
    of_layout = {one.layout.layout_id: one for one in planned if one.category.category not in batch.failed}
    if not of_layout:
        return []
    scored = {picture for (picture,) in batch.tables.values(ImageScore, ("layout_image_id",), batch.keys)}
    return [
        _Picture(of_layout[row.layout_id], row)
        for row in batch.tables.read(LayoutImage, batch.keys)
        if row.image is not None and row.layout_id in of_layout and row.layout_image_id not in scored
    ]


def _score(batch: Batch, pictures: Sequence[_Picture], images: Images, chat: RecordedChat) -> None:
    """Score pictures; one that is not on disk any more is quarantined, and its layout decided without it."""
    there, drawn = [], []
    for one in pictures:
        try:
            rgb = images.get(one.row.image or "")[..., :3]
        except FileNotFoundError:
            detail = "a picture of a layout is not on disk"
            batch.quarantine(STAGE, one.row.category, RefusedItem(str(one.row.image), "lost_picture", detail))
            continue
        there.append(one)
        drawn.append(LaidOut(rgb, one.planned.graph, one.planned.boxes, one.row.category, one.row.seed))
    rows = []
    for one, score in zip(there, examine_pictures(chat, drawn), strict=True):
        if score.unanswered:
            batch.fail(STAGE, one.category, Unanswered(score.unanswered))
        else:
            rows.append(_row(batch, one.row, score, chat))
    batch.tables.append(rows)


def _row(batch: Batch, picture: LayoutImage, score: PictureScore, chat: RecordedChat) -> ImageScore:
    worst = score.worst
    return ImageScore(
        image_score_id=keys.recipe("image_scores", layout_image_id=picture.layout_image_id),
        run_id=batch.run_id,
        created_at=batch.now,
        layout_image_id=picture.layout_image_id,
        layout_id=picture.layout_id,
        category=picture.category,
        clis_i=score.clis_i,
        whole=score.whole.score,
        local_mean=score.local_mean,
        local_worst=None if worst is None else worst.local,
        worst_node=None if worst is None else worst.node_id,
        terms=terms_json(score),
        n_unread=score.n_unread,
        model=chat.model,
        revision=chat.revision,
    )
