"""Wiring of the checks on whole assets: each names the worst categories, for a check has no partition of its own."""

import dagster as dg

from genval_assets.assets.agreement import agreement
from genval_assets.assets.backgrounds import validation_guard
from genval_assets.evaluation.confusion import watch
from genval_assets.instances.in_force import in_force, refused_ids, spoilt_scenes
from genval_assets.ports import Tables
from genval_assets.project import Project
from genval_assets.rows import Annotation, Background, Scene, ValidationImage, Verdict
from genval_assets.topup.worst import empty_masks, least_yield, used_too_often

WORST = 10


@dg.asset_check(asset="warehouse", description="Few categories lose most of their candidates.")
def yields(tables: dg.ResourceParam[Tables], project: dg.ResourceParam[Project]) -> dg.AssetCheckResult:
    """Warn if any category's yield is under the floor; the metadata lists the lowest yields and why."""
    worst = least_yield(in_force(tables.read(Verdict)), WORST)
    floor = project.settings.top_up.min_yield
    return dg.AssetCheckResult(
        passed=all(one.share >= floor for one in worst),
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "floor": floor,
            "worst": dg.MetadataValue.table(
                [
                    dg.TableRecord({"category": w.category, "yield": w.share, "judged": w.judged, "reason": w.reason})
                    for w in worst
                ],
                schema=dg.TableSchema(
                    [
                        dg.TableColumn("category", "string"),
                        dg.TableColumn("yield", "float"),
                        dg.TableColumn("judged", "int"),
                        dg.TableColumn("reason", "string"),
                    ]
                ),
            ),
        },
    )


@dg.asset_check(asset="training_dataset", description="No mask is empty or larger than its box.")
def masks(tables: dg.ResourceParam[Tables]) -> dg.AssetCheckResult:
    """Fail if an annotation covers nothing, or more than its box; the metadata lists the categories."""
    wrong = empty_masks(tables.read(Annotation))
    return dg.AssetCheckResult(passed=not wrong, metadata={"categories": dg.MetadataValue.json(wrong)})


@dg.asset_check(asset="training_dataset", description="No cut-out is pasted more often than the settings allow.")
def uses(tables: dg.ResourceParam[Tables], project: dg.ResourceParam[Project]) -> dg.AssetCheckResult:
    """Warn if a cut-out is pasted too often; two runs at once can exceed the limit a little."""
    annotations = tables.read(Annotation)
    pasted = ((row.scene_id, row.instance_id) for row in annotations)
    spoilt = spoilt_scenes(pasted, refused_ids(in_force(tables.read(Verdict))))
    exported = (row for row in annotations if row.scene_id not in spoilt)
    often = used_too_often(exported, project.settings.scenes.max_uses)
    return dg.AssetCheckResult(
        passed=not often, severity=dg.AssetCheckSeverity.WARN, metadata={"categories": dg.MetadataValue.json(often)}
    )


@dg.asset_check(asset="training_dataset", description="No scene stands on a validation picture or near-duplicate.")
def validation_leaks(tables: dg.ResourceParam[Tables], project: dg.ResourceParam[Project]) -> dg.AssetCheckResult:
    """Fail if a scene's background is, by its perceptual hash, a validation picture; categories are listed."""
    screening = project.settings.backgrounds.screening
    guard = validation_guard(tables.read(ValidationImage), screening.phash_distance)
    leaking = {row.background_id for row in tables.read(Background) if guard.is_validation(row.phash)}
    categories = sorted({row.category for row in tables.read(Scene) if row.background_id in leaking})
    return dg.AssetCheckResult(passed=not categories, metadata={"categories": dg.MetadataValue.json(categories)})


@dg.asset_check(asset="warehouse", description="The validation agent agrees with golden labels, and did not get worse.")
def validation_agrees(tables: dg.ResourceParam[Tables], project: dg.ResourceParam[Project]) -> dg.AssetCheckResult:
    """Warn if precision or recall of the newest version is under the settings', or worse than the version before.

    With fewer than 30 labels nothing is concluded: it passes, and says so.
    """
    least, rows = project.settings.instances.judge, agreement(tables, project)
    watched = watch(rows, least.min_precision, least.min_recall)
    columns = {
        "labeller": "string", "judge": "string", "judge_version": "string", "criterion": "string", "labels": "int",
        "tp": "int", "fp": "int", "fn": "int", "tn": "int", "errors": "int", "precision": "float", "recall": "float",
    }  # fmt: skip
    records = [dg.TableRecord({name: vars(row)[name] for name in columns}) for row in rows]
    schema = dg.TableSchema([dg.TableColumn(name, kind) for name, kind in columns.items()])
    return dg.AssetCheckResult(
        passed=not watched.faults,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(watched.faults + watched.notes) or None,
        metadata={
            "min_precision": least.min_precision,
            "min_recall": least.min_recall,
            "confusion": dg.MetadataValue.table(records, schema=schema),
        },
    )


CHECKS = [yields, masks, uses, validation_leaks, validation_agrees]
