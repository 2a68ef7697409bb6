"""What the per-category assets are: keys, groups, owners, kinds, tags and checks, as people see them in the UI."""

import dagster as dg

from genval_assets.partitions import CATEGORIES

OWNERS = ["team:genval"]

AFTER_THE_WAVE = dg.AutomationCondition.any_deps_updated() & ~dg.AutomationCondition.in_progress()
"""Requested once after a wave has updated what the asset is made of; never inside the wave's own run."""


def _spec(name: str, description: str, *, deps: list[str], group: str, system: str, kinds: set[str]) -> dg.AssetSpec:
    return dg.AssetSpec(
        name,
        deps=deps,
        description=description,
        group_name=group,
        owners=OWNERS,
        tags={"system": system},
        kinds=kinds,
        partitions_def=CATEGORIES,
        skippable=True,
    )


CHAIN = [
    _spec(
        "reference_instances",
        "Real, usable instances of the category, cut out of your own training images by their masks.",
        deps=["concept_list", "backgrounds"],
        group="instances",
        system="instada",
        kinds={"image", "parquet"},
    ),
    _spec(
        "optimized_prompts",
        "Prompts that describe exactly one object, linted; written only where a foreground model is a source "
        "(Gen-n-Val's prompt agent, arXiv 2506.04676).",
        deps=["concept_list", "agent_prompts"],
        group="instances",
        system="gen-n-val",
        kinds={"text", "parquet"},
    ),
    _spec(
        "raw_instances",
        "Candidates: variations of real cut-outs, and objects drawn from prompts on transparent ground.",
        deps=["reference_instances", "optimized_prompts"],
        group="instances",
        system="gen-n-val",
        kinds={"image", "parquet"},
    ),
    _spec(
        "validated_instances",
        "A verdict on every candidate: the mask gate, then the vision model by five criteria, with a reason code for "
        "each that is refused (Gen-n-Val's validation agent, arXiv 2506.04676).",
        deps=["raw_instances", "agent_prompts"],
        group="instances",
        system="gen-n-val",
        kinds={"image", "parquet"},
    ),
    _spec(
        "composite_scenes",
        "Scenes with exact visible and amodal masks, composed onto screened backgrounds or real training images.",
        deps=["validated_instances", "backgrounds"],
        group="scenes",
        system="gen-n-val",
        kinds={"image", "parquet"},
    ),
    _spec(
        "scene_graphs",
        "What whole pictures should show: objects with attributes, and how they stand to one another, written by the "
        "text model over objects that stand together in your own images (Auto Cherry-Picker, arXiv 2406.20085).",
        deps=["concept_list"],
        group="layouts",
        system="auto-cherry-picker",
        kinds={"text", "parquet"},
    ),
    _spec(
        "layouts",
        "One box per object of each scene graph, scored against real pairs (CLIS-L); those that look less real than "
        "nine in ten real ones are not drawn.",
        deps=["scene_graphs", "layout_pool"],
        group="layouts",
        system="auto-cherry-picker",
        kinds={"parquet"},
    ),
    _spec(
        "layout_scenes",
        "Pictures drawn from layouts: the best of four by CLIS-I, with masks of every object, or the reasons why none "
        "was kept.",
        deps=["layouts"],
        group="layouts",
        system="auto-cherry-picker",
        kinds={"image", "parquet"},
    ),
    _spec(
        "question_answers",
        "Questions about kept scenes with answers that follow from their annotations, and where the picture shows it.",
        deps=["layout_scenes"],
        group="language",
        system="auto-cherry-picker",
        kinds={"text", "parquet"},
    ),
    _spec(
        "hard_negatives",
        "Captions of accepted pictures, each with ten sentences that differ from it in one to three attributes and are "
        "false of the picture: written, verified and corrected (FineGen, arXiv 2606.07645).",
        deps=["validated_instances", "composite_scenes", "layout_scenes", "reference_instances"],
        group="language",
        system="finegen",
        kinds={"text", "parquet"},
    ),
    _spec(
        "category_dataset",
        "A complete set of this category's scenes: annotation files, pictures, card, manifest and gallery.",
        deps=["composite_scenes", "layout_scenes", "question_answers", "hard_negatives"],
        group="datasets",
        system="genval",
        kinds={"json"},
    ),
]

LINE = [spec.key.to_user_string() for spec in CHAIN]
"""Names of the per-category assets in the order of their stages."""

YIELD_CHECK = "yield_above_floor"
SCENES_CHECK = "every_accepted_instance_has_a_scene"
KEPT_CHECK = "some_layouts_are_kept"
LISTS_CHECK = "most_captions_have_all_their_negatives"

LINE_CHECKS = [
    dg.AssetCheckSpec(
        YIELD_CHECK,
        asset="validated_instances",
        description="The share of judged candidates that were accepted is not under the yield floor of the settings.",
    ),
    dg.AssetCheckSpec(
        SCENES_CHECK,
        asset="composite_scenes",
        description="Each accepted instance is the primary object of a scene, was not selected while the target is "
        "reached without it, or has a quarantine row that says why no scene holds it.",
    ),
    dg.AssetCheckSpec(
        KEPT_CHECK,
        asset="layout_scenes",
        description="Of ten or more layouts that were drawn, at least one in ten gave a scene.",
    ),
    dg.AssetCheckSpec(
        LISTS_CHECK,
        asset="hard_negatives",
        description="Of ten or more captions with negatives, at least half have as many as are wanted.",
    ),
]
