"""The log of the web layer, and how errors of others' code get into it."""

from __future__ import annotations

import logging
from traceback import walk_tb

from spindle._core.kernel.tracebacks import traceback_of

__all__ = ["log_error", "logger", "place_of"]

logger = logging.getLogger("spindle.web")


def log_error(error: BaseException, text: str, *args: object) -> None:
    """Log an error with its traceback; of a group, each of its errors."""
    errors = [error]
    while errors:
        one = errors.pop()
        if isinstance(one, BaseExceptionGroup):
            errors += one.exceptions  # pyright: ignore[reportUnknownMemberType] isinstance cannot tell
        else:
            logger.error(text, *args, exc_info=one)


def place_of(error: BaseException) -> str:
    """Where an error was raised: `file:line`; empty if it was not."""
    place = ""
    for frame, line in walk_tb(traceback_of(error)):
        place = f"{frame.f_code.co_filename}:{line}"
    return place
