"""Exceptions as a log keeps them."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import msgspec

from spindle._core.errors import CallFailed
from spindle._core.kernel.groups import leaves
from spindle._core.names import bounded, error_shown, kind_of, name_of, shortened, shown
from spindle._core.replay.kept import keep, read
from spindle._core.replay.places import found_at, place_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spindle._core.replay.formats import Format

__all__ = ["Failure", "keep_error", "revive"]

_LONGEST: Final = 1000
"""How many characters are kept of what is only told of."""
_args: Final[Any] = BaseException.__dict__["args"].__get__


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
    try:
        failure, revived = _as_it_is(error, form)
    except Exception:  # of the application's own class, which may do anything
        said = ", ".join(map(_said, islice(leaves(error), 20)))
        instead = CallFailed(f"{name_of(type(error))}: {shortened(said, _LONGEST)}")
        failure, revived = _written(instead, form), instead
    return failure, revived.with_traceback(error.__traceback__)


def _said(error: BaseException) -> str:
    """What it says, by code of its own and of its arguments where it does not say so without."""
    kind, plain = kind_of(error), error_shown(error, _LONGEST)
    if plain != kind:
        return plain
    if type(error).__str__ is not BaseException.__str__:
        with suppress(Exception):
            return f"{kind}({bounded(str(error), _LONGEST)})"
    made_with: tuple[object, ...] = _args(error)
    return f"{kind}({', '.join(shown(each, _LONGEST) for each in made_with)})"


def _as_it_is(error: BaseException, form: Format) -> tuple[Failure, Exception]:
    """What is kept of it, and what is made of that.

    Raises:
        Exception: it cannot be made anew.
    """
    if not isinstance(error, Exception):
        raise TypeError("no exception of a program")
    failure = _written(error, form)
    revived = revive(failure, form)
    if type(revived) is not type(error) or list(revived.args) != list(error.args):
        raise ValueError("another one")
    return failure, revived


def revive(failure: Failure, form: Format) -> Exception:
    """Make the error anew.

    Raises:
        LookupError: there is no such class any more.
    """
    args = read(failure.args, list[Any], form)
    error = _class_at(failure.kind)(*args)
    error.__setstate__(read(failure.attributes, dict[str, Any], form))
    return error


def _written(error: Exception, form: Format) -> Failure:
    own = f"what a call raised, {name_of(type(error))}"
    made_with, set_on_it = _made_of(error)
    args, _ = keep(made_with, Any, own, form)
    attributes, _ = keep(set_on_it, Any, own, form)
    return Failure(place_of(type(error)), args, attributes)


def _made_of(error: Exception) -> tuple[list[Any], Mapping[str, Any]]:
    """What an error like it is made with, and what is set on it then.

    It tells that for copies; `args` lack the file of an `OSError`, and `vars` the name of an
    `ImportError`.
    """
    made: tuple[Any, ...] = ()
    with suppress(Exception):
        told = error.__reduce__()
        made = told if isinstance(told, tuple) else ()
    if len(made) not in (2, 3) or made[0] is not type(error):
        return list(error.args), vars(error)
    return list(made[1]), made[2] if len(made) == 3 else {}


def _class_at(place: str) -> type[Exception]:
    found = found_at(place)
    if isinstance(found, type) and issubclass(found, Exception):
        return found
    raise LookupError(f"{place} is no exception")
