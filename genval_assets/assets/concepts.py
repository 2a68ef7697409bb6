"""Wiring of `concept_list`: the user's file or list of names becomes `categories` rows and partitions."""

from datetime import UTC, datetime

import dagster as dg

from genval_assets.assets.catalog import OWNERS
from genval_assets.batches import quarantined
from genval_assets.concepts.register import Registration, Wishes, active, categories
from genval_assets.partitions import register
from genval_assets.ports import ConceptSource, Locks, Tables
from genval_assets.project import Project
from genval_assets.rows import Category
from genval_assets.runs import FINGERPRINT, lock_name


@dg.asset(
    group_name="concepts",
    owners=OWNERS,
    tags={"system": "genval"},
    kinds={"json", "parquet"},
)
def concept_list(
    context: dg.AssetExecutionContext,
    project: dg.ResourceParam[Project],
    concepts: dg.ResourceParam[ConceptSource],
    tables: dg.ResourceParam[Tables],
    locks: dg.ResourceParam[Locks],
) -> dg.MaterializeResult[None]:
    """The categories: read from the annotation file or the list of names, registered as partitions, rarest first.

    What is gone from the file is retired: its partition goes, its rows stay. A rename keeps the key.
    """
    with locks.hold(lock_name(context.run.run_id)):
        now = datetime.now(UTC)
        listed = concepts.read()
        wishes = Wishes(project.settings.rare, project.settings.top_up.target, project.settings.targets)
        registration = categories(listed.concepts, tables.read(Category), wishes, run_id=context.run.run_id, now=now)
        tables.append(registration.rows)
        tables.append([quarantined("concept_list", None, r, context.run.run_id, now) for r in listed.refused])
        register(context.instance, list(registration.keys), list(registration.retired))
    made_from = {FINGERPRINT: project.set_up_fingerprint(concepts)}
    return dg.MaterializeResult(
        metadata={**_metadata(registration, tables.read(Category), len(listed.refused)), **made_from}
    )


def _metadata(registration: Registration, categories: list[Category], refused: int) -> dict[str, int | str]:
    rare = [row for row in active(categories).values() if row.rare]
    return {
        "categories": len(registration.keys),
        "rare": len(rare),
        "added": len(registration.added),
        "retired": len(registration.retired),
        "renamed": "; ".join(f"{r.before} -> {r.after}" for r in registration.renamed) or "none",
        "refused_items": refused,
    }
