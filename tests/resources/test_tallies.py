import random
from datetime import UTC, datetime, timedelta

import pytest

from genval_assets.compose.unplaced import unplaced_item
from genval_assets.rows import (
    Annotation,
    Category,
    Failure,
    Instance,
    NotSelected,
    Quarantined,
    Reference,
    Scene,
    TopUp,
    Verdict,
)
from genval_assets.topup.owed import owes
from genval_assets.types import RoundTally
from resources.tables import ParquetTables
from resources.tallies import ROLLUP, roll_up
from resources.warehouse import DuckWarehouse

START = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def tables(tmp_path, make_row):
    tables = ParquetTables(home=str(tmp_path))
    tables.append(
        [
            make_row(Category, category="zebra", name="Zebra", position=1, target=5, instance_count=7),
            make_row(Category, category="ape", name="Ape", position=0, target=9, instance_count=2, rare=True),
        ]
    )
    return tables


def verdicts(make_row, outcomes: str, **given: object) -> list[Verdict]:
    """Return a verdict per letter: a(ccepted), r(ejected), e(rror)."""
    kinds = {
        "a": {"outcome": "accepted", "cutout": "x", "area_px": 9},
        "r": {"outcome": "rejected", "reasons": ["no_object"]},
        "e": {"outcome": "error"},
    }
    rows = [make_row(Verdict, **kinds[letter], **given) for letter in outcomes]
    return [make_row(Verdict, **vars(row) | {"instance_id": f"of-{row.verdict_id}"}) for row in rows]


def test_categories_come_rarest_first_with_what_the_newest_generation_says(tables, make_row):
    tables.append(
        [
            make_row(Category, category="zebra", name="Equus", generation=2, position=1, target=6),
            make_row(Category, category="dodo", generation=1, state="active", position=2),
            make_row(Category, category="dodo", generation=2, state="retired", position=2),
        ]
    )
    tables.append([make_row(Category, category="zebra", name="written late", generation=1)])
    found = [(t.category, t.name, t.target, t.rare, t.real, t.drawn) for t in tables.tallies()]
    assert found == [("ape", "Ape", 9, True, 2, 0), ("zebra", "Equus", 6, False, 1, 0)]


def test_everything_is_counted_in_its_own_category(tables, make_row):
    tables.append([make_row(Reference), make_row(Reference), make_row(Reference, category="ape")])
    tables.append([make_row(Instance) for _ in range(4)])
    judged = verdicts(make_row, "aare")
    tables.append(judged)
    tables.append([make_row(Scene, instance_id=judged[0].instance_id)])
    item = unplaced_item(judged[1].instance_id)
    tables.append(
        [
            make_row(Quarantined, stage="composite_scenes", category="zebra", item=item),
            make_row(Quarantined, stage="composite_scenes", category=None, item="wall.png"),
            make_row(Quarantined, stage="references", category="zebra", item=item),
        ]
    )
    ape, zebra = tables.tallies()
    assert (ape.references, ape.drawn, ape.accepted, ape.scenes, ape.refused) == (1, 0, 0, 0, 0)
    assert (zebra.references, zebra.drawn, zebra.scenes, zebra.refused) == (2, 4, 1, 1)
    assert (zebra.accepted, zebra.rejected, zebra.errors) == (2, 1, 1)


def test_a_scene_drawn_from_a_layout_is_nobodys_own_scene(tables, make_row):
    """Neither before nor after something was withdrawn; nor does it make an instance that was left out used."""
    composed, spoilt, idle = verdicts(make_row, "aaa")
    tables.append([composed, spoilt, idle])
    tables.append([make_row(Scene, instance_id=composed.instance_id)])
    tables.append([make_row(NotSelected, instance_id=idle.instance_id, target=9)])
    drawn = {"instance_id": None, "background_id": None, "canvas": "layout"}
    tables.append([make_row(Scene, layout_image_id=f"p{i}", scene_id=f"d{i}", **drawn) for i in range(5)])
    of_node = {"source_annotation_id": None, "visible_share": None}
    tables.append([make_row(Annotation, scene_id="d0", scene_category="zebra", node_id="n1", **of_node)])
    zebra = tables.tallies()[1]
    assert (zebra.scenes, zebra.not_selected, zebra.accepted) == (1, 1, 3)
    tables.append([overruled(make_row, spoilt, "rejected")])
    tables.append([make_row(Annotation, scene_id="x", scene_category="zebra", instance_id=spoilt.instance_id)])
    zebra = tables.tallies()[1]
    assert (zebra.scenes, zebra.not_selected, zebra.accepted) == (1, 1, 2)


