"""What cannot be made, and what the user does about it."""

from __future__ import annotations

from spindle._core.errors import SpindleError

__all__ = ["Unmakeable"]


class Unmakeable(SpindleError):
    """No value could be made for a field of an event; `values=` is the way to give some."""
