"""How much memory models took on the device. torch is asked only where a model has loaded it; it is never imported."""

import sys
from types import ModuleType

COUNTED = ("cuda", "xpu")
"""Devices whose allocator in torch 2.13 keeps a peak that can be reset; Apple's (mps) keeps none."""


class DeviceGauge:
    """Fits `model_ports.Gauge`; a plain object, because there is nothing to set."""

    def reset(self) -> None:
        """Begin a new measurement on every device of this process."""
        torch = _counting_torch()
        if torch is not None:
            for index in range(torch.accelerator.device_count()):
                torch.accelerator.reset_peak_memory_stats(index)

    def peak_mb(self) -> float | None:
        """Return the most that tensors took since `reset`, in MB of 2**20 bytes, summed over devices.

        None where no model has loaded torch, no device is counted, or nothing was put on one.
        """
        torch = _counting_torch()
        if torch is None:
            return None
        devices = range(torch.accelerator.device_count())
        peak: int = sum(torch.accelerator.max_memory_allocated(index) for index in devices)
        return peak / 2**20 if peak else None


def _counting_torch() -> ModuleType | None:
    """Return torch, where it is loaded and counts the memory of a device that is here."""
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    device = torch.accelerator.current_accelerator(check_available=True)
    return torch if device is not None and device.type in COUNTED else None
