"""What a page keeps of its batched reads, and which of them are under way."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from math import inf
from typing import TYPE_CHECKING, Any, Final

from spindle._core.kernel.waits import NOT_READY

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.loading import LoadRecord, LoadWait
    from spindle._core.kernel.record import Record, SpindleRecord
    from spindle._core.operations.batch import Form, Load

__all__ = ["Shelf", "Shelves"]


class Shelf:
    """What a page has of one batched read of one implementation."""

    __slots__ = ("asked", "flying", "form", "given", "kept", "lasting", "users")

    def __init__(self, given: object, form: Form, *, lasting: bool) -> None:
        self.given = given
        """Held, for it is known by its identity."""
        self.form = form
        self.lasting = lasting
        """Whether it is the page's own; what was given to spindles goes with the last of them."""
        self.users: dict[SpindleRecord, None] = {}
        self.kept: dict[Hashable, tuple[object, float]] = {}
        """Values, and until when they are good."""
        self.flying: dict[Hashable, LoadRecord] = {}
        """The batches that may be joined, by key."""
        self.asked: dict[LoadWait, None] = {}
        """Who is gathered, in the order in which they asked."""

    def look_up(self, kernel: Kernel, key: Hashable) -> object:
        """The value that is kept for a key, or `NOT_READY`."""
        value, until = self.kept.get(key, (NOT_READY, inf))
        if until < inf and until <= kernel.now:
            del self.kept[key]
            return NOT_READY
        return value

    def begun(self, batch: LoadRecord) -> None:
        """A batch may be joined."""
        self.flying.update(dict.fromkeys(batch.keys, batch))

    def landed(self, kernel: Kernel, batch: LoadRecord, found: Mapping[Any, object]) -> None:
        """A batch is over: keep what it brought, but for what was forgotten meanwhile."""
        try:
            for key in batch.keys:
                if self.flying.get(key) is batch:
                    del self.flying[key]
                    if key in found:
                        self._keep(kernel, key, found[key])
        except Exception:  # of a key's own methods
            self.clear()

    def _keep(self, kernel: Kernel, key: Hashable, value: object) -> None:
        keep = self.form.keep
        if keep > 0:
            if len(self.kept) >= kernel.limits.kept_values:
                del self.kept[next(iter(self.kept))]
            self.kept[key] = value, kernel.now + keep if keep < inf else inf

    def forget(self, keys: tuple[Hashable, ...]) -> None:
        """Keep nothing of these keys."""
        for key in keys:
            self.kept.pop(key, None)
            self.flying.pop(key, None)

    def clear(self) -> None:
        """Keep nothing."""
        self.kept.clear()
        self.flying.clear()


class Shelves:
    """All that a page has. Made on first use."""

    __slots__ = ("_of",)

    def __init__(self) -> None:
        self._of: dict[int, dict[str, Shelf]] = {}
        """By the identity of the implementation, then by the method that reads one."""

    def of(self, kernel: Kernel, record: Record, load: Load[Any]) -> Shelf:
        """The shelf of a read, for the coroutine that asks."""
        given, name = load.given, load.form.name
        shelf = self.find(given, name)
        if shelf is None:
            lasting = any(given is each for each in kernel.provide.values())
            shelf = Shelf(given, load.form, lasting=lasting)
            self._of.setdefault(id(given), {})[name] = shelf
        if not shelf.lasting:
            shelf.users[record.root] = None
        return shelf

    def find(self, given: object, name: str) -> Shelf | None:
        """The shelf of a method of an implementation, if there is one."""
        return self._of.get(id(given), _NONE).get(name)

    def written(self, given: object) -> None:
        """An implementation was made to change something."""
        for shelf in self._of.get(id(given), _NONE).values():
            shelf.clear()

    @property
    def hold_values(self) -> bool:
        """Whether one that was read is kept on any of them."""
        return any(shelf.kept for shelves in self._of.values() for shelf in shelves.values())

    def drop(self) -> None:
        """Keep none of the values that were read; what is under way goes on."""
        for shelves in self._of.values():
            for shelf in shelves.values():
                shelf.kept.clear()

    def left(self, spindle: SpindleRecord) -> None:
        """A spindle has ended, to which something was given: drop what nobody uses any more."""
        for given in spindle.provide.values():
            shelves = self._of.get(id(given), _NONE)
            for shelf in shelves.values():
                shelf.users.pop(spindle, None)
            if shelves and not any(each.lasting or each.users for each in shelves.values()):
                del self._of[id(given)]

    def __len__(self) -> int:
        return sum(map(len, self._of.values()))


_NONE: Final[dict[str, Shelf]] = {}
