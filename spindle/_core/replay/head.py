"""With what a conversation began: the function, and what it was given."""

from __future__ import annotations

from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

import msgspec

from spindle._core.apart import apart
from spindle._core.entropy import drawn
from spindle._core.errors import ReplayMismatch, UsageError
from spindle._core.names import name_of
from spindle._core.replay.declared import parameters_of
from spindle._core.replay.kept import keep, read
from spindle._core.replay.log import Head
from spindle._core.replay.mismatch import helping, retyped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spindle._core.replay.formats import Format
    from spindle._core.replay.log import Log

__all__ = ["begun", "read_back", "taken_up", "written"]


def begun(
    log: Log, fn: Callable[..., object], args: tuple[object, ...], seed: int
) -> tuple[Any, ...]:
    """Write it down.

    Returns:
        The arguments, as they are read from the log.

    Raises:
        UsageError: one cannot be kept, or something was begun with this log.
    """
    raw, values = written(fn, args, log.format, f"an argument of {name_of(fn)}")
    log.begin(Head(name_of(fn), raw, seed, conversation=drawn()))
    return values


def written(
    fn: Callable[..., object], args: tuple[object, ...], form: Format, what: str
) -> tuple[tuple[msgspec.Raw, ...], tuple[Any, ...]]:
    """What a function is given, as a log keeps it, and as it is read from there.

    Raises:
        UsageError: one cannot be kept; `what` says how they are called.
    """
    kinds = chain(parameters_of(fn), repeat(Any))
    pairs = [keep(each, kind, what, form) for each, kind in zip(args, kinds, strict=False)]
    return tuple(raw for raw, _ in pairs), tuple(value for _, value in pairs)


def read_back(
    fn: Callable[..., object], args: tuple[object, ...], form: Format
) -> Iterator[object]:
    """What a function is given, as it is read from a log; as it is, what that cannot keep."""
    for each, kind in zip(args, chain(parameters_of(fn), repeat(Any)), strict=False):
        try:
            yield keep(each, kind, "an argument", form)[1]
        except UsageError:
            yield apart(each)


def taken_up(log: Log, fn: Callable[..., object]) -> tuple[tuple[Any, ...], Head]:
    """What it was given, and the rest of how it began.

    Raises:
        UsageError: nothing was begun.
        ReplayMismatch: it does not fit what the function declares now.
    """
    head = log.head
    if head is None:
        raise UsageError(
            f"this log is empty: begin with Coroutine({name_of(fn)}, ..., log=log), which keeps "
            f"what it was given"
        )
    kinds = chain(parameters_of(fn), repeat(Any))
    try:
        pairs = zip(head.args, kinds, strict=False)
        return tuple(read(each, kind, log.format) for each, kind in pairs), head
    except (msgspec.ValidationError, TypeError) as error:
        lines = [
            f"{head.function} was begun with arguments that {name_of(fn)} does not take any more: "
            f"{error}",
            *helping("a parameter, or a class in one, has changed since", retyped(error)),
        ]
        raise ReplayMismatch("\n".join(lines)) from error
