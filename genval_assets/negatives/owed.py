"""How many pictures each category still owes: those that should get a caption and negatives, less the finished ones."""

from collections.abc import Collection, Mapping

from genval_assets.negatives.positive import STAGE

STAGES = (STAGE,)
"""The stages that such a picture passes. What they cost, and that they fail, says nothing of instances."""
QUESTIONS = 4.0
"""To the chat model about one picture: its caption, the list, what is seen of it, a correction. Before any was
measured, each is taken for as long as a candidate (our choice)."""


def owed_pictures(wanted: Mapping[str, Collection[str]], finished: Collection[str]) -> dict[str, int]:
    """Return category -> pictures to go, where there are any. What is finished and not wanted does not count.

    Args:
        wanted: category -> ids of the pictures that it should have captions of.
        finished: ids of the pictures of which nothing is owed, of whatever category; a set where there are many.
    """
    to_go = {category: sum(one not in finished for one in set(pictures)) for category, pictures in wanted.items()}
    return {category: number for category, number in to_go.items() if number}
