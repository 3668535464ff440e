"""A page that outlives its process: hosted, and driven so that nothing is told that is not kept.

Outputs are what the view is told, how an event was settled, who is told outside that a spindle has
ended, and the start of a call that changes something. Each waits until the frames up to its turn
are kept. A call that only reads starts at once: a crash repeats it, and nobody sees the difference.
"""

from __future__ import annotations

from contextvars import Context
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import trio

from spindle._core.errors import PageClosed, UsageError
from spindle._core.kernel.kernel import Kernel
from spindle._core.kernel.mail import deliver, refuse
from spindle._core.kernel.record import SpindleRecord
from spindle._core.kernel.turns import Turns
from spindle._core.names import name_of
from spindle._core.operations.port import Call, Repeat
from spindle._core.replay.head import written
from spindle._core.replay.inputs import Begun, Longer, Sent
from spindle._core.replay.kept import keep
from spindle._core.replay.places import place_of
from spindle._core.states import Cancelled, Errored, Origin
from spindle._core.texts import plain_text
from spindle._lasting.abandoning import abandon
from spindle._lasting.awaited import AwaitedPage
from spindle._lasting.beginning import check_start
from spindle._lasting.calling import begins
from spindle._lasting.held_outbox import HeldOutbox
from spindle._lasting.held_receipt import HeldLetter, HeldReceipt
from spindle._lasting.points import reach
from spindle._runtime.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from spindle._core.contracts.contract import Spindle
    from spindle._core.contracts.description import Description
    from spindle._core.journal import Journal
    from spindle._core.kernel.ledger import Letter
    from spindle._core.kernel.record import Record, SpindleFunction
    from spindle._core.limits import PageLimits
    from spindle._core.messages import Ask, Event
    from spindle._core.replay.inputs import Input
    from spindle._core.settlement import Receipt
    from spindle._core.source import Source
    from spindle._core.supervision import Policy
    from spindle._lasting.stored_log import StoredLog
    from spindle._runtime.timekeeper import Timekeeper

__all__ = ["LastingPage"]


