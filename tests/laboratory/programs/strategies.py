"""Hypothesis strategies for random pages, which shrink what a seed has found."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as hy

from tests.laboratory.programs.maker import Calls, Maker
from tests.laboratory.programs.script import Script

__all__ = ["scripts"]


@hy.composite
def scripts(draw: Any, calls: Calls = "none") -> Script:
    """Scripts; calls that end at once are made in scripts that settle after each input only."""
    return Maker(lambda choices: draw(hy.integers(0, choices - 1)), calls).script()
