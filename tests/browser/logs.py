"""What a server is expected to complain of."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def expected_in_the_log(kind: type[Exception]) -> Iterator[None]:
    """Wait for the server to report such a failure, and keep it from those that fail the test."""
    logs = [logging.getLogger(name) for name in ("spindle.page", "spindle.web")]
    reported = threading.Event()

    def lets_pass(record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], kind):
            reported.set()
            return False
        return True

    for log in logs:
        log.addFilter(lets_pass)
    try:
        yield
        assert reported.wait(10)
    finally:
        for log in logs:
            log.removeFilter(lets_pass)
