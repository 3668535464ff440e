"""Implementations of ports for tests, made from the answers they are to give."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine
from inspect import iscoroutine
from types import MethodType
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    NoReturn,
    ParamSpec,
    TypeVar,
    overload,
)

from spindle._core.errors import UsageError, hides_frames
from spindle._core.names import call_shown, name_of, shown
from spindle._core.operations.batch import forms_of
from spindle._core.operations.port import Port, declared_in, methods_of
from spindle.testing.calls import (
    arguments_of,
    check_arguments,
    demanded,
    is_of_port,
)
from spindle.testing.refused import Refusal, error_of, refuse
from spindle.testing.script import Script

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Fake"]

__tracebackhide__ = hides_frames

_OWN = frozenset(
    {
        "when",
        "returns",
        "raises",
        "does",
        "calls",
        "calls_of",
        "expect_called",
        "expect_not_called",
        "expect_refused",
    }
)

F = TypeVar("F")
P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")


class Fake(Port):
    """An implementation of a port that answers from a script, without waiting.

    `Fake(Catalog).when(Catalog.search).returns(found)` is an instance of `Catalog`. A method
    nothing is scripted for raises an AssertionError where it is called, and fails the test, unless
    that looks at it: by `expect_refused`, or since a `HandPage` or `Transcript` raises the error
    there. One that reads many (see `many`) is there only if it is scripted, so without that each
    key is asked for by itself.
    """

    calls: list[tuple[str, tuple[object, ...]]]
    """Every call made: the method's name and the arguments, in order; keywords come last, without
    their names."""

    _script: dict[str, deque[Callable[..., object]]]
    _made: list[tuple[str, tuple[object, ...], dict[str, object]]]
    _refused: list[tuple[int, Refusal]]
    _port: type[Port]
    _declared: dict[str, Callable[..., object]]

    def __new__(cls, port: type[Port], /) -> Self:
        """Make a fake of `port`.

        Raises:
            UsageError: `port` is not a port class, or has an operation with the name of something
                that a fake has itself.
        """
        if not (isinstance(port, type) and issubclass(port, Port)):
            raise UsageError(f"Fake() takes a port class, as in Fake(Catalog), not {shown(port)}")
        for name in _OWN.intersection(methods_of(port)):
            raise UsageError(
                f"Fake({port.__name__}) cannot have the operation {name}, a name that a fake needs "
                f"itself: write a class of your own, class Fake{port.__name__}({port.__name__})"
            )
        batched = {form.batched for form in forms_of(port).values()}
        members = {name: _method(port, name) for name in methods_of(port) if name not in batched}
        made = type(f"Fake{port.__name__}", (cls, port), members)
        assert issubclass(made, cls)
        return object.__new__(made)

    def __init__(self, port: type[Port], /) -> None:
        self.calls = []
        self._made = []
        self._refused = []
        self._script = {}
        self._port = port
        self._declared = declared_in(port)

    # --- what it answers ------------------------------------------------------------------------

    def when(
        self, method: Callable[Concatenate[S, P], Coroutine[Any, Any, T]], /
    ) -> Script[Self, P, T]:
        """Script what `method` does, as in `fake.when(Catalog.search).returns(found)`.

        Raises:
            UsageError: `method` is not one of the port's.
        """
        name, declared = self._known("when", method)
        if hasattr(getattr(self, name), "__form__"):
            setattr(self, name, MethodType(_method(self._port, name), self))
        return Script(self, declared, self._script.setdefault(name, deque()))

    def returns(
        self, method: Callable[..., Coroutine[Any, Any, T]], value: T, /, *further: T
    ) -> Self:
        """Script what `method` returns: short for `when(method).returns(value)`.

        Type checkers do not see here whether the value fits the method; with `when` they do.

        Raises:
            UsageError: as there.
        """
        self._script_of(method).returns(value, *further)
        return self

    def raises(
        self, method: Callable[..., Coroutine[Any, Any, object]], error: Exception, /
    ) -> Self:
        """Script what `method` raises: short for `when(method).raises(error)`.

        Raises:
            UsageError: as there.
        """
        self._script_of(method).raises(error)
        return self

    def does(
        self,
        method: Callable[Concatenate[S, P], Coroutine[Any, Any, T]],
        fn: Callable[P, T],
        /,
    ) -> Self:
        """Script what `method` does: short for `when(method).does(fn)`.

        Raises:
            UsageError: as there.
        """
        self._script_of(method).does(fn)
        return self

    # --- what it was asked ----------------------------------------------------------------------

    def calls_of(
        self, method: Callable[..., Coroutine[Any, Any, object]], /
    ) -> list[tuple[object, ...]]:
        """The arguments of each call of `method`, as in `calls`.

        Raises:
            UsageError: `method` is not one of the port's.
        """
        name, _ = self._known("calls_of", method)
        return [args for called, args in self.calls if called == name]

    @overload
    def expect_called(self, method: Callable[..., Coroutine[Any, Any, object]], /) -> None: ...
    @overload
    def expect_called(
        self,
        method: Callable[Concatenate[S, P], Coroutine[Any, Any, object]],
        /,
        *args: P.args,
        **keywords: P.kwargs,
    ) -> None: ...
    def expect_called(
        self,
        method: Callable[..., Coroutine[Any, Any, object]],
        /,
        *args: object,
        **keywords: object,
    ) -> None:
        """Demand that `method` was called with these arguments; without any, with whatever it was.

        Raises:
            AssertionError: it was not; with all calls that were made, and what differs.
            UsageError: `method` is not one of the port's, or does not take these arguments.
        """
        name, declared = self._known("expect_called", method)
        if not args and not keywords:
            if name not in (called for called, *_ in self._made):
                self._fail(f"{name_of(declared)} to be called", None)
            return
        arguments = demanded("expect_called", declared, args, keywords)
        if (name, arguments) not in self._asked():
            text = call_shown(name_of(declared), args, keywords)
            self._fail(f"{text} to be called", (name, arguments))

    def expect_not_called(self, method: Callable[..., Coroutine[Any, Any, object]], /) -> None:
        """Demand that `method` was never called.

        Raises:
            AssertionError: it was; with all calls that were made.
            UsageError: `method` is not one of the port's.
        """
        name, declared = self._known("expect_not_called", method)
        if name in (called for called, *_ in self._made):
            self._fail(f"{name_of(declared)} not to be called", None)

    @overload
    def expect_refused(self, method: Callable[..., Coroutine[Any, Any, object]], /) -> None: ...
    @overload
    def expect_refused(
        self,
        method: Callable[Concatenate[S, P], Coroutine[Any, Any, object]],
        /,
        *args: P.args,
        **keywords: P.kwargs,
    ) -> None: ...
    def expect_refused(
        self,
        method: Callable[..., Coroutine[Any, Any, object]],
        /,
        *args: object,
        **keywords: object,
    ) -> None:
        """Demand that `method` was called where nothing is scripted, which then fails no test.

        Raises:
            AssertionError: it was not, or not with these arguments; with all calls that were made.
            UsageError: `method` is not one of the port's, or does not take these arguments.
        """
        name, declared = self._known("expect_refused", method)
        some = bool(args or keywords)
        arguments = demanded("expect_refused", declared, args, keywords) if some else None
        asked = self._asked()
        refused = [
            refusal
            for at, refusal in self._refused
            if asked[at][0] == name and arguments in (None, asked[at][1])
        ]
        if not refused:
            text = call_shown(name_of(declared), args, keywords) if some else name_of(declared)
            self._fail(f"{text} to be refused", None if arguments is None else (name, arguments))
        for each in refused:
            each.seen = True

    # --- inside ---------------------------------------------------------------------------------

    def _script_of(self, method: Callable[..., Coroutine[Any, Any, T]]) -> Script[Self, ..., T]:
        return self.when(method)

    def _known(self, caller: str, method: object) -> tuple[str, Callable[..., object]]:
        """The name of an operation of the port, and how the port declares it."""
        if iscoroutine(method):
            called = name_of(method)
            method.close()
            raise UsageError(
                f"{caller}() takes the method itself: write {called}, without calling it"
            )
        port, name = self._port, name_of(method).rpartition(".")[2]
        declared = self._declared
        if name not in declared:
            known = ", ".join(declared)
            raise UsageError(f"{port.__name__} has no operation {name}; it has {known}")
        if not is_of_port(port, method):
            raise UsageError(
                f"{name_of(method)} is not an operation of {port.__name__}, which has one of that "
                f"name: write {port.__name__}.{name}"
            )
        return name, declared[name]

    def _answer(self, name: str, args: tuple[object, ...], keywords: dict[str, object]) -> object:
        """Make a scripted call; one that is not scripted is a failure of the test."""
        check_arguments(self._declared[name], args, keywords)
        self._made.append((name, args, keywords))
        self.calls.append((name, (*args, *keywords.values())))
        script = self._script.get(name)
        port = self._port.__name__
        if not script:
            call = call_shown(f"{port}.{name}", args, keywords)
            refusal = refuse(self, call, f"write Fake({port}).when({port}.{name}).returns(...)")
            self._refused.append((len(self._made) - 1, refusal))
            raise error_of(refusal)
        value = (script.popleft() if len(script) > 1 else script[0])(*args, **keywords)
        if iscoroutine(value):
            value.close()
            raise UsageError(
                f"what does() was given for {port}.{name} returned a coroutine object: give a "
                f"plain function, which does not wait"
            )
        return value

    def _asked(self) -> list[tuple[str, dict[str, object]]]:
        """The calls, with what each parameter was given."""
        return [
            (name, arguments_of(self._declared[name], args, keywords))
            for name, args, keywords in self._made
        ]

    def _fail(self, expected: str, wanted: tuple[str, dict[str, object]] | None) -> NoReturn:
        lines: list[str] = []
        for name, arguments in self._asked():
            lines.append(f"  {call_shown(f'{self._port.__name__}.{name}', (), arguments)}")
            if wanted is not None and name == wanted[0]:
                from spindle.testing.differences import differences  # only a failure wants it

                lines += [f"?     {each}" for each in differences(wanted[1], arguments)]
        made = "\n".join(lines) if lines else "  nothing"
        raise AssertionError(f"expected {expected}; what was called:\n{made}")


def _method(port: type[Port], name: str) -> Callable[..., Coroutine[Any, Any, object]]:
    async def answer(  # noqa: ASYNC124 - a port's methods are async
        self: Fake, *args: object, **keywords: object
    ) -> object:
        return self._answer(name, args, keywords)  # noqa: ASYNC910 # pyright: ignore[reportPrivateUsage]

    answer.__name__ = name
    answer.__qualname__ = f"{port.__name__}.{name}"
    return answer
