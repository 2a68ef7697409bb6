"""What a rewrite of a system prompt must keep: the form of the agent's answer, its length, and words of its own."""

from collections.abc import Collection, Mapping

from genval_assets.validation.judge import CRITERIA

LONGEST_GROWTH = 1.5
"""A rewrite may be so many times as long as the text that the refinement began with (our choice)."""
ALWAYS_ROOM = 1_200
"""Characters that a rewrite may have in any case (our choice): one and a half times two sentences holds no rule."""

FORMS: Mapping[str, tuple[str, ...]] = {
    "prompt": ("JSON", '{"prompt": "..."}'),
    "judge": (
        "JSON", '"objects":', '"attributes":', *(f'"{criterion}":' for criterion in CRITERIA), '"keep":',
        '{"outcome": "meet", "explanation": ""}',
    ),
}  # fmt: skip
"""Agent -> the pieces of its system prompt that describe the form of its answer; without one of them its answers can no
longer be read. White space makes no difference."""


def refusal(agent: str, rewrite: str, initial: str, tried: Collection[str]) -> str:
    """Return why a rewrite is not worth comparing, as a sentence; empty when it is.

    Args:
        agent: prompt | judge.
        rewrite: the whole new system prompt.
        initial: what the refinement began with.
        tried: `same_text` of the parent and of all that was compared or refused before.
    """
    longest = max(ALWAYS_ROOM, round(LONGEST_GROWTH * len(initial)))
    if not storable(rewrite):
        return "it holds characters that no text should"
    if missing := lost_form(agent, rewrite):
        return f"the form of the answer is gone: {missing[0]!r} is missing"
    if len(rewrite) > longest:
        return f"it has {len(rewrite):,} characters, at most {longest:,} are accepted"
    return "it was there before, word for word" if same_text(rewrite) in tried else ""


def lost_form(agent: str, text: str) -> list[str]:
    """Return the pieces of the answer's form that a system prompt lacks.

    Raises:
        ValueError: there is no such agent.
    """
    if agent not in FORMS:
        raise ValueError(f"no agent {agent!r}; there are: {', '.join(FORMS)}")
    words = f" {same_text(text)} "
    return [piece for piece in FORMS[agent] if same_text(piece) not in words]


def same_text(text: str) -> str:
    """Return the text with every run of white space as one blank: equal for texts that read the same."""
    return " ".join(text.split())


def storable(text: str) -> bool:
    """Return whether a text is printable, line breaks and tabs aside; control characters, lone surrogates are not."""
    return text.translate(dict.fromkeys(map(ord, "\t\n\r"), " ")).isprintable()
