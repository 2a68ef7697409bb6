"""What `genval doctor` says of the models of a profile with weights: packages, device, each role, memory per stage."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Protocol, cast

from genval_assets.commands.findings import Finding
from genval_assets.models.memory import BYTES, GB, PUBLISHED, STAGES, fits, in_words, need_of, open_in
from genval_assets.models.settings import ModelsSettings, WeightsSettings
from genval_assets.project import Project
from resources.chat_local import LocalChat
from resources.device import seen_device, stored_parameters
from resources.layout_images import SAFE
from resources.weights import PACKAGES, Weights, missing_device, missing_packages

GROUPS: Mapping[str, tuple[str, ...]] = {
    "foregrounds": ("sdxl", "vae", "layer_diffuse"),
    "variations": ("sdxl", "vae", "ip_adapter"),
    "segmenters": ("segmenter",),
    "embedders": ("embedder",),
    "painters": ("sdxl", "vae"),
    "detectors": ("detector",),
    "layout_images": ("layout",),
}
"""Role -> the groups of `[models]` that name its weights."""
SINGLE = ("segmenter", "detector", "embedder")
"""Networks that are small, and see in single precision whatever the drawing models' number format is."""


class Openable(Protocol):
    """What every resource of a model can tell before it is opened."""

    def fault(self) -> str:
        """Return why the model cannot be opened now, with what to do; empty when it can."""


@dataclass(frozen=True)
class Network:
    """The files of one network."""

    name: str  # as in `memory.PUBLISHED`
    weights: Weights
    files: tuple[str, ...]


def used_roles(project: Project) -> tuple[str, ...]:
    """Return the roles that the settings ask for, in the order of a night; chat is looked at by itself.

    Pictures to compose on are always searched by the profile's detector.
    """
    instances = project.settings.instances
    drawing = {"foreground", "variation"} & set(instances.sources)
    laid_out, contrasted = project.settings.layouts.graphs > 0, project.settings.hard_negatives.pictures > 0
    asked = {
        "foregrounds": "foreground" in drawing,
        "variations": "variation" in drawing,
        "segmenters": "variation" in drawing or laid_out,
        "layout_images": laid_out,
        "embedders": bool(drawing) or instances.rethink.keep_share < 1 or contrasted,
        "painters": project.settings.backgrounds.painted > 0,
        "detectors": True,
    }
    return tuple(role for role, used in asked.items() if used)


def roles_of_stages(project: Project) -> Mapping[str, tuple[str, ...]]:
    """Return stage -> the roles that it opens together with these settings; stages that are not used are left out."""
    instances = project.settings.instances
    drawing, varying = "foreground" in instances.sources, "variation" in instances.sources
    by_eye = bool(set(instances.judge.sources) & set(instances.sources))
    judging = (*(("chat",) if by_eye else ()), *(("foregrounds",) if drawing else ()))
    laid_out, contrasted = project.settings.layouts.graphs > 0, project.settings.hard_negatives.pictures > 0
    asked = {
        "optimized_prompts": (drawing, ("chat",)),
        "optimized_prompts, rethinking": (drawing and instances.rethink.enabled, ("chat", "foregrounds")),
        "raw_instances, drawn": (drawing, ("foregrounds",)),
        "raw_instances, varied": (varying, ("variations", "segmenters", "embedders")),
        "validated_instances": (bool(judging), judging),
        "composite_scenes, selection": (instances.rethink.keep_share < 1, ("embedders",)),
        "scene_graphs": (laid_out, ("chat",)),
        "layouts": (laid_out, ("chat",)),
        "layout_scenes, drawing": (laid_out, ("layout_images",)),
        "layout_scenes, looking": (laid_out, ("chat",)),
        "layout_scenes, masks": (laid_out, ("segmenters", "detectors")),
        "hard_negatives": (contrasted, ("chat",)),
        "backgrounds, painted": (project.settings.backgrounds.painted > 0, ("painters",)),
        "backgrounds, searched": (True, ("detectors",)),
        "agent_prompts": (drawing, ("chat", "foregrounds", "embedders")),
        "negative_ranking": (contrasted, ("embedders",)),
    }
    return {stage: roles for stage, (used, roles) in asked.items() if used}


def look_at_models(project: Project, resources: Mapping[str, object]) -> Iterator[Finding]:
    """Yield what is ready and what is to do; roles that the settings do not ask for are ready as they are."""
    settings = project.settings.models
    lacking = missing_packages()
    yield Finding("packages", not lacking, lacking or ", ".join(f"{name} {version(name)}" for name in PACKAGES))
    if lacking:
        return
    absent = missing_device(settings.device, "[models]")
    device = None if absent else seen_device(settings.device)
    memory = device.memory_bytes if device else None
    words = f"{device.name}, {memory / GB:.1f} GB" if device and memory else settings.device
    yield Finding("device", not absent, absent or words)
    used, told = used_roles(project), {absent}
    for role in GROUPS:
        if role in resources:
            yield _role(role, cast(Openable, resources[role]), settings, told, used=role in used)
    yield from _memory(project, resources, memory)


