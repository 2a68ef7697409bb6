"""A project: its home on disk and its settings, as wiring passes them around.

Not here: reading and refusing `genval.toml` (`config.py`), opening models and tables (`definitions.py`).
"""

import hashlib
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from genval_assets.config import SETTINGS_FILE, GenvalSettings, read_settings
from genval_assets.instances.gate import GATE_VERSION
from genval_assets.ports import ConceptSource, Foregrounds
from genval_assets.prompting.agent import agent_version, system_prompt
from genval_assets.topup.owed import CUTOUT
from genval_assets.topup.sources import Sources

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

    def set_up_fingerprint(self, concepts: ConceptSource) -> str:
        """Return a digest of the concept file and of all settings that the concept list and backgrounds follow."""
        settings = self.settings
        parts = [settings.data, settings.rare, settings.backgrounds, settings.project]
        wishes = f"{settings.targets} {settings.top_up.target}"
        return _digest(" ".join([concepts.fingerprint(), wishes, *(part.model_dump_json() for part in parts)]))

    def sources(self, foregrounds: Foregrounds, looked_for: Collection[str] = ()) -> Sources:
        """Return the sources of instances in the order in which they are used up."""
        return Sources(
            fingerprints=self._fingerprints(foregrounds),
            per_source=self.settings.instances.variants.per_source,
            max_references=self.settings.instances.references.per_category,
            looked_for=looked_for,
            can_draw=foregrounds.can_draw,
        )

    def _fingerprints(self, foregrounds: Foregrounds) -> Mapping[str, str]:
        """Return source -> what its yield depends on; a source that was exhausted is asked again when it changes."""
        instances = self.settings.instances
        gate = f"gate {GATE_VERSION} {_digest(instances.gate.model_dump_json())}"
        marks: dict[str, str] = {}
        for source in instances.sources:
            if source == CUTOUT:
                marks[CUTOUT] = f"{CUTOUT} {_digest(instances.variants.model_dump_json())} {gate}"
            else:
                marks[foregrounds.source] = f"{foregrounds.fingerprint()} {agent_version(system_prompt())} {gate}"
        return marks


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
