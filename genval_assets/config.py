"""`genval.toml`: what may stand in it, how it is read and refused, and where the home is that holds it.

Each group lives with the product that it steers; here they are put together. Reading says everything that is wrong
at once, so that a command can stop before any work. Not here: its form as text, and the wording of faults
(`config_text.py`).
"""

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator, model_validator

from genval_assets.backgrounds.screening import ScreeningSettings
from genval_assets.chat.settings import ChatSettings
from genval_assets.compose.settings import SceneSettings
from genval_assets.concepts.rarity import RareSettings
from genval_assets.config_text import fault
from genval_assets.export.settings import ExportSettings
from genval_assets.instances.effective import PER_SOURCE
from genval_assets.instances.gate_settings import GateSettings
from genval_assets.instances.references import ReferenceSettings
from genval_assets.instances.variants import VariantSettings
from genval_assets.keys import refuse_clashes
from genval_assets.layouts.settings import LayoutSettings
from genval_assets.models.settings import ModelsSettings, VariationSettings
from genval_assets.negatives.settings import NegativeSettings
from genval_assets.negatives.vocabulary import vocabulary
from genval_assets.prompting.rethink_settings import RethinkSettings
from genval_assets.textgrad.settings import TextGradSettings
from genval_assets.topup.settings import BudgetSettings, TopUpSettings
from genval_assets.types import Settings
from genval_assets.validation.settings import JudgeSettings

SETTINGS_FILE = "genval.toml"
OFFLINE = "offline"
PROFILES = (OFFLINE, "gpu-24gb", "gpu")
AGENT_FILES = ("prompt_agent_file", "judge_file")
"""Keys of `[textgrad]` that name text files; their paths are relative to the folder of the settings."""


class BadSettings(ValueError):
    """The settings cannot be used; the message has one line per fault, with file and key."""


class NoHome(ValueError):
    """A daemon was started without being told where its project is."""


Location = Annotated[str, Field(min_length=1)]


class ProjectSettings(Settings):
    """The project as a whole."""

    profile: str = Field(
        default="offline",
        description="Which models the project runs on. offline: none; a CPU, no weights (drawings are simulated, "
        "cut-outs of your own data are real). gpu-24gb: all of [models] in this process, the models of one stage "
        "together (at most 17.5 GB of weights), on one 24 GB card. gpu: the same with larger batches.",
    )
    seed: int = Field(default=0, ge=0, lt=2**31, description="Chooses among equally good results; 0 to 2147483647.")

    @field_validator("profile")
    @classmethod
    def _exists(cls, profile: str) -> str:
        if profile not in PROFILES:
            raise ValueError(f"no such profile; accepted: {', '.join(PROFILES)}")
        return profile


class DataSettings(Settings):
    """Your own data. Paths are relative to the folder of this file, or absolute; a key left out is not used."""

    coco: Location | None = Field(
        default=None, description="Annotation file: COCO instances or LVIS v1. Either this or names."
    )
    images: Location | None = Field(default=None, description="Folder of the images that coco names.")
    names: Location | None = Field(
        default=None, description="List of concepts: one per line, or CSV with a header (name, target, …)."
    )
    backgrounds: Location | None = Field(
        default=None, description="Folder of pictures to compose on, beside the training images."
    )
    val: Location | None = Field(
        default=None,
        description="Annotation file of your validation images: they and their near-duplicates are never used.",
    )
    val_images: Location | None = Field(
        default=None, description="Folder of the validation images; without it they are looked for in images."
    )

    @model_validator(mode="after")
    def _one_list(self) -> "DataSettings":
        if self.coco and self.names:
            raise ValueError("coco and names are both set; the categories come from one of them, remove the other")
        return self


class InstanceSettings(Settings):
    """Where candidates come from, and which of them are kept."""

    sources: tuple[Literal["cutout", "variation", "foreground"], ...] = Field(
        default=("cutout",),
        min_length=1,
        description="In order of use. cutout: your own real instances, varied; variation: drawn anew after your own "
        "instances; foreground: drawn from words. The last two by the profile's models (simulated in the offline "
        "profile).",
    )
    references: ReferenceSettings = Field(default_factory=ReferenceSettings)
    variants: VariantSettings = Field(default_factory=VariantSettings)
    variation: VariationSettings = Field(default_factory=VariationSettings)
    gate: GateSettings = Field(default_factory=GateSettings)
    judge: JudgeSettings = Field(default_factory=JudgeSettings)
    rethink: RethinkSettings = Field(default_factory=RethinkSettings)

    @field_validator("sources")
    @classmethod
    def _once_each(cls, sources: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(sources)) < len(sources):
            raise ValueError("a source is named twice; once each would be accepted")
        return sources

    @model_validator(mode="after")
    def _three_of_an_object(self) -> "InstanceSettings":
        together = self.variants.per_source + self.variation.per_source
        if {"cutout", "variation"} <= set(self.sources) and together > PER_SOURCE:
            raise ValueError(
                f"sources has cutout and variation, which make {self.variants.per_source} + "
                f"{self.variation.per_source} of each real object, but at most {PER_SOURCE} count; lower per_source in "
                "[instances.variants] or [instances.variation]"
            )
        return self


