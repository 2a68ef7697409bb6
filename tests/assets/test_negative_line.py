"""Hard negatives in the chain: which pictures get a caption, what is stored, skipped, given up, and gone on with."""

import json
from collections import Counter
from dataclasses import replace

import pytest

from genval_assets.assets.planning import next_wave
from genval_assets.chat.settings import ChatSettings, ServedSettings
from genval_assets.negative_rows import HardNegative, NegativeList, NegativeRank, PositiveCaption
from genval_assets.negatives.claims import ClaimsAnswer
from genval_assets.negatives.settings import NegativeSettings
from genval_assets.rows import Instance, Prompt, Quarantined, Scene, Usage, Verdict
from genval_assets.topup.sources import Sources
from genval_assets.types import Concept
from tests.assets.fake_negatives import contrasted
from tests.assets.fakes import NOW, Album, ListConcepts
from tests.assets.world import names_only, settings

STAGE = "hard_negatives"
LINE = ("optimized_prompts", "raw_instances", "validated_instances", "composite_scenes", STAGE)
CUT = ("reference_instances", "raw_instances", "validated_instances", "composite_scenes")
SUBJECTS = (PositiveCaption, HardNegative, NegativeList)


def asking(pictures: int = 2, **negatives):
    """Return settings that want captions."""
    wanted = NegativeSettings(**{"pictures": pictures, "kinds": ("instance",)} | negatives)
    return settings("foreground").model_copy(update={"hard_negatives": wanted})


@pytest.fixture
def make_captioned(make_world):
    """Make a project of two names, set up, that wants captions."""

    def make(**given):
        return make_world(**{"concepts": names_only("key", "mug"), "settings": asking()} | given).set_up()

    return make


def stored(world, kind):
    return list(world.tables.rows[kind].values())


def content(row):
    """Return a row without what tells which run stored it, and when."""
    return {key: value for key, value in vars(row).items() if key not in ("run_id", "created_at")}


def test_each_wanted_picture_gets_a_caption_and_ten_negatives_of_the_quota_and_a_trivial_one(make_captioned):
    world = make_captioned()
    assert world.serve_batch("mug", "key", assets=LINE).success
    captions, lists = stored(world, PositiveCaption), stored(world, NegativeList)
    assert Counter(row.category for row in captions) == {"mug": 2, "key": 2}
    assert {row.outcome for row in captions} == {"accepted"}
    assert [(r.n_hard, r.n_medium, r.n_easy, r.n_trivial, r.short) for r in lists] == [(4, 3, 3, 1, False)] * 4
    accepted = [row for row in stored(world, HardNegative) if row.outcome == "accepted"]
    assert Counter(row.level for row in accepted) == {"hard": 16, "medium": 12, "easy": 12, "trivial": 4}
    assert world.materialized(STAGE) == {"mug", "key"}


def test_the_typed_changes_are_those_of_the_words(make_captioned):
    world = make_captioned()
    world.serve_one("mug", LINE)
    rows = {row.sentence: row for row in stored(world, HardNegative)}
    blue = rows["This picture shows one blue striped opaque mug all by itself in the very middle."]
    assert json.loads(blue.changes) == [{"type": "colour", "origin": "red", "target": "blue", "noun": "mug"}]
    assert (blue.level, blue.n_changes, blue.outcome, blue.reasons) == ("hard", 1, "accepted", [])
    assert "vision" in blue.confirmed_by


def test_what_was_requested_of_the_generator_stands_beside_the_caption(make_captioned):
    world = make_captioned()
    world.serve_one("mug", LINE)
    slots = {row.prompt_id: json.loads(row.slots) for row in stored(world, Prompt)}
    prompt_of = {row.instance_id: row.prompt_id for row in stored(world, Instance)}
    for row in stored(world, PositiveCaption):
        requested = json.loads(row.requested)
        assert requested["complete"]
        assert [thing["name"] for thing in requested["things"]] == ["mug"]
        assert requested["things"][0]["requested"]["colour"] == slots[prompt_of[row.subject_id]]["colour"]