def _role(role: str, resource: Openable, settings: ModelsSettings, told: set[str], *, used: bool) -> Finding:
    if not used:
        return Finding(role, True, "not asked for by these settings")
    if fault := resource.fault():
        return Finding(role, False, "\n".join(_once(line, told) for line in fault.splitlines()))
    return Finding(role, True, "; ".join(_identity(group, getattr(settings, group)) for group in GROUPS[role]))


def _once(line: str, told: set[str]) -> str:
    """Return a line of a fault; without what to do, and said to stand above, where it was told already."""
    if line in told:
        return f"as above: {line.rpartition(': ')[0] or line}"
    told.add(line)
    return line


def _identity(group: str, settings: WeightsSettings) -> str:
    """Return model and commit; of a hub id that is not pinned, how to pin it."""
    weights = _weights(settings)
    model, revision = weights.identity
    if not weights.is_hub_id:
        return f"{model} (folder)" + (f" marked {revision}" if revision else "")
    if settings.revision == revision:
        return f"{model}@{revision}"
    return f'{model}@{revision}, not pinned: set revision = "{revision}" in [models.{group}]'


def networks(models: ModelsSettings) -> tuple[Network, ...]:
    """Return the files that hold the weights of each network that drawing, seeing and comparing need."""
    mark = f".{models.sdxl.variant}" if models.sdxl.variant else ""
    sdxl, adapter = _weights(models.sdxl), models.ip_adapter
    encoders = tuple(f"{part}/model{mark}.safetensors" for part in ("text_encoder", "text_encoder_2"))
    one_file = ("model.safetensors",)
    return (
        Network("sdxl_unet", sdxl, (f"unet/diffusion_pytorch_model{mark}.safetensors",)),
        Network("sdxl_text", sdxl, encoders),
        Network("vae", _weights(models.vae), ("diffusion_pytorch_model.safetensors",)),
        Network("transparent_decoder", _weights(models.layer_diffuse), (models.layer_diffuse.decoder,)),
        Network("ip_adapter", _weights(adapter), ("/".join(filter(None, (adapter.subfolder, adapter.file))),)),
        Network("image_encoder", _weights(adapter), (f"{adapter.image_encoder}/model.safetensors",)),
        Network("layout", _weights(models.layout), SAFE),
        Network("segmenter", _weights(models.segmenter), one_file),
        Network("detector", _weights(models.detector), one_file),
        Network("embedder", _weights(models.embedder), one_file),
    )


def _weights(settings: WeightsSettings) -> Weights:
    return Weights(weights=settings.weights, revision=settings.revision)


def _memory(project: Project, resources: Mapping[str, object], memory: int | None) -> Iterator[Finding]:
    """Yield what the weights of each stage that the settings use take; of a damaged file, that it is."""
    chat = resources["chat"]
    stored: dict[str, int] = {}
    for network in (*networks(project.settings.models), *_chat_networks(chat)):
        try:
            parameters = _stored(network)
        except ValueError as err:
            yield Finding(f"weights of {network.name}", False, str(err))
        else:
            stored |= {network.name: parameters} if parameters is not None else {}
    opened = roles_of_stages(project)
    elsewhere = () if isinstance(chat, LocalChat) else ("chat",)
    for stage in STAGES:
        roles = set(opened.get(stage.name, ())).difference(elsewhere)
        if (there := open_in(stage, roles)).networks:
            need = need_of(there, stored, _widths(project))
            yield Finding(f"memory, {stage.name}", fits(need, memory), in_words(need, memory))


def _chat_networks(chat: object) -> tuple[Network, ...]:
    """Return the chat model's files where it answers in this process."""
    if not isinstance(chat, LocalChat):
        return ()
    weights = Weights(weights=chat.weights, revision=chat.revision)
    folder = weights.folder()
    files = tuple(sorted(path.name for path in folder.glob("*.safetensors"))) if folder else ()
    return (Network("chat", weights, files),)


def _widths(project: Project) -> Mapping[str, int]:
    """Return network -> bytes of one parameter in memory."""
    widths = dict.fromkeys(PUBLISHED, BYTES[project.settings.models.dtype])
    return widths | dict.fromkeys(SINGLE, BYTES["float32"]) | {"chat": BYTES[project.settings.chat.local.dtype]}


def _stored(network: Network) -> int | None:
    """Return the network's parameters; None where a file is missing, or pickled and so not read."""
    folder = network.weights.folder()
    if folder is None or not network.files or not all((folder / name).is_file() for name in network.files):
        return None
    return sum(stored_parameters(folder / name) for name in network.files)
