"""Events from JSON."""

from __future__ import annotations

from spindle._core.faults import DecodeError

__all__ = ["DecodeError"]