def test_nothing_is_asked_where_the_settings_want_none(make_captioned):
    world = make_captioned(settings=settings("foreground"))
    assert world.serve_one("mug", LINE).success
    assert not stored(world, PositiveCaption)


def test_a_second_run_asks_nothing(make_captioned):
    world = make_captioned()
    world.serve_batch("mug", "key", assets=LINE)
    before, asked = {kind: set(world.tables.rows[kind]) for kind in SUBJECTS}, len(world.chat.asked)
    assert world.serve_batch("mug", "key", assets=(STAGE,)).success
    assert len(world.chat.asked) == asked
    assert {kind: set(world.tables.rows[kind]) for kind in SUBJECTS} == before


@pytest.mark.parametrize("lost", SUBJECTS)
def test_a_run_that_was_stopped_anywhere_ends_like_an_undisturbed_one(make_captioned, lost):
    world = make_captioned()
    world.serve_batch("mug", "key", assets=LINE)
    whole = {kind: {key: content(row) for key, row in world.tables.rows[kind].items()} for kind in SUBJECTS}
    for kind in SUBJECTS[SUBJECTS.index(lost) :]:  # what a killed run had not come to
        world.tables.rows[kind].clear()
    asked = len(world.chat.asked)
    assert world.serve_batch("mug", "key", assets=(STAGE,)).success
    assert len(world.chat.asked) == asked  # every answer is on record
    for kind in SUBJECTS:
        assert {key: content(row) for key, row in world.tables.rows[kind].items()} == whole[kind]


def test_a_caption_that_is_refused_is_stored_and_not_asked_for_again(make_captioned):
    world = make_captioned()
    world.chat.of_negatives = lambda request: json.dumps({"caption": "A mug.", "nouns": []})
    assert world.serve_one("mug", LINE).success
    rows = stored(world, PositiveCaption)
    assert {(row.outcome, row.caption) for row in rows} == {("refused", None)}
    assert {fault for row in rows for fault in row.faults} == {"too_short", "no_attribute"}
    asked = len(world.chat.asked)
    assert world.serve_one("mug", (STAGE,)).success
    assert len(world.chat.asked) == asked
    assert not stored(world, NegativeList)


def test_a_picture_that_one_model_refused_is_shown_to_the_next(make_captioned):
    world = make_captioned()
    world.chat.of_negatives = lambda request: json.dumps({"caption": "A mug.", "nouns": []})
    assert world.serve_one("mug", LINE).success
    served = ChatSettings(use="served", served=ServedSettings(url="http://127.0.0.1:9/v1", model="sharp-eyes"))
    world.settings = world.settings.model_copy(update={"chat": served})
    world.chat.model, world.chat.of_negatives = "sharp-eyes", contrasted
    sources = Sources({"offline": "fake"}, hard_negatives=asking().hard_negatives, eyes=world.project.eyes)
    assert "2 captions" in next_wave(world.tables, world.settings.top_up, world.settings.budget, sources, (), NOW).why
    assert world.serve_one("mug", (STAGE,)).success
    assert Counter(row.outcome for row in stored(world, PositiveCaption)) == {"refused": 2, "accepted": 2}
    assert len(stored(world, NegativeList)) == 2


def test_a_category_whose_questions_are_not_answered_fails_alone_and_is_gone_on_with(make_captioned):
    world = make_captioned()
    world.serve_batch("mug", "key", assets=LINE[:-1])
    world.chat.down = {"mug"}
    assert not world.serve_batch("mug", "key", assets=(STAGE,)).success
    assert {row.category for row in stored(world, NegativeList)} == {"key"}
    world.chat.down = set()
    assert world.serve_batch("mug", "key", assets=(STAGE,)).success
    assert {row.category for row in stored(world, NegativeList)} == {"mug", "key"}


