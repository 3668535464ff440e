"""Who is on the page of the model: plain data, with what each waits for written on itself.

Nothing else knows of a wait: no row of takers, no list of watchers, no heap of deadlines. Who is
served next is found by looking at everybody, so that there is nothing to unregister.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import Literal, TypeAlias

from tests.laboratory.programs import statement as st

__all__ = [
    "CUT",
    "STOPPED",
    "Channel",
    "Coroutine",
    "Fold",
    "Frame",
    "Letter",
    "Outcome",
    "Reason",
    "Result",
    "Thrown",
    "Wait",
]

Thrown: TypeAlias = str
"""The name of an error's class; or CUT."""
CUT: Thrown = "a cancellation"
"""What unwinds a coroutine; it has another name in each driver."""


@dataclass(frozen=True)
class Reason:
    """Why one is cancelled, and what asked for it."""

    text: str
    origin: str

    def __str__(self) -> str:
        return f"{self.text} ({self.origin})"


STOPPED = Reason("closing soon", "stopped")


@dataclass(frozen=True)
class Outcome:
    """How a coroutine, or its code, has ended, and the value, the error or the reason."""

    how: Literal["returned", "failed", "cancelled"]
    what: str

    @property
    def failed(self) -> bool:
        """Whether it is a failure; one that made way for the end of the page is none."""
        return self.how == "failed" and self.what != "PageClosing"

    def __str__(self) -> str:
        match self.how:
            case "cancelled":
                return f"was cancelled: {self.what}"
            case "failed":
                return f"failed: {self.what}"
            case _:
                return f"returned {self.what}"


@dataclass(frozen=True)
class Result:
    """What an operation gave: a value as it is printed, or what it raised."""

    value: str = "None"
    thrown: Thrown | None = None
    position: int = 0
    """Of the source, in a race."""


@dataclass
class Letter:
    """An event, and how it was settled; None while it is pending."""

    key: st.Which
    kind: str
    number: int
    settled: str | None = None

    def __str__(self) -> str:
        return f"{self.kind}(number={self.number})"


@dataclass(eq=False)
class Fold:
    """What a `scope()` and its fibers know of each other."""

    failure: Thrown | None = None
    """What failed first, a fiber or the body."""


@dataclass(frozen=True)
class Frame:
    """One block that a coroutine is inside of, and the statements left in it."""

    kind: Literal["program", "timeout", "cleanup", "scope", "catch", "swallow", "finally", "last"]
    rest: st.Body
    deadline: float = inf
    serial: int = 0
    expired: bool = False
    stubborn: bool = False
    last: st.Body = ()
    """Of a `finally`: what is done when its body is over."""
    thrown: Thrown | None = None
    """Of what is done then, or of a scope that is being left: what goes on behind it."""
    fold: Fold | None = None


@dataclass(frozen=True)
class Wait:
    """One thing a coroutine waits for; of several the first that is served wins."""

    source: st.Ask | st.Take | st.Put | st.Change | st.Sleep | st.Join | st.AwaitAll | st.Scope
    position: int
    serial: int
    """Counts all waits and deadlines of the page: who has waited longest has the smallest."""
    yield_id: int | None = None
    deadline: float = inf
    item: str = ""
    joined: Coroutine | None = None
    together: tuple[Coroutine, ...] = ()
    """All that are joined at once, by `await_all`."""


@dataclass(eq=False)
class Coroutine:
    """A spindle, or a fiber, which has an owner."""

    key: st.Which
    program: st.Program
    owner: Coroutine | None = None
    fold: Fold | None = None
    """The scope it was started in."""
    name: str = ""
    begun: bool = False
    frames: tuple[Frame, ...] = ()
    """The innermost last."""
    doing: st.Statement | None = None
    """What it awaits."""
    waits: tuple[Wait, ...] = ()
    result: Result | None = None
    """What it was woken with."""
    seen: dict[st.Which, int] = field(default_factory=dict)
    """How many puts each cell had when its subscription brought a value last."""
    in_hand: Letter | None = None
    cancelled: Reason | None = None
    code: Outcome | None = None
    """How its code has ended; its fibers may end yet."""
    outcome: Outcome | None = None
    ended_as: int = 0
    """Counts who has ended before whom."""
    ended: list[Coroutine] = field(default_factory=list)
    """Its fibers that have, the first one first."""
    told: bool = False
    """Whether anybody has joined it and heard its outcome."""

    @property
    def cut_by(self) -> object:
        """What unwinds it at its next operation: of all that may, the one furthest out."""
        cause: object = self.cancelled
        for frame in self.frames:
            if frame.kind == "cleanup":
                cause = frame if frame.expired else None
            elif cause is None and (frame.expired or (frame.fold and frame.fold.failure)):
                cause = frame
        return cause

    @property
    def innermost_fold(self) -> Fold | None:
        """The scope that holds what it starts."""
        folds = [frame.fold for frame in self.frames if frame.fold]
        return folds[-1] if folds else None

    @property
    def spindle(self) -> Coroutine:
        """Itself, or whom it belongs to in the end."""
        return self if self.owner is None else self.owner.spindle

    def belongs_to(self, other: Coroutine) -> bool:
        """Whether it is the other one, or started by it or by its fibers."""
        return self is other or (self.owner is not None and self.owner.belongs_to(other))


@dataclass
class Channel:
    """Only what is in it; who waits at it says so itself."""

    capacity: int
    items: list[str] = field(default_factory=list)
    ended: Thrown | None = None
