"""Ports: the backend as a spindle sees it, declared apart from what implements it."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Coroutine, Mapping
from enum import Enum
from inspect import iscoroutine, iscoroutinefunction
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple, Unpack

from spindle._core.errors import NotProvided, UsageError
from spindle._core.names import kind_of, name_of, shown
from spindle._core.operations.operation import Operation

__all__ = [
    "Call",
    "Port",
    "Repeat",
    "Use",
    "check_provided",
    "once",
    "perform",
    "provided",
    "read",
    "use",
    "write",
]

T = TypeVar("T")
M = TypeVar("M", bound=Callable[..., object])
Ts = TypeVarTuple("Ts")


class Repeat(Enum):
    """Whether a call may be made again when it is unknown how it ended."""

    READ = "read"
    """Changes nothing: cancelled with its spindle, repeated at will."""
    WRITE = "write"
    """Changes something; doing it twice is the same as doing it once."""
    ONCE = "once"
    """Must not be done twice."""


class Port(ABC):  # noqa: B024 - its methods are abstract for type checkers only
    """Base of ports: subclass it, declare async methods marked `read`, `write` or `once`.

    An implementation subclasses the port. It runs outside the spindle, as ordinary trio code (by
    hand: without waiting), and cannot await operations.
    """


if TYPE_CHECKING:
    # For type checkers alone the methods of a port are abstract, so that their bodies may be `...`
    # and an incomplete implementation is an error.
    from abc import abstractmethod as once
    from abc import abstractmethod as read
    from abc import abstractmethod as write
else:

    def read(method: M) -> M:
        """Mark a port method that changes nothing: cut when its spindle is cancelled."""
        method.__repeat__ = Repeat.READ
        return method

    def write(method: M) -> M:
        """Mark a port method whose effect is the same when it is done twice.

        When its spindle is cancelled it runs on for `PageLimits.call_seconds`, then it is cut.
        """
        method.__repeat__ = Repeat.WRITE
        return method

    def once(method: M) -> M:
        """Mark a port method that must not be done twice.

        Runs on as a `write` does; one that is cut then raises `OutcomeUnknown`.
        """
        method.__repeat__ = Repeat.ONCE
        return method


class Call(Operation[T]):
    """Do something outside the spindle and wait for its result."""

    __slots__ = ("args", "fn", "keywords", "name", "repeat")

    def __init__(
        self,
        name: str,
        fn: Callable[..., Coroutine[Any, Any, T]],
        args: tuple[object, ...],
        keywords: Mapping[str, object],
        repeat: Repeat,
    ) -> None:
        self.name = name
        self.fn = fn
        self.args = args
        self.keywords = keywords
        self.repeat = repeat

    def begin(self) -> Coroutine[Any, Any, T]:
        """Make the coroutine that does it.

        Raises:
            UsageError: the function is not an async function.
        """
        coroutine = self.fn(*self.args, **self.keywords)
        if not iscoroutine(coroutine):
            raise UsageError(
                f"{self.name} returned {kind_of(coroutine)} instead of something to await: "
                f"what a spindle performs, or a port implements, is an `async def`"
            )
        return coroutine


class Use(Operation[T]):
    """Ask the page for what it was given under a type."""

    __slots__ = ("kind",)

    def __init__(self, kind: type) -> None:
        self.kind = kind


def use(kind: Callable[..., T], /) -> Operation[T]:
    """Ask for what the page was given (`provide=`) under the class `kind`.

    Returns:
        When awaited: for a port, an object whose methods are awaited as operations; for any other
        class, the value itself.

    Raises:
        UsageError: `kind` is not a class.
        NotProvided: when awaited: nothing was given under that class.
    """
    if not isinstance(kind, type):
        raise UsageError(f"use() takes a class, as in `await use(Catalog)`, not {shown(kind)}")
    return Use(kind)


def perform(fn: Callable[[Unpack[Ts]], Coroutine[Any, Any, T]], /, *args: *Ts) -> Operation[T]:
    """Call any async function outside the spindle, without declaring a port.

    Args:
        fn: an async function; it may await any trio library (by hand it must not wait), and cannot
            await operations.
        args: its arguments.

    Returns:
        When awaited, after waiting for it: what `fn` returned. What it raised is raised. When the
        spindle is cancelled the call is cut and its own cleanup runs first.

    Raises:
        UsageError: `fn` is a coroutine object or cannot be called; when awaited: it is not an async
            function.
    """
    name = name_of(fn)
    if iscoroutine(fn):
        fn.close()
        raise UsageError(
            f"perform() takes a function and its arguments, not a coroutine object: "
            f"write perform({name}, ...) instead of perform({name}(...))"
        )
    if not callable(fn):
        raise UsageError(f"perform() takes an async function and its arguments, not {shown(fn)}")
    return Call(name, fn, args, {}, Repeat.READ)


def provided(kind: type, *scopes: Mapping[Any, object]) -> object:
    """Find what was given under `kind`, in the first of `scopes` that has it.

    Raises:
        NotProvided: none of them has it.
    """
    for scope in scopes:
        if kind in scope:
            given = scope[kind]
            return _calls(kind)(given) if issubclass(kind, Port) else given
    known = ", ".join(sorted({key.__name__ for scope in scopes for key in scope})) or "nothing"
    raise NotProvided(
        f"use({kind.__name__}): nothing was provided under {kind.__name__} (provided: {known}). "
        f"Give it where the page is opened: provide={{{kind.__name__}: ...}}"
    )


_NOTHING: Mapping[Any, object] = {}


def check_provided(provide: Mapping[Any, object] | None) -> Mapping[Any, object]:
    """Check that each port of `provide` is given a whole implementation.

    Raises:
        NotProvided: a key is not a class, or an implementation is not one; all faults are named.
    """
    if not provide:
        return _NOTHING
    faults = [fault for kind, given in provide.items() for fault in _faults(kind, given)]
    if faults:
        raise NotProvided("provide= cannot be used:\n" + "\n".join(f"  - {f}" for f in faults))
    return provide


def _faults(kind: object, given: object) -> list[str]:
    if not isinstance(kind, type):
        return [f"the key {shown(kind)} is not a class: use the class that is handed to use()"]
    if not issubclass(kind, Port):
        return []
    name = kind.__name__
    if isinstance(given, type):
        return [f"{name} was given a class: give an instance, {given.__name__}(...)"]
    if not isinstance(given, kind):
        return [f"{name} was given {type(given).__name__}, which does not subclass {name}"]
    return [
        f"{type(given).__name__} does not implement {name}.{method} with an async method"
        for method in methods_of(kind)
        if not _implements(given, method)
    ]


def methods_of(port: type[Port]) -> dict[str, Repeat]:
    """The operations a port declares, by name."""
    return {
        name: member.__repeat__
        for base in reversed(port.__mro__)
        for name, member in vars(base).items()
        if hasattr(member, "__repeat__")
    }


def _implements(given: Port, method: str) -> bool:
    member: object = getattr(type(given), method)
    return not hasattr(member, "__repeat__") and iscoroutinefunction(member)


_CALLS: dict[type, type] = {}


def _calls(port: type[Port]) -> Callable[[object], object]:
    """The class of objects that turn calls of `port`'s methods into operations; built once."""
    if port not in _CALLS:
        members: dict[str, object] = {"__slots__": ("_given",), "__init__": _take}
        for name, repeat in methods_of(port).items():
            members[name] = _caller(port, name, repeat)
        _CALLS[port] = type(f"{port.__name__}Calls", (), members)
    return _CALLS[port]


def _take(self: Any, given: object) -> None:
    self._given = given


def _caller(port: type[Port], name: str, repeat: Repeat) -> Callable[..., Call[object]]:
    label = f"{port.__name__}.{name}"

    def call(self: Any, *args: object, **keywords: object) -> Call[object]:
        return Call(label, getattr(self._given, name), args, keywords, repeat)

    call.__name__ = name
    call.__qualname__ = label
    return call
