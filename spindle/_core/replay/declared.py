"""The types that functions declare, by which what they take and return is read from a log."""

from __future__ import annotations

from functools import lru_cache
from inspect import Parameter, Signature, signature
from itertools import chain, count, repeat
from typing import TYPE_CHECKING, Any, get_type_hints

from msgspec import Struct

from spindle._core.contracts.answers import answer_form
from spindle._core.messages import Ask, Message, Yield

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from spindle._core.operations.port import Call

__all__ = ["answers_of", "fields_of", "fits", "names_of", "parameters_of", "result_of"]


def parameters_of(fn: Callable[..., object]) -> Iterable[Any]:
    """The types of its positional parameters; `Any` where nothing usable is declared."""
    declared, rest = _parameters(fn)
    return declared if rest is None else chain(declared, repeat(rest))


@lru_cache(1024)
def _parameters(fn: Callable[..., object]) -> tuple[tuple[Any, ...], Any]:
    """The types of those that have names, and of what else it takes; None if that is nothing."""
    hints, declared = _hints(fn), list[Any]()
    for parameter in _signature(fn).parameters.values():
        kind = hints.get(parameter.name, Any)
        if parameter.kind is Parameter.VAR_POSITIONAL:
            return tuple(declared), kind
        declared.append(kind)
    return tuple(declared), None


def names_of(fn: Callable[..., object]) -> Iterable[str]:
    """The names of its positional parameters; those of the rest have numbers."""
    for parameter in _signature(fn).parameters.values():
        if parameter.kind is Parameter.VAR_POSITIONAL:
            yield from (f"*{parameter.name}[{each}]" for each in count())
        yield parameter.name


def fits(fn: Callable[..., object], args: tuple[object, ...]) -> None:
    """See that a function takes these arguments.

    Raises:
        TypeError: it does not.
    """
    _own_signature(fn).bind(*args)


def result_of(call: Call[Any]) -> Any:
    """The type of what a call returns: as its port declares it, or else the function itself."""
    method = call.name.rpartition(".")[2]
    given: Any = type(call.given)
    declared = _declared_by(given, method)
    return _hints(call.fn if declared is None else declared).get("return", Any)


@lru_cache(1024)
def _declared_by(given: Any, method: str) -> Any:
    """A port's method as it was declared first; None if none declares it."""
    bases: tuple[type, ...] = given.__mro__
    for base in reversed(bases):
        declared: Any = vars(base).get(method)
        if hasattr(declared, "__repeat__"):
            return declared
    return None


def answers_of(ask: Ask) -> dict[str, Any]:
    """The types of what answers a question, by the name that the log has for them.

    Events have that of their class; of anything else there is one type, under no name.
    """
    events = {each.__wire__: each for each in type(ask).__answers__ if issubclass(each, Message)}
    return {**events, "": answer_form(type(ask), Yield)}


def fields_of(kind: type) -> dict[str, Any]:
    """The types of the fields of a struct, dataclass or message, by their names in a log."""
    hints = _hints(kind)
    if issubclass(kind, Struct):
        names = zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True)
        return {written: hints.get(name, Any) for name, written in names}
    return hints


@lru_cache(1024)
def _own_signature(fn: Callable[..., object]) -> Signature:
    return signature(fn)


def _signature(fn: Callable[..., object]) -> Signature:
    try:
        return _own_signature(fn)
    except (TypeError, ValueError):  # of a builtin
        return Signature([Parameter("args", Parameter.VAR_POSITIONAL)])


@lru_cache(1024)
def _hints(fn: Callable[..., object]) -> dict[str, Any]:
    """What is declared; nothing where a name in it cannot be looked up at run time."""
    try:
        return get_type_hints(getattr(fn, "__wrapped__", fn))
    except (NameError, TypeError, AttributeError):
        return {}