@pytest.mark.parametrize(("per_source", "effective"), [(1, 4), (3, 7), (9, 8)])
def test_of_one_real_object_only_some_instances_are_effective(tmp_path, tables, make_row, per_source, effective):
    tables.append(verdicts(make_row, "aaaa", reference_id="r1"))
    tables.append(verdicts(make_row, "aarr", reference_id="r2"))
    tables.append(verdicts(make_row, "rr", reference_id="r3"))
    tables.append(verdicts(make_row, "aa", reference_id=None))  # drawn from prompts: each counts
    tally = ParquetTables(home=str(tmp_path), per_source=per_source).tallies()[1]
    assert (tally.accepted, tally.effective, tally.distinct_sources) == (8, effective, 2)


def test_of_several_verdicts_on_one_instance_the_latest_counts(tables, make_row):
    (first,) = verdicts(make_row, "e")
    tables.append([first])
    (second,) = verdicts(make_row, "a")
    tables.append([make_row(Verdict, **vars(second) | {"instance_id": first.instance_id})])
    zebra = tables.tallies()[1]
    assert (zebra.accepted, zebra.errors) == (1, 0)


def overruled(make_row, verdict: Verdict, outcome: str) -> Verdict:
    """Return a person's verdict on the instance of another one."""
    reasons = ["person"] if outcome == "rejected" else []
    said = {"stage": "person", "outcome": outcome, "reasons": reasons}
    return make_row(Verdict, **vars(verdict) | said | {"verdict_id": f"{verdict.verdict_id}-{outcome}"})


def test_what_a_person_rejects_owes_no_scene_and_has_none_and_comes_back_when_accepted_again(tables, make_row):
    with_scene, without, unplaced = verdicts(make_row, "aaa")
    tables.append([with_scene, without, unplaced])
    tables.append([make_row(TopUp, round=1, count=3)])
    tables.append([make_row(Scene, instance_id=with_scene.instance_id)])
    item = unplaced_item(unplaced.instance_id)
    tables.append([make_row(Quarantined, stage="composite_scenes", category="zebra", item=item)])
    assert owes(tables.tallies()[1]) == 1
    for done in (with_scene, unplaced):
        tables.append([overruled(make_row, done, "rejected")])
    zebra = tables.tallies()[1]
    assert (zebra.accepted, zebra.rejected, zebra.scenes, zebra.refused, owes(zebra)) == (1, 2, 0, 0, 1)
    tables.append([overruled(make_row, without, "rejected")])
    assert owes(tables.tallies()[1]) == 0
    tables.append([overruled(make_row, with_scene, "accepted")])
    zebra = tables.tallies()[1]
    assert (zebra.accepted, zebra.scenes, owes(zebra)) == (1, 1, 0)


