"""Words of the lists in a caption of which it cannot be told what they are said of, and what to do about each."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from genval_assets.negatives.sentence import Attribute, Unit, could_lead_to_noun, hidden_values
from genval_assets.negatives.vocabulary import Vocabulary


def loose_values(parts: Sequence[Unit], bound: Sequence[Attribute], vocabulary: Vocabulary) -> Iterator[str]:
    """Yield a sentence for each cause by which values are said of no noun: a hyphen, their place, an unlisted noun.

    Args:
        parts: the caption's units.
        bound: its attributes.
        vocabulary: what the values are.
    """
    places = {one.place for one in bound}
    loose = [at for at, part in enumerate(parts) if part.kind == "value" and at not in places]
    hidden = hidden_values(parts, vocabulary)
    unlisted = [parts[at].text for at in loose if could_lead_to_noun(parts, at)]
    elsewhere = [parts[at].text for at in loose if not could_lead_to_noun(parts, at)]
    if hidden:
        yield f"{quoted(hidden)} joins a word of the lists to another by a hyphen: write them apart, or leave it out."
    if unlisted:
        yield (
            f"No listed noun stands closely after {quoted(unlisted)}: list the noun with its whole name, or leave the "
            "word out."
        )
    if elsewhere:
        yield (
            f"{quoted(elsewhere)} does not stand before a noun: write 'a red mug', never 'a mug that is red' or 'made "
            "of plastic'."
        )
    yield from understood((parts[at].text for at in loose), vocabulary)


def understood(words: Iterable[str], vocabulary: Vocabulary) -> Iterator[str]:
    """Yield a sentence for each other word for a value: 'canvas' counts as 'fabric'."""
    for clause in dict.fromkeys(map(vocabulary.counts_as, words)):
        if clause:
            yield f"{clause}."


def quoted(words: Collection[str]) -> str:
    """Return words in quotes with commas between them, each once."""
    return ", ".join(repr(word) for word in dict.fromkeys(words))
