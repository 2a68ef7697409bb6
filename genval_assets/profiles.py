"""The models of each profile: which resource plays which role.

Each is handed to `Models`, whose fields are ports, so that mypy proves that it fits. Nothing falls back: a profile has
exactly these, and what is missing is an error that says what to do.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from genval_assets.chat.settings import ChatSettings
from genval_assets.model_ports import (
    Chat,
    Detectors,
    Embedders,
    Foregrounds,
    Gauge,
    LayoutImages,
    Painters,
    Segmenters,
    Variations,
)
from genval_assets.models.settings import WeightsSettings
from genval_assets.ports import GoldenSource, SealedTruth
from genval_assets.project import Project
from resources.chat_http import ServedChat
from resources.chat_local import LocalChat
from resources.detector import NoDetector, Owlv2Detector
from resources.embedder import ImageTextEmbedder
from resources.foregrounds import LayerDiffusion
from resources.gauge import DeviceGauge
from resources.golden import NoGolden
from resources.layout_images import GligenLayouts
from resources.offline.chat import OfflineChat
from resources.offline.detector import OfflineDetectors
from resources.offline.embedder import OfflineEmbedders
from resources.offline.foregrounds import OfflineForegrounds
from resources.offline.golden import OfflineGolden
from resources.offline.layout_images import OfflineLayouts
from resources.offline.painter import OfflinePainter
from resources.offline.sealed import SealedTruthFiles
from resources.offline.segmenter import OfflineSegmenters
from resources.offline.variation import OfflineVariations
from resources.painter import SdxlPainter
from resources.segmenter import Sam2Segmenter
from resources.variation import SdxlVariation
from resources.weights import Weights

REHEARSED_PX = 256
"""Side of the frames that the offline models rehearse on: half the time of a candidate's 384, and judged alike."""


@dataclass(frozen=True)
class Models:
    """The models that every profile has, by the names under which assets ask for them."""

    foregrounds: Foregrounds
    rehearsal_foregrounds: Foregrounds  # draws what TextGrad rehearses on
    variations: Variations
    segmenters: Segmenters
    detectors: Detectors
    chat: Chat
    embedders: Embedders
    golden: GoldenSource
    painters: Painters
    layout_images: LayoutImages
    layout_detectors: Detectors  # look for things that no layout asked for
    truth: SealedTruth
    gauge: Gauge


def offline_models(project: Project) -> Mapping[str, object]:
    """Return the models of the profile `offline`: drawn and by rule, no weights. Simulated.

    Rehearsals of the agents are drawn by another hand than candidates are; golden labels by a third.
    """
    home = str(project.home)
    models = Models(
        foregrounds=OfflineForegrounds(home=home),
        rehearsal_foregrounds=OfflineForegrounds(
            home=str(project.home / "data" / "rehearsals"), hand="acceptance", frame=REHEARSED_PX
        ),
        variations=OfflineVariations(),
        segmenters=OfflineSegmenters(),
        detectors=NoDetector(),
        chat=chosen_chat(project.settings.chat) or OfflineChat(),
        embedders=OfflineEmbedders(),
        golden=OfflineGolden(frame=REHEARSED_PX),
        painters=OfflinePainter(),
        layout_images=OfflineLayouts(home=home),
        layout_detectors=OfflineDetectors(),
        truth=SealedTruthFiles(home=home),
        gauge=DeviceGauge(),
    )
    return vars(models)


@dataclass(frozen=True)
class Preset:
    """What a GPU profile does where the settings leave it open."""

    batch: int  # pictures drawn at once
    chat: str = "Qwen/Qwen3-VL-4B-Instruct"  # answers in this process, unless [chat] names another


PRESETS = {"gpu-24gb": Preset(batch=8), "gpu": Preset(batch=16)}


def gpu_models(project: Project) -> Mapping[str, object]:
    """Return the models of the profiles `gpu-24gb` and `gpu`: published weights, all in this process.

    There is no truth about what they draw, and they bring no golden labels: `genval review` makes them.
    """
    settings = project.settings.models
    sdxl, vae, drawing = _weights(settings.sdxl), _weights(settings.vae), settings.drawing
    preset = PRESETS[project.settings.project.profile]
    base = {
        "sdxl": sdxl,
        "vae": vae,
        "variant": settings.sdxl.variant,
        "device": settings.device,
        "dtype": settings.dtype,
        **drawing.model_dump(exclude={"batch"}),
        "batch": drawing.batch or preset.batch,
    }
    layer_diffuse, adapter, varying = settings.layer_diffuse, settings.ip_adapter, project.settings.instances.variation
    layout, segmenter, detector, embedder = settings.layout, settings.segmenter, settings.detector, settings.embedder
    device = settings.device
    searching = Owlv2Detector(
        weights=_weights(detector), batch=detector.batch, min_score=detector.min_score, device=device
    )
    foregrounds = LayerDiffusion(
        **base, layer_diffuse=_weights(layer_diffuse), offsets=layer_diffuse.offsets, decoder=layer_diffuse.decoder
    )
    models = Models(
        foregrounds=foregrounds,
        rehearsal_foregrounds=foregrounds,
        variations=SdxlVariation(
            **base,
            ip_adapter=_weights(adapter),
            subfolder=adapter.subfolder,
            file=adapter.file,
            image_encoder=adapter.image_encoder,
            strength=varying.strength,
            reference_scale=varying.reference_scale,
        ),
        segmenters=Sam2Segmenter(weights=_weights(segmenter), batch=segmenter.batch, device=device),
        detectors=searching,
        chat=chosen_chat(project.settings.chat) or _local_chat(project.settings.chat, preset.chat),
        embedders=ImageTextEmbedder(weights=_weights(embedder), batch=embedder.batch, device=device),
        golden=NoGolden(),
        painters=SdxlPainter(**base),
        layout_images=GligenLayouts(
            weights=_weights(layout), pickled=layout.pickled, steps=layout.steps, dtype=settings.dtype, device=device
        ),
        layout_detectors=searching,
        truth=SealedTruthFiles(home=str(project.home)),
        gauge=DeviceGauge(),
    )
    return vars(models)


def _weights(settings: WeightsSettings) -> Weights:
    return Weights(weights=settings.weights, revision=settings.revision)


def chosen_chat(settings: ChatSettings) -> Chat | None:
    """Return the chat model that the settings name, in any profile; None for the profile's own."""
    if settings.use == "served":
        served: Chat = ServedChat(**settings.served.model_dump(), max_tokens=settings.max_tokens)
        return served
    if settings.use == "local":
        return _local_chat(settings, settings.local.weights)
    return None


def _local_chat(settings: ChatSettings, weights: str) -> Chat:
    named = settings.local.model_dump() | {"weights": settings.local.weights or weights}
    local: Chat = LocalChat(**named, max_tokens=settings.max_tokens)
    return local


MODELS = {"offline": offline_models, "gpu-24gb": gpu_models, "gpu": gpu_models}
"""Profile -> its models; `config.py` knows the same profiles."""
