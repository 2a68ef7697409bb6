"""Which concepts are rare, and why."""

from dataclasses import dataclass

from pydantic import Field

from genval_assets.types import Concept, Settings

LVIS_WORDS = {"r": "rare", "c": "common", "f": "frequent"}


class RareSettings(Settings):
    """Which categories are rare."""

    max_images: int = Field(
        default=10,
        ge=0,
        description="A category shown in at most this many training images is rare. LVIS: 10 (common up to 100, "
        "frequent above).",
    )
    use_frequency: bool = Field(
        default=True,
        description="Where the file gives LVIS frequency letters (r, c, f), they decide instead of the image count.",
    )


@dataclass(frozen=True)
class Rarity:
    """Whether a concept is rare, and the reason in a sentence."""

    rare: bool
    reason: str


def rarity(concept: Concept, settings: RareSettings) -> Rarity:
    """Return whether a concept is rare: by its frequency letter if it has one, else by its training images.

    A concept without any count is rare: nothing real is known of it. One with instances but no image count is
    judged by its instances, which are at least as many as the images that show them.
    """
    if settings.use_frequency and concept.frequency in LVIS_WORDS:
        letter = concept.frequency
        return Rarity(letter == "r", f"the file calls it {LVIS_WORDS[letter]} (frequency {letter})")
    limit = f"rare is {settings.max_images} or fewer"
    if concept.image_count:
        return Rarity(concept.image_count <= settings.max_images, f"{_images(concept.image_count)} ({limit})")
    if concept.instance_count:
        return Rarity(
            concept.instance_count <= settings.max_images,
            f"{_instances(concept.instance_count)}, images not counted ({limit})",
        )
    return Rarity(True, "no real image is known to show it")


def _images(count: int) -> str:
    return f"{count} training image{'' if count == 1 else 's'}"


def _instances(count: int) -> str:
    return f"{count} real instance{'' if count == 1 else 's'}"
