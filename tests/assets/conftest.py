"""The project of fakes that these tests work on."""

from tests.assets.world import make_world

__all__ = ["make_world"]
