"""Wiring of what golden labels say of the validation agent: read for the published tables and for their check."""

from genval_assets.evaluation.confusion import judge_agreement
from genval_assets.ports import Tables
from genval_assets.project import Project
from genval_assets.rows import AgentPrompt, GoldenJudgement, GoldenLabel
from genval_assets.textgrad.agents import JUDGE
from genval_assets.types import JudgeAgreement


def agreement(tables: Tables, project: Project) -> list[JudgeAgreement]:
    """Return how far each version of the validation agent agrees with the labels, the one in force last."""
    refined = {row.version for row in tables.read(AgentPrompt, [JUDGE]) if row.written_by == "textgrad"}
    versions = judge_versions(tables, project)
    return judge_agreement(tables.read(GoldenLabel), tables.read(GoldenJudgement), versions, refined)


def judge_versions(tables: Tables, project: Project) -> list[str]:
    """Return the versions that were accepted, oldest first, the one in force last."""
    steps = [row for row in tables.read(AgentPrompt, [JUDGE]) if row.agent == JUDGE and row.accepted]
    accepted = [row.version for row in sorted(steps, key=lambda row: (row.refinement, row.step))]
    current = project.agents(tables).judge.version
    return [*(version for version in dict.fromkeys(accepted) if version != current), current]
