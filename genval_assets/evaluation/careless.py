"""Careless system prompts: where measurements of TextGrad begin. No project works with them unless it asks for them."""

from importlib.resources import files


def careless_prompt_agent() -> str:
    """Return a system prompt of the prompt agent that asks for vividness and for nothing that keeps a cut-out clean."""
    return _text("careless_prompt_agent.txt")


def careless_judge() -> str:
    """Return a system prompt of the validation agent that names its criteria and explains none."""
    return _text("careless_judge.txt")


def _text(file: str) -> str:
    return files("genval_assets.evaluation").joinpath(file).read_text(encoding="utf-8")
