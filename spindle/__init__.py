"""Spindle: the behaviour of a live page, written as coroutines that are read from top to bottom.

The layers, each importing only what stands below it:

- `spindle.stress`: the long run
- `spindle.web`: sockets, sessions, the HTTP page
- `spindle.testing`: transcripts, pages by hand, fakes, recordings
- `spindle.view`: assigns, rendering, patches
- `spindle.durable`: logs, and the stores that keep them
- `spindle._runtime`: page machines on trio
- `spindle._core`: messages, contracts, operations, the page kernel; pure

Importing this module imports nothing else: what is behind a name is loaded when it is first asked
for. So tests stepped by hand start fast, without trio, and without what they do not use.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spindle._core.call_key import call_key as call_key
    from spindle._core.contracts.contract import Contract as Contract
    from spindle._core.contracts.contract import Spindle as Spindle
    from spindle._core.contracts.contract import describe as describe
    from spindle._core.contracts.description import Description as Description
    from spindle._core.coroutine import Coroutine as Coroutine
    from spindle._core.decoding.decode import DecodeError as DecodeError
    from spindle._core.errors import Abandoned as Abandoned
    from spindle._core.errors import CallFailed as CallFailed
    from spindle._core.errors import CellEmpty as CellEmpty
    from spindle._core.errors import ChannelClosed as ChannelClosed
    from spindle._core.errors import ContractError as ContractError
    from spindle._core.errors import Deadlock as Deadlock
    from spindle._core.errors import ForeignAwait as ForeignAwait
    from spindle._core.errors import LimitReached as LimitReached
    from spindle._core.errors import LogCorrupt as LogCorrupt
    from spindle._core.errors import LogTooNew as LogTooNew
    from spindle._core.errors import NotLoaded as NotLoaded
    from spindle._core.errors import NotOwner as NotOwner
    from spindle._core.errors import NotProvided as NotProvided
    from spindle._core.errors import OutcomeUnknown as OutcomeUnknown
    from spindle._core.errors import OutsideSpindle as OutsideSpindle
    from spindle._core.errors import PageClosed as PageClosed
    from spindle._core.errors import PageClosing as PageClosing
    from spindle._core.errors import PageParked as PageParked
    from spindle._core.errors import ReplayMismatch as ReplayMismatch
    from spindle._core.errors import RestartsSpent as RestartsSpent
    from spindle._core.errors import SpindleError as SpindleError
    from spindle._core.errors import SpindleIsLive as SpindleIsLive
    from spindle._core.errors import StillRunning as StillRunning
    from spindle._core.errors import TooSlow as TooSlow
    from spindle._core.errors import UnexpectedEvent as UnexpectedEvent
    from spindle._core.errors import UsageError as UsageError
    from spindle._core.errors import WasCancelled as WasCancelled
    from spindle._core.errors import WrongBlock as WrongBlock
    from spindle._core.journal import Journal as Journal
    from spindle._core.kernel.overruns import Overrunner as Overrunner
    from spindle._core.kernel.snapshot import Branch as Branch
    from spindle._core.kernel.snapshot import Snapshot as Snapshot
    from spindle._core.kernel.snapshot import Tree as Tree
    from spindle._core.kernel.statistics import PageStatistics as PageStatistics
    from spindle._core.limits import PageLimits as PageLimits
    from spindle._core.messages import Ask as Ask
    from spindle._core.messages import Delivery as Delivery
    from spindle._core.messages import Event as Event
    from spindle._core.messages import Message as Message
    from spindle._core.messages import Notify as Notify
    from spindle._core.messages import Yield as Yield
    from spindle._core.operations.await_any import await_any as await_any
    from spindle._core.operations.batch import forget as forget
    from spindle._core.operations.batch import many as many
    from spindle._core.operations.cell import Cell as Cell
    from spindle._core.operations.cell import Change as Change
    from spindle._core.operations.cell import Changes as Changes
    from spindle._core.operations.channel import Channel as Channel
    from spindle._core.operations.channel import ChannelStatistics as ChannelStatistics
    from spindle._core.operations.clock import now as now
    from spindle._core.operations.clock import random_float as random_float
    from spindle._core.operations.clock import sleep as sleep
    from spindle._core.operations.clock import unique_id as unique_id
    from spindle._core.operations.fiber import await_all as await_all
    from spindle._core.operations.fiber import fiber as fiber
    from spindle._core.operations.fiber import map_fibers as map_fibers
    from spindle._core.operations.fiber import scope as scope
    from spindle._core.operations.fork import fork as fork
    from spindle._core.operations.handle import Handle as Handle
    from spindle._core.operations.keeping import mark as mark
    from spindle._core.operations.keeping import patched as patched
    from spindle._core.operations.operation import Operation as Operation
    from spindle._core.operations.port import Port as Port
    from spindle._core.operations.port import once as once
    from spindle._core.operations.port import perform as perform
    from spindle._core.operations.port import read as read
    from spindle._core.operations.port import use as use
    from spindle._core.operations.port import write as write
    from spindle._core.operations.reason import cancel_reason as cancel_reason
    from spindle._core.operations.reconciling import reconciles as reconciles
    from spindle._core.operations.scope import cleanup as cleanup
    from spindle._core.operations.scope import timeout as timeout
    from spindle._core.operations.within import within as within
    from spindle._core.replay.log import Log as Log
    from spindle._core.replay.upcasting import upcasts as upcasts
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
    from spindle._core.supervision import ESCALATE as ESCALATE
    from spindle._core.supervision import REPORT as REPORT
    from spindle._core.supervision import Escalate as Escalate
    from spindle._core.supervision import Policy as Policy
    from spindle._core.supervision import Report as Report
    from spindle._core.supervision import Restart as Restart
    from spindle._core.supervision import When as When
    from spindle._core.tracer import TracedCall as TracedCall
    from spindle._core.tracer import TracedPage as TracedPage
    from spindle._core.tracer import TracedSpindle as TracedSpindle
    from spindle._core.tracer import TracedYield as TracedYield
    from spindle._core.tracer import Tracer as Tracer
    from spindle._lasting.host import DurableHost as DurableHost
    from spindle._lasting.opening import open_durable_host as open_durable_host
    from spindle._runtime.async_coroutine import AsyncCoroutine as AsyncCoroutine
    from spindle._runtime.async_coroutine import open_coroutine as open_coroutine
    from spindle._runtime.async_coroutine import resume_coroutine as resume_coroutine
    from spindle._runtime.host import PageHost as PageHost
    from spindle._runtime.host import open_host as open_host
    from spindle._runtime.log_filter import SpindleFilter as SpindleFilter
    from spindle._runtime.page import PageMachine as PageMachine
    from spindle._runtime.page import open_page as open_page

if sys.flags.dev_mode:
    from spindle._core.operations.dropped import tell_of_dropped

    tell_of_dropped()

__version__ = "0.1.0"

__all__ = [
    "ESCALATE",
    "REPORT",
    "Abandoned",
    "Ask",
    "AsyncCoroutine",
    "Branch",
    "CallFailed",
    "Cancelled",
    "Cell",
    "CellEmpty",
    "Change",
    "Changes",
    "Channel",
    "ChannelClosed",
    "ChannelStatistics",
    "Completed",
    "Contract",
    "ContractError",
    "Coroutine",
    "Deadlock",
    "DecodeError",
    "Delivery",
    "Description",
    "DurableHost",
    "Errored",
    "Escalate",
    "Event",
    "ForeignAwait",
    "Handle",
    "Journal",
    "LimitReached",
    "Log",
    "LogCorrupt",
    "LogTooNew",
    "Message",
    "NotLoaded",
    "NotOwner",
    "NotProvided",
    "Notified",
    "Notify",
    "Operation",
    "Origin",
    "OutcomeUnknown",
    "OutsideSpindle",
    "Overrunner",
    "PageClosed",
    "PageClosing",
    "PageHost",
    "PageLimits",
    "PageMachine",
    "PageParked",
    "PageStatistics",
    "Policy",
    "Port",
    "Receipt",
    "ReplayMismatch",
    "Report",
    "Restart",
    "RestartsSpent",
    "Sent",
    "Settlement",
    "Snapshot",
    "Source",
    "Spindle",
    "SpindleError",
    "SpindleFilter",
    "SpindleIsLive",
    "StillRunning",
    "Suspended",
    "TooSlow",
    "TracedCall",
    "TracedPage",
    "TracedSpindle",
    "TracedYield",
    "Tracer",
    "Tree",
    "UnexpectedEvent",
    "UsageError",
    "WasCancelled",
    "When",
    "Withdrawn",
    "WrongBlock",
    "Yield",
    "Yielded",
    "await_all",
    "await_any",
    "call_key",
    "cancel_reason",
    "cleanup",
    "describe",
    "fiber",
    "forget",
    "fork",
    "many",
    "map_fibers",
    "mark",
    "now",
    "once",
    "open_coroutine",
    "open_durable_host",
    "open_host",
    "open_page",
    "patched",
    "perform",
    "random_float",
    "read",
    "reconciles",
    "resume_coroutine",
    "scope",
    "sleep",
    "timeout",
    "unique_id",
    "upcasts",
    "use",
    "within",
    "write",
]

_HOMES: Final = {
    "_core.call_key": "call_key",
    "_core.contracts.contract": "Contract Spindle describe",
    "_core.contracts.description": "Description",
    "_core.coroutine": "Coroutine",
    "_core.decoding.decode": "DecodeError",
    "_core.errors": (
        "Abandoned CallFailed CellEmpty ChannelClosed ContractError Deadlock ForeignAwait "
        "LimitReached LogCorrupt LogTooNew NotLoaded NotOwner NotProvided OutcomeUnknown "
        "OutsideSpindle PageClosed PageClosing PageParked ReplayMismatch RestartsSpent "
        "SpindleError SpindleIsLive StillRunning TooSlow UnexpectedEvent UsageError WasCancelled "
        "WrongBlock"
    ),
    "_core.journal": "Journal",
    "_core.kernel.overruns": "Overrunner",
    "_core.kernel.snapshot": "Branch Snapshot Tree",
    "_core.kernel.statistics": "PageStatistics",
    "_core.limits": "PageLimits",
    "_core.messages": "Ask Delivery Event Message Notify Yield",
    "_core.operations.await_any": "await_any",
    "_core.operations.batch": "forget many",
    "_core.operations.cell": "Cell Change Changes",
    "_core.operations.channel": "Channel ChannelStatistics",
    "_core.operations.clock": "now random_float sleep unique_id",
    "_core.operations.fiber": "await_all fiber map_fibers scope",
    "_core.operations.fork": "fork",
    "_core.operations.handle": "Handle",
    "_core.operations.keeping": "mark patched",
    "_core.operations.operation": "Operation",
    "_core.operations.port": "Port once perform read use write",
    "_core.operations.reason": "cancel_reason",
    "_core.operations.reconciling": "reconciles",
    "_core.operations.scope": "cleanup timeout",
    "_core.operations.within": "within",
    "_core.replay.log": "Log",
    "_core.replay.upcasting": "upcasts",
    "_core.settlement": "Receipt Settlement",
    "_core.source": "Source",
    "_core.states": "Cancelled Completed Errored Notified Origin Sent Suspended Withdrawn Yielded",
    "_core.supervision": "ESCALATE REPORT Escalate Policy Report Restart When",
    "_core.tracer": "TracedCall TracedPage TracedSpindle TracedYield Tracer",
    "_lasting.host": "DurableHost",
    "_lasting.opening": "open_durable_host",
    "_runtime.async_coroutine": "AsyncCoroutine open_coroutine resume_coroutine",
    "_runtime.host": "PageHost open_host",
    "_runtime.log_filter": "SpindleFilter",
    "_runtime.page": "PageMachine open_page",
}
"""The modules, and what is public of each."""

_HOME_OF: Final = {
    name: f"{__name__}.{module}" for module, names in _HOMES.items() for name in names.split()
}

if not TYPE_CHECKING:  # with it in sight, checkers would take any misspelt import for right

    def __getattr__(name: str) -> object:
        if name not in _HOME_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
