"""What people say of candidates is stored, measures the validation agent, and changes what leaves genval."""

import json

import dagster as dg
import pytest

from genval_assets.assets.checks import CHECKS
from genval_assets.definitions import ASSETS
from genval_assets.golden.labels import COLUMNS
from genval_assets.instances.in_force import in_force, refused_ids, spoilt_scenes
from genval_assets.rows import Annotation, GoldenJudgement, GoldenLabel, Quarantined, Scene, Verdict
from genval_assets.topup.owed import owes
from tests.assets.fakes import judged
from tests.assets.world import names_only, settings

REASONS = {"yes": "", "no": "incomplete"}


@pytest.fixture
def world(make_world):
    """Three categories, four accepted instances each, two of them needed; scenes show two objects where they can."""
    world = make_world(concepts=names_only("ant", "bee", "cat"), settings=settings(target=2)).set_up()
    assert world.serve_batch("ant", "bee", "cat").success
    return world


def say(world, overrule: bool = False, **labels: str) -> dict:
    """Import labels, instance id -> yes | no, and return what the run tells of it."""
    lines = [",".join(COLUMNS), *(f"{instance},{keep},{REASONS[keep]}," for instance, keep in labels.items())]
    told = {"labels": "\n".join(lines), "overrule": overrule} if labels else {"overrule": overrule}
    run_config = {"ops": {"golden_labels": {"config": told}}}
    result = world.materialize(["golden_labels"], run_config=run_config)
    assert result.success, world.errors_of(result)
    (event,) = result.asset_materializations_for_node("golden_labels")
    return {name: value.value for name, value in event.metadata.items()}


def accepted(world, category: str) -> list[str]:
    verdicts = in_force(world.tables.read(Verdict, [category]))
    return [verdict.instance_id for verdict in verdicts if verdict.outcome == "accepted"]


def merged(world) -> dict:
    result = world.materialize(["training_dataset"])
    assert result.success, world.errors_of(result)
    return json.loads(world.datasets.contents["training"]["annotations/coco.json"])


def instances_in(document: dict) -> set[str]:
    return {a["genval"]["instance_id"] for a in document["annotations"]}


def pooled(world) -> set[str]:
    lines = world.datasets.contents["training"]["instances.jsonl"].splitlines()
    return {json.loads(line)["instance_id"] for line in lines}


def tally(world, category: str):
    return next(one for one in world.tables.tallies() if one.category == category)


def test_labels_are_stored_with_what_the_machine_said_and_change_no_verdict(world):
    (first, second, *_), verdicts = accepted(world, "ant"), world.tables.read(Verdict)
    told = say(world, **{first: "yes", second: "no"})
    assert (told["labels"], told["new"], told["changed"], told["judgements"]) == (2, 2, 0, 2)
    rows = {row.instance_id: row for row in world.tables.read(GoldenLabel)}
    assert (rows[first].keep, rows[second].keep, rows[second].reasons) == (True, False, ["incomplete"])
    assert {(row.instance_id, row.outcome) for row in world.tables.read(GoldenJudgement)} == {
        (first, "accepted"), (second, "accepted"),
    }  # fmt: skip
    assert world.tables.read(Verdict) == verdicts


def test_the_same_labels_again_store_nothing_and_a_change_of_mind_does(world):
    first, second, *_ = accepted(world, "ant")
    say(world, **{first: "yes", second: "no"})
    told = say(world, **{first: "yes", second: "no"})
    assert (told["new"], told["changed"], told["judgements"]) == (0, 0, 0)
    told = say(world, **{second: "yes"})
    assert (told["new"], told["changed"], told["judgements"]) == (0, 1, 1)
    assert len(world.tables.rows[GoldenLabel]) == 3


def test_a_csv_with_a_fault_stores_nothing(world):
    first, text = accepted(world, "ant")[0], ",".join(COLUMNS)
    run_config = {"ops": {"golden_labels": {"config": {"labels": f"{text}\n{first},yes,,\n{first},maybe,,"}}}}
    result = world.materialize(["golden_labels"], run_config=run_config)
    assert not result.success
    assert "line 3: keep is 'maybe'" in world.errors_of(result)
    assert not world.tables.rows[GoldenLabel]


def test_what_a_person_rejects_vanishes_from_what_is_exported_and_is_made_up_for(world):
    *victims, survivor = accepted(world, "ant")
    assert set(victims) <= instances_in(merged(world)) & pooled(world)
    spoilt = {row.scene_id for row in world.tables.read(Annotation) if row.instance_id in victims}
    assert say(world, overrule=True, **dict.fromkeys(victims, "no"))["overruled"] == victims
    document = merged(world)
    shown = {image["genval"]["scene_id"] for image in document["images"]}
    assert not set(victims) & (instances_in(document) | pooled(world))
    assert shown == {scene.scene_id for scene in world.tables.read(Scene)} - spoilt
    card = world.datasets.contents["training"]["README.md"].decode()
    assert f", {len(spoilt)} scenes with an instance that was accepted once and is not any more" in card
    assert (tally(world, "ant").accepted, tally(world, "ant").effective) == (1, 1)
    assert world.serve_batch("ant", "bee", "cat").success
    assert [tally(world, key).effective >= 2 for key in ("ant", "bee", "cat")] == [True, True, True]
    assert [owes(one) for one in world.tables.tallies()] == [0, 0, 0]
    everyone = {instance for key in ("ant", "bee", "cat") for instance in accepted(world, key)}
    assert survivor in everyone
    assert instances_in(merged(world)) == pooled(world) == everyone


