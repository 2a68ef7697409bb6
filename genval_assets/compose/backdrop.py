"""Which background a scene is composed on."""

from collections.abc import Iterator, Sequence

import numpy as np

from genval_assets.compose.settings import SceneSettings
from genval_assets.rows import Background

TRAINING = "training"


def backdrops(
    backgrounds: Sequence[Background], own_image_id: int | None, seed: int, settings: SceneSettings
) -> Iterator[Background]:
    """Yield backgrounds in the order in which a scene should try them; normally the first one serves.

    With the chance `real_canvas_share` the first is one of the user's training images, else another picture; where
    one kind is missing the other serves. The photograph that the primary object was cut from never comes: it would
    hold the object twice.

    Args:
        backgrounds: all screened ones, in any order.
        own_image_id: of the photograph that the primary object was cut from; None for a drawn one.
        seed: of the scene.
        settings: real_canvas_share.
    """
    rng = np.random.default_rng(seed)
    free = sorted(
        (b for b in backgrounds if b.image_id is None or b.image_id != own_image_id), key=lambda b: b.background_id
    )
    training = [b for b in free if b.kind == TRAINING]
    others = [b for b in free if b.kind != TRAINING]
    real_first = bool(rng.random() < settings.real_canvas_share)
    for kind in (training, others) if real_first else (others, training):
        for position in rng.permutation(len(kind)):
            yield kind[int(position)]
