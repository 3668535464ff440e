"""Inputs as they are posted, in the words of a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from spindle._core.errors import UsageError
from spindle._core.kernel.closing import close_page
from spindle._core.kernel.groups import is_a
from spindle._core.kernel.hand import Hand
from spindle._core.kernel.kernel import Kernel
from spindle._core.kernel.unwinding import Unwinding
from spindle._core.messages import Message
from spindle._core.names import name_of, shown
from spindle._core.replay.addresses import address_of
from spindle._core.replay.declared import answers_of, result_of
from spindle._core.replay.failures import keep_error
from spindle._core.replay.inputs import (
    Answered,
    Closed,
    Cut,
    Ended,
    Input,
    Launched,
    Left,
    Passed,
)
from spindle._core.replay.kept import keep

if TYPE_CHECKING:
    from collections.abc import Callable

    from spindle._core.kernel.record import Record
    from spindle._core.operations.port import Call
    from spindle._core.replay.addresses import Address
    from spindle._core.replay.formats import Format

__all__ = ["described", "kept_answer", "there"]


def described(
    apply: Callable[..., None], args: tuple[Any, ...], form: Format, first: Record | None
) -> tuple[Input, tuple[Any, ...]]:
    """What a log says of an input, and with what it is applied: with what can be read of that.

    Args:
        apply: what was posted.
        args: with what.
        form: how the log writes.
        first: the spindle that the page began with, if it began with one.

    Raises:
        UsageError: see `kept_answer`.
    """
    what: object = getattr(apply, "__func__", apply)
    if what is Kernel.answer:
        return kept_answer(form, first, *args)
    if what is Kernel.call_ended:
        return _kept_end(form, first, *args)
    if what is Kernel.launch:
        return Launched(there(args[0], first)), args
    if what is Kernel.cancel:
        return Cut(address_of(args[0], first), args[1].reason), args
    if what is Kernel.cancel_page:
        return Left(args[0].reason, args[0].origin), args
    if what is close_page:
        return Closed(args[1].reason, *args[2:]), args
    assert what is Hand.arrive, what
    return Passed(args[0]), args


def kept_answer(
    form: Format, first: Record | None, record: Record, number: int, value: object
) -> tuple[Input, tuple[Any, ...]]:
    """The answer of a question that is pending.

    Raises:
        UsageError: the log cannot keep it.
    """
    ask = record.root.pending[number].ask
    kind = value.__wire__ if isinstance(value, Message) else ""
    declared = answers_of(ask)
    if kind not in declared:
        raise UsageError(
            f"{name_of(type(ask))} was answered with {shown(value)}, whose class it does not "
            f"declare: a log keeps what is declared, and no class derived from it"
        )
    written, found = keep(value, declared[kind], f"the answer of {name_of(type(ask))}", form)
    return Answered(there(record, first), number, kind, written), (record, number, found)


def _kept_end(
    form: Format,
    first: Record | None,
    record: Record,
    call: Call[Any],
    value: object,
    error: BaseException | None,
) -> tuple[Input, tuple[Any, ...]]:
    written, failure = msgspec.Raw(form.encode(None)), None
    if error is None:
        try:
            written, value = keep(value, result_of(call), f"what {call.name} returned", form)
        except UsageError as refused:
            value, error = None, refused
    cut = error is not None and is_a(error, Unwinding)
    if error is not None and not cut:
        failure, error = keep_error(error, form)
    ended = Ended(there(record, first), call.name, written, failure, cut)
    return ended, (record, call, value, error)


def there(record: Record, first: Record | None) -> Address:
    """Where it is found now, which is not over."""
    address = address_of(record, first)
    assert address is not None, f"{record.name} is over"
    return address
