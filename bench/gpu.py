"""How fast the GPU profiles draw, and how much memory each stage takes: full-size networks with random weights.

    python bench/gpu.py                         # everything, on the first CUDA device; without one it says so
    python bench/gpu.py --only drawing --weights DIR
    python bench/gpu.py --only stages --weights DIR
    python bench/gpu.py --rehearse              # the same script on tiny networks on the CPU: measures nothing

Networks have the published architectures and sizes (`bench/device/sizes.py`) and are loaded through the resources that
a user configures. What they draw is noise, so nothing here says how good pictures are: shares of candidates that pass
are assumed, and printed. Accepted candidates per hour are those of the bench's own loop over the models
(`bench/device/stages.py`), which leaves out writing rows, Prompt Rethink and its probes, selection, and composing
scenes: a night makes fewer. Times are wall seconds with the device synchronised; peaks are torch's allocated memory.
"""

import argparse
import platform
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # tiny networks and tokenizers are those of the tests


def main() -> None:
    """Print the tables, or that there is no device."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--rehearse", action="store_true", help="tiny networks on the CPU: measures nothing")
    arguments.add_argument("--only", choices=("drawing", "stages"), help="one half, where time on a device is short")
    arguments.add_argument("--rounds", type=int, default=3, help="how often each way of drawing is measured")
    arguments.add_argument("--no-compile", action="store_true", help="leave out the row that compiles")
    arguments.add_argument("--weights", type=Path, help="keep the random weights (24 GB) here, for another run")
    given = arguments.parse_args()
    if not given.rehearse and not cuda():
        print("no CUDA device: nothing was measured. --rehearse runs this script on tiny networks on the CPU")
        return
    from device.scale import FULL, TINY

    quieten()
    if given.rehearse:
        one_thread()
    scale = TINY if given.rehearse else FULL
    with tempfile.TemporaryDirectory() as folder:
        root = given.weights or Path(folder) / "weights"
        print_heading(rehearsed=given.rehearse)
        scale.save(root)
        if given.only != "stages":
            from device.drawing import report_drawing

            report_drawing(scale, root, 1 if given.rehearse else given.rounds, compiled=not given.no_compile)
        if given.only != "drawing":
            from device.stages import report_stages

            report_stages(scale, root, Path(folder) / "home")


def cuda() -> bool:
    """Return whether there is a CUDA device."""
    import torch

    return torch.cuda.is_available()


def one_thread() -> None:
    """Keep tiny networks on one thread of the CPU, which is fastest."""
    import torch

    torch.set_num_threads(1)


def quieten() -> None:
    """Keep the libraries' bars and remarks out of the tables."""
    import diffusers
    import transformers

    for library in (diffusers, transformers):
        library.utils.logging.set_verbosity_error()
        library.utils.logging.disable_progress_bar()


def print_heading(*, rehearsed: bool) -> None:
    """Print the machine; of a rehearsal that it measures nothing."""
    import diffusers
    import torch
    import transformers

    versions = f"torch {torch.__version__}, diffusers {diffusers.__version__}, transformers {transformers.__version__}"
    if rehearsed:
        print("REHEARSAL on tiny networks on the CPU: it shows that this script runs, and measures nothing.")
        print(f"Python {platform.python_version()}, {versions}")
        return
    device = torch.cuda.get_device_properties(0)
    print(f"{device.name}, {device.total_memory / 1e9:.0f} GB, Python {platform.python_version()}, {versions}")


if __name__ == "__main__":
    main()
