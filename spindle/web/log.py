"""The log of the web layer, and how errors of others' code get into it."""

from __future__ import annotations

import logging

__all__ = ["log_error", "logger"]

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
