"""The prompt that is used where the agent brings none (Gen-n-Val's baseline)."""

from genval_assets.prompting.lint import MAX_TOKENS, estimate_tokens, spoken_name

NEGATIVE = "blurry, low quality, watermark, text, signature"
"""What no picture should have. It says nothing of count, frame or ground: those are the prompt's to ask for."""


def baseline_prompt(name: str, definition: str | None = None) -> str:
    """Return "An image of a single {name}", with the concept's definition where it has one that fits the window."""
    plain = f"An image of a single {spoken_name(name)}"
    if not definition:
        return plain
    defined = f"{plain}, {definition.strip().rstrip('.')}"
    return defined if estimate_tokens(defined) <= MAX_TOKENS else plain
