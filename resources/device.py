"""What can be said of the device that models run on, and of files of weights, without opening a model."""

import struct
from dataclasses import dataclass
from pathlib import Path

from genval_assets.models.memory import parameters_in

LONGEST_HEADER = 100_000_000
"""Bytes; safetensors itself refuses a longer one."""


@dataclass(frozen=True)
class SeenDevice:
    """A device that is there."""

    name: str
    memory_bytes: int | None  # None: it shares the machine's, or does not say


def seen_device(device: str) -> SeenDevice:
    """Return name and memory of a device that is there (`weights.missing_device`). Imports torch but for the CPU."""
    if not device.startswith("cuda"):
        return SeenDevice(device, None)
    import torch

    found = torch.cuda.get_device_properties(device)
    return SeenDevice(f"{device}, {found.name}", int(found.total_memory))


def stored_parameters(path: Path) -> int:
    """Return how many numbers a safetensors file holds, from its header; the tensors themselves are not read.

    Raises:
        ValueError: it is no safetensors file, or was cut off within its header.
    """
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 0 < length <= LONGEST_HEADER:
            raise ValueError(f"{path} is no safetensors file: a header of {length:,} bytes")
        header = file.read(length)
    if len(header) < length:
        raise ValueError(f"{path} ends within its header ({len(header):,} of {length:,} bytes): fetch it again")
    try:
        return parameters_in(header)
    except ValueError as err:
        raise ValueError(f"{path}: {err}") from err