class BackgroundSettings(Settings):
    """What scenes are composed on."""

    painted: int = Field(
        default=0, ge=0, le=10_000, description="Backgrounds painted by the profile, where it can; 0 to 10,000."
    )
    screening: ScreeningSettings = Field(default_factory=ScreeningSettings)


class ScheduleSettings(Settings):
    """What runs by itself while `genval dev` (or a Dagster daemon) is up."""

    rare_classes: bool = Field(
        default=False, description="Switch the top-up sensor on: wave after wave, day and night."
    )
    new_concepts: bool = Field(default=False, description="Switch on the sensor that follows changes of the data file.")
    nightly: bool = Field(default=False, description="Switch the nightly top-up on.")
    cron: str = Field(
        default="0 22 * * *", description="When the nightly top-up starts: minute hour day month weekday, as in cron."
    )
    timezone: str = Field(default="UTC", description="Time zone of cron, such as Europe/Berlin.")
    hours: float = Field(
        default=8.0, gt=0, le=24, description="Hours after which it plans no further wave; above 0, at most 24."
    )
    interval_seconds: int = Field(
        default=60, ge=10, le=86_400, description="Least time between two looks of a sensor, in seconds, 10 to 86,400."
    )

    @field_validator("cron")
    @classmethod
    def _five_fields(cls, cron: str) -> str:
        fields = cron.split()
        limits = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
        if len(fields) != len(limits) or not all(_is_cron(f, *of) for f, of in zip(fields, limits, strict=True)):
            raise ValueError(
                "not a cron line; accepted: five fields of numbers, such as '0 22 * * 1-5' or '*/30 * * * *'"
            )
        return cron

    @field_validator("timezone")
    @classmethod
    def _known(cls, timezone: str) -> str:
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as err:
            raise ValueError("no such time zone on this machine; accepted: names such as Europe/Berlin") from err
        return timezone


def _is_cron(field: str, least: int, most: int) -> bool:
    for part in field.split(","):
        match = re.fullmatch(r"(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/([1-9]\d?))?", part, re.ASCII)
        if match is None:
            return False
        ends = [int(end) for end in match.groups()[:2] if end is not None]
        if ends != sorted(ends) or not all(least <= end <= most for end in ends):
            return False
    return True


class AlertSettings(Settings):
    """Whom to tell when a run fails."""

    webhook_env: str = Field(
        default="",
        pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$",
        description="Environment variable that holds the address of a webhook (the address is a secret, so it does not "
        "stand here). Empty: failures are logged only.",
    )


class GenvalSettings(Settings):
    """All of `genval.toml`; every key has a default."""

    project: ProjectSettings = Field(default_factory=ProjectSettings)
    data: DataSettings = Field(default_factory=DataSettings)
    rare: RareSettings = Field(default_factory=RareSettings)
    targets: dict[str, Annotated[int, Field(ge=0, le=1_000_000)]] = Field(
        default_factory=dict,
        description="Targets of single categories by name, rare or not, in place of [top_up] target; 0 to 1,000,000. "
        'Such as: "sea cow" = 200',
    )
    instances: InstanceSettings = Field(default_factory=InstanceSettings)
    models: ModelsSettings = Field(default_factory=ModelsSettings)
    chat: ChatSettings = Field(default_factory=ChatSettings)
    textgrad: TextGradSettings = Field(default_factory=TextGradSettings)
    backgrounds: BackgroundSettings = Field(default_factory=BackgroundSettings)
    scenes: SceneSettings = Field(default_factory=SceneSettings)
    layouts: LayoutSettings = Field(default_factory=LayoutSettings)
    hard_negatives: NegativeSettings = Field(default_factory=NegativeSettings)
    export: ExportSettings = Field(default_factory=ExportSettings)
    top_up: TopUpSettings = Field(default_factory=TopUpSettings)
    budget: BudgetSettings = Field(default_factory=BudgetSettings)
    schedule: ScheduleSettings = Field(default_factory=ScheduleSettings)
    alerts: AlertSettings = Field(default_factory=AlertSettings)

    @field_validator("targets")
    @classmethod
    def _names(cls, targets: dict[str, int]) -> dict[str, int]:
        refuse_clashes(targets)
        return targets

    @field_validator("hard_negatives")
    @classmethod
    def _one_meaning(cls, settings: NegativeSettings) -> NegativeSettings:
        vocabulary(settings.vocabulary)
        return settings


