"""Every exception of Spindle, split by who has to mend something."""

from __future__ import annotations

__all__ = [
    "ContractError",
    "ForeignAwait",
    "NotProvided",
    "OutsideSpindle",
    "PageClosed",
    "SpindleError",
    "SpindleIsLive",
    "StillRunning",
    "UnexpectedEvent",
    "UsageError",
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

    Raised by a coroutine stepped by hand. A page does not raise it: it refuses the event and says
    so on the receipt.
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
