"""Runs `genval` and kills it with SIGKILL just before it does something to its files for the n-th time.

`python -m tests.faults.kill_before names|touches PATH N top-up --home H`. PATH is a part of a path. `names`: what
counts are renames and links to it, so that the file or folder is written, but does not have its name yet. `touches`:
whatever Python tells its audit hooks of it counts, such as opening, making a folder, locking or removing.
"""

import os
import signal
import sys

NAMES = ("os.rename", "os.link", "os.symlink")


def main() -> None:
    how, path, n, *command = sys.argv[1:]
    left = int(n)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if how == "names":
            counts = event in NAMES and path in os.fsdecode(arguments[1])
        else:
            counts = any(isinstance(one, str | os.PathLike) and path in os.fsdecode(one) for one in arguments)
        left -= counts
        if counts and left == 0:  # killing is an event, too
            os.kill(os.getpid(), signal.SIGKILL)

    from genval_assets.cli import main as genval  # before the hook: importing is no part of the work
    from genval_assets.commands import top_up  # noqa: F401

    sys.argv = ["genval", *command]
    sys.addaudithook(hook)
    genval()


if __name__ == "__main__":
    main()