def parse_settings(text: str, file: str = SETTINGS_FILE) -> GenvalSettings:
    """Return the settings of the text of a `genval.toml`, paths as they stand in it.

    Args:
        text: TOML.
        file: what to call it in errors.

    Raises:
        BadSettings: it names every fault with file and key: no TOML, unknown keys, values of another type or
            outside their bounds, values that contradict each other.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        raise BadSettings(f"{file}: not readable as TOML: {err}") from err
    try:
        # as JSON, because there strict still takes a list for a tuple; TOML's dates become text and are refused
        return GenvalSettings.model_validate_json(json.dumps(values, default=str), strict=True)
    except ValidationError as err:
        raise BadSettings("\n".join(f"{file}: {fault(one, GenvalSettings)}" for one in err.errors())) from err


def read_settings(path: Path) -> GenvalSettings:
    """Return the settings of a `genval.toml`, the paths in it made absolute from its folder.

    Raises:
        BadSettings: the file cannot be read or used; whether what it names exists is `check_paths`' question.
    """
    try:
        settings = parse_settings(path.read_text(encoding="utf-8-sig"), str(path))
    except OSError as err:
        raise BadSettings(f"{path}: cannot be read ({err.strerror}); `genval init` writes it") from err
    except UnicodeDecodeError as err:
        raise BadSettings(f"{path}: not UTF-8 text: {err}") from err
    folder = path.absolute().parent
    absolute = {key: None if value is None else str(folder / value) for key, value in settings.data}
    own = {key: str(folder / file) for key in AGENT_FILES if (file := getattr(settings.textgrad, key))}
    return settings.model_copy(
        update={
            "data": DataSettings(**absolute),
            "textgrad": settings.textgrad.model_copy(update=own),
            "layouts": _with_relations(settings.layouts, folder),
            "models": _with_folders(settings.models, folder),
            "chat": settings.chat.model_copy(update={"local": _with_folders(settings.chat.local, folder)}),
        }
    )


def _with_relations(layouts: LayoutSettings, beside: Path) -> LayoutSettings:
    """Return the group with the relation file named absolutely."""
    file = layouts.pool.relations
    pool = layouts.pool.model_copy(update={"relations": str(beside / file) if file else ""})
    return layouts.model_copy(update={"pool": pool})


G = TypeVar("G", bound=Settings)


def _with_folders(group: G, beside: Path) -> G:
    """Return the group with weights that are folders named absolutely; what is no folder there is a hub id."""
    updated: dict[str, object] = {}
    for key, value in group:
        if isinstance(value, Settings):
            updated[key] = _with_folders(value, beside)
        elif key == "weights" and value and (named := beside / Path(value).expanduser()).is_dir():
            updated[key] = str(named)
    return group.model_copy(update=updated)


def check_paths(settings: GenvalSettings) -> list[str]:
    """Return what is wrong with the data that the settings name, one line per fault; empty if it is all there.

    Args:
        settings: with absolute paths, as `read_settings` returns them.
    """
    data = settings.data
    faults = []
    for key, value in data:
        kind = "file" if key in ("coco", "names", "val") else "folder"
        if value is not None and not _is_there(Path(value), kind):
            faults.append(f"[data] {key}: no such {kind}: {value}")
    for key in AGENT_FILES:
        file = getattr(settings.textgrad, key)
        if file and not _is_there(Path(file), "file"):
            faults.append(f"[textgrad] {key}: no such file: {file}")
    relations = settings.layouts.pool.relations
    if relations and not _is_there(Path(relations), "file"):
        faults.append(f"[layouts.pool] relations: no such file: {relations}")
    if not data.coco and not data.names:
        faults.append("[data]: neither coco nor names is set; the categories come from one of them")
    if data.coco and not data.images:
        faults.append("[data] images: not set, but coco is; give the folder of its images")
    if data.val and not data.val_images and not data.images:
        faults.append("[data] val_images: not set, but val is; give the folder of its images")
    faults += [
        f"[instances] sources: {source} needs [data] coco; use foreground"
        for source in settings.instances.sources
        if source != "foreground" and not data.coco
    ]
    return faults


def _is_there(path: Path, kind: str) -> bool:
    try:
        return path.is_file() if kind == "file" else path.is_dir()
    except OSError:  # such as a name that is too long for the file system: then it is not there either
        return False


def find_home(env: Mapping[str, str], cwd: Path, *, for_daemon: bool = False) -> Path:
    """Return the project's home as an absolute path; whether it exists is another question.

    `GENVAL_HOME`, else the parent of `DAGSTER_HOME` if that holds a genval.toml, else `genval_home` below `cwd`. An
    empty variable is not set.

    Raises:
        NoHome: a daemon needs one of the variables: it may have been started anywhere.
    """
    if env.get("GENVAL_HOME"):
        return (cwd / Path(env["GENVAL_HOME"]).expanduser()).absolute()
    if env.get("DAGSTER_HOME"):
        parent = (cwd / Path(env["DAGSTER_HOME"]).expanduser()).absolute().parent
        if (parent / SETTINGS_FILE).is_file():
            return parent
    if for_daemon:
        beside = env.get("DAGSTER_HOME") or "not set"
        raise NoHome(
            f"no project: GENVAL_HOME is not set, and DAGSTER_HOME is {beside}, without a {SETTINGS_FILE} beside it. "
            "Set GENVAL_HOME to the folder that `genval init` made, or use `genval dev`"
        )
    return (cwd / "genval_home").absolute()
