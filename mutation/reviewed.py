"""The survivors that somebody has looked at, each with the reason why it may live."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

from mutation.mutant import Change

__all__ = ["KINDS", "SURVIVORS", "reviewed"]

SURVIVORS: Final = Path(__file__).parent / "survivors.toml"

KINDS: Final = frozenset({"equivalent", "message", "speed", "elsewhere", "unreachable", "untested"})
"""How a reason begins; what each says is at the head of `survivors.toml`."""


def reviewed() -> dict[Change, str]:
    """What was changed, and the reason.

    Raises:
        ValueError: a reason does not begin with its kind, or a change is there twice.
    """
    reasons: dict[Change, str] = {}
    for entry in tomllib.loads(SURVIVORS.read_text(encoding="utf-8"))["survivor"]:
        reason = entry["reason"]
        if reason.partition(":")[0] not in KINDS:
            raise ValueError(f"{reason!r} begins with none of {', '.join(sorted(KINDS))}")
        for old, new in entry["changes"]:
            change = Change(entry["file"], entry["function"], old.strip(), new.strip())
            if change in reasons:
                raise ValueError(f"twice in {SURVIVORS.name}: {change}")
            reasons[change] = reason
    return reasons