def test_a_picture_that_is_gone_is_quarantined_and_the_others_go_on(make_captioned):
    world = make_captioned()
    world.serve_one("mug", LINE[:-1])
    first = min(stored(world, Verdict), key=lambda row: (row.round, row.index))
    world.images.lost.add(first.cutout)
    assert world.serve_one("mug", (STAGE,)).success
    outcome = {row.subject_id: (row.outcome, row.faults) for row in stored(world, PositiveCaption)}
    assert outcome.pop(first.instance_id) == ("refused", ["lost_picture"])
    assert set(map(str, outcome.values())) == {"('accepted', [])"}
    assert {row.reason for row in stored(world, Quarantined) if row.stage == STAGE} == {"lost_picture"}


def test_a_photograph_or_scene_that_is_gone_is_quarantined_and_its_category_goes_on(make_world):
    wanted = NegativeSettings(pictures=1, kinds=("scene", "real"))
    both = settings("cutout", target=6).model_copy(update={"hard_negatives": wanted})
    ants = ListConcepts([Concept("ant", source_id=1, image_count=2, instance_count=2)])
    world = make_world(settings=both, concepts=ants, photographs=Album({1: 2})).set_up()
    assert world.serve_one("ant", CUT).success
    world.images.lost |= {row.image for row in stored(world, Scene)}
    world.photographs.gone |= {1, 2}
    assert world.serve_one("ant", (STAGE,)).success
    assert {(row.kind, row.outcome, *row.faults) for row in stored(world, PositiveCaption)} == {
        ("scene", "refused", "lost_picture"),
        ("real", "refused", "lost_picture"),
    }
    assert len([row for row in stored(world, Quarantined) if row.stage == STAGE]) == 2


def test_sentences_without_their_list_are_not_taken_for_those_of_other_settings(make_captioned):
    world = make_captioned()
    world.serve_one("mug", LINE)
    world.tables.rows[NegativeList].clear()  # a run was killed before it stored the lists
    world.settings = asking(corrections=1, trivial=0)
    assert world.serve_one("mug", (STAGE,)).success
    lists = {row.negative_list_id for row in stored(world, NegativeList)}
    listed = [r for r in stored(world, HardNegative) if r.negative_list_id in lists and r.outcome == "accepted"]
    assert Counter(row.level for row in listed) == {"hard": 8, "medium": 6, "easy": 6}
    assert {(row.short, row.n_trivial) for row in stored(world, NegativeList)} == {(False, 0)}


def test_captions_that_nobody_wants_any_more_get_no_list(make_captioned):
    world = make_captioned()
    world.serve_one("mug", LINE)
    for kind in (HardNegative, NegativeList):
        world.tables.rows[kind].clear()
    world.settings = asking(pictures=1)
    assert world.serve_one("mug", (STAGE,)).success
    assert len(stored(world, NegativeList)) == 1


def test_a_vocabulary_that_reads_a_stored_caption_otherwise_ends_its_list_by_name(make_captioned):
    world = make_captioned()
    world.serve_one("mug", LINE)
    for kind in (HardNegative, NegativeList):
        world.tables.rows[kind].clear()
    world.settings = asking(vocabulary={"pattern": ("single",), "synonyms": {"single": ("one",)}})
    assert world.serve_one("mug", (STAGE,)).success
    assert {(row.short, row.why_short) for row in stored(world, NegativeList)} == {(True, "other_vocabulary")}


def test_the_model_is_opened_once_for_captions_and_negatives(make_captioned):
    world = make_captioned()
    world.serve_batch("mug", "key", assets=LINE[:-1])
    opened = world.chat.opened
    world.serve_batch("mug", "key", assets=(STAGE,))
    assert world.chat.opened == opened + 1
    (row,) = [row for row in stored(world, Usage) if row.stage == STAGE and row.answer_id is None]
    assert row.items == 4  # pictures that are through


def test_no_trivial_negative_quotes_a_caption_that_is_withdrawn(make_captioned):
    world = make_captioned()
    world.serve_one("key", LINE)
    for one in {row.instance_id: row for row in stored(world, Verdict)}.values():
        refused = replace(one, verdict_id=f"person {one.instance_id}", outcome="rejected", stage="person")
        world.tables.append([refused])
    world.serve_one("mug", LINE)
    assert not [row for row in stored(world, HardNegative) if "key" in row.sentence and row.category == "mug"]


