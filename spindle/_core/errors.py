"""Every exception of Spindle, split by who has to mend something."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from spindle._core.public import publish

if TYPE_CHECKING:
    from typing import Protocol

    from spindle._core.replay.log import Log

    class Raised(Protocol):
        """What pytest knows of an error that was raised."""

        @property
        def value(self) -> BaseException:
            """It."""
            ...


__all__ = [
    "Abandoned",
    "CallFailed",
    "CellEmpty",
    "ChannelClosed",
    "ContractError",
    "Deadlock",
    "ForeignAwait",
    "LimitReached",
    "LogCorrupt",
    "LogTooNew",
    "NotLoaded",
    "NotOwner",
    "NotProvided",
    "OutcomeUnknown",
    "OutsideSpindle",
    "PageClosed",
    "PageClosing",
    "PageParked",
    "ReplayMismatch",
    "RestartsSpent",
    "SpindleError",
    "SpindleIsLive",
    "StillRunning",
    "TooSlow",
    "UnexpectedEvent",
    "UsageError",
    "WasCancelled",
    "WrongBlock",
]


class SpindleError(Exception):
    """Base of all errors raised by Spindle itself."""


class ContractError(SpindleError, TypeError):
    """The declaration is wrong. Raised where the class is defined or a page is opened with it.

    Never raised for data that came from a visitor: that is a `DecodeError`.
    """


class UnexpectedEvent(SpindleError):
    """The sender is wrong: the event does not answer what the spindle asks.

    Raised by `Coroutine` and `AsyncCoroutine`, where an answer is given to a question. A page does
    not raise it: it refuses the event and says so on the receipt.
    """


class UsageError(SpindleError):
    """The program is wrong: spindle code, or the code that starts one, broke a rule."""


class OutsideSpindle(UsageError):
    """An operation was awaited where no spindle is being driven.

    A plain trio or asyncio task cannot await operations, not even one started by a spindle.
    """


class ForeignAwait(UsageError):
    """A hosted or hand-stepped spindle awaited something that is not an operation.

    Not raised on a page whose spindles are tasks: they may await any trio library.
    """


class WrongBlock(UsageError):
    """A spindle awaited a message that belongs to another block of the contract."""


class NotProvided(UsageError):
    """A page or coroutine was given no, or an unusable, implementation of what is used."""


class SpindleIsLive(UsageError):
    """A spindle was started under a key that is still taken."""


class StillRunning(UsageError):
    """A result was asked for that is not there yet."""


class PageClosed(SpindleError):
    """The page has ended, or is ending, and takes nothing any more."""


class PageClosing(PageClosed):
    """The page is being stopped: it takes no further event, and nothing new starts.

    Raised by the yields of a page in its time of grace, those that wait and those that are made
    then, and where the first value of a cell is waited for whose spindle has ended by it. A spindle
    may catch it to bring what it does to an end; one that does not ends cancelled.
    """


class CellEmpty(SpindleError, LookupError):
    """A cell was read before its first put, without a default."""


class NotLoaded(SpindleError, LookupError):
    """A batched read brought nothing for this key. Others of the same batch have theirs."""


class NotOwner(UsageError):
    """A spindle wanted to write the cell of another one."""


class Abandoned(SpindleError):
    """A cell that is watched will get no value: its spindle ended without ever putting one.

    Not raised once a value was put, nor while the spindle has not been started yet.
    """


class ChannelClosed(SpindleError):
    """A channel takes nothing more, or has nothing left to take."""


class TooSlow(SpindleError, TimeoutError):
    """A `timeout()` passed. Not raised where something further out cancels by then, too."""


class WasCancelled(SpindleError):
    """What was joined has been cancelled. Who joins it is not cancelled by that."""


class OutcomeUnknown(SpindleError):
    """A call that must not be made twice was cut: nobody knows whether it was done."""


class LimitReached(SpindleError):
    """The page has as much of something as it may; see `PageLimits`."""


class CallFailed(SpindleError):
    """A call has raised what a log cannot keep as it is; says of what class that was, and what.

    Raised where a log is kept, for a spindle is to get the same when it is resumed.
    """


class LogCorrupt(SpindleError):
    """What should be a log is none, or damaged.

    `intact` is what comes before the damage: of a `Log`, that much of it, if there is any.
    """

    def __init__(self, message: str, intact: Log | None = None) -> None:
        """Say what is wrong, and keep what is not."""
        super().__init__(message)
        self.intact = intact


class LogTooNew(SpindleError):
    """A log was written by a newer Spindle, in a format that this one does not know. It is well."""


class ReplayMismatch(SpindleError):
    """The code does something else now than the log says. Nothing was done, the log is unchanged.

    Says where both are in the code, the likely cause, and what to do.

    `number` is that of the input of the log that led to something else, from 1 on; 0 if none did.
    """

    def __init__(self, message: str, number: int = 0) -> None:
        """Say it, and keep where."""
        super().__init__(message)
        self.number = number


class PageParked(SpindleError):
    """A page that outlives its process was not taken up, for its process ended again and again."""


class RestartsSpent(SpindleError):
    """A spindle ended more often than its policy restarts it.

    The cause is its last failure; there is none if a `PERMANENT` one returned that often.
    """


class Deadlock(SpindleError):
    """By hand: nothing can go on, and nobody outside is asked for anything."""


def hides_frames(raised: Raised | None) -> bool:
    """Whether pytest leaves out Spindle's frames of an error: the line of the test is what counts.

    It does where the test is told of something, and where the program's own code fails that
    Spindle has called. Of a fault of Spindle's own they are all there is to see. Modules have it as
    `__tracebackhide__`.
    """
    if raised is None or isinstance(raised.value, (AssertionError, SpindleError)):
        return True
    return not _is_own(raised.value)


def _is_own(error: BaseException) -> bool:
    """Whether it was raised in Spindle's code, or in the standard library that this has called."""
    own, trace = False, error.__traceback__
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__")).partition(".")[0]
        own = module == "spindle" or (own and module in sys.stdlib_module_names)
        trace = trace.tb_next
    return own


publish("spindle", [globals()[name] for name in __all__])
