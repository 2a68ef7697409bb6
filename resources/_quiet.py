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


@contextmanager
def once(logger: str) -> Iterator[None]:
    """Keep back a logger's lines that it has said already while the block lasts."""
    log = logging.getLogger(logger)
    said: set[str] = set()

    def new(record: logging.LogRecord) -> bool:
        line = record.getMessage()
        known = line in said
        said.add(line)
        return not known

    log.addFilter(new)
    try:
        yield
    finally:
        log.removeFilter(new)


def hush() -> None:
    """Let neither library draw bars, for stages tell their own progress, and transformers speak of errors alone.

    diffusers may warn: that a prompt was cut off is said nowhere else.
    """
    for library in ("transformers", "diffusers"):
        if library in sys.modules:
            import_module(f"{library}.utils.logging").disable_progress_bar()
    if "transformers" in sys.modules:
        import_module("transformers.utils.logging").set_verbosity_error()
