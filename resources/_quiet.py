"""Log lines of the libraries that say nothing to a user, kept back one by one."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


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
