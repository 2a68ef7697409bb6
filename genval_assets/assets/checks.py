"""Wiring of the checks on whole assets: each names the worst categories, for a check has no partition of its own."""

import dagster as dg

from genval_assets.assets.backgrounds import validation_guard
from genval_assets.ports import Tables
from genval_assets.project import Project
from genval_assets.rows import Annotation, Background, Scene, ValidationImage, Verdict
from genval_assets.topup.worst import empty_masks, least_yield, used_too_often

WORST = 10


@dg.asset_check(asset="warehouse", description="Few categories lose most of their candidates.")
def yields(tables: dg.ResourceParam[Tables], project: dg.ResourceParam[Project]) -> dg.AssetCheckResult:
    """Warn if any category's yield is under the floor; the metadata lists the lowest yields and why."""
    worst = least_yield(tables.read(Verdict), WORST)
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
    often = used_too_often(tables.read(Annotation), project.settings.scenes.max_uses)
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


CHECKS = [yields, masks, uses, validation_leaks]
