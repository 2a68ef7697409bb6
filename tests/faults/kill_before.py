"""Runs `genval` and kills it with SIGKILL just before it does something to its files for the n-th time; then again.

`python -m tests.faults.kill_before '[["names", PATH, N], …]' top-up --home H` takes one kill after the other and prints
how each run ended, up to the first that was not killed. PATH is a part of a path. `names`: what counts are renames and
links to it, so that the file or folder is written, but does not have its name yet. `touches`: whatever Python tells its
audit hooks of it counts, such as opening, making a folder, locking or removing.

Each run is a process of its own, forked from this one, which has imported genval and opened nothing: importing, and
drawing what the offline eyes compare with, takes longer than most runs live.
"""

import json
import os
import signal
import sys

NAMES = ("os.rename", "os.link", "os.symlink")


def kill_at(how: str, path: str, n: int) -> None:
    """Have this process killed at the n-th event that counts."""
    left = n

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if how == "names":
            counts = event in NAMES and path in os.fsdecode(arguments[1])
        else:
            counts = any(isinstance(one, str | os.PathLike) and path in os.fsdecode(one) for one in arguments)
        left -= counts
        if counts and left == 0:  # killing is an event, too
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def main() -> None:
    kills, sys.argv = json.loads(sys.argv[1]), ["genval", *sys.argv[2:]]
    from genval_assets.cli import main as genval  # before any hook: importing is no part of the work
    from genval_assets.commands import top_up  # noqa: F401
    from resources.offline.recognition import references

    if len(kills) > 1:
        references()
    ended: list[int] = []
    for kill in kills:
        if (child := os.fork()) == 0:
            kill_at(*kill)
            genval()
        ended.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        if ended[-1] != -signal.SIGKILL:
            break
    print(json.dumps(ended))


if __name__ == "__main__":
    main()
