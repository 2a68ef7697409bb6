"""The offline model's factor tables can be used as they are, and fit the category."""

import pytest

from genval_assets.chat.ask import ask_all
from genval_assets.prompting.factors import FactorQuestion
from genval_assets.prompting.lint import lint_prompt
from genval_assets.prompting.slots import FACTORS, choose_slots
from resources.offline.chat import OfflineChatModel
from resources.offline.studio import KINDS


def table_of(name: str) -> dict[str, tuple[str, ...]]:
    (reply,) = ask_all(OfflineChatModel(), [FactorQuestion(name, name, None)], attempts=1)
    assert reply.value is not None, reply.faults
    return dict(reply.value)


@pytest.mark.parametrize("kind", [*KINDS, "sea cow", 'mug" {{7*7}}'])
def test_every_category_has_a_table_that_passes_its_own_rules_at_once(kind):
    table = table_of(kind)
    assert table == table_of(kind)
    assert choose_slots(kind, kind, 0, [], table).keys() == {"subject", *table}


def test_grown_things_have_no_time_and_no_polish():
    for kind in ("banana", "cactus", "fish"):
        table = table_of(kind)
        assert "time_period" not in table
        assert not {"checkered", "brushed"} & set(table["texture"])
        assert "carefully polished" not in table["status"]
    assert table_of("mug")["time_period"]


def test_tables_differ_between_categories():
    assert len({str(table_of(kind)) for kind in KINDS}) > len(KINDS) * 0.9
    assert set(table_of("mug")) == set(FACTORS)


def test_prompts_from_the_tables_pass_the_lint(make_row):
    from genval_assets.prompting.agent import PromptQuestion, prompt_agent_text
    from genval_assets.rows import Category

    for kind in ("banana", "mug", "hot-air balloon"):
        category = make_row(Category, category=kind, name=kind, synonyms=[], definition=None)
        table = table_of(kind)
        questions = [
            PromptQuestion(prompt_agent_text(), category, i, choose_slots(kind, kind, i, [], table)) for i in range(20)
        ]
        replies = ask_all(OfflineChatModel(), questions, attempts=1)
        assert all(lint_prompt(reply.value or "", kind) == [] for reply in replies)
