"""Why a page cannot be taken up."""

from __future__ import annotations

from typing import Final

from spindle._core.errors import LogCorrupt, LogTooNew, PageParked, ReplayMismatch
from spindle.durable.errors import PageLogCorrupt, StoreError

__all__ = ["CANNOT", "STUCK"]

STUCK: Final = (ReplayMismatch, PageParked, LogCorrupt, PageLogCorrupt)
"""By this code, however often it is tried."""
CANNOT: Final = (StoreError, LogTooNew, *STUCK)
"""Now."""