def test_a_negative_that_a_look_at_the_picture_calls_true_is_kept_as_a_row_and_not_accepted(make_captioned):
    world = make_captioned()

    def blind(request):
        if request.answer_schema is ClaimsAnswer:
            claims = [{"id": one["id"], "holds": "true"} for one in json.loads(request.user)["statements"]]
            return json.dumps({"claims": claims})
        return contrasted(request)

    world.chat.of_negatives = blind
    assert world.serve_one("mug", LINE).success
    rows = stored(world, HardNegative)
    assert rows
    assert {row.outcome for row in rows} <= {"corrected", "rejected"}
    assert "true_of_the_picture" in {reason for row in rows for reason in row.reasons}
    assert {(row.short, row.why_short) for row in stored(world, NegativeList)} == {(True, "true_of_the_picture")}


def test_a_caption_that_was_in_doubt_gets_no_trivial_negative_whatever_one_more_look_would_say(make_captioned):
    world = make_captioned(settings=asking(verified_by="vision"))

    def doubting(request):
        answer = json.loads(contrasted(request))
        if request.answer_schema is ClaimsAnswer and "This picture shows" not in request.user:
            colours = {one["id"] for one in json.loads(request.user)["statements"] if " red " in one["says"]}
            answer = {"claims": [c | {"holds": "false"} if c["id"] in colours else c for c in answer["claims"]]}
        return json.dumps(answer)  # a look at captions of other pictures would find it to be red

    world.chat.of_negatives = doubting
    assert world.serve_batch("mug", "key", assets=LINE).success
    lists = stored(world, NegativeList)
    assert {(row.n_hard, row.n_trivial, row.why_short) for row in lists} == {(0, 0, "caption_doubted")}
    assert {row.outcome for row in stored(world, HardNegative)} == {"rejected"}


def test_scenes_and_real_photographs_get_captions_too(make_world):
    wanted = NegativeSettings(pictures=1, kinds=("scene", "real"))
    both = settings("cutout", target=6).model_copy(update={"hard_negatives": wanted})
    ants = ListConcepts([Concept("ant", source_id=1, image_count=2, instance_count=2)])
    world = make_world(settings=both, concepts=ants, photographs=Album({1: 2})).set_up()
    assert world.serve_one("ant").success
    rows = {row.kind: row for row in stored(world, PositiveCaption)}
    assert set(rows) == {"scene", "real"}
    assert rows["scene"].image == next(r.image for r in stored(world, Scene) if r.scene_id == rows["scene"].subject_id)
    assert not json.loads(rows["real"].requested)["complete"]


def test_waves_hold_the_captions_that_are_owed_and_end_when_none_is(make_captioned):
    world = make_captioned(settings=settings("foreground"))
    world.serve_batch("mug", "key", assets=LINE)
    wanted = asking()
    sources = Sources({"offline": "fake"}, hard_negatives=wanted.hard_negatives, eyes=world.project.eyes)

    def wave():
        return next_wave(world.tables, wanted.top_up, wanted.budget, sources, (), NOW)

    assert "4 captions" in wave().why
    world.settings = wanted
    assert world.serve_batch("mug", "key", assets=(STAGE,)).success
    assert wave().categories == ()


def test_an_embedder_ranks_each_caption_once(make_captioned):
    world = make_captioned()
    world.serve_one("mug", LINE)
    assert world.materialize(["negative_ranking"]).success
    ranks = stored(world, NegativeRank)
    assert Counter(row.level for row in ranks) == {"hard": 2, "medium": 2, "easy": 2, "all": 2}
    # the embedder knows none of the words, and nothing is won by a vector of zeros
    assert {(row.level, row.rank) for row in ranks} == {("hard", 5), ("medium", 4), ("easy", 4), ("all", 11)}
    seen = world.embedders.seen
    assert world.materialize(["negative_ranking"]).success
    assert world.embedders.seen == seen
