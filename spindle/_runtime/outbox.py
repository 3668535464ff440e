"""What a page has for its view, in order.

Receivers stand in one line, first come, first served. Only its head is ever woken, and it takes a
message itself, when it runs: nothing is in the hands of a task that may have been cancelled, a
burst wakes one task, and a message is open to conflation until the view really has it. One rule
keeps all of them alive: while there is something to see and somebody in line, the head is awake;
who leaves the line wakes the next. (trio's memory channel hands a message over when it wakes, which
pins the first of a burst, wakes a task a message, and costs an idle page 1.9 kB.)

Messages wait in two lists, a queue's usual pair of stacks: they are put at the end of one and taken
from the end of the other, which is the first one reversed. A notify that conflates waits in a slot
of its own; a newer one empties the slot and takes another at the end. Empty slots are skipped, and
swept out when they are many.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

import msgspec
import trio

from spindle._core.source import Source
from spindle._core.states import Notified, Sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from spindle._core.contracts.block import Block
    from spindle._core.messages import Notify

__all__ = ["HIGH_WATER", "Outbox", "OutboxStatistics"]

HIGH_WATER: Final = 1024
"""How many messages a slow view may leave lying before its page pauses."""
SWEEP: Final = 64
"""How many empty slots may lie about, beside as many as there are messages."""

Item: TypeAlias = tuple[Source, Sent]
Key: TypeAlias = "tuple[type[Notify], type[Block], str | None]"


class Pausing(Protocol):
    """A page, which pauses while too much waits for its view."""

    def pump(self) -> None:
        """Go on."""
        ...


class OutboxStatistics(msgspec.Struct, frozen=True):
    """An outbox at one moment."""

    waiting: int
    """Messages that nobody has received yet."""
    conflated: int
    """Notifies that were dropped so far, each for a newer one of its class and source."""
    receivers: int
    """Tasks that wait in `receive`."""
    peak: int
    """The most messages that ever waited at once."""


class Slot:
    """Where a notify that conflates waits; empty when a newer one has come."""

    __slots__ = ("item", "key")

    def __init__(self, key: Key, item: Item) -> None:
        self.key = key
        self.item: Item | None = item


class Outbox(trio.abc.ReceiveChannel[Item]):
    """Receives pairs of source and message; ends when the page has ended.

    The page pauses above `HIGH_WATER` messages, so about that many wait here at most, and the
    outcomes of a page that is ending besides: nothing but a conflated notify is ever dropped. Of
    notifies that declare `conflate` only the newest of each class, block and instance waits; it
    comes last, and the older one it replaces is never received.

    Several tasks may receive: each message goes to one of them, who waits longest is served first.
    Draining with `receive`, then `receive_nowait` until `trio.WouldBlock`, is an order of magnitude
    cheaper than one `receive` a message.
    """

    __slots__ = (
        "_back",
        "_conflated",
        "_empty_slots",
        "_ended",
        "_front",
        "_head_is_awake",
        "_line",
        "_newest",
        "_page",
        "_peak",
        "closed",
        "waiting",
    )

    def __init__(self, page: Pausing) -> None:
        """Take the messages of `page`, which goes on when its view has caught up."""
        self._page: Pausing | None = page
        self._front: list[Item | Slot] | None = None
        """What is taken next stands at the end."""
        self._back: list[Item | Slot] | None = None
        """What came last stands at the end; all of it comes after `_front`."""
        self._newest: dict[Key, Slot] | None = None
        self._empty_slots = 0
        self._line: tuple[_Receiver, ...] = ()
        self._head_is_awake = False
        self._conflated = 0
        self._peak = 0
        self._ended = False
        self.closed = False
        self.waiting = 0
        """How many messages nobody has received yet."""

    def room(self) -> int:
        """How many more messages may come before the view has to catch up."""
        return sys.maxsize if self.closed else HIGH_WATER - self.waiting

    @trio.lowlevel.enable_ki_protection
    def put(self, *items: Item) -> int:
        """Add messages; dropped when the view has closed the outbox. Does not block.

        Returns:
            How many more may come before the view has to catch up.
        """
        if self.closed:
            return sys.maxsize
        back = self._back
        if back is None:
            back = self._back = []
        for item in items:
            message = item[1]
            if type(message) is Notified and message.notify.conflate:
                back.append(self._conflate(item, type(message.notify)))
            else:
                back.append(item)
            self.waiting += 1
        if self.waiting > self._peak:
            self._peak = self.waiting
        if self._line and not self._head_is_awake:
            self._wake_head()
        return HIGH_WATER - self.waiting

    @trio.lowlevel.enable_ki_protection
    def end(self) -> None:
        """Nothing more comes: after what is there, receiving raises `trio.EndOfChannel`."""
        self._ended = True
        self._page = None
        self._call_head()

    @trio.lowlevel.enable_ki_protection
    async def receive(self) -> Item:
        """Wait for the next message. Always a checkpoint.

        Blocks while there is none. Cancelling the wait loses nothing: a message that has been taken
        is returned, and one that was not stays for the next receiver.

        Raises:
            trio.EndOfChannel: the page has ended and all was received.
            trio.ClosedResourceError: the outbox was closed, perhaps during the wait.
        """
        await trio.lowlevel.checkpoint_if_cancelled()
        if self._line or not self._is_something_to_see():
            await self._stand_in_line()
            try:
                return self.receive_nowait()
            finally:
                self._call_head()
        try:
            return self.receive_nowait()
        finally:
            await trio.lowlevel.cancel_shielded_checkpoint()

    @trio.lowlevel.enable_ki_protection
    def receive_nowait(self) -> Item:
        """Take the next message, before anybody who waits in `receive`. Does not block.

        Raises:
            trio.WouldBlock: there is none now.
            trio.EndOfChannel: the page has ended and all was received.
            trio.ClosedResourceError: the outbox was closed.
        """
        if not self.waiting:
            raise self._why_empty()
        front = self._front
        if not front:
            front, self._back = self._back, None
            assert front is not None
            front.reverse()
            self._front = front
        entry = front.pop()
        item = self._taken_from(entry) if isinstance(entry, Slot) else entry
        self.waiting = waiting = self.waiting - 1
        if not waiting:
            self._front = self._back = self._newest = None
            self._empty_slots = 0
        if waiting + 1 == HIGH_WATER:
            self.caught_up()
        return item

    @trio.lowlevel.enable_ki_protection
    def close(self) -> None:
        """Want no more messages: what is there and what comes is dropped, the page goes on.

        Who waits in `receive` gets `trio.ClosedResourceError`. Does not block.
        """
        self.closed = True
        self._front = self._back = self._newest = None
        self.waiting = self._empty_slots = 0
        self._call_head()
        self.caught_up()
        self._page = None

    async def aclose(self) -> None:
        """Close, and checkpoint; when cancelled, it is closed all the same."""
        self.close()
        await trio.lowlevel.checkpoint()

    def statistics(self) -> OutboxStatistics:
        """How much waits, who waits for it, and what was conflated. Does not block."""
        return OutboxStatistics(
            waiting=self.waiting,
            conflated=self._conflated,
            receivers=len(self._line),
            peak=self._peak,
        )

    def caught_up(self) -> None:
        """Let the page go on, if it had paused."""
        if self._page is not None:
            self._page.pump()

    def _why_empty(self) -> Exception:
        if self.closed:
            return trio.ClosedResourceError("this outbox was closed")
        return trio.EndOfChannel() if self._ended else trio.WouldBlock()

    # --- conflation -----------------------------------------------------------------------------

    def _conflate(self, item: Item, kind: type[Notify]) -> Slot:
        """A slot for a notify that conflates, and none for the one that it replaces."""
        source = item[0]
        key = kind, source.block, source.instance
        if self._newest is None:
            self._newest = {}
        older = self._newest.get(key)
        if older is not None:
            older.item = None
            self.waiting -= 1
            self._conflated += 1
            self._empty_slots += 1
            if self._empty_slots > SWEEP + self.waiting:
                self._sweep()
        slot = self._newest[key] = Slot(key, item)
        return slot

    def _sweep(self) -> None:
        for entries in (self._front, self._back):
            if entries is not None:
                entries[:] = [each for each in entries if type(each) is not Slot or each.item]
        self._empty_slots = 0

    def _taken_from(self, slot: Slot) -> Item:
        """The next message, from this slot on: there is one."""
        entry: Item | Slot = slot
        while isinstance(entry, Slot):
            if entry.item is not None:
                assert self._newest is not None
                del self._newest[entry.key]
                return entry.item
            self._empty_slots -= 1
            if not self._front:
                assert self._back is not None
                self._front, self._back = self._back[::-1], None
            entry = self._front.pop()
        return entry

    # --- the line -------------------------------------------------------------------------------

    def _is_something_to_see(self) -> bool:
        return self.waiting > 0 or self._ended or self.closed

    async def _stand_in_line(self) -> None:
        me = _Receiver(self, trio.lowlevel.current_task())
        self._line += (me,)
        while True:
            await trio.lowlevel.wait_task_rescheduled(me)
            self._head_is_awake = False
            if self._is_something_to_see():
                break
            # A `receive_nowait` was faster: the place at the head is kept.
        self._line = self._line[1:]

    def _call_head(self) -> None:
        if self._line and not self._head_is_awake and self._is_something_to_see():
            self._wake_head()

    def _wake_head(self) -> None:
        self._head_is_awake = True
        trio.lowlevel.reschedule(self._line[0].task)

    def _leave_line(self, receiver: _Receiver) -> None:
        at = self._line.index(receiver)
        self._line = self._line[:at] + self._line[at + 1 :]


class _Receiver:
    """A place in the line. trio calls it when the wait is cancelled; never that of a woken task."""

    __slots__ = ("outbox", "task")

    def __init__(self, outbox: Outbox, task: trio.lowlevel.Task) -> None:
        self.outbox = outbox
        self.task = task

    def __call__(self, raise_cancel: Callable[[], object]) -> trio.lowlevel.Abort:
        self.outbox._leave_line(self)  # pyright: ignore[reportPrivateUsage] two halves of one thing
        return trio.lowlevel.Abort.SUCCEEDED