def companion(world) -> tuple[str, str, Scene]:
    """Return an instance that joins a scene of another category, its category, and that scene."""
    scenes = {scene.scene_id: scene for scene in world.tables.read(Scene)}
    return next(
        (str(row.instance_id), row.category, scenes[row.scene_id])
        for row in world.tables.read(Annotation)
        if row.instance_id != scenes[row.scene_id].instance_id and row.category != row.scene_category
    )


def test_whose_scene_showed_what_a_person_rejects_gets_another_one(world):
    victim, _, scene = companion(world)
    say(world, overrule=True, **{victim: "no"})
    assert owes(tally(world, scene.category)) >= 1
    assert world.serve_one(scene.category).success
    assert owes(tally(world, scene.category)) == 0
    spoilt = spoilt_scenes(
        ((row.scene_id, row.instance_id) for row in world.tables.read(Annotation)),
        refused_ids(in_force(world.tables.read(Verdict))),
    )
    again = [one for one in world.tables.read(Scene) if one.instance_id == scene.instance_id]
    assert [one.scene_id in spoilt for one in sorted(again, key=lambda one: one.index)] == [True, False]
    indices = [one.index for one in world.tables.read(Scene, [scene.category])]
    assert len(set(indices)) == len(indices)
    count = len(world.tables.read(Scene))
    assert world.serve_one(scene.category).success
    assert len(world.tables.read(Scene)) == count


def test_a_categorys_own_set_leaves_out_and_counts_the_scenes_that_show_it(world):
    victim, _, scene = companion(world)
    say(world, overrule=True, **{victim: "no"})
    assert world.serve_one(scene.category, ["category_dataset"]).success
    files = world.datasets.contents[f"categories/{scene.category}"]
    shown = {image["genval"]["scene_id"] for image in json.loads(files["annotations/coco.json"])["images"]}
    assert scene.scene_id not in shown
    assert "1 scene with an instance that was accepted once" in files["README.md"].decode()


def test_what_a_person_accepts_again_is_exported_with_its_old_scene(world):
    before = instances_in(merged(world))
    victim = accepted(world, "ant")[0]
    say(world, overrule=True, **{victim: "no"})
    say(world, overrule=True, **{victim: "yes"})
    assert instances_in(merged(world)) == before
    assert owes(tally(world, "ant")) == 0


def test_what_the_vision_model_refused_and_a_person_keeps_gets_its_scene_in_the_next_run(make_world):
    world = make_world(concepts=names_only("ant"), settings=settings(target=2)).set_up()
    world.chat.eye = lambda request: judged(single_view="fail")
    assert world.serve_one("ant", candidates=3).success
    victim = next(v.instance_id for v in world.tables.read(Verdict) if v.stage == "vlm")
    told = say(world, overrule=True, **{victim: "yes"})
    assert told["overruled"] == [victim]
    assert (tally(world, "ant").accepted, tally(world, "ant").scenes, owes(tally(world, "ant"))) == (1, 0, 1)
    assert world.serve_one("ant", ["composite_scenes"]).success
    assert [scene.instance_id for scene in world.tables.read(Scene)] == [victim]
    assert owes(tally(world, "ant")) == 0


def test_what_the_gate_refused_stays_refused_and_is_named(make_world):
    world = make_world(concepts=names_only("ant"), settings=settings(target=2)).set_up()
    world.foregrounds.draws_badly.add("ant")
    assert world.serve_one("ant", candidates=3).success
    victim = world.tables.read(Verdict)[0].instance_id
    told = say(world, overrule=True, **{victim: "yes"})
    assert (told["overruled"], told["without_cutout"]) == ([], [victim])
    assert accepted(world, "ant") == []
    assert not world.tables.rows[Quarantined]


def test_the_warehouse_publishes_how_far_judge_and_labels_agree_and_rates_by_these_labels(world):
    first, second, *_ = accepted(world, "ant")
    say(world, overrule=True, **{first: "yes", second: "no"})
    assert world.materialize(["warehouse"]).success
    (overall,) = [row for row in world.published.agreement if row.criterion == "overall"]
    assert (overall.labeller, overall.tp, overall.fp, overall.in_force) == ("person", 1, 1, True)
    rates = {rate.category: rate for rate in world.published.rates}
    assert (rates["ant"].truth, rates["ant"].residual_invalid) == ("golden", 0.5)
    assert (rates["bee"].truth, rates["bee"].residual_invalid) == ("unknown", None)


def test_a_check_warns_when_the_judge_keeps_what_people_reject(world):
    def check() -> dg.AssetCheckEvaluation:
        done = dg.materialize(
            [*ASSETS, *CHECKS], selection=["warehouse"], instance=world.instance, resources=world.resources()
        )
        return next(one for one in done.get_asset_check_evaluations() if one.check_name == "validation_agrees")

    assert check().passed
    assert "genval review" in str(check().description)
    assert world.serve_one("ant", candidates=33).success
    say(world, **dict.fromkeys(accepted(world, "ant"), "no"))
    found = check()
    assert not found.passed
    assert found.severity == dg.AssetCheckSeverity.WARN
    assert "precision of fake-chat@1" in str(found.description)
    assert found.metadata["confusion"].records[0].data["fp"] == len(accepted(world, "ant")) >= 33