class LastingPage(AwaitedPage):
    """The driver of a page whose log is kept by a store."""

    def __init__(
        self,
        nursery: trio.Nursery,
        provide: Mapping[type, object],
        journal: Journal | None,
        log: StoredLog,
        seed: int,
        closed: Callable[[LastingPage], None],
        broken: Callable[[LastingPage, Exception], None],
        *,
        description: Description,
        limits: PageLimits,
        keeper: Timekeeper,
    ) -> None:
        super().__init__(
            nursery,
            provide,
            journal,
            log,
            seed,
            description=description,
            limits=limits,
            keeper=keeper,
        )
        self.outbox = self.way_out = HeldOutbox(self)
        self.mark = self.outbox.room()
        self._closed = closed
        self._broken = broken
        self.residence = {self: None}  # what escalates ends this page, and not its host
        self._over = False
        """Whether nothing of it runs any more, for good."""
        self._shown: list[tuple[Source, Ask]] = []
        self._receipts: dict[HeldReceipt, None] = {}
        self._away_now: dict[Record, Repeat] = {}
        """Whose calls are under way."""
        self._calm: trio.Event | None = None

    # --- out ------------------------------------------------------------------------------------

    def flush(self) -> None:
        """See `Turns`."""
        super().flush()
        self._calm_down()
        if self._retelling is None and not self.left:
            self.log.writer.hold(self.frame, partial(self._show, self.kernel.pending()))

    def _show(self, asked: list[tuple[Source, Ask]]) -> None:
        self._shown = asked

    def pending(self) -> list[tuple[Source, Ask]]:
        """The yields that wait for an answer, as far as they are kept."""
        return self._shown

    async def emptied(self) -> None:
        """See `OnTrio`; also wait until that is kept.

        Raises:
            PageClosed: the page has left this process.
        """
        await super().emptied()
        if self.left:
            raise PageClosed(f"the page is not here any more: {self.left}")
        await self.until_kept()

    async def ended(self, record: Record) -> None:
        """See `Driver`; also wait until that is kept.

        Raises:
            PageClosed: the page has left this process.
        """
        await super().ended(record)
        if record.outcome is None:
            raise PageClosed(f"the page is not here any more: {self.left}")
        await self.until_kept()

    # --- in -------------------------------------------------------------------------------------

    def post(self, apply: Callable[..., None], *args: object) -> None:
        """See `MarkedPage`. When it has left, nothing happens."""
        if getattr(apply, "__func__", None) is Kernel.call_ended:
            record: Any = args[0]
            self._call_ended(record)
        if self._over and not self.left:
            Turns.post(self, apply, *args)  # refused, or without effect
        elif not self.left:
            super().post(apply, *args)
        elif apply is deliver:
            _, letter = args
            assert isinstance(letter, HeldLetter)
            refuse(self.kernel, letter, self.left)

    def letter(self, event: Event, yield_id: int | None, instance: str | None) -> Letter:
        """What an event comes in.

        Raises:
            UsageError: the log cannot keep it.
        """
        _, found = keep(event, type(event), f"the event {name_of(type(event))}", self.form)
        letter = HeldLetter(found, yield_id, instance, hold_back=self.hold_back)
        letter.waiter = HeldReceipt(letter, self._receipts)
        return letter

    def receipt(self, letter: Letter) -> Receipt:
        """What its sender gets."""
        assert isinstance(letter.waiter, HeldReceipt)
        return letter.waiter

    def begin(
        self,
        block: type[Spindle[Any]],
        instance: str | None,
        fn: SpindleFunction,
        args: tuple[object, ...],
        provide: Mapping[type, object],
        *,
        policy: Policy,
        significant: bool,
    ) -> SpindleRecord:
        """Start a spindle; see `PageMachine.start`.

        Raises:
            UsageError: the log cannot keep the arguments, or `fn` would not be found again; or
                `provide` is given.
            SpindleIsLive: a spindle runs under the block and instance already.
            PageClosed: the page is ending, or has left this process.
        """
        if self.left:
            raise PageClosed(f"{name_of(block)} was not started: {self.left}")
        check_start(block, fn, provide, policy, significant)
        if instance is not None:
            instance = plain_text("instance=", instance)
        _, taken = written(fn, args, self.form, f"an argument of {name_of(fn)}")
        record = SpindleRecord(
            block, instance, fn, taken, {}, Context(), self.kernel, policy, significant=significant
        )
        self.post(self.kernel.start, record)
        if self.left:
            raise PageClosed(f"{name_of(block)} was not started: {self.left}")
        outcome = record.outcome
        if isinstance(outcome, Errored) and not record.launched:
            raise outcome.error
        return record

    def described(
        self, apply: Callable[..., None], args: tuple[Any, ...]
    ) -> tuple[Input | None, tuple[Any, ...]]:
        """See `MarkedPage`."""
        if apply is deliver:
            letter = args[1]
            event: Event = letter.event
            value = msgspec.Raw(self.form.encode(event))
            return Sent(type(event).__wire__, value, letter.yield_id, letter.instance), args
        if getattr(apply, "__func__", None) is Kernel.start:
            return self._begun(args[0]), args
        return super().described(apply, args)

    def _begun(self, record: SpindleRecord) -> Begun:
        fn = record.fn
        kept, _ = written(fn, record.args, self.form, f"an argument of {name_of(fn)}")
        return Begun(
            name_of(record.block),
            record.instance,
            place_of(fn),
            kept,
            record.policy,
            record.significant,
        )

    def check_edge(self, what: str) -> None:
        """See `OnTrio`.

        Raises:
            UsageError: always.
        """
        raise UsageError(
            f"page.{what}() is not for a page that outlives its process: what is taken from it or "
            f"put into it there would not be in its log. Let a spindle call a port instead"
        )

    # --- calls ----------------------------------------------------------------------------------

    def begin_call(self, record: Record, call: Call[Any]) -> None:
        """See `MarkedPage`; what changes something begins when its intent is kept."""
        if self._retelling is None:
            self._away_now[record] = call.repeat
            if call.repeat is not Repeat.READ:
                call = self._when_kept(call)
        super().begin_call(record, call)

    def _when_kept(self, call: Call[Any]) -> Call[Any]:
        number, writer = self.awaited(), self.log.writer

        async def when_kept(*_: object, **__: object) -> object:
            await writer.until(number)
            reach("call:intent kept")
            return await call.begin()

        held = copy(call)
        held.fn = when_kept
        return held

    async def _make(self, record: Record, call: Call[Any], scope: trio.CancelScope) -> None:  # noqa: ASYNC910
        begins(record, scope)
        await super()._make(record, call, scope)

    def _call_ended(self, record: Record) -> None:
        reach("call:ended, not kept")
        self._away_now.pop(record, None)
        self._calm_down()

    @property
    def changes(self) -> bool:
        """Whether a call is under way that changes something."""
        return any(each is not Repeat.READ for each in self._away_now.values())

    @property
    def rests(self) -> bool:
        """Whether nothing happens here before time passes or somebody comes."""
        return self.idle and not self._away_now and not self.inputs

    @property
    def waits_for_its_view(self) -> bool:
        """Whether it goes on in the middle of a turn when its outbox has room."""
        full = len(self.kernel.out) >= self.mark and self.kernel.cascade is None
        return full and not self.resting and not self._away_now and type(self._input) is Longer

    def note_rest(self) -> None:
        """Keep a frame which says no more than that it has come so far."""
        if self.left or self.gone or not (self.rests or self.waits_for_its_view):
            return
        self.close_frame()
        self._begin_turn()
        self.take_note(Longer(), self._place())
        if self.idle:
            self.close_frame()

    async def until(self, calm: Callable[[LastingPage], bool]) -> None:
        """Wait until that is so, or it has left; looked at after each turn and call."""
        await trio.lowlevel.checkpoint()
        while not self.left and not calm(self):
            await self._something_happens()

    async def until_calm(self) -> None:
        """Wait until no call is under way that changes something, or it has left."""
        await self.until(lambda page: not page.changes)

    async def calls_over(self) -> None:
        """Wait until no call that was begun here is under way; always a checkpoint."""
        await trio.lowlevel.checkpoint()
        while self._away_now:
            await self._something_happens()

    async def _something_happens(self) -> None:
        if self._calm is None:  # several may wait, and all are woken
            self._calm = trio.Event()
        await self._calm.wait()

    def _calm_down(self) -> None:
        calm, self._calm = self._calm, None
        if calm is not None:
            calm.set()

    # --- told again -----------------------------------------------------------------------------

    def heard(self) -> None:
        """See `MarkedPage`: the view is to be as it was."""
        reach("replay:a turn")
        self.retold += self.kernel.out
        super().heard()

    def go_on(self, at: float) -> None:
        """See `MarkedPage`."""
        retold, self.retold = self.retold, []
        if retold:
            self.way_out.put_at_once(*retold)
        self.mark = self.outbox.room()
        self._shown = self.kernel.pending()
        super().go_on(at)

    def interrupt(self, interrupt: KeyboardInterrupt) -> None:
        """See `MarkedPage`; from now on nothing is told."""
        super().interrupt(interrupt)
        self.left = "it was interrupted from the keyboard"

    # --- its end here ---------------------------------------------------------------------------

    def _close(self) -> None:
        if not self._over:
            self._over = True
            if self._retelling is not None:
                self.residence = {}  # it was reported when it happened
            super()._close()
            self.hold_back(partial(self._closed, self))

    def break_off(self, error: Exception) -> None:
        """See `ContainedPage`."""
        if not self.left:
            self._broken(self, error)

    def depart(self, why: str) -> float | None:
        """Leave this process: nothing of it runs here any more; its coroutines are closed.

        Returns:
            When its next deadline is due, on its clock; None if none is.
        """
        kernel = self.kernel
        wake_at = kernel.timers.next_at()
        self.left = why
        self.log.writer.close()
        if self.residence is not None:
            self.residence.pop(self, None)
        if self._keeper is not None:
            self._keeper.forget(self)
        abandon(kernel, Cancelled(why, Origin.STOPPED))
        self.inputs = None
        if self._emptied is not None:
            self._emptied.set()
        self._calm_down()
        Outbox.end(self.outbox)
        for receipt in list(self._receipts):
            receipt.lose(why)
        return wake_at
