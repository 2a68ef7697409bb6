"""Wiring of what golden labels say of the validation agent: read for the published tables and for their check."""

from collections.abc import Iterable

from genval_assets.evaluation.confusion import judge_agreement
from genval_assets.ports import Tables
from genval_assets.project import Project
from genval_assets.rows import AgentPrompt, GoldenJudgement, GoldenLabel
from genval_assets.textgrad.agents import JUDGE
from genval_assets.types import JudgeAgreement


def agreement(tables: Tables, project: Project) -> list[JudgeAgreement]:
    """Return how far each version of the validation agent agrees with the labels, the one in force last."""
    rows = tables.read(AgentPrompt, [JUDGE])
    refined = {row.version for row in rows if row.written_by == "textgrad"}
    versions = judge_versions(rows, project.agents(tables).judge.version)
    return judge_agreement(tables.read(GoldenLabel), tables.read(GoldenJudgement), versions, refined)


def judge_versions(rows: Iterable[AgentPrompt], current: str) -> list[str]:
    """Return the versions that were accepted, oldest first, the one in force last."""
    steps = sorted((row for row in rows if row.accepted), key=lambda row: (row.refinement, row.step))
    accepted = [row.version for row in steps]
    return [*(version for version in dict.fromkeys(accepted) if version != current), current]
