"""A whole page stepped by hand: the test is its view, its clock and the world around it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple, Unpack, overload

from spindle._core.addressee import addressee
from spindle._core.contracts.contract import Declared, Spindle, describe
from spindle._core.contracts.membership import check_block, check_event
from spindle._core.errors import StillRunning, hides_frames
from spindle._core.functions import check_function
from spindle._core.kernel.chance import seed_from
from spindle._core.kernel.edge import discard_all
from spindle._core.kernel.hand import Hand
from spindle._core.kernel.mail import deliver
from spindle._core.kernel.snapshot import Snapshot, Tree, as_text, snapshot, tree
from spindle._core.kernel.statistics import PageStatistics, statistics
from spindle._core.limits import DEFAULT_LIMITS, PageLimits
from spindle._core.names import name_of, shown
from spindle._core.operations.fork import names_a_block
from spindle._core.operations.handle import Handle
from spindle._core.operations.provision import check_provided
from spindle._core.states import Cancelled, Completed, Origin, asked_for
from spindle._core.supervision import REPORT, Policy
from spindle._runtime.following import follow
from spindle.testing.hand_receipt import HandReceipt
from spindle.testing.refused import look_at, told, unseen_by
from spindle.testing.telling import sentence, speaker

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from types import TracebackType
    from typing import Self

    from spindle._core.journal import Journal
    from spindle._core.kernel.ledger import Ledger
    from spindle._core.messages import Ask, Event
    from spindle._core.operations.cell import Cell
    from spindle._core.operations.channel import Channel
    from spindle._core.operations.operation import Operation
    from spindle._core.settlement import Receipt
    from spindle._core.source import Source
    from spindle._core.states import Sent
    from spindle._core.tracer import Tracer

__all__ = ["HandPage"]

__tracebackhide__ = hides_frames

R = TypeVar("R")
T = TypeVar("T")
D = TypeVar("D")
Ts = TypeVarTuple("Ts")


class HandPage:
    """A page without an event loop, as `PageMachine` is one with it.

    Whatever is done to it has been done when the call returns: spindles have run until each of them
    waits, for an answer, for another one, or for time. Its clock stands still until it is moved
    (`advance`, `wait`). What it says collects until it is asked for (`sent`, `said`). Ports answer
    without waiting.

    As a context manager it ends as `open_page` does: leaving the block cancels the page, runs the
    cleanups and raises the errors of spindles whose policy is to escalate. Else it raises
    AssertionError if a `Fake` that it was given was called where nothing is scripted, unless the
    test has looked at that.
    """

    def __init__(
        self,
        contract: Declared,
        /,
        *,
        provide: Mapping[type, object] | None = None,
        journal: Journal | None = None,
        tracer: Tracer | None = None,
        name: str = "",
        limits: PageLimits = DEFAULT_LIMITS,
        seed: int = 0,
    ) -> None:
        """Open a page.

        Args:
            contract: the contract, or a block standing for one.
            provide: what `use` hands out: an implementation for each port, a value for any class.
            journal: is told all that happens: a `Recording`, to be printed when a test fails.
            tracer: is told what begins and ends.
            name: what it is called in the log and by the tracer.
            limits: how much the page may take.
            seed: of `random_float` and `unique_id`; every page with the same seed draws the same.

        Raises:
            ContractError: `contract` is neither a contract nor a block.
            UsageError: `seed` is not a whole number.
            NotProvided: an implementation does not implement its port.
        """
        self._description = describe(contract)
        self._hand = Hand(
            provide,
            journal,
            blocks=self._description.blocks,
            limits=limits,
            seed=seed_from(seed),
        )
        self._provided: list[object] = list((provide or {}).values())
        follow(self._hand.kernel, self._description.name, name, tracer)

    def __del__(self) -> None:
        """Close its spindles without a word when a test drops it half-way; no cleanup runs."""
        hand = getattr(self, "_hand", None)  # there is none if it was refused when made
        if hand is not None:
            with contextlib.suppress(Exception):
                discard_all(hand.kernel)

    # --- in -------------------------------------------------------------------------------------

    @names_a_block
    def start(
        self,
        block: type[Spindle[R]],
        fn: Callable[[Unpack[Ts]], Coroutine[Any, Any, R]],
        /,
        *args: *Ts,
        instance: str | None = None,
        provide: Mapping[type, object] | None = None,
        policy: Policy = REPORT,
        significant: bool = False,
    ) -> Handle[R]:
        """Start `fn(*args)` as the spindle of `block` and run it until it waits.

        Args:
            block: the block it speaks for; one spindle at a time runs under it, unless named.
            fn: the spindle's async function.
            args: its arguments.
            instance: a name of its own for a further spindle of the same block.
            provide: what `use` hands out to this spindle before the page's own.
            policy: what the page does when it fails or ends, as for `PageMachine.start`.
            significant: whether the page is cancelled when it ends for good.

        Returns:
            Its handle.

        Raises:
            UsageError: `block` is not part of the page's contract, `fn` is no function, or
                `instance`, `policy` or `significant` of another type than is declared.
            SpindleIsLive: a spindle runs under the block and instance already.
            StillRunning: here, or where it goes on: it never pauses.
            NotProvided: an implementation in `provide` does not implement its port.
            LimitReached: the page has as many spindles as it may.
            PageClosed: the page is ending, or has ended.
        """
        check_block(self._description, block)
        check_function("start", fn)
        kernel = self._hand.kernel
        record = kernel.register(
            block,
            instance,
            fn,
            args,
            check_provided(provide),
            policy=policy,
            significant=significant,
        )
        self._provided += record.provide.values()
        self._hand.post(kernel.launch, record)
        return Handle(record)

    def resume(
        self, event: Event, *, yield_id: int | None = None, instance: str | None = None
    ) -> Receipt:
        """Hand an event to the spindle of its block, and let the page go on.

        Args:
            event: what the visitor did.
            yield_id: the yield it answers; None for the oldest pending one that accepts it.
            instance: the instance it is for.

        Returns:
            The receipt. An event that nobody can take is refused there, with the reason; that is
            no error. It is pending as long as the spindle that received it waits for anything but
            its next yield, or while it lies in a mailbox.

        Raises:
            UsageError: `event` is not an event of the page's contract, `yield_id` no whole number,
                or `instance` no text.
        """
        check_event(self._description, event)
        receipt = HandReceipt(event, *addressee(yield_id, instance))
        self.ledger.accept(receipt)
        self._hand.post(deliver, self._hand.kernel, receipt)
        return receipt

    # --- time -----------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """The page's clock: seconds since it was opened."""
        return self._hand.clock()

    def advance(self, seconds: float) -> None:
        """Let time pass: every deadline on the way fires at its own moment, in order.

        Raises:
            UsageError: `seconds` is no finite number, or below 0; or this was called from a spindle
                or a port.
        """
        self._hand.advance(seconds)

    def wait(self) -> None:
        """Let time pass until no spindle runs any more.

        The clock stands still while anybody outside is asked: answer first, or `advance`.

        Raises:
            StillRunning: a yield is pending, names it; or spindles go on by themselves, for ever.
            Deadlock: everybody waits for somebody else on the page; tells who waits for whom.
            UsageError: this was called from a spindle or a port.
        """
        self._hand.check_idle("wait")
        self._hand.let_time_pass(self._is_up_to_others)
        asked = [f"{speaker(source)} asks {shown(ask)}" for source, ask in self.pending()]
        if asked:
            raise StillRunning(
                f"the page waits for an answer: {', '.join(asked)}. Give it with resume(...), or "
                f"let time pass with advance(seconds)\n{as_text(self._hand.kernel)}"
            )

    def _is_up_to_others(self) -> bool:
        kernel = self._hand.kernel
        return not kernel.live or any(record.pending for record in kernel.live.values())

    # --- out ------------------------------------------------------------------------------------

    def sent(self) -> list[tuple[Source, Sent]]:
        """What the view was told since this, or `said`, was asked last, in order."""
        out = self._hand.kernel.out
        told = out[:]
        out.clear()
        return told

    def said(self) -> list[str]:
        """The same as lines to read: `Checkout asks AskPayment(total=4) #2`."""
        return [sentence(*each) for each in self.sent()]

    def pending(self) -> list[tuple[Source, Ask]]:
        """The yields that wait for an answer, with their ids; of each spindle the oldest first."""
        return self._hand.kernel.pending()

    def result(self, handle: Handle[T]) -> T:
        """What a spindle or fiber of the page returned.

        Raises:
            StillRunning: it has not ended; tells what it waits for.
            WasCancelled: it was cancelled.
            Exception: what it raised.
        """
        record, outcome = handle.record, handle.outcome
        if outcome is None:
            raise StillRunning(f"{record.name} has not ended\n{as_text(record.kernel)}")
        if isinstance(outcome, Completed):
            return outcome.value
        raise look_at(record.kernel.error_of(record))

    @property
    def ledger(self) -> Ledger:
        """How many events were accepted, and how they were settled."""
        return self._hand.kernel.ledger

    def tree(self) -> Tree:
        """What runs now, what it waits for and since when; comparable; to be printed."""
        return tree(self._hand.kernel)

    def statistics(self) -> PageStatistics:
        """How many events, spindles, calls and restarts there are and were."""
        return statistics(self._hand.kernel, 0)

    def snapshot(self) -> Snapshot:
        """The tree, the cells that were written, and the statistics, as one value to compare."""
        return snapshot(self._hand.kernel, 0)

    # --- its edges ------------------------------------------------------------------------------

    def put(self, channel: Channel[T], item: T) -> None:
        """Put an item into a channel, from outside the page.

        Raises:
            StillRunning: the channel is full; nothing was put in.
            ChannelClosed: it was closed.
            PageClosed: the page has ended.
            Exception: what it was failed with.
        """
        visit = self._visit("put", channel.put(item))
        if visit.outcome is None:
            raise self._would_wait("put", visit, f"no room in {channel!r}")
        self.result(visit)

    def take(self, channel: Channel[T]) -> T:
        """Take the oldest item out of a channel, from outside the page.

        Raises:
            StillRunning: there is none.
            ChannelClosed: it was closed and is empty.
            PageClosed: the page has ended.
            Exception: what it was failed with.
        """
        visit = self._visit("take", channel.take())
        if visit.outcome is None:
            raise self._would_wait("take", visit, f"nothing to take from {channel!r}")
        return self.result(visit)

    @overload
    def get(self, cell: Cell[T], /) -> T: ...
    @overload
    def get(self, cell: Cell[T], default: D, /) -> T | D: ...
    def get(self, cell: Cell[Any], /, *default: object) -> object:
        """Read a cell, from outside the page.

        Raises:
            CellEmpty: nothing was put yet, and there is no default.
            UsageError: its block is not part of the page's contract.
            PageClosed: the page has ended.
        """
        return self.result(self._visit("get", cell.get(*default)))

    def _visit(self, caller: str, operation: Operation[T]) -> Handle[T]:
        self._hand.check_idle(caller)
        kernel = self._hand.kernel
        record = kernel.let_in(_await, (operation,))
        self._hand.post(kernel.launch, record)
        return Handle(record)

    def _would_wait(self, caller: str, visit: Handle[object], why: str) -> StillRunning:
        visit.cancel_nowait("by hand nobody waits outside")
        return StillRunning(f"{caller}(): {why}\n{as_text(self._hand.kernel)}".rstrip())

    # --- its end --------------------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        """Whether the page was cancelled and nothing of it is left."""
        kernel = self._hand.kernel
        return kernel.stopping is not None and not kernel.live

    def cancel(self, reason: str = "") -> None:
        """Cancel every spindle and run their cleanups; deadlines in these pass at once.

        The first reason given to a page stands.

        Raises:
            UsageError: something goes on all the same, in a `cleanup()` without end; `reason` is
                not a text; or this was called from a spindle or a port.
        """
        self._hand.end(asked_for(reason, Origin.REQUESTED))

    def stop(self, reason: str, *, grace: float) -> None:
        """Bring the page to an end in two phases, as `PageMachine.stop` does.

        First yields raise `PageClosing` and nothing new starts. Then as much of the time of grace
        passes as spindles need, and what is still there is cancelled.

        Args:
            reason: told to the spindles and the view.
            grace: how many seconds the spindles have to come to an end of their own.

        Raises:
            UsageError: `grace` is no finite number, or below 0; or see `cancel`.
        """
        self._hand.stop(reason, grace)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        reason = Cancelled("the page was left", Origin.BODY_LEFT)
        if kind is not None:
            reason = Cancelled(f"{name_of(kind)} in the body of the page", Origin.BODY_FAILED)
        self._hand.end(reason)
        escalated = self._hand.kernel.escalated
        if escalated and (error is None or isinstance(error, Exception)):
            errors = escalated if error is None else [error, *escalated]
            raise look_at(ExceptionGroup("spindles have ended the page", errors))
        refused = unseen_by(self._provided)
        if kind is None and refused:
            raise AssertionError(told(refused))


async def _await(operation: Operation[T]) -> T:
    return await operation
