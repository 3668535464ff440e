"""Ports: the backend as a spindle sees it, declared apart from what implements it."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Coroutine, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple, Unpack

from spindle._core.errors import UsageError
from spindle._core.functions import is_coroutine
from spindle._core.names import kind_of, name_of, shown
from spindle._core.operations.operation import Operation
from spindle._core.public import publish

if TYPE_CHECKING:
    from spindle._core.keyed import KeyedCall

__all__ = [
    "Call",
    "Port",
    "PortCall",
    "Repeat",
    "Use",
    "declared_in",
    "methods_of",
    "once",
    "perform",
    "port_calls",
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


def declared_in(port: type[Port]) -> dict[str, Any]:
    """The methods a port declares, by name, as they were declared last."""
    return {
        name: member
        for base in reversed(port.__mro__)
        for name, member in vars(base).items()
        if hasattr(member, "__repeat__")
    }


def methods_of(port: type[Port]) -> dict[str, Repeat]:
    """How often each of them may be made."""
    return {name: member.__repeat__ for name, member in declared_in(port).items()}


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

        When its spindle is cancelled it runs on for `PageLimits.call_seconds`, then it is cut. Its
        `call_key()` is the same whenever it is made again.
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

    __slots__ = ("args", "fn", "given", "keyed", "keywords", "name", "repeat")

    def __init__(
        self,
        name: str,
        fn: Callable[..., Coroutine[Any, Any, T]],
        args: tuple[object, ...],
        keywords: Mapping[str, object],
        repeat: Repeat,
        given: object = None,
    ) -> None:
        self.name = name
        self.fn = fn
        self.args = args
        self.keywords = keywords
        self.repeat = repeat
        self.given = given
        """The implementation that is called, if it is one of a port."""
        self.keyed: KeyedCall | None = None
        """What it is known by once it was begun, if it changes something."""

    def begin(self) -> Coroutine[Any, Any, T]:
        """Make the coroutine that does it.

        Raises:
            UsageError: the function is not an async function.
        """
        return self.checked(self.fn(*self.args, **self.keywords))

    def checked(self, made: object) -> Coroutine[Any, Any, T]:
        """What its function returned, which has to be a coroutine.

        Raises:
            UsageError: it is none.
        """
        if is_coroutine(made):
            return made
        raise UsageError(
            f"{self.name} returned {kind_of(made)} instead of something to await: "
            f"what a spindle performs, or a port implements, is an `async def`"
        )

    def __written__(self) -> str:
        return f"perform({self.name}, ...)" if self.given is None else f"{self.name}(...)"


class PortCall(Call[T]):
    """A call of a port's method; each method has a class of its own, which costs less to make."""

    __slots__ = ()

    def __init__(self) -> None:
        """Make it without what it is given: whoever makes it sees to that."""

    def __copy__(self) -> Call[T]:
        """A call like it, of no class of its own."""
        copied = Call[T](self.name, self.fn, self.args, self.keywords, self.repeat, self.given)
        copied.keyed = getattr(self, "keyed", None)
        return copied


def port_calls(name: str, repeat: Repeat) -> type[PortCall[Any]]:
    """The class of the calls of a port's method, `Catalog.price`, that has such a name."""
    # An __init__ in Python would take as long as all the rest.
    members = {"__slots__": (), "__init__": object.__init__, "name": name, "repeat": repeat}
    return type("Call", (PortCall,), members)


class Use(Operation[T]):
    """Ask the page for what it was given under a type."""

    __slots__ = ("kind",)

    def __init__(self, kind: type) -> None:
        self.kind = kind

    def __written__(self) -> str:
        return f"use({name_of(self.kind)})"


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

    It counts as a `read`: where a log is taken up that has its result, it is not called again, so
    let it return what it finds out, and change nothing.

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
    if is_coroutine(fn):
        fn.close()
        raise UsageError(
            f"perform() takes a function and its arguments, not a coroutine object: "
            f"write perform({name}, ...) instead of perform({name}(...))"
        )
    if not callable(fn):
        raise UsageError(f"perform() takes an async function and its arguments, not {shown(fn)}")
    return Call(name, fn, args, {}, Repeat.READ)


publish("spindle", [Port])
