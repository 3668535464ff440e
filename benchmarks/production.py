"""Measuring what a program costs in production, where nothing is switched on for tests."""

from __future__ import annotations

from spindle._core.operations import dropped

__all__ = ["as_in_production"]


def as_in_production() -> None:
    """Leave off, in this process, what importing `spindle.testing` would switch on from now on."""
    dropped.tell_of_dropped = lambda: None
