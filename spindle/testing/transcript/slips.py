"""What tests get wrong in what they demand, each with a message of its own."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import iscoroutine
from typing import TYPE_CHECKING, Any

from spindle._core.errors import UsageError, hides_frames
from spindle._core.messages import Ask, Message, Notify
from spindle._core.names import name_of, shown
from spindle._core.operations.cell import Cell
from spindle._core.operations.port import Port, declared_in
from spindle.testing.calls import is_of_port

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "check_cell",
    "check_message",
    "check_method",
    "check_not_given",
    "check_performed",
    "check_stub",
]

__tracebackhide__ = hides_frames


def check_message(caller: str, wanted: type[Message], message: object) -> None:
    """Refuse a message of the other kind, or a class of messages.

    Raises:
        UsageError: it is one.
    """
    if isinstance(message, wanted):
        return
    kind = name_of(type(message))
    if isinstance(message, Notify):
        raise UsageError(f"{kind} is a Notify: use expect_notified({kind}(...))")
    if isinstance(message, Ask):
        raise UsageError(f"{kind} is a Yield: use expect({kind}(...))")
    instead = f"not {shown(message)}"
    if isinstance(message, type) and issubclass(message, wanted):
        instead = f"not its class: write {name_of(message)}(...)"
    what = "a yield" if wanted is Ask else "a notify"
    raise UsageError(f"{caller}() takes {what}, {instead}")


def check_cell(cell: object) -> None:
    """Refuse what is no cell.

    Raises:
        UsageError: it is none.
    """
    if not isinstance(cell, Cell):
        raise UsageError(
            f"expect_put() takes a cell and a value, as in expect_put(Search.results, found), "
            f"not {shown(cell)}"
        )


def check_method(method: object) -> None:
    """Refuse what is no method of a port.

    Raises:
        UsageError: it is none.
    """
    _check_not_called("expect_call", method)
    if hasattr(method, "__repeat__"):
        return
    raise UsageError(
        f"expect_call() takes a port's method, as in expect_call(Orders.place, order), not "
        f"{_instead_of_method(method)}"
    )


def _instead_of_method(given: object) -> str:
    """What was given in place of a port's method, and what to write."""
    kind = given if isinstance(given, type) else type(given)
    if issubclass(kind, Message):
        demand = "expect_notified" if issubclass(kind, Notify) else "expect"
        return f"a message: use {demand}({name_of(kind)}(...))"
    if issubclass(kind, Port):
        methods = ", ".join(name_of(method) for method in declared_in(kind).values())
        return f"a port as a whole: name one of its methods, {methods}"
    port = _port_of(given)
    if port is not None:
        return (
            f"that of an implementation, {name_of(given)}: write "
            f"expect_call({port.__name__}.{name_of(given).rpartition('.')[2]}, ...)"
        )
    name = name_of(given) if callable(given) else shown(given)
    return f"{name}: for what perform() is given there is expect_perform()"


def _port_of(method: object) -> type | None:
    """The port of which this is the method of an implementation, a `Fake` for example."""
    owner, _, name = name_of(method).rpartition(".")
    bound: object = getattr(method, "__self__", None)
    kind: object = type(bound) if isinstance(bound, Port) else None
    if kind is None:
        names: dict[str, object] = getattr(method, "__globals__", {})
        kind = names.get(owner)
    if not isinstance(kind, type):
        return None
    return next(
        (each for each in kind.__mro__ if hasattr(vars(each).get(name), "__repeat__")), None
    )


def check_not_given(method: object, provide: Mapping[type, object]) -> None:
    """Refuse the method of a port that the test does not play.

    Raises:
        UsageError: it is one.
    """
    name = name_of(method)
    for kind, given in provide.items():
        if isinstance(given, kind) and is_of_port(kind, method):
            raise UsageError(
                f"{name} is called at once, for provide= gives {kind.__name__}: leave it out, and "
                f"the test says what comes of its calls"
            )


def check_performed(fn: object, stub: tuple[Callable[..., Any], ...]) -> None:
    """Refuse a function that the test does not play.

    Raises:
        UsageError: it is one.
    """
    _check_not_called("expect_perform", fn)
    name = name_of(fn)
    if hasattr(fn, "__repeat__"):
        raise UsageError(f"{name} is a port's method: use expect_call({name}, ...)")
    if fn not in stub:
        raise UsageError(
            f"{name} is called at once: give it to the transcript, Transcript(..., stub=[{name}]), "
            f"and the test says what comes of it"
        )


def check_stub(stub: Iterable[Callable[..., Any]]) -> tuple[Callable[..., Any], ...]:
    """Refuse what are no functions that can be performed.

    Raises:
        UsageError: it is.
    """
    given = tuple(stub) if isinstance(stub, Iterable) else ()
    if isinstance(stub, Iterable) and all(map(callable, given)):
        return given
    for each in given:
        if iscoroutine(each):
            each.close()
    raise UsageError(
        f"Transcript(stub=) takes a list of async functions, as in stub=[fetch], not {shown(stub)}"
    )


def _check_not_called(caller: str, method: object) -> None:
    if iscoroutine(method):
        name = name_of(method)
        method.close()
        raise UsageError(
            f"{caller}() takes a function and its arguments, not a coroutine object: "
            f"write {caller}({name}, ...) instead of {caller}({name}(...))"
        )
