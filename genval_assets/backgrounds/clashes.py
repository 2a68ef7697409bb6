"""Validation pictures that come too late: something was made of them already."""

from collections.abc import Iterable

from genval_assets.backgrounds.hashes import ValidationGuard

LISTED = 10


class ValidationClash(ValueError):
    """New validation pictures, or near-duplicates of them, were already cut out from or composed on."""


def refuse_clashes(used: Iterable[tuple[str, str]], guard: ValidationGuard) -> None:
    """Refuse validation pictures of which training data was made.

    Args:
        used: (what it is, 64-bit perceptual hash) of each picture that something was made of.
        guard: the new validation pictures.

    Raises:
        ValidationClash: it lists the first ten by name and says what to do.
    """
    clashing = sorted({name for name, phash in used if guard.is_validation(phash)})
    if clashing:
        named = ", ".join(clashing[:LISTED]) + (", ..." if len(clashing) > LISTED else "")
        raise ValidationClash(
            f"{len(clashing)} pictures that this project already used are validation pictures now, or near-duplicates "
            f"of one: {named}. Rows are never deleted: make a new project with `genval init --val`, or remove these "
            "pictures from [data] val"
        )
