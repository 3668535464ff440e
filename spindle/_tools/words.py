"""How the tool says numbers, times and names."""

from __future__ import annotations

from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["counted", "near", "on_the_wall"]


def counted(number: int, one: str, many: str = "") -> str:
    """Say how many: `1 page`, `2 pages`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def on_the_wall(seconds: float) -> str:
    """Say when that was, in this machine's time zone: `2026-03-01 10:22:04.125+01:00`."""
    try:
        then = datetime.fromtimestamp(seconds, UTC).astimezone()
    except (OverflowError, ValueError, OSError):
        return f"{seconds:g} s since 1970"
    return then.isoformat(sep=" ", timespec="milliseconds")


def near(name: str, names: Sequence[str]) -> list[str]:
    """Names that may have been meant: those that begin so, and those that look alike."""
    begin = [each for each in names if name and each.startswith(name)]
    alike = get_close_matches(name, names, n=3, cutoff=0.6)
    return list(dict.fromkeys([*begin, *alike]))[:3]
