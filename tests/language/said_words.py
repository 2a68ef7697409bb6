"""Words of questions and answers, taken apart for the check in `rederive.py`; nothing of `genval_assets.language`."""

import re

BASIC = ("black", "white", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")
NOT_BASIC = (
    "beige", "cyan", "golden", "gold", "khaki", "maroon", "navy", "olive", "silver", "tan", "teal", "turquoise",
    "violet", "multicoloured", "multicolored", "colourful", "rainbow", "salmon", "cream", "bronze", "copper",
)  # fmt: skip


def tokens(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def spoken(name: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f-\x9f_\s]+", " ", name).strip()


def is_colour(token: str) -> bool:
    return grey(token) in BASIC or token in NOT_BASIC


def grey(token: str) -> str:
    return "grey" if token == "gray" else token
