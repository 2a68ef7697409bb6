"""Prompts are asked for, refused with reasons at most twice, and replaced by the baseline after that."""

import json
from collections import Counter
from datetime import UTC, datetime

from genval_assets.keys import agent_version
from genval_assets.prompting.write import Author, PromptJob, write_prompts
from genval_assets.rows import Category, Prompt
from genval_assets.textgrad.versions import Version
from genval_assets.types import ChatAnswer, ChatRequest

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def category(name: str, position: int = 0, **more) -> Category:
    values = {
        "run_id": "r", "created_at": NOW, "category_row_id": name, "category": name, "name": name, "generation": 1,
        "position": position, "state": "active", "source_id": None, "supercategory": None, "synset": None,
        "definition": None, "synonyms": [], "frequency": None, "image_count": 1, "instance_count": 1, "rare": True,
        "rare_reason": "", "target": 10,
    }  # fmt: skip
    return Category(**(values | more))


def good(name: str, slots: dict[str, str]) -> str:
    words = " ".join(v for k, v in slots.items() if k not in {"subject", "lighting", "viewpoint"})
    return json.dumps({"prompt": f"A single {words} {name}, {slots['viewpoint']}, high-resolution, highly realistic"})


class ScriptedChat:
    """Answers with the script's line for the attempt, or a good prompt; keeps what it was asked."""

    model, revision, best_batch = "scripted", "1", 2

    def __init__(self, *script: str) -> None:
        self.script = script
        self.batches: list[list[ChatRequest]] = []

    def ask(self, requests):
        self.batches.append(list(requests))
        return [ChatAnswer(self._answer(json.loads(r.user))) for r in requests]

    def _answer(self, task: dict) -> str:
        attempt = len(task.get("faults_of_earlier_answers", []))
        return self.script[attempt] if attempt < len(self.script) else good(task["category"], task["slots"])

    @property
    def asked(self) -> list[ChatRequest]:
        return [r for batch in self.batches for r in batch]


def author(chat: ScriptedChat, system: str = "sys", **more) -> Author:
    return Author(chat, Version(system, agent_version(system), "shipped"), "run", NOW, **more)


def write(
    jobs: list[PromptJob], chat: ScriptedChat, used: tuple[Prompt, ...] = (), system: str = "sys", **more
) -> list[Prompt]:
    return [row for group in write_prompts(jobs, used, author(chat, system, **more)) for row in group.prompts]


def jobs_of(*names: str, count: int = 1) -> list[PromptJob]:
    return [PromptJob(category(n, i), 1, j) for i, n in enumerate(names) for j in range(count)]


def test_a_good_answer_is_the_prompt_and_its_row_says_how_it_came_about():
    (row,) = write(jobs_of("mug"), ScriptedChat())
    assert row.origin == "agent"
    assert row.lint == []
    assert row.agent_version == agent_version("sys")
    slots = json.loads(row.slots)
    assert slots["subject"] == "mug"
    assert slots["colour"] in row.text
    assert 0 < row.n_tokens <= 75
    assert (row.category, row.round, row.index, row.parent_id) == ("mug", 1, 0, None)


def test_a_fault_goes_back_as_text_and_the_repaired_prompt_is_taken():
    chat = ScriptedChat('{"prompt": "two mugs on a table"}')
    (row,) = write(jobs_of("mug"), chat)
    assert row.origin == "agent"
    assert {"plural", "scene", "no_trigger_words"} <= set(row.lint)
    (told,) = json.loads(chat.asked[1].user)["faults_of_earlier_answers"]
    assert "two mugs on a table" in told
    assert "plural" in told
    assert chat.asked[0].seed != chat.asked[1].seed


def test_after_three_bad_answers_the_baseline_is_used_and_marked():
    chat = ScriptedChat("no json", '{"prompt": NaN}', '{"prompt": "mug"}', '{"prompt": "never asked"}')
    (row,) = write([PromptJob(category("mug", definition="a cup with a handle"), 1, 0)], chat)
    assert len(chat.asked) == 3
    assert (row.text, row.origin) == ("An image of a single mug, a cup with a handle", "baseline")
    assert row.lint[:2] == ["unreadable", "unreadable"]
    assert "no_singular_cue" in row.lint
    assert json.loads(row.slots) == {"subject": "mug"}


def test_prompts_of_one_category_differ_and_balance_their_slots():
    rows = write(jobs_of("mug", count=10), ScriptedChat())
    assert len({row.text for row in rows}) == 10
    assert max(Counter(json.loads(row.slots)["colour"] for row in rows).values()) == 1


def test_a_batch_is_filled_across_categories_and_never_larger_than_the_model_likes():
    chat = ScriptedChat()
    write(jobs_of("mug", "key", "fish", count=2), chat)
    assert [len(batch) for batch in chat.batches] == [2, 1, 2, 1]


def test_a_stopped_run_leads_to_the_prompts_of_an_undisturbed_one():
    jobs = jobs_of("mug", "key", count=4)
    whole = write(jobs, ScriptedChat("rubbish"))
    stopped = list(next(write_prompts(jobs, [], author(ScriptedChat("rubbish")))).prompts)
    done = {(row.category, row.index) for row in stopped}
    rest = [job for job in jobs if (job.category.category, job.index) not in done]
    resumed = stopped + write(rest, ScriptedChat("rubbish"), used=tuple(stopped))
    assert {(r.prompt_id, r.text, r.slots) for r in resumed} == {(r.prompt_id, r.text, r.slots) for r in whole}


def test_the_order_of_the_jobs_does_not_matter():
    jobs = jobs_of("mug", "key", count=3)
    assert write(jobs[::-1], ScriptedChat()) == write(jobs, ScriptedChat())
    assert [(row.category, row.index) for row in write(jobs[::-1], ScriptedChat())][:3] == [
        ("mug", 0),
        ("key", 0),
        ("mug", 1),
    ]


def test_the_id_is_the_recipe():
    ids = {row.prompt_id for row in write(jobs_of("mug", "key", count=3), ScriptedChat())}
    assert len(ids) == 6
    assert {row.prompt_id for row in write(jobs_of("mug", "key", count=3), ScriptedChat())} == ids
    assert not ids & {row.prompt_id for row in write(jobs_of("mug", "key", count=3), ScriptedChat(), system="other")}


def test_no_jobs_ask_nothing():
    chat = ScriptedChat()
    assert write([], chat) == []
    assert chat.batches == []


def test_the_category_s_own_factors_are_used_where_it_has_them():
    own = {"mug": {"viewpoint": ("front view",), "lighting": ("soft light",), "glaze": ("speckled", "crackled")}}
    mug, key = write(jobs_of("mug", "key"), ScriptedChat(), factors=own)
    assert set(json.loads(mug.slots)) == {"subject", "viewpoint", "lighting", "glaze"}
    assert "colour" in json.loads(key.slots)


def test_a_category_that_the_model_was_not_reached_for_is_left_out_and_named():
    class HalfDown(ScriptedChat):
        def ask(self, requests):
            answers = super().ask(requests)
            down = [json.loads(r.user)["category"] == "key" for r in requests]
            return [ChatAnswer("", error="host is down") if d else a for a, d in zip(answers, down, strict=True)]

    chat = HalfDown()
    groups = list(write_prompts(jobs_of("mug", "key", count=3), [], author(chat)))
    assert [row.category for group in groups for row in group.prompts] == ["mug"] * 3
    assert groups[0].unanswered == {"key": "host is down"}
    assert sum(json.loads(r.user)["category"] == "key" for r in chat.asked) == 1