@pytest.mark.parametrize("rolled_up", [False, True])
def test_what_was_not_selected_counts_as_such_while_the_target_is_no_higher_and_it_has_no_scene(
    tables, make_row, tmp_path, rolled_up
):
    judged = verdicts(make_row, "aaaaaa")
    twice, once, composed, unplaced, spoilt, rejected = (verdict.instance_id for verdict in judged)
    tables.append(judged)
    rows = [(instance, 5) for instance in (twice, once, composed, unplaced, spoilt, rejected)] + [(twice, 8)]
    tables.append([make_row(NotSelected, instance_id=instance, target=target) for instance, target in rows])
    scenes = [make_row(Scene, instance_id=instance) for instance in (composed, spoilt)]
    tables.append(scenes)
    shown = {"scene_category": "zebra", "instance_id": rejected, "source_annotation_id": None}
    tables.append([make_row(Annotation, scene_id=scenes[1].scene_id, **shown)])
    item = unplaced_item(unplaced)
    tables.append([make_row(Quarantined, stage="composite_scenes", category="zebra", item=item)])
    tables.append([overruled(make_row, judged[-1], "rejected")])
    if rolled_up:
        roll_up(tmp_path)

    def aimed(target: int) -> int:
        generation = make_row(Category, category="zebra", position=1, target=target, generation=target + 100)
        tables.append([generation])
        return tables.tallies()[1].not_selected

    assert tables.tallies()[1].scenes == 1
    assert [aimed(target) for target in range(5, 10)] == [2, 1, 1, 1, 0]


@pytest.mark.parametrize("rolled_up", [False, True])
def test_a_scene_that_shows_what_a_person_rejected_is_owed_anew_in_whatever_category(
    tables, make_row, tmp_path, rolled_up
):
    (guest,) = verdicts(make_row, "a", category="ape")
    hosts = verdicts(make_row, "aa")
    scenes = [make_row(Scene, instance_id=host.instance_id) for host in hosts]
    pasted = [(scenes[0], hosts[0]), (scenes[0], guest), (scenes[1], hosts[1])]
    for rows in ([make_row(TopUp, count=2)], [guest], hosts, scenes):
        tables.append(rows)
    tables.append(
        [
            make_row(
                Annotation, scene_id=scene.scene_id, scene_category="zebra", category=shown.category,
                instance_id=shown.instance_id, source_annotation_id=None,
            )
            for scene, shown in pasted
        ]
    )  # fmt: skip
    if rolled_up:
        roll_up(tmp_path)
    tables.append([overruled(make_row, guest, "rejected")])
    if rolled_up:
        roll_up(tmp_path)
    ape, zebra = tables.tallies()
    assert (ape.accepted, zebra.accepted, zebra.scenes, owes(zebra)) == (0, 2, 1, 1)
    tables.append([make_row(Scene, instance_id=hosts[0].instance_id)])
    assert tables.tallies()[1].scenes == 2
    tables.append([overruled(make_row, guest, "accepted")])
    assert [tally.scenes for tally in tables.tallies()] == [0, 2]


def test_the_history_tells_what_each_round_planned_and_brought(tables, make_row):
    tables.append(
        [
            make_row(TopUp, round=1, source="cutout", first_index=0, count=4, fingerprint="f1"),
            make_row(TopUp, round=2, source="cutout", first_index=4, count=2, fingerprint="f2"),
            make_row(TopUp, round=2, source="offline", first_index=0, count=3, fingerprint="f1"),
        ]
    )
    tables.append([make_row(Instance, round=1) for _ in range(4)])
    tables.append([make_row(Instance, round=2)])
    tables.append(verdicts(make_row, "aar", round=1))
    zebra = tables.tallies()[1]
    assert zebra.history == (
        RoundTally(1, "f1", planned=4, drawn=4, accepted=2, rejected=1, errors=0),
        RoundTally(2, "f1+f2", planned=5, drawn=1, accepted=0, rejected=0, errors=0),
    )
    assert zebra.next_index == {"cutout": 6, "offline": 3}


def test_failures_count_since_the_last_round_that_finished(tables, make_row):
    def failure(hour: int) -> Failure:
        return make_row(Failure, created_at=START + timedelta(hours=hour))

    tables.append([failure(0), failure(1)])
    tables.append([make_row(TopUp, round=1, count=2), make_row(TopUp, round=2, count=2, top_up_id="second")])
    assert tables.tallies()[1].failures == 2
    tables.append(verdicts(make_row, "a", round=1, created_at=START + timedelta(hours=2)))
    assert tables.tallies()[1].failures == 2
    tables.append(verdicts(make_row, "r", round=1, created_at=START + timedelta(hours=2)))
    tables.append(verdicts(make_row, "r", round=2, created_at=START + timedelta(hours=9)))
    assert tables.tallies()[1].failures == 0
    tables.append([failure(3), make_row(Failure, category="ape", created_at=START)])
    assert [t.failures for t in tables.tallies()] == [1, 1]
    last = next(verdict for verdict in tables.read(Verdict) if (verdict.round, verdict.outcome) == (1, "rejected"))
    said = overruled(make_row, last, "rejected")
    tables.append([make_row(Verdict, **vars(said) | {"created_at": START + timedelta(hours=30)})])
    assert [t.failures for t in tables.tallies()] == [1, 1]


