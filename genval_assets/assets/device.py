"""Wiring of what models need before a run begins: their files, and the device, which one run at a time has.

Dagster's pool queues runs that the UI, sensors and schedules launch; the lock also stops a command beside them.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from genval_assets.model_ports import Openable
from genval_assets.ports import Locks
from genval_assets.project import Project
from genval_assets.types import ModelUnavailable

POOL = "gpu"
"""Dagster's pool of runs that need the device. Its limit of 1 stands in `dagster.yaml`."""


def refuse_missing(models: Iterable[Openable]) -> None:
    """End a run before its first item where a model is missing that it may need.

    Raises:
        ModelUnavailable: it says what to do, for every model that is missing.
    """
    if faults := list(dict.fromkeys(fault for model in models if (fault := model.fault()))):
        raise ModelUnavailable("\n".join(faults))


@contextmanager
def device_held(project: Project, locks: Locks) -> Iterator[None]:
    """Hold the devices of the project's models while the block lasts; without any it holds nothing.

    Raises:
        ModelUnavailable: another run of this home has one of them.
    """
    with ExitStack() as stack:
        for device in project.devices:
            try:
                stack.enter_context(locks.hold(f"device-{device.replace(':', '-')}"))
            except BlockingIOError as err:
                raise ModelUnavailable(
                    f"device {device!r} is in use by another run of this project: wait for it, or stop it"
                ) from err
        yield
