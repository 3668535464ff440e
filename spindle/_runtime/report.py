"""What nobody may be waiting to hear, said in the log: the logger `spindle`."""

from __future__ import annotations

import contextlib
import logging
from typing import Final

__all__ = ["LOGGER", "report"]

LOGGER: Final = logging.getLogger("spindle")


def report(
    said: str, error: BaseException | None = None, *, page: str = "-", spindle: str = "-"
) -> None:
    """Log an error, with its traceback if there is one; whatever a handler does stays there."""
    with contextlib.suppress(Exception):
        LOGGER.error("%s", said, exc_info=error, extra={"page": page, "spindle": spindle})
