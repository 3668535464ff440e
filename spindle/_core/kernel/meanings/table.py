"""The table of operations: what an awaited value means."""

from __future__ import annotations

from functools import partial
from typing import Final

from spindle._core.kernel import cells
from spindle._core.kernel.meanings import (
    calling,
    keeping,
    scoping,
    sharing,
    speaking,
    starting,
    waiting,
)
from spindle._core.kernel.meanings.meaning import Meaning, Source, alone
from spindle._core.messages import Ask, Notify
from spindle._core.operations.await_any import AwaitAny
from spindle._core.operations.batch import Forget, Load
from spindle._core.operations.cell import GetCell, NextChange, PutCell, Watch
from spindle._core.operations.channel import CloseChannel, FailChannel, PutItem, TakeItem
from spindle._core.operations.clock import Now, RandomFloat, Sleep, UniqueId
from spindle._core.operations.fiber import AwaitAll, JoinFibers, StartFiber
from spindle._core.operations.fork import Fork
from spindle._core.operations.handle import CancelRecord, Result
from spindle._core.operations.keeping import Mark, Patched
from spindle._core.operations.port import Call, Use
from spindle._core.operations.reason import CancelReason
from spindle._core.operations.scope import CancelPoint, EnterScope, ExitScope

__all__ = ["MEANINGS", "NOT_CANCEL_POINTS", "OPERATIONS", "meaning_of"]

_SOURCES: dict[type, Source] = {
    NextChange: sharing.NEXT_CHANGE,
    TakeItem: sharing.TAKE,
    Sleep: waiting.SLEEP,
    Result: waiting.RESULT,
}

MEANINGS: dict[type, Meaning] = {
    Ask: speaking.ask,
    Notify: speaking.notify,
    Use: calling.use,
    Call: calling.call,
    Load: calling.load,
    Forget: calling.forget,
    EnterScope: scoping.enter,
    ExitScope: scoping.leave,
    JoinFibers: scoping.join_fibers,
    CancelPoint: scoping.cancel_point,
    CancelReason: scoping.cancel_reason,
    Fork: starting.fork,
    StartFiber: starting.fiber,
    CancelRecord: starting.cancel,
    PutCell: cells.put,
    GetCell: sharing.get_cell,
    Watch: sharing.watch,
    PutItem: sharing.put_item,
    CloseChannel: sharing.close_channel,
    FailChannel: sharing.fail_channel,
    NextChange: alone(sharing.NEXT_CHANGE),
    TakeItem: alone(sharing.TAKE),
    Sleep: alone(waiting.SLEEP),
    Result: waiting.result,
    AwaitAny: partial(waiting.await_any, _SOURCES, speaking.ASK),
    AwaitAll: waiting.await_all,
    Now: waiting.now,
    RandomFloat: waiting.random_float,
    UniqueId: waiting.unique_id,
    Mark: keeping.mark,
    Patched: keeping.patched,
}

OPERATIONS: Final = frozenset(MEANINGS)
"""The classes of all operations; those derived from them come into the table when they are met."""

NOT_CANCEL_POINTS: Final = frozenset({EnterScope, ExitScope, JoinFibers, CancelReason})


def meaning_of(trap: object) -> Meaning | None:
    """What an awaited value means; None if it is not an operation."""
    kind = type(trap)
    meaning = MEANINGS.get(kind)
    return meaning if meaning is not None else _inherited(kind)


def _inherited(kind: type) -> Meaning | None:
    for base in kind.__mro__:
        if base in MEANINGS:
            meaning = MEANINGS[kind] = MEANINGS[base]
            return meaning
    return None
