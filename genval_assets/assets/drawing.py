"""Wiring of candidates that a foreground model draws from their prompts.

Work already stored is skipped, so a run that was killed goes on where its last flush ended. What could not be drawn
gets a verdict at once, with outcome `error`: it counts in no rate and is not tried again. What the device had no room
for stays owed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from genval_assets import keys
from genval_assets.assets.behind import Behind
from genval_assets.assets.candidates import STAGE, Origin, Owed, cropped, instance_row, lapsed, not_drawn
from genval_assets.assets.cost import chunks, metered
from genval_assets.batches import Batch
from genval_assets.model_ports import ForegroundModel, Foregrounds
from genval_assets.ports import Images, Latents
from genval_assets.rows import Instance, Prompt, Verdict
from genval_assets.types import Drawn, DrawRequest, RefusedItem


class NoRoom(RuntimeError):
    """The device's memory ended; what was to be drawn stays owed."""


def draw_prompts(
    batch: Batch, owed: Sequence[Owed], foregrounds: Foregrounds, images: Images, latents: Latents
) -> None:
    """Store every owed candidate of the foreground model, its batches filled across categories."""
    batch.tables.append(lapsed(batch, [one for one in owed if one.source != foregrounds.source], foregrounds.source))
    owed = [one for one in owed if one.source == foregrounds.source]
    if not owed:
        return
    prompts = {(row.category, row.index): row for row in batch.tables.read(Prompt, batch.keys)}
    with (
        metered(batch, STAGE, model=foregrounds.fingerprint()) as meter,
        foregrounds.open() as model,
        batch.progress.stage(STAGE, len(owed)) as advance,
        Behind[Owed](batch, STAGE) as behind,
    ):
        meter.opened(f"{model.model}@{model.revision}")
        studio = _Studio(batch, prompts, model, foregrounds.fingerprint(), images, latents, behind)
        for chunk in chunks(owed, model.best_batch):
            batch.stop_here()
            batch.attempt_together(STAGE, chunk, studio.draw)
            meter.items = studio.made
            advance(len(chunk))
    fail_unmade(batch, studio.unmade)


def fail_unmade(batch: Batch, unmade: Mapping[str, str]) -> None:
    """Fail the categories of which something could not be made now: category key -> why."""
    for category in batch.alive:
        if category.category in unmade:
            batch.fail(STAGE, category, NoRoom(unmade[category.category]))


@dataclass
class _Studio:
    """An open model, and where its pictures go."""

    batch: Batch
    prompts: Mapping[tuple[str, int], Prompt]
    model: ForegroundModel
    how: str  # model, revisions and settings in one line
    images: Images
    latents: Latents
    behind: Behind[Owed]

    def __post_init__(self) -> None:
        self.unmade: dict[str, str] = {}
        self.made = 0

    def draw(self, some: Sequence[Owed]) -> None:
        """Draw candidates; they are stored while the next are drawn."""
        drawn = self.model.draw([self._request(one) for one in some])
        by_place = dict(zip([(one.category.category, one.index) for one in some], drawn, strict=True))
        self.unmade |= {result.request.category: result.error for result in drawn if result.owed}

        def store(few: Sequence[Owed]) -> None:
            self._store(few, [by_place[one.category.category, one.index] for one in few])

        decided = [one for one, result in zip(some, drawn, strict=True) if not result.owed]
        self.made += len(decided)
        self.behind.store(decided, store)

    def _request(self, one: Owed) -> DrawRequest:
        prompt = self.prompts[one.category.category, one.index]
        seed = keys.seed_of(one.category.category, prompt.prompt_id, one.index)
        return DrawRequest(
            instance_id=keys.recipe("draw", prompt_id=prompt.prompt_id, source=one.source, index=one.index, seed=seed),
            category=one.category.category,
            name=one.category.name,
            prompt=prompt.text,
            negative=prompt.negative,
            seed=seed,
        )

    def _store(self, owed: Sequence[Owed], drawn: Sequence[Drawn]) -> None:
        good, errors = [], []
        for one, result in zip(owed, drawn, strict=True):
            picture = cropped(result.rgba) if result.rgba is not None else None
            if picture is None or picture.crop.size == 0:
                errors.append(self._error(one, result))
            else:
                good.append((one, result, picture))
        paths = self.images.put([picture.crop for _, _, picture in good])
        kept = iter(self.latents.put([result.latent for _, result, _ in good if result.latent is not None]))
        rows: list[Instance] = []
        for (one, result, picture), path in zip(good, paths, strict=True):
            latent = next(kept) if result.latent is not None else None
            prompt_id = self.prompts[one.category.category, one.index].prompt_id
            seed = result.request.seed
            how = {"how": self.how}
            origin = Origin(self.model.model, self.model.revision, seed, how, prompt_id=prompt_id, latent=latent)
            rows.append(instance_row(self.batch, one, result.request.instance_id, path, picture, origin))
        self.batch.tables.append(rows)
        self.batch.tables.append(errors)

    def _error(self, one: Owed, result: Drawn) -> Verdict:
        row = not_drawn(self.batch, one, result.request.instance_id, None, result.error)
        refused = RefusedItem(f"draw {result.request.instance_id}", "not_drawn", row.explanation, result.request.prompt)
        self.batch.quarantine(STAGE, one.category.category, refused)
        return row
