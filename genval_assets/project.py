"""A project: its home on disk and its settings, as wiring passes them around.

Not here: reading and refusing `genval.toml` (`config.py`), opening models and tables (`definitions.py`).
"""

import hashlib
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from genval_assets.config import OFFLINE, SETTINGS_FILE, BadSettings, GenvalSettings, read_settings
from genval_assets.instances.gate import GATE_VERSION
from genval_assets.model_ports import Foregrounds
from genval_assets.ports import ConceptSource, Tables
from genval_assets.prompting.agent import prompt_agent_text
from genval_assets.rows import AgentPrompt
from genval_assets.textgrad.agents import JUDGE, PROMPT_AGENT, AgentName, Agents, AgentText, in_force
from genval_assets.textgrad.contract import lost_form
from genval_assets.textgrad.versions import UnknownVersion
from genval_assets.topup.owed import CUTOUT, VARIATION
from genval_assets.topup.sources import Sources
from genval_assets.validation.judge import judge_prompt

DAGSTER_YAML = """\
# Written by genval.
# What genval has to say of a run is in the run's log. Were all that a process prints captured, too, it would not reach
# the terminal while a command works, and Dagster would start four programs per step, which Ctrl-C hits as well.
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
python_logs:
  python_log_level: INFO
telemetry:
  enabled: false
nux:
  enabled: false
run_monitoring:
  enabled: true
concurrency:
  pools:
    granularity: run
    default_limit: 1
"""


