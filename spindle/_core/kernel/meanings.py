"""What each operation does, whoever drives the coroutine that awaits it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from spindle._core.errors import UsageError
from spindle._core.journal import CallBegan
from spindle._core.kernel.kernel import Kernel
from spindle._core.kernel.mail import settle_in_hand, take
from spindle._core.kernel.record import Record, Unnamed, Wait
from spindle._core.kernel.unwinding import Unwinding
from spindle._core.kernel.wording import wrong_block
from spindle._core.messages import Ask, Notify
from spindle._core.port import Call, Use, provided
from spindle._core.scope import EnterScope, ExitScope
from spindle._core.source import Source
from spindle._core.states import Notified, Yielded

if TYPE_CHECKING:
    from spindle._core.messages import Message
    from spindle._core.scope import Scope

__all__ = ["NOT_CANCEL_POINTS", "SUSPENDED", "Meaning", "meaning_of"]

Meaning: TypeAlias = Callable[[Kernel, Record, Any], object]
"""Does an operation: returns the answer or `SUSPENDED`, or raises what the spindle is to see."""


class _Suspended:
    def __repr__(self) -> str:
        return "SUSPENDED"


SUSPENDED: Final = _Suspended()
"""The answer of an operation that has to wait: the spindle is woken with the real one."""


def _ask(kernel: Kernel, record: Record, ask: Ask) -> object:
    if ask.__block__ is not record.block:
        _learn_block(record, ask)
    if record.in_hand:
        settle_in_hand(kernel, record, None)
    record.asked += 1
    source = Source(record.block, record.instance, record.asked)
    kernel.tell(source, Yielded(ask))
    if record.mailbox:
        letter = take(record, ask.__answers__)
        if letter is not None:
            return letter.event
    record.pending[record.asked] = Wait(ask, source)
    record.suspend()
    return SUSPENDED


def _notify(kernel: Kernel, record: Record, notify: Notify) -> None:
    if notify.__block__ is not record.block:
        _learn_block(record, notify)
    kernel.tell(record.source, Notified(notify))


def _learn_block(record: Record, message: Message) -> None:
    if record.block is not Unnamed:
        raise wrong_block(record, message)
    if message.__block__ is not None:
        record.refer(message.__block__)


def _use(kernel: Kernel, record: Record, wanted: Use[Any]) -> object:
    return provided(wanted.kind, record.provide, kernel.provide)


def _call(kernel: Kernel, record: Record, call: Call[Any]) -> object:
    if kernel.journal is not None:
        kernel.note(CallBegan(record.source, call.name, call.args, call.keywords))
    record.leave()
    kernel.driver.begin_call(record, call)
    return SUSPENDED


def _enter(kernel: Kernel, record: Record, enter: EnterScope) -> None:
    scope = enter.scope
    record.scopes.append(scope)
    expire = partial(_expire, kernel, record, scope)
    scope.call_off = kernel.timers.set(kernel.now + scope.seconds, expire).call_off
    kernel.driver.timer_was_set()


def _expire(kernel: Kernel, record: Record, scope: Scope) -> None:
    scope.expired = True
    kernel.interrupt(record)


def _exit(kernel: Kernel, record: Record, leave: ExitScope) -> bool:
    scope = leave.scope
    if not record.scopes or record.scopes[-1] is not scope:
        raise UsageError(f"{record.name} left a scope that is not its innermost one")
    record.scopes.pop()
    scope.call_off()
    return isinstance(leave.error, Unwinding) and leave.error.cause is scope


_MEANINGS: dict[type, Meaning] = {
    Ask: _ask,
    Notify: _notify,
    Use: _use,
    Call: _call,
    EnterScope: _enter,
    ExitScope: _exit,
}

NOT_CANCEL_POINTS: Final = frozenset({EnterScope, ExitScope})


def meaning_of(trap: object) -> Meaning | None:
    """What an awaited value means; None if it is not an operation."""
    kind = type(trap)
    meaning = _MEANINGS.get(kind)
    return meaning if meaning is not None else _inherited(kind)


def _inherited(kind: type) -> Meaning | None:
    for base in kind.__mro__:
        if base in _MEANINGS:
            meaning = _MEANINGS[kind] = _MEANINGS[base]
            return meaning
    return None
