"""What calls are given and what may come of them, by the signatures that were declared."""

from __future__ import annotations

from functools import lru_cache
from inspect import Parameter, Signature, iscoroutine, signature
from typing import TYPE_CHECKING, Any

from spindle._core.errors import UsageError, hides_frames
from spindle._core.names import name_of, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "arguments_of",
    "check_answer",
    "check_arguments",
    "check_error",
    "check_no_coroutine",
    "check_value",
    "demanded",
    "is_of_port",
    "parameters_of",
    "placeholders",
]

__tracebackhide__ = hides_frames

_BY_POSITION = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


def parameters_of(function: Callable[..., object]) -> Signature | None:
    """What a function takes, a port's method without its `self`; None if that is not known."""
    try:
        return _signature(function)
    except (TypeError, ValueError):
        return None


@lru_cache
def _signature(function: Callable[..., object]) -> Signature:
    parameters = signature(function).parameters.values()
    # Of types nothing is said: they would only make messages long.
    bare = [each.replace(annotation=Parameter.empty) for each in parameters]
    return Signature(bare[1:] if hasattr(function, "__repeat__") else bare)


def arguments_of(
    function: Callable[..., object], args: tuple[object, ...], keywords: Mapping[str, object]
) -> dict[str, object]:
    """What each parameter is given, in their order; those left out have their defaults.

    Raises:
        TypeError: they are not what it takes.
    """
    found = parameters_of(function)
    if found is None:
        return {**{str(at): each for at, each in enumerate(args)}, **keywords}
    try:
        bound = found.bind(*args, **keywords)
    except TypeError as error:
        raise TypeError(f"{name_of(function)}{found}: {error}") from None
    bound.apply_defaults()
    return bound.arguments


def check_arguments(
    function: Callable[..., object], args: tuple[object, ...], keywords: Mapping[str, object]
) -> None:
    """See that a function can be called with these.

    Raises:
        TypeError: they are not what it takes.
    """
    if keywords or len(args) not in _counts(function):
        arguments_of(function, args, keywords)


@lru_cache
def _counts(function: Callable[..., object]) -> range:
    """How many arguments are enough, if all are given by position; empty if that is not known."""
    found = parameters_of(function)
    if found is None or any(each.kind not in _BY_POSITION for each in found.parameters.values()):
        return range(0)
    needed = [each for each in found.parameters.values() if each.default is Parameter.empty]
    return range(len(needed), len(found.parameters) + 1)


def placeholders(found: Signature) -> tuple[list[None], dict[str, None]]:
    """Arguments with which all is called that has this signature."""
    args: list[None] = []
    keywords: dict[str, None] = {}
    for name, parameter in found.parameters.items():
        if parameter.kind is Parameter.KEYWORD_ONLY:
            keywords[name] = None
        elif parameter.kind not in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
            args.append(None)
    return args, keywords


def is_of_port(port: type, method: Any) -> bool:
    """Whether a method is one of a port's, as that or one of its bases declares it."""
    if isinstance(getattr(method, "__self__", None), port):
        return True
    name = getattr(method, "__name__", None)
    return any(name and vars(base).get(name) is method for base in port.__mro__)


def demanded(
    caller: str,
    method: Callable[..., Any],
    args: tuple[object, ...],
    keywords: Mapping[str, object],
) -> dict[str, object]:
    """What is demanded for each parameter.

    Raises:
        UsageError: the method does not take these arguments.
    """
    try:
        return arguments_of(method, args, keywords)
    except TypeError as error:
        raise UsageError(f"{caller}() demands a call that cannot be: {error}") from None


def check_value(method: Callable[..., object], value: object, instead: str) -> None:
    """Refuse what a port's method, or a function, never returns; `instead` is the way around that.

    Raises:
        UsageError: it is a coroutine object, or not of the type that the method declares.
    """
    check_no_coroutine("returns", value)
    from spindle.testing.fitting import misfit_returned  # only those that script need it

    found = misfit_returned(method, value)
    if found is None:
        return
    part, declared = found
    takes = f"returns() takes what {name_of(method)} returns, {declared}"
    here = f": here {part.path.lstrip('.')} is {part.came}, no {part.wanted}"
    raise UsageError(f"{takes}{here if part.path else f', not {part.came}'}. {instead}")


def check_no_coroutine(caller: str, value: object) -> None:
    """Refuse a coroutine object in place of a value.

    Raises:
        UsageError: it is one.
    """
    if iscoroutine(value):
        name = name_of(value)
        value.close()
        raise UsageError(
            f"{caller}() takes what the method returns, not a coroutine object: give the value "
            f"that {name}(...) would return"
        )


def check_answer(event: object) -> None:
    """Refuse an event that could not come from a view, for its fields are of other types.

    Raises:
        UsageError: it is one.
    """
    from spindle.testing.fitting import misfit

    part = misfit(event, type(event))
    if part is not None:
        raise UsageError(
            f"answer() was given {name_of(type(event))} with {part.path.lstrip('.')} {part.came}, "
            f"no {part.wanted}: a view could not send that"
        )


def check_error(error: object) -> None:
    """Refuse what cannot be raised here.

    Raises:
        UsageError: it is no exception, or the class of one.
    """
    if isinstance(error, Exception):
        return
    instead = shown(error)
    if isinstance(error, type) and issubclass(error, Exception):
        instead = f"its class: write {name_of(error)}(...)"
    raise UsageError(f"raises() takes an error, as in raises(LookupError('gone')), not {instead}")