@dataclass(frozen=True)
class Project:
    """One project's home and settings."""

    home: Path  # absolute
    settings: GenvalSettings

    @property
    def dagster_home(self) -> Path:
        """Where Dagster keeps its instance."""
        return self.home / "dagster"

    @property
    def image_folder(self) -> str:
        """The user's training images, absolute; empty where there are none."""
        return self.settings.data.images or ""

    @property
    def user_paths(self) -> tuple[str, ...]:
        """The user's files and folders, absolute."""
        data = self.settings.data
        given = (data.coco, data.images, data.names, data.backgrounds, data.val, data.val_images)
        return tuple(path for path in given if path)

    @property
    def val_folder(self) -> str:
        """The user's validation images, absolute; empty where there are none."""
        return self.settings.data.val_images or self.image_folder

    def set_up_fingerprint(self, concepts: ConceptSource) -> str:
        """Return a digest of the concept file and of all settings that the concept list and backgrounds follow."""
        settings = self.settings
        parts = [settings.data, settings.rare, settings.backgrounds, settings.project]
        wishes = f"{settings.targets} {settings.top_up.target}"
        asked = [part.model_dump_json() for part in parts]
        return _digest(" ".join([concepts.fingerprint(), wishes, *asked, self._models]))

    def pairs_fingerprint(self, concepts: ConceptSource) -> str:
        """Return a digest of what the layout pool follows; empty where no layout is asked for."""
        layouts = self.settings.layouts
        if not layouts.graphs:
            return ""
        file = Path(layouts.pool.relations) if layouts.pool.relations else None
        changed = f"{file.stat().st_size} {file.stat().st_mtime_ns}" if file and file.is_file() else ""
        asked = layouts.pool.model_dump_json(), changed, self.set_up_fingerprint(concepts)
        return _digest(" ".join(asked))

    def agents(self, tables: Tables) -> Agents:
        """Return the versions of the agents' system prompts that are in force.

        Raises:
            BadSettings: they pin a version that no row has, or name a text that is empty, cannot be read or does not
                describe the form of the agent's answer.
        """
        try:
            agents = in_force(tables.read(AgentPrompt), self.agent_text(PROMPT_AGENT), self.agent_text(JUDGE))
        except UnknownVersion as err:
            raise BadSettings(f"{self.home / SETTINGS_FILE}: [textgrad]: {err}") from err
        for name in (PROMPT_AGENT, JUDGE):
            if missing := lost_form(name, agents.of(name).text):
                raise BadSettings(
                    f"{self.home / SETTINGS_FILE}: [textgrad]: the text of the {name} agent does not describe the form "
                    f"of its answer: {missing[0]!r} is missing. Take the sentence over from the shipped text"
                )
        return agents

    def agent_text(self, agent: AgentName) -> AgentText:
        """Return where an agent's versions begin, and what the settings decide about them.

        Raises:
            BadSettings: a person's own text is empty or cannot be read.
        """
        own = self.settings.textgrad
        if agent == PROMPT_AGENT:
            return AgentText(prompt_agent_text(), _text(own.prompt_agent_file), own.prompt_agent)
        return AgentText(judge_prompt(), _text(own.judge_file), own.judge)

    def sources(self, foregrounds: Foregrounds, tables: Tables, looked_for: Collection[str] = ()) -> Sources:
        """Return the sources of instances in the order in which they are used up."""
        return Sources(
            fingerprints=self._fingerprints(foregrounds, self.agents(tables)),
            per_object={
                CUTOUT: self.settings.instances.variants.per_source,
                VARIATION: self.settings.instances.variation.per_source,
            },
            max_references=self.settings.instances.references.per_category,
            looked_for=looked_for,
            can_draw=foregrounds.can_draw,
            layouts=self.settings.layouts,
            hard_negatives=self.settings.hard_negatives,
            eyes=self.eyes,
        )

    @property
    def eyes(self) -> str:
        """A digest of what answers questions about pictures."""
        return _digest(f"{self.settings.project.profile} {self.settings.chat.identity}")

    @property
    def devices(self) -> tuple[str, ...]:
        """What models in this process run on, chat included; without the CPU, which may be shared."""
        settings = self.settings
        drawing = settings.project.profile != OFFLINE
        chatting = settings.chat.use == "local" or (drawing and settings.chat.use == "profile")
        used = {settings.models.device} if drawing else set()
        used |= {settings.chat.local.device} if chatting else set()
        return tuple(sorted({one if ":" in one else f"{one}:0" for one in used - {"cpu"}}))

    @property
    def _models(self) -> str:
        """What of `[models]` shapes pictures and masks, not where and how many at once; empty when offline."""
        if self.settings.project.profile == OFFLINE:
            return ""
        batches = {group: {"batch"} for group in ("segmenter", "detector", "embedder")}
        return self.settings.models.model_dump_json(
            exclude={"device": True, "drawing": {"batch", "compile"}, **batches}
        )

    def _fingerprints(self, foregrounds: Foregrounds, agents: Agents) -> Mapping[str, str]:
        """Return source -> what its yield depends on; a source that was exhausted is asked again when it changes."""
        instances = self.settings.instances
        gate = f"gate {GATE_VERSION} {_digest(instances.gate.model_dump_json())}"
        chat = _digest(self.settings.chat.identity)
        judge = f"judge {agents.judge.version} {chat} {_digest(instances.judge.model_dump_json())}"
        marks: dict[str, str] = {}
        for source in instances.sources:
            eye = f" {judge}" if source in instances.judge.sources else ""
            if source == CUTOUT:
                marks[CUTOUT] = f"{CUTOUT} {_digest(instances.variants.model_dump_json())} {gate}{eye}"
            elif source == VARIATION:
                shaping = _digest(f"{instances.variation.model_dump_json()} {self._models}")
                marks[VARIATION] = f"{VARIATION} {self.settings.project.profile} {shaping} {gate}{eye}"
            else:
                marks[foregrounds.source] = f"{foregrounds.fingerprint()} {agents.prompt.version} {chat} {gate}{eye}"
        return marks


def _text(file: str) -> str:
    """Return a person's own text; empty where the settings name none."""
    if not file:
        return ""
    try:
        text = Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise BadSettings(f"[textgrad]: {file} cannot be read as UTF-8 text: {err}") from err
    if not text.strip():
        raise BadSettings(f"[textgrad]: {file} is empty; write a system prompt into it, or remove the key")
    return text


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def open_project(home: Path) -> Project:
    """Return the project whose home this is, its settings read; Dagster's home is set for this process.

    Raises:
        BadSettings: there is no genval.toml, or it holds faults; all of them are named.
    """
    home = home.absolute()
    project = Project(home, read_settings(home / SETTINGS_FILE))
    os.environ["GENVAL_HOME"] = str(home)
    os.environ["DAGSTER_HOME"] = str(project.dagster_home)
    return project
