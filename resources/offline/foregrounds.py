"""The offline foreground model: draws what the prompt says, and errs as the prompt lets it. Simulated."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from pydantic import Field, field_validator

from genval_assets.model_ports import Finisher
from genval_assets.types import Drawn, DrawRequest, ModelUnavailable
from resources.offline.drawing import Draft, draft
from resources.offline.hands import HANDS
from resources.offline.sealed import seal, truth_of
from resources.offline.studio import KINDS, MODEL, Style
from resources.offline.wording import kind_named, read_wording

MODEL_NAME = "genval-offline-studio"
REVISION = "2"
SOURCE = "offline"


class OfflineForegroundModel:
    """Fits `model_ports.ForegroundModel`; it reads the prompt, never the category's name, and ignores the negative."""

    model = MODEL_NAME
    revision = REVISION
    best_batch = 16

    def __init__(self, home: Path, frame: int, hand: Style = MODEL) -> None:
        self._home = home
        self._frame = frame
        self._hand = hand

    def draw(self, requests: Sequence[DrawRequest]) -> list[Drawn]:
        """Return one result per request, in order; their truth is sealed before any picture is handed out."""
        drafts = [self._draft(request) for request in requests]
        seal(
            self._home,
            [
                truth_of(request.instance_id, request.category, made, meant=kind_named(request.name))
                for request, made in zip(requests, drafts, strict=True)
                if made
            ],
        )
        return [
            Drawn(request, made.rgba) if made else Drawn(request, None, unknown_concept(request.prompt))
            for request, made in zip(requests, drafts, strict=True)
        ]

    def _draft(self, request: DrawRequest) -> Draft | None:
        wording = read_wording(request.prompt)
        return draft(wording, request.seed, self._frame, self._hand) if wording.kinds else None


def unknown_concept(prompt: str) -> str:
    """Return the message for a prompt that names nothing the studio can draw."""
    return (
        f"the offline studio finds nothing it can draw in {prompt[:120]!r}; it knows {', '.join(sorted(KINDS))}. "
        "Other categories need a profile with a real foreground model"
    )


class OfflineForegrounds(dg.ConfigurableResource[None]):
    """Opens the offline foreground model: no weights, a few CPU milliseconds a picture."""

    home: str = Field(description="The project's home folder; the truth of each draw is sealed below it.")
    frame: int = Field(default=384, ge=64, le=2048, description="Side of the square frame that it draws in, px.")
    hand: str = Field(default="own", description="Whose parameters it draws with: own, golden, acceptance or final.")

    @field_validator("hand")
    @classmethod
    def _known(cls, hand: str) -> str:
        if hand not in HANDS:
            raise ValueError(f"the studio's hands are {', '.join(HANDS)}; got {hand!r}")
        return hand

    @contextmanager
    def open(self) -> Iterator[OfflineForegroundModel]:
        """Return the model for the length of one `with` block."""
        yield OfflineForegroundModel(Path(self.home), self.frame, HANDS[self.hand])

    @contextmanager
    def finishing(self) -> Iterator[Finisher]:
        """Refuse: the offline model draws its pictures once, and hands out no latents.

        Raises:
            ModelUnavailable: always.
        """
        raise ModelUnavailable(f"{MODEL_NAME} draws no latents; what carries one was drawn under another profile")
        yield

    def fault(self) -> str:
        """Return nothing: it can always be opened."""
        return ""

    @property
    def source(self) -> str:
        """What its instances are called in the `source` column."""
        return SOURCE

    def can_draw(self, name: str) -> bool:
        """Return whether the studio finds a kind that it can draw in the name."""
        return bool(read_wording(name).kinds)

    def fingerprint(self) -> str:
        """Return model, revision and settings in one line."""
        return f"{MODEL_NAME}@{REVISION} frame={self.frame} hand={self.hand}"
