"""Cells: a value of one spindle that others read and watch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, ForwardRef, Generic, get_args, overload
from typing import TypeVar as RuntimeTypeVar
from weakref import WeakValueDictionary

import msgspec
from typing_extensions import TypeVar

from spindle._core.errors import UsageError
from spindle._core.names import name_of, shown
from spindle._core.operations.operation import Operation
from spindle._core.public import publish
from spindle._core.texts import plain_text

if TYPE_CHECKING:
    from spindle._core.contracts.block import Block
    from spindle._core.operations.channel import Channel

__all__ = ["NO_DEFAULT", "Cell", "Change", "Changes", "GetCell", "NextChange", "PutCell", "Watch"]

T = TypeVar("T")
D = TypeVar("D")
T_co = TypeVar("T_co", covariant=True)


class _NoDefault:
    def __repr__(self) -> str:
        return "NO_DEFAULT"


NO_DEFAULT: Final = _NoDefault()


class Change(msgspec.Struct, Generic[T], frozen=True):
    """What a put has changed; `old` is None if there was no value before."""

    old: T | None
    new: T


class Cell(Generic[T]):
    """A value that one spindle writes and any spindle of the page reads.

    Declared on the block that writes it, `results = Cell[tuple[Product, ...]]()`. It belongs to the
    key of its spindle: a spindle that is restarted or replaced finds it as it was. Values are to be
    immutable, since readers are given the value itself.
    """

    __slots__ = (
        "__orig_class__",
        "__weakref__",
        "_block",
        "_declared",
        "_instances",
        "_name",
        "instance",
    )

    def __init__(self) -> None:
        self._block: type[Block] | None = None
        self._name = "?"
        self.instance: str | None = None
        """Whose it is, of several spindles of the block; None for the one without a name."""
        self._declared: Cell[T] | None = None
        """The one it is an instance of."""
        self._instances: WeakValueDictionary[str, Cell[T]] | None = None
        """Weak: names of instances come and go, and pages keep what they use."""

    def __set_name__(self, owner: type, name: str) -> None:
        if self._block is None:
            self._block, self._name = owner, name

    @property
    def block(self) -> type[Block]:
        """The block it is declared on.

        Raises:
            UsageError: it is declared on none.
        """
        if self._block is None:
            raise UsageError(
                "a cell belongs to the block that writes it: declare it there, "
                "class Search(Spindle): results = Cell[int]()"
            )
        return self._block

    @property
    def name(self) -> str:
        """Block, instance and name, for messages: `Store.Search.results`."""
        where = name_of(self._block) if self._block is not None else "a cell outside any block"
        at = "" if self.instance is None else f"[{self.instance!r}]"
        return f"{where}{at}.{self._name}"

    def of(self, instance: str) -> Cell[T]:
        """The cell of the same name of another spindle of the block: `Search.results.of("left")`.

        A spindle that was started with `instance=` writes that one.

        Raises:
            UsageError: `instance` is not a str.
        """
        if not issubclass(type(instance), str):
            raise UsageError(
                f"{self.name}.of() takes the name of an instance, a str, not {shown(instance)}"
            )
        instance = plain_text("of()", instance)
        if self._declared is not None:
            return self._declared.of(instance)
        if self._instances is None:
            self._instances = WeakValueDictionary()
        found = self._instances.get(instance)
        if found is None:
            found = self._instances[instance] = Cell[T]()
            found._block, found._name, found.instance = self._block, self._name, instance
            found._declared = self
        return found

    def known(self, instance: str | None) -> Cell[T] | None:
        """As `of`, or itself for None; None if nobody uses that one."""
        if instance is None:
            return self
        return None if self._instances is None else self._instances.get(instance)

    def declaration(self) -> tuple[str, object]:
        """Its name in its block, and the type of its values; `Any` if that is not known."""
        declared = self if self._declared is None else self._declared
        found: object = getattr(declared, "__orig_class__", None)
        kind = Any if found is None else get_args(found)[0]
        return self._name, Any if isinstance(kind, (ForwardRef, RuntimeTypeVar)) else kind

    def put(self, value: T) -> Operation[Change[T]]:
        """Write it and wake who watches. Never waits.

        Returns:
            When awaited: the value before and the new one.

        Raises:
            NotOwner: when awaited: another spindle than its own wants to write.
            UsageError: when awaited: it is declared on no block.
        """
        return PutCell(self, value)

    @overload
    def get(self, /) -> Operation[T]: ...
    @overload
    def get(self, default: D, /) -> Operation[T | D]: ...
    def get(self, default: object = NO_DEFAULT, /) -> Operation[Any]:
        """Read it. Never waits.

        Returns:
            When awaited: the value, or `default` before the first put.

        Raises:
            CellEmpty: when awaited: nothing was put yet, and there is no default.
            UsageError: when awaited: its block is not part of the page's contract.
        """
        return GetCell(self, default)

    def watch(self) -> Operation[Channel[T]]:
        """Be told one value: the current one, or if there is none yet, the next that is put.

        In a loop use `changes()`.

        Returns:
            When awaited, at once: a channel that brings the value and is closed then. Its `take()`
            raises `Abandoned` if the cell's spindle ends without ever having put one; `PageClosing`
            if it does because the page is being stopped.

        Raises:
            UsageError: when awaited: its block is not part of the page's contract.
        """
        return Watch(self)

    def changes(self) -> Changes[T]:
        """Follow it: each `await changes.next()` brings the newest value not seen yet.

        Make it once, before the loop. It costs nothing while nobody waits.
        """
        return Changes(self)

    def __repr__(self) -> str:
        return f"<cell {self.name}>"


class Changes(Generic[T_co]):
    """A subscription to a cell: the newest value not yet seen, the current one first."""

    __slots__ = ("__weakref__", "cell", "kernel", "seen", "state")

    def __init__(self, cell: Cell[T_co]) -> None:
        self.cell = cell
        self.seen = 0
        """How many puts had been made when it brought a value last."""
        self.kernel: object = None
        """The page it belongs to: the first that uses it."""
        self.state: Any = None
        """What that page keeps of the cell."""

    def next(self) -> Operation[T_co]:
        """Wait for a value not yet seen; values put in between are skipped.

        Each value is brought once: if several wait for one subscription, to who began first.
        Cancelling the wait, or losing a race, leaves the value unseen.

        Raises:
            Abandoned: when awaited: the cell's spindle ended without ever having put a value.
            PageClosing: when awaited: it ended so because the page is being stopped.
            UsageError: when awaited: the subscription was used on another page before, or the
                cell's block is not part of the page's contract.
        """
        return NextChange(self)


class PutCell(Operation[Change[T]]):
    """Write a cell."""

    __slots__ = ("cell", "value")

    def __init__(self, cell: Cell[T], value: T) -> None:
        self.cell = cell
        self.value = value

    def __written__(self) -> str:
        return f"{self.cell.name}.put(...)"


class GetCell(Operation[T]):
    """Read a cell."""

    __slots__ = ("cell", "default")

    def __init__(self, cell: Cell[Any], default: object) -> None:
        self.cell = cell
        self.default = default

    def __written__(self) -> str:
        return f"{self.cell.name}.get()"


class Watch(Operation["Channel[T]"]):
    """Get a channel for one value of a cell."""

    __slots__ = ("cell",)

    def __init__(self, cell: Cell[T]) -> None:
        self.cell = cell

    def __written__(self) -> str:
        return f"{self.cell.name}.watch()"


class NextChange(Operation[T_co]):
    """Wait for a value of a cell that a subscription has not brought yet."""

    __slots__ = ("changes",)

    __spelling__ = "changes.next()"

    def __init__(self, changes: Changes[T_co]) -> None:
        self.changes = changes


publish("spindle", [Cell, Changes])
