"""A project of fakes whose backgrounds are the user's pictures and painted ones."""

import dagster as dg

from genval_assets.config import BackgroundSettings
from genval_assets.types import RefusedItem
from tests.assets.fake_models import blocks
from tests.assets.fakes import OnePicture
from tests.assets.world import names_only, settings


class Folders(OnePicture):
    """Pictures by kind and path; what is None is no picture. Of `home` those are seen that it has stored itself."""

    def __init__(self, home=None, **of_kind: dict) -> None:
        self.home = home
        self.of_kind = of_kind

    def paths(self, kind: str) -> list[str]:
        return list(self.of_kind.get(kind, {}))

    def pixels(self, kind: str, path: str):
        pixels = self.home.pictures.get(path) if kind == "drawn" else self.of_kind[kind][path]
        if pixels is None:
            raise RefusedItem(path, "not_a_picture", "text")
        return pixels


def painting(make_world, painted: int, **given):
    """Return a project that paints so many backgrounds, and has one picture of its own."""
    asked = settings().model_copy(update={"backgrounds": BackgroundSettings(painted=painted)})
    world = make_world(settings=asked, concepts=names_only("ant"), **given)
    world.pictures = Folders(home=world.images, yours={"a.jpg": blocks(50)})
    return world


def metadata(world) -> dict[str, object]:
    """Return what the last materialization says of itself."""
    event = world.instance.get_latest_materialization_event(dg.AssetKey("backgrounds")).asset_materialization
    return {name: value.value for name, value in event.metadata.items()}
