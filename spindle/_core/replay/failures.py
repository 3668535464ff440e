"""Exceptions as a log keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from spindle._core.errors import CallFailed, UsageError
from spindle._core.names import error_shown, name_of
from spindle._core.replay.kept import keep, read
from spindle._core.replay.places import found_at, place_of

if TYPE_CHECKING:
    from spindle._core.replay.formats import Format

__all__ = ["Failure", "keep_error", "revive"]


class Failure(msgspec.Struct, frozen=True, array_like=True):
    """What a call raised."""

    kind: str
    """Where its class stands, `shop.errors:SoldOut`; empty if it is only told of."""
    args: msgspec.Raw
    """What it was made with."""
    attributes: msgspec.Raw
    """What was set on it since, notes too."""


def keep_error(error: BaseException, form: Format) -> tuple[Failure, Exception]:
    """Write down what a call raised.

    Returns:
        What is kept, and what the spindle is to get: an error of the same class made of that, or,
        where it cannot be made anew with what it holds, a `CallFailed` that says what it was.
    """
    failure = _written(error, form) if isinstance(error, Exception) else None
    try:
        revived = None if failure is None else revive(failure, form)
    except Exception:
        revived = None
    if failure is None or revived is None or not _alike(revived, error):
        instead = CallFailed(f"{name_of(type(error))}: {error_shown(error, 1000)}")
        failure = _written(instead, form)
        assert failure is not None
        revived = instead
    return failure, revived.with_traceback(error.__traceback__)


def revive(failure: Failure, form: Format) -> Exception:
    """Make the error anew.

    Raises:
        LookupError: there is no such class any more.
    """
    args = read(failure.args, list[Any], form)
    error = _class_at(failure.kind)(*args)
    error.__dict__.update(read(failure.attributes, dict[str, Any], form))
    return error


def _written(error: Exception, form: Format) -> Failure | None:
    kind, own = type(error), f"what a call raised, {name_of(type(error))}"
    try:
        args, _ = keep(list(error.args), Any, own, form)
        attributes, _ = keep(vars(error), Any, own, form)
    except UsageError:
        return None
    return Failure(place_of(kind), args, attributes)


def _alike(revived: Exception, error: BaseException) -> bool:
    return type(revived) is type(error) and list(revived.args) == list(error.args)


def _class_at(place: str) -> type[Exception]:
    found = found_at(place)
    if isinstance(found, type) and issubclass(found, Exception):
        return found
    raise LookupError(f"{place} is no exception")
