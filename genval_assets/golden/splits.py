"""What each golden label is for: criticism, acceptance, or the reported figures. No label serves two of them."""

from genval_assets.keys import seed_of

SPLITS = ("minibatch",) * 3 + ("acceptance",) * 5 + ("final",) * 2
"""Of ten labelled candidates so many go to each set (our choice)."""


def split_of(instance_id: str) -> str:
    """Return minibatch | acceptance | final, by the candidate alone: whoever labels it, and however often."""
    return SPLITS[seed_of("split", instance_id) % len(SPLITS)]
