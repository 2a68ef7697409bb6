"""Log lines of the libraries that say nothing to a user, kept back one by one."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module


@contextmanager
def without(logger: str, text: str) -> Iterator[None]:
    """Keep back a logger's lines that hold the text while the block lasts; every other line passes."""
    log = logging.getLogger(logger)

    def other(record: logging.LogRecord) -> bool:
        return text not in record.getMessage()

    log.addFilter(other)
    try:
        yield
    finally:
        log.removeFilter(other)


def hush() -> None:
    """Let transformers and diffusers speak of errors alone, and draw no bars: stages tell their own progress."""
    for library in ("transformers", "diffusers"):
        if library in sys.modules:
            logs = import_module(f"{library}.utils.logging")
            logs.set_verbosity_error()
            logs.disable_progress_bar()
