"""Wiring of `negative_ranking`: where an embedder puts each caption among its hard negatives (FG-OVD's protocol)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import dagster as dg

from genval_assets import keys
from genval_assets.assets.catalog import OWNERS
from genval_assets.assets.cost import chunks, metered_run
from genval_assets.assets.device import device_held
from genval_assets.assets.list_rows import listed_negatives
from genval_assets.assets.picturing import as_seen
from genval_assets.evaluation.ranking import Choice, Ranked, accuracies, ranked
from genval_assets.model_ports import Embedder, Embedders, Gauge
from genval_assets.negative_rows import NegativeList, NegativeRank, PositiveCaption
from genval_assets.ports import Images, Locks, Tables
from genval_assets.project import Project
from genval_assets.runs import lock_name
from genval_assets.types import Rgb

STAGE = "negative_ranking"
CAPTIONS_PER_FLUSH = 64


def negative_ranking(pool: str | None = None) -> dg.AssetsDefinition:
    """Return the asset; its runs wait for their turn in Dagster's `pool`, where there is one."""

    @dg.asset(
        name=STAGE,
        deps=["hard_negatives"],
        group_name="language",
        owners=OWNERS,
        tags={"system": "finegen"},
        kinds={"parquet"},
        pool=pool,
    )
    def ranking(
        context: dg.AssetExecutionContext,
        project: dg.ResourceParam[Project],
        tables: dg.ResourceParam[Tables],
        images: dg.ResourceParam[Images],
        embedders: dg.ResourceParam[Embedders],
        gauge: dg.ResourceParam[Gauge],
        locks: dg.ResourceParam[Locks],
    ) -> dg.MaterializeResult[None]:
        """The rank of each caption among its negatives by the profile's embedder; `accuracy_by_level` sums them up."""
        run_id, now = context.run.run_id, datetime.now(UTC)
        with locks.hold(lock_name(run_id)), device_held(project, locks):
            with metered_run(tables, STAGE, run_id, now, gauge) as meter, embedders.open() as model:
                meter.opened(f"{model.model}@{model.revision}")
                choices = _choices(tables)
                todo = [row for row in _unranked(tables, model) if row.positive_id in choices]
                for some in chunks(todo, CAPTIONS_PER_FLUSH):
                    ranks = _rank(some, choices, images, model)
                    tables.append([_row(row, one, model, run_id, now) for row, one in ranks])
                    meter.items += len(some)
            return dg.MaterializeResult(metadata=_metadata(tables, model))

    return ranking


def _unranked(tables: Tables, model: Embedder) -> list[PositiveCaption]:
    """Return the captions with a finished list that this embedder has not ranked."""
    stored = tables.values(NegativeRank, ("positive_id", "model", "revision"))
    done = {positive for positive, *by in stored if by == [model.model, model.revision]}
    listed = {positive for (positive,) in tables.values(NegativeList, ("positive_id",))}
    todo = listed - done
    return [row for row in tables.read(PositiveCaption) if row.positive_id in todo]


def _choices(tables: Tables) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return caption -> level -> accepted negatives."""
    found: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for positive, level, sentence in listed_negatives(tables, ("positive_id", "level", "sentence")):
        levels = found[str(positive)]
        levels[str(level)] = (*levels.get(str(level), ()), str(sentence))
    return found


def _rank(
    captions: Sequence[PositiveCaption],
    choices: Mapping[str, Mapping[str, tuple[str, ...]]],
    images: Images,
    model: Embedder,
) -> Iterator[tuple[PositiveCaption, Ranked]]:
    """Yield the ranks of the captions whose picture is there; `genval gc` takes none of them, people may."""
    there: list[tuple[PositiveCaption, Rgb]] = []
    for row in captions:
        with suppress(FileNotFoundError):
            there.append((row, as_seen(images, row.image)))
    if not there:
        return
    asked = [Choice(row.positive_id, str(row.caption), choices[row.positive_id]) for row, _ in there]
    pictures = model.images([picture for _, picture in there])
    texts = model.texts([text for choice in asked for text in choice.texts])
    for (row, _), ranks in zip(there, ranked(asked, pictures, texts), strict=True):
        yield from ((row, one) for one in ranks)


def _row(positive: PositiveCaption, one: Ranked, model: Embedder, run_id: str, now: datetime) -> NegativeRank:
    by = f"{model.model}@{model.revision}"
    return NegativeRank(
        negative_rank_id=keys.recipe("negative_ranks", positive_id=one.positive_id, level=one.level, model=by),
        run_id=run_id,
        created_at=now,
        positive_id=one.positive_id,
        category=positive.category,
        level=one.level,
        n_negatives=one.n_negatives,
        rank=one.rank,
        model=model.model,
        revision=model.revision,
    )


def _metadata(tables: Tables, model: Embedder) -> Mapping[str, dg.MetadataValue | int | float | str]:
    """Return what people see of all ranks by this embedder: the share of captions before their negatives, by level."""
    columns = ("positive_id", "level", "n_negatives", "rank", "model", "revision")
    stored = tables.values(NegativeRank, columns)
    by = [model.model, model.revision]
    ranks = [Ranked(*values) for *values, name, revision in stored if [name, revision] == by]  # type: ignore[arg-type]
    found = accuracies(ranks)
    table = "\n".join(f"| {one.level} | {one.captions} | {one.accuracy} | {one.mean_rank:.2f} |" for one in found)
    head = "| level | captions | first | mean rank |\n|---|---|---|---|\n"
    shares = {f"first_{one.level}": one.accuracy.value for one in found}
    return {"by_level": dg.MetadataValue.md(head + table), **shares}
