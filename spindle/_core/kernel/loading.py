"""Batched reads: what is asked for one by one in a turn is read in one call.

```
asked for ──▶ kept? ──yes──▶ answered at once
                │no
                ▼
             being read? ──yes──▶ joins that batch
                │no
                ▼
             gathered ──nobody can run──▶ a batch, a coroutine of the page, makes the call
```
Who waits for a batch is registered with its coroutine, as who joins one is. A batch that nobody
waits for any more is cancelled; nothing else cancels it, so it serves a `cleanup()` of a page that
ends, too. What a `write` or a `forget()` has overtaken is delivered, but not joined or kept.

A turn that never ends would keep all waiting: what is gathered is sent out, too, when a turn has
used up its bound. That is counted in steps, so batches are the same under every driver.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any

from spindle._core.errors import NotLoaded, UsageError
from spindle._core.kernel.record import Batch, SpindleRecord
from spindle._core.kernel.shelves import Shelf, Shelves
from spindle._core.kernel.waits import NOT_READY, EndWait
from spindle._core.names import shown
from spindle._core.states import Cancelled, Completed, Origin

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import Record
    from spindle._core.operations.batch import Load
    from spindle._core.operations.port import Call

__all__ = ["LoadRecord", "LoadWait", "batch_ended", "check_keys", "gather", "send_out"]


class LoadRecord(SpindleRecord):
    """The coroutine of one batch."""

    __slots__ = ("keys", "label", "shelf")

    def __init__(
        self,
        waits: list[LoadWait],
        keys: tuple[Hashable, ...],
        fetch: Callable[..., Any],
        call: Call[Any],
        kernel: Kernel,
    ) -> None:
        kernel.batches += 1
        # It is begun by the first that asked, and sees what that has in its context.
        context = waits[0].record.context.copy()
        super().__init__(Batch, str(kernel.batches), fetch, (call, keys), {}, context, kernel)
        self.keys = keys
        self.label = call.name
        self.shelf = waits[0].shelf
        for wait in waits:
            wait.batch = self
            self.join(wait)

    @property
    def name(self) -> str:
        """The method that is called."""
        return self.label


class LoadWait(EndWait, eq=False):
    """For one value of a batched read: gathered with others, then for the batch."""

    load: Load[Any]
    shelf: Shelf
    batch: LoadRecord | None = None
    """The one that reads it; None as long as it is gathered."""

    def ended(self, kernel: Kernel, target: Record) -> None:
        """The batch has ended: take the part that is one's own."""
        outcome = target.outcome
        if not isinstance(outcome, Completed):
            kernel.fulfil_with_error(self, target)
            return
        found: Mapping[object, object] = outcome.value
        try:
            value = found.get(self.load.key, NOT_READY)
        except Exception as error:  # of the key's own methods
            kernel.fulfil_with_error(self, error)
            return
        if value is NOT_READY:
            what = f"{self.load.name}({shown(self.load.key)})"
            nothing = NotLoaded(f"{what}: {target.name} brought nothing for this key")
            kernel.fulfil_with_error(self, nothing)
        else:
            kernel.fulfil(self, kernel.own(value))

    def withdraw(self, kernel: Kernel) -> None:
        """Wait no more; the last one takes the batch along."""
        batch = self.batch
        if batch is None:
            del self.shelf.asked[self]
            return
        assert batch.joiners is not None
        del batch.joiners[self]
        if not batch.joiners:
            self.shelf.landed(kernel, batch, {})
            kernel.cancel(batch, Cancelled("nobody waits for it any more", Origin.OWNER_ENDED))

    def __str__(self) -> str:
        what = f"{self.load.name}({shown(self.load.key)})"
        if self.batch is None:
            return f"{what}, gathered"
        return f"{what}, in a batch of {len(self.batch.keys)}"

    def needs(self) -> list[Record]:
        """The batch."""
        return [] if self.batch is None else [self.batch]


def check_keys(name: str, keys: tuple[object, ...]) -> None:
    """See that they can be told apart.

    Raises:
        UsageError: one cannot be hashed.
    """
    for key in keys:
        try:
            hash(key)
        except TypeError as error:
            raise UsageError(
                f"{name} is read in batches, so its keys have to be hashable, and {shown(key)} is "
                f"not: take a tuple or a frozen struct"
            ) from error


def gather(kernel: Kernel, record: Record, load: Load[Any]) -> object:
    """Give what is kept for a key, or let the coroutine wait and return `NOT_READY`."""
    check_keys(load.name, (load.key,))
    if kernel.shelves is None:
        kernel.shelves = Shelves()
    shelf = kernel.shelves.of(kernel, record, load)
    value = shelf.look_up(kernel, load.key)
    if value is not NOT_READY:
        return kernel.own(value)
    batch = shelf.flying.get(load.key)
    wait = LoadWait(record, 0, load, shelf, batch)
    if batch is not None:
        batch.join(wait)
    else:
        if kernel.gathered is None:
            kernel.gathered = {}
            kernel.driver.go_next(send_out, kernel)
        kernel.gathered[shelf] = None
        shelf.asked[wait] = None
    record.suspend(wait)
    return NOT_READY


def send_out(kernel: Kernel) -> None:
    """Let what is gathered be read: in one call, or one by one where no other is offered."""
    assert kernel.gathered is not None
    gathered, kernel.gathered = kernel.gathered, None
    for shelf in gathered:
        asked, shelf.asked = shelf.asked, {}
        waits: dict[Hashable, list[LoadWait]] = {}
        for wait in asked:
            waits.setdefault(wait.load.key, []).append(wait)
        if not waits:
            continue
        load, keys = next(iter(asked)).load, tuple(waits)
        if load.offered:
            _begin(kernel, LoadRecord(list(asked), keys, _fetch, load.batch(keys), kernel))
        else:
            for key, alone in waits.items():
                call = alone[0].load.call()
                _begin(kernel, LoadRecord(alone, (key,), _fetch_one, call, kernel))


def _begin(kernel: Kernel, batch: LoadRecord) -> None:
    batch.shelf.begun(batch)
    if kernel.outside is None:
        kernel.outside = {}
    kernel.outside[batch] = None
    kernel.coroutines += 1
    kernel.ready.append(batch)


async def _fetch(call: Call[Mapping[object, object]], keys: object) -> Mapping[object, object]:
    return await call


async def _fetch_one(call: Call[object], keys: tuple[Hashable, ...]) -> Mapping[object, object]:
    return {keys[0]: await call}


def batch_ended(kernel: Kernel, batch: LoadRecord) -> None:
    """A batch is over, and all that waited have been told."""
    outcome = batch.outcome
    batch.shelf.landed(kernel, batch, outcome.value if isinstance(outcome, Completed) else {})
