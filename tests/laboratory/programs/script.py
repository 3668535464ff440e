"""What is done to a page from outside, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from tests.laboratory.programs.statement import Change, Program, Put, Take, Which

__all__ = [
    "Advance",
    "CancelPage",
    "CancelStarted",
    "Input",
    "Leave",
    "Outside",
    "Script",
    "Start",
    "StopPage",
    "Tell",
]


@dataclass(frozen=True)
class Start:
    """Start a spindle; where that is not the first input of a burst, under a name of its own."""

    key: Which
    program: Program
    policy: Literal["report", "escalate", "permanent", "transient", "patient"] = "report"
    significant: bool = False


@dataclass(frozen=True)
class Tell:
    """Send an event; `answers` is the yield it names."""

    key: Which
    kind: Literal["Told", "Queued", "Typed"]
    answers: int | None = None


@dataclass(frozen=True)
class CancelStarted:
    """Cancel by the handle of a spindle that was started from outside."""

    started: int


@dataclass(frozen=True)
class Outside:
    """Use a cell or channel for somebody outside."""

    use: Put | Take | Change


@dataclass(frozen=True)
class Leave:
    """Somebody outside waits no more."""

    outside: int


@dataclass(frozen=True)
class Advance:
    seconds: float


@dataclass(frozen=True)
class CancelPage:
    """Cancel the page; what else is in the burst comes after it."""


@dataclass(frozen=True)
class StopPage:
    grace: float


Input: TypeAlias = Start | Tell | CancelStarted | Outside | Leave | Advance | CancelPage | StopPage


@dataclass(frozen=True)
class Script:
    """Bursts of inputs; the page settles after each."""

    bursts: tuple[tuple[Input, ...], ...]
