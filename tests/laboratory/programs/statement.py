"""What a random program is made of: plain data, which shrinks and prints well.

Numbers that name a handle or channel are taken modulo how many there are, so that any program is a
valid one, also after a part of it was dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = [
    "Ask",
    "AwaitAll",
    "Body",
    "Call",
    "CancelHandle",
    "Catch",
    "Change",
    "Cleanup",
    "Close",
    "Draw",
    "Fail",
    "Fiber",
    "Finally",
    "Forget",
    "Fork",
    "Get",
    "Join",
    "Load",
    "Map",
    "Native",
    "Program",
    "Put",
    "Race",
    "Raise",
    "Say",
    "Scope",
    "Send",
    "Sleep",
    "Statement",
    "Swallow",
    "Take",
    "Timeout",
    "Watch",
    "Which",
]

Which: TypeAlias = tuple[Literal["Left", "Right"], str | None]
"""A key: the block's name, and the instance."""


# --- one operation ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Ask:
    kind: Literal["Ask", "Take", "Read", "Listen"] = "Ask"
    foreign: bool = False
    """Whether it is of the other block."""


@dataclass(frozen=True)
class Say:
    kind: Literal["Said", "Progress"] = "Said"
    foreign: bool = False


@dataclass(frozen=True)
class Sleep:
    seconds: float


@dataclass(frozen=True)
class Draw:
    """The clock, or chance."""

    kind: Literal["now", "random_float", "unique_id", "cancel_reason"]


@dataclass(frozen=True)
class Call:
    kind: Literal["look", "note", "pay"]
    seconds: float | None
    """None for one that answers at once."""
    fails: bool = False


@dataclass(frozen=True)
class Load:
    """Read something in a batch."""

    what: int
    seconds: float | None
    fails: bool = False


@dataclass(frozen=True)
class Forget:
    """Of what was read in batches; None for all."""

    what: int | None


@dataclass(frozen=True)
class Join:
    handle: int


@dataclass(frozen=True)
class CancelHandle:
    handle: int


@dataclass(frozen=True)
class AwaitAll:
    handles: tuple[int, ...]


@dataclass(frozen=True)
class Send:
    """Put a number into a cell that was never put before."""

    cell: Which


@dataclass(frozen=True)
class Get:
    cell: Which
    default: bool


@dataclass(frozen=True)
class Watch:
    """Get a channel for one value, and leave it to be taken from later."""

    cell: Which


@dataclass(frozen=True)
class Change:
    """Wait for a value of a cell not seen yet."""

    cell: Which


@dataclass(frozen=True)
class Put:
    channel: int


@dataclass(frozen=True)
class Take:
    channel: int


@dataclass(frozen=True)
class Close:
    channel: int


@dataclass(frozen=True)
class Fail:
    channel: int


@dataclass(frozen=True)
class Race:
    sources: tuple[Ask | Take | Change | Sleep | Join, ...]


@dataclass(frozen=True)
class Raise: ...


# --- with a body ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fork:
    key: Which
    program: Program
    replace: bool = False
    policy: Literal["report", "escalate", "permanent", "transient", "patient"] = "report"
    significant: bool = False


@dataclass(frozen=True)
class Fiber:
    body: Body


@dataclass(frozen=True)
class Map:
    bodies: tuple[Body, ...]
    limit: int


@dataclass(frozen=True)
class Scope:
    body: Body


@dataclass(frozen=True)
class Timeout:
    seconds: float
    body: Body


@dataclass(frozen=True)
class Cleanup:
    seconds: float
    body: Body


@dataclass(frozen=True)
class Catch:
    """Go on after an exception, but not after a cancellation."""

    body: Body


@dataclass(frozen=True)
class Swallow:
    """Go on after anything."""

    body: Body


@dataclass(frozen=True)
class Finally:
    body: Body
    last: Body


@dataclass(frozen=True)
class Native:
    """Have a cancel scope of trio's around it, where spindles are tasks. Not in random pages."""

    body: Body


Statement: TypeAlias = (
    Ask
    | Say
    | Sleep
    | Draw
    | Call
    | Load
    | Forget
    | Join
    | CancelHandle
    | AwaitAll
    | Send
    | Get
    | Watch
    | Change
    | Put
    | Take
    | Close
    | Fail
    | Race
    | Raise
    | Fork
    | Fiber
    | Map
    | Scope
    | Timeout
    | Cleanup
    | Catch
    | Swallow
    | Finally
    | Native
)
Body: TypeAlias = tuple[Statement, ...]


@dataclass(frozen=True)
class Program:
    body: Body
    stubborn: bool = False
    """Whether it goes on with the next statement after an exception."""
