"""What was asked for and cannot be done."""

from __future__ import annotations

__all__ = ["Refusal"]


class Refusal(Exception):
    """Says what was wrong with what was asked; nothing was done."""
