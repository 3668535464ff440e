"""Which coroutine of a page is meant: the same words for the same one in every run of it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from spindle._core.kernel.record import DONE
from spindle._core.names import name_of

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import Record, SpindleRecord

__all__ = ["Address", "address_of"]


class Address(msgspec.Struct, frozen=True, array_like=True):
    """A spindle by its block and instance, a fiber by its place among those that still run."""

    block: str
    """Empty for the first spindle, which may not have said yet which block it speaks for."""
    instance: str | None
    fibers: tuple[int, ...]
    successor: bool = False
    """Whether it is the one that waits for the key of the one that has it."""

    def __str__(self) -> str:
        spindle = self.block or "the first spindle"
        if self.instance is not None:
            spindle = f"{spindle}[{self.instance!r}]"
        return f"a fiber of {spindle}" if self.fibers else spindle

    def find(self, kernel: Kernel, first: Record | None) -> Record | None:
        """The coroutine that has this address now; None if there is none."""
        found: Record | None = self._find_other(kernel) if self.block else first
        for place in self.fibers:
            if found is None:
                return None
            found = next(islice(found.children or (), place, None), None)
        return found

    def _find_other(self, kernel: Kernel) -> Record | None:
        for spindle in (*kernel.live.values(), *(kernel.outside or ())):
            if name_of(spindle.block) == self.block and spindle.instance == self.instance:
                found: Record | None = spindle.successor if self.successor else spindle
                return found
        return None


def address_of(record: Record, first: Record | None) -> Address | None:
    """Where it is found at this moment, on a page that began with `first`; None if it is over."""
    if record.state is DONE:
        return None
    fibers: list[int] = []
    while record.owner is not None:
        children = record.owner.children or {}
        fibers.append(list(children).index(record))
        record = record.owner
    root: SpindleRecord = record.root
    if root is first:
        return Address("", None, tuple(reversed(fibers)))
    waits = root.kernel.live.get(root.key, root) is not root
    return Address(name_of(root.block), root.instance, tuple(reversed(fibers)), waits)
