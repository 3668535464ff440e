"""One sown fault, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["KILLED", "Change", "Mutant"]

KILLED: Final = frozenset({"killed", "timeout", "segfault"})
"""What mutmut says of a fault that was seen; a run that hangs or breaks down is seen."""


@dataclass(frozen=True)
class Change:
    """What was changed, and where; not by line, so that it is found again when lines move."""

    file: str
    """Beside the others, `kernel.py`."""
    function: str
    """As in `Kernel.launch`."""
    old: str
    """The lines that were taken out, without indentation."""
    new: str
    """The lines put in their place; empty if there are none."""

    def __str__(self) -> str:
        old = [f"    - {line}" for line in self.old.splitlines()]
        new = [f"    + {line}" for line in self.new.splitlines()]
        return "\n".join([f"{self.file}, {self.function}", *old, *new])


@dataclass(frozen=True)
class Mutant:
    """A change and how mutmut found it: killed, survived, no tests, ..."""

    change: Change
    status: str

    @property
    def killed(self) -> bool:
        """Whether a test has seen it."""
        return self.status in KILLED
