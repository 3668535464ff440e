"""Spindle: the behaviour of a live page, written as coroutines that are read from top to bottom.

The layers, each importing only what stands below it:

- `spindle.web`: sockets, sessions, the HTTP page
- `spindle.testing`: transcripts, fakes, recordings
- `spindle.view`: assigns, rendering, patches
- `spindle._runtime`: page machines on trio
- `spindle._core`: messages, contracts, operations, the page kernel; pure

Importing this module does not import trio: what needs it is loaded when it is first asked for, so
that tests stepped by hand start fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from spindle._core.contracts.contract import Contract as Contract
from spindle._core.contracts.contract import Spindle as Spindle
from spindle._core.contracts.contract import describe as describe
from spindle._core.contracts.description import Description as Description
from spindle._core.coroutine import Coroutine as Coroutine
from spindle._core.decoding.decode import DecodeError as DecodeError
from spindle._core.errors import ContractError as ContractError
from spindle._core.errors import ForeignAwait as ForeignAwait
from spindle._core.errors import NotProvided as NotProvided
from spindle._core.errors import OutsideSpindle as OutsideSpindle
from spindle._core.errors import PageClosed as PageClosed
from spindle._core.errors import SpindleError as SpindleError
from spindle._core.errors import SpindleIsLive as SpindleIsLive
from spindle._core.errors import StillRunning as StillRunning
from spindle._core.errors import UnexpectedEvent as UnexpectedEvent
from spindle._core.errors import UsageError as UsageError
from spindle._core.errors import WrongBlock as WrongBlock
from spindle._core.journal import Journal as Journal
from spindle._core.messages import Ask as Ask
from spindle._core.messages import Delivery as Delivery
from spindle._core.messages import Event as Event
from spindle._core.messages import Message as Message
from spindle._core.messages import Notify as Notify
from spindle._core.messages import Yield as Yield
from spindle._core.operation import Operation as Operation
from spindle._core.port import Port as Port
from spindle._core.port import once as once
from spindle._core.port import perform as perform
from spindle._core.port import read as read
from spindle._core.port import use as use
from spindle._core.port import write as write
from spindle._core.scope import cleanup as cleanup
from spindle._core.settlement import Receipt as Receipt
from spindle._core.settlement import Settlement as Settlement
from spindle._core.source import Source as Source
from spindle._core.states import Cancelled as Cancelled
from spindle._core.states import Completed as Completed
from spindle._core.states import Errored as Errored
from spindle._core.states import Notified as Notified
from spindle._core.states import Origin as Origin
from spindle._core.states import Sent as Sent
from spindle._core.states import Suspended as Suspended
from spindle._core.states import Withdrawn as Withdrawn
from spindle._core.states import Yielded as Yielded

if TYPE_CHECKING:
    from spindle._runtime.handle import Handle as Handle
    from spindle._runtime.page import PageMachine as PageMachine
    from spindle._runtime.page import open_page as open_page

__version__ = "0.1.0"

_ON_TRIO = {
    "Handle": "spindle._runtime.handle",
    "PageMachine": "spindle._runtime.page",
    "open_page": "spindle._runtime.page",
}

__all__ = [
    "Ask",
    "Cancelled",
    "Completed",
    "Contract",
    "ContractError",
    "Coroutine",
    "DecodeError",
    "Delivery",
    "Description",
    "Errored",
    "Event",
    "ForeignAwait",
    "Handle",
    "Journal",
    "Message",
    "NotProvided",
    "Notified",
    "Notify",
    "Operation",
    "Origin",
    "OutsideSpindle",
    "PageClosed",
    "PageMachine",
    "Port",
    "Receipt",
    "Sent",
    "Settlement",
    "Source",
    "Spindle",
    "SpindleError",
    "SpindleIsLive",
    "StillRunning",
    "Suspended",
    "UnexpectedEvent",
    "UsageError",
    "Withdrawn",
    "WrongBlock",
    "Yield",
    "Yielded",
    "cleanup",
    "describe",
    "once",
    "open_page",
    "perform",
    "read",
    "use",
    "write",
]


if not TYPE_CHECKING:  # with it in sight, checkers would take any misspelt import for right

    def __getattr__(name: str) -> object:
        if name not in _ON_TRIO:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(_ON_TRIO[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