@pytest.mark.parametrize("stage", ["layouts", "question_answers", "hard_negatives"])
def test_what_fails_beside_the_instances_is_no_failure_of_theirs(tables, make_row, stage):
    tables.append([make_row(Failure, stage=stage), make_row(Failure, stage="composite_scenes")])
    assert [t.failures for t in tables.tallies()] == [0, 1]


def _not_selected(make_row, verdict: Verdict, rng: random.Random) -> NotSelected:
    own = {"category": verdict.category, "instance_id": verdict.instance_id}
    return make_row(NotSelected, **own, target=rng.randint(0, 12))


def test_the_answer_is_the_same_with_and_without_a_rollup_whatever_happens_in_between(tables, make_row, tmp_path):
    rng, warehouse = random.Random(3), DuckWarehouse(home=str(tmp_path))
    pool = [
        verdict
        for category in ("ape", "zebra")
        for verdict in verdicts(make_row, "aaarre" * 3, category=category, reference_id=f"r-{category}")
    ]
    pool += [make_row(Verdict, **vars(v) | {"verdict_id": f"{v.verdict_id}-again", "outcome": "error"}) for v in pool]
    for step in range(60):
        rows = {
            "verdicts": rng.sample(pool, 2),
            "instances": [make_row(Instance, category=rng.choice(["ape", "zebra"]))],
            "scenes": [make_row(Scene, category=rng.choice(["ape", "zebra"]))],
            "not_selected": [_not_selected(make_row, one, rng) for one in rng.sample(pool, 2)],
        }
        tables.append(rows[rng.choice(list(rows))])
        if step % 11 == 3:
            roll_up(tmp_path)
        if step % 23 == 20:
            warehouse.compact()
    with_rollup = tables.tallies()
    (tmp_path / ROLLUP).unlink()
    assert tables.tallies() == with_rollup
    assert with_rollup[1].accepted > 0
    assert with_rollup[1].not_selected > 0


def test_a_rollup_spares_reading_what_it_covers(tables, make_row, tmp_path):
    tables.append([make_row(Instance, category="ape")])
    tables.append([make_row(Instance, category="zebra")])
    roll_up(tmp_path)
    before = tables.tallies()
    parts = sorted((tmp_path / "data/tables/instances").iterdir())
    parts[0].write_bytes(b"would not be readable")
    assert tables.tallies() == before
    tables.append([make_row(Instance, category="zebra")])  # the ape's part is not needed for the zebra
    assert [t.drawn for t in tables.tallies()] == [1, 2]


def test_merging_what_a_rollup_covers_leaves_it_in_force(tables, make_row, tmp_path):
    for _ in range(16):
        tables.append([make_row(Instance, category="ape")])
    roll_up(tmp_path)
    assert DuckWarehouse(home=str(tmp_path)).compact() == 16
    rollup = (tmp_path / ROLLUP).stat().st_mtime_ns
    assert [t.drawn for t in tables.tallies()] == [16, 0]
    tables.append([make_row(Instance, category="ape")])
    roll_up(tmp_path)
    assert [t.drawn for t in tables.tallies()] == [17, 0]
    assert (tmp_path / ROLLUP).stat().st_mtime_ns > rollup


def test_a_home_without_rows_has_no_tallies(tmp_path):
    assert ParquetTables(home=str(tmp_path)).tallies() == []
    roll_up(tmp_path)
    assert ParquetTables(home=str(tmp_path)).tallies() == []
    assert (tmp_path / ROLLUP).exists()
