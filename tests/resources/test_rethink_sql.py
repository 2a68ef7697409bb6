"""What Prompt Rethink did is a question of SQL: how a prompt changed, on what proof, and which records it corrected."""

from datetime import UTC, datetime

from genval_assets.rows import Instance, Prompt, PromptProbe, Verdict

LATER = datetime(2026, 11, 2, tzinfo=UTC)


def test_the_lineage_shows_how_a_rethought_prompt_changed_and_what_proved_it(ask, make_row):
    probe = {
        "parent_id": "p1",
        "index": 5,
        "text": "new",
        "kept": ["mood"],
        "missing": ["colour"],
        "extra": ["residue"],
    }
    found = ask(
        """select prompt_id, ancestor_id, parent_text, text, parent_slots, slots, kept, missing, extra, pairs,
               parent_good, good, p_better, refused_rewrites
           from prompt_lineage order by prompt_id, generation""",
        [
            make_row(Prompt, prompt_id="p1", text="old", slots='{"colour": "blue"}'),
            make_row(Prompt, prompt_id="p2", text="new", index=5, parent_id="p1", origin="rethink", slots="{}"),
        ],
        [
            make_row(PromptProbe, **probe, pairs=4, parent_good=0, good=4, p_better=0.996, accepted=True),
            make_row(PromptProbe, **probe, pairs=4, good=1, p_better=0.1, accepted=False, round=0),
            make_row(PromptProbe, **probe | {"text": "other"}, pairs=4, good=2, p_better=0.9, accepted=True),
        ],
    )
    first = ("p1", None, "old", None, '{"colour": "blue"}', *[None] * 7, 1)
    change = ("p2", "old", "new", '{"colour": "blue"}', "{}", ["mood"], ["colour"], ["residue"], 4, 0, 4, 0.996, 0)
    assert found == [("p1", *first), ("p2", *change), ("p2", *first)]


def test_of_several_verdicts_on_one_picture_the_lineage_counts_the_latest(ask, make_row):
    found = ask(
        "select generated, accepted, rejected, differing from prompt_lineage",
        [make_row(Prompt, prompt_id="p")],
        [make_row(Instance, instance_id=f"i{k}", prompt_id="p") for k in range(3)],
        [
            make_row(Verdict, instance_id="i0", outcome="rejected", reasons=["flat"]),
            make_row(Verdict, instance_id="i1", outcome="accepted", cutout="c", area_px=1, differs=["colour"]),
            make_row(Verdict, instance_id="i2", outcome="accepted", cutout="c", area_px=1, differs=[]),
            make_row(Verdict, instance_id="i0", outcome="accepted", cutout="c", area_px=1, created_at=LATER),
        ],
    )
    assert found == [(3, 3, 0, 1)]


def test_image_records_shows_what_was_requested_seen_and_recorded_where_they_differ(ask, make_row):
    def accepted(instance_id: str, **given: object) -> Verdict:
        return make_row(Verdict, instance_id=instance_id, outcome="accepted", cutout="c", area_px=1, **given)

    differs = {"seen": "S", "record": "R", "differs": ["colour"]}
    found = ask(
        "select instance_id, prompt, requested, seen, record, differs, cutout from image_records",
        [make_row(Prompt, prompt_id="p", text="a blue banana", slots="Q")],
        [
            *(make_row(Instance, instance_id=i, index=n, prompt_id="p") for n, i in enumerate(("differs", "as asked"))),
            make_row(Instance, instance_id="refused", index=2, prompt_id="p"),
            make_row(Instance, instance_id="overruled", index=3, prompt_id="p"),
            make_row(Instance, instance_id="confirmed", index=4, prompt_id="p"),
            make_row(Instance, instance_id="cut-out", index=5, prompt_id=None),
        ],
        [
            accepted("differs", **differs),
            accepted("as asked", seen="S", record="R", differs=[]),
            make_row(Verdict, instance_id="refused", outcome="rejected", reasons=["incomplete"], seen="S"),
            accepted("overruled", **differs),
            accepted("confirmed", **differs),
            accepted("cut-out"),
            make_row(
                Verdict, instance_id="overruled", outcome="rejected", reasons=["flat"], stage="person", created_at=LATER
            ),
            accepted("confirmed", stage="person", created_at=LATER),
        ],
    )
    row = ("a blue banana", "Q", "S", "R", ["colour"], "c")
    assert found == [("differs", *row), ("confirmed", *row)]
