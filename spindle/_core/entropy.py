"""Chance that nothing gives again: what is known by it is told from everything else in the world.

Nothing that a spindle does may depend on it; what it draws follows from its page's seed.
"""

from __future__ import annotations

from os import urandom

__all__ = ["drawn"]


def drawn() -> bytes:
    """128 bits that nobody can guess."""
    return urandom(16)
