"""A running coroutine of a page, as others see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from typing_extensions import TypeVar

from spindle._core.operations.operation import Operation
from spindle._core.public import publish

if TYPE_CHECKING:
    from spindle._core.kernel.record import Record
    from spindle._core.source import Source
    from spindle._core.states import Cancelled, Completed, Errored

__all__ = ["CancelRecord", "Handle", "Result", "Start"]

T_co = TypeVar("T_co", covariant=True)


class Handle(Generic[T_co]):
    """A spindle or fiber, to be joined, cancelled or looked at. Not awaitable itself.

    It stands for one run: a spindle that is restarted runs again under a handle of its own.
    """

    __slots__ = ("record",)

    def __init__(self, record: Record) -> None:
        self.record = record
        """The kernel's record of it, for Spindle itself."""

    @property
    def source(self) -> Source:
        """The block and instance it runs under."""
        return self.record.origin

    @property
    def outcome(self) -> Completed[T_co] | Errored | Cancelled | None:
        """How it ended; None while anything of it runs."""
        return self.record.outcome

    def result(self) -> Operation[T_co]:
        """Wait for its end and return what it returned. For spindle code; as often as wanted.

        Returns:
            When awaited: what it returned. Awaiting may be cancelled; that leaves it alone.

        Raises:
            Exception: when awaited: what it raised.
            WasCancelled: when awaited: it was cancelled.
            PageClosing: when awaited: it made way, for the page is being stopped.
            UsageError: when awaited: it would wait for itself, or belongs to another page.
        """
        return Result(self.record)

    def cancel(self, reason: str = "") -> Operation[None]:
        """Cancel it and what belongs to it; returns at once. For spindle code.

        Its cleanup runs afterwards: `result()` waits for the end of that. Without effect on one
        that has ended or is cancelled already.

        Raises:
            UsageError: when awaited: it belongs to another page, or `reason` is not a text.
        """
        return CancelRecord(self.record, reason)

    def cancel_nowait(self, reason: str = "") -> None:
        """Cancel it and what belongs to it, from anywhere. Does not block.

        Its cleanup runs afterwards: `wait()` waits for the end of that, from outside the page.
        Without effect on one that has ended or is cancelled already.

        Raises:
            UsageError: `reason` is not a text.
        """
        self.record.kernel.driver.cancel_record(self.record, reason)

    async def wait(self) -> Completed[T_co] | Errored | Cancelled:
        """Wait for its end, from outside the page; always a checkpoint.

        Cancelling the wait leaves it alone. Raises nothing that it raised.

        Raises:
            UsageError: the page is stepped by hand, where nothing goes on by itself.
            PageClosed: the page outlives its process, and has left this one before.
        """
        await self.record.kernel.driver.ended(self.record)
        outcome = self.outcome
        assert outcome is not None
        return outcome

    def __repr__(self) -> str:
        return f"<{self.record.name}, {self.record.state.value}>"


class Start(Operation[Handle[T_co]]):
    """Start a coroutine; gives its handle."""

    __slots__ = ()

    starter = "start"
    """What the program calls to make one, for errors."""

    if not TYPE_CHECKING:  # for a type checker it has no further attributes, whatever their name

        def __getattr__(self, name: str) -> object:
            """Name the slip: it is used as if it were the handle."""
            kind = type(self)
            if name.startswith("_") or not hasattr(Handle, name):
                raise AttributeError(f"{kind.__name__!r} object has no attribute {name!r}")
            raise AttributeError(
                f"{self.starter}() was not awaited, so there is no handle with `{name}` yet: "
                f"write `handle = await {self.starter}(...)`"
            )

    def __written__(self) -> str:
        return f"{self.starter}(...)"


class Result(Operation[T_co]):
    """Wait for the end of a coroutine and take what came of it."""

    __slots__ = ("record",)

    __spelling__ = "handle.result()"

    def __init__(self, record: Record) -> None:
        self.record = record


class CancelRecord(Operation[None]):
    """Cancel a coroutine and what belongs to it."""

    __slots__ = ("reason", "record")

    __spelling__ = "handle.cancel(...)"

    def __init__(self, record: Record, reason: str) -> None:
        self.record = record
        self.reason = reason


publish("spindle", [Handle])
