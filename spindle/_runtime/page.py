"""The page machine: a nursery that supervises the spindles of one page."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, Final, TypeVar, TypeVarTuple, Unpack

from spindle._core.addressee import addressee
from spindle._core.contracts.contract import Declared, Spindle, describe
from spindle._core.contracts.membership import check_block, check_event
from spindle._core.functions import check_function
from spindle._core.kernel.chance import seed_from
from spindle._core.kernel.mail import deliver
from spindle._core.kernel.snapshot import Snapshot, Tree, snapshot, tree
from spindle._core.kernel.statistics import PageStatistics, statistics
from spindle._core.limits import DEFAULT_LIMITS, PageLimits
from spindle._core.operations.clock import check_span
from spindle._core.operations.fork import names_a_block
from spindle._core.operations.handle import Handle
from spindle._core.operations.provision import check_provided
from spindle._core.public import publish
from spindle._core.states import Origin, asked_for
from spindle._core.supervision import REPORT, Policy
from spindle._runtime.alone import adopt_generators
from spindle._runtime.edges import CellReceiver, ItemReceiver, ItemSender, Watched
from spindle._runtime.following import follow
from spindle._runtime.hosted import Hosted
from spindle._runtime.opening import Opening
from spindle._runtime.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    import trio

    from spindle._core.contracts.description import Description
    from spindle._core.journal import Journal
    from spindle._core.kernel.ledger import Ledger
    from spindle._core.kernel.overruns import Overrunner
    from spindle._core.messages import Ask, Event
    from spindle._core.operations.cell import Cell
    from spindle._core.operations.channel import Channel
    from spindle._core.settlement import Receipt
    from spindle._core.source import Source
    from spindle._core.tracer import Tracer
    from spindle._runtime.ontrio import OnTrio
    from spindle._runtime.outbox import Outbox

__all__ = ["PageMachine", "open_page", "seed_of"]

R = TypeVar("R")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")

INPUT_BOUND: Final = 1024
"""How many inputs may queue at a page before further events are refused."""


class PageMachine:
    """Runs the spindles of one page, routes events in and messages out.

    Made by `open_page` and by `PageHost.open`.
    """

    __slots__ = ("__weakref__", "_description", "_driver", "_events")

    def __init__(self, description: Description, driver: OnTrio) -> None:
        self._description = description
        self._events = description.event_classes
        self._driver = driver

    @property
    def name(self) -> str:
        """What it is called in the log and by tracers."""
        return self._driver.kernel.name

    @property
    def outbox(self) -> Outbox:
        """What the page has for its view: pairs of source and message, in order."""
        return self._driver.outbox

    @property
    def ledger(self) -> Ledger:
        """How many events were accepted, and how they were settled."""
        return self._driver.kernel.ledger

    @property
    def ended(self) -> bool:
        """Whether the page was cancelled and nothing of it is left."""
        return self._driver.gone

    def pending(self) -> list[tuple[Source, Ask]]:
        """The yields that wait for an answer, with their ids; of each spindle the oldest first."""
        return self._driver.pending()

    def tree(self) -> Tree:
        """What runs now, what it waits for and since when; to be printed.

        Linear in what is there, as the next two are.
        """
        return tree(self._driver.kernel)

    def statistics(self) -> PageStatistics:
        """How many events, spindles, calls and restarts there are and were."""
        return statistics(self._driver.kernel, self._driver.outbox.waiting)

    def snapshot(self) -> Snapshot:
        """The tree, the cells that were written, and the statistics, as one value."""
        return snapshot(self._driver.kernel, self._driver.outbox.waiting)

    def overrunners(self) -> tuple[Overrunner, ...]:
        """Spindles and fibers that are still there long after they were cancelled.

        Each is named in the log, by the logger `spindle`, when it has been cancelled for
        `PageLimits.overrun_seconds`, once, with its stack; here it is shown as it stands now.
        """
        overruns = self._driver.kernel.overruns
        return () if overruns is None else overruns.overrunners()

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
        """Start `fn(*args)` as the spindle of `block`. Does not block.

        Args:
            block: the block it speaks for; one spindle at a time runs under it, unless named.
            fn: the spindle's async function.
            args: its arguments.
            instance: a name of its own for a further spindle of the same block.
            provide: what `use` hands out to this spindle before the page's own.
            policy: what the page does when it fails or ends: `REPORT` it to the view, `ESCALATE`
                (end the page), or a `Restart`.
            significant: whether the page is cancelled when it ends for good.

        Returns:
            Its handle. The spindle runs with a copy of the caller's context variables.

        Raises:
            UsageError: `block` is not part of the page's contract, `fn` is no function, or
                `instance`, `policy` or `significant` of another type than is declared.
            SpindleIsLive: a spindle runs under the block and instance already.
            NotProvided: an implementation in `provide` does not implement its port.
            LimitReached: the page has as many spindles as it may.
            PageClosed: the page is ending, or has ended.
            PageClosing: the page is being stopped.
        """
        check_block(self._description, block)
        check_function("start", fn)
        given = check_provided(provide)
        return Handle(
            self._driver.begin(
                block, instance, fn, args, given, policy=policy, significant=significant
            )
        )

    def resume(
        self, event: Event, *, yield_id: int | None = None, instance: str | None = None
    ) -> Receipt:
        """Hand an event to the spindle of its block. Does not block.

        Args:
            event: what the visitor did.
            yield_id: the yield it answers; None for the oldest pending one that accepts it.
            instance: the instance it is for.

        Returns:
            The receipt: how the event was settled, or will be. An event that nobody can take is
            refused there, with the reason; that is no error.

        Raises:
            UsageError: `event` is not an event of the page's contract, `yield_id` no whole number,
                or `instance` no text.
        """
        if type(event) not in self._events:
            check_event(self._description, event)
        if yield_id is not None or instance is not None:
            yield_id, instance = addressee(yield_id, instance)
        driver = self._driver
        letter = driver.letter(event, yield_id, instance)
        kernel = driver.kernel
        kernel.ledger.accept(letter)
        if driver.inputs is not None and len(driver.inputs) >= INPUT_BOUND:
            kernel.ledger.refuse(letter, f"the page is busy ({INPUT_BOUND} inputs wait)")
        else:
            driver.post(deliver, kernel, letter)
        return driver.receipt(letter)

    # --- its edges ------------------------------------------------------------------------------

    def receiver(self, channel: Channel[T]) -> ItemReceiver[T]:
        """Take the items of a channel from outside, as from a memory channel of trio."""
        self._driver.check_edge("receiver")
        return ItemReceiver(self._driver, channel)

    def sender(self, channel: Channel[T]) -> ItemSender[T]:
        """Put items into a channel from outside, as into a memory channel of trio."""
        self._driver.check_edge("sender")
        return ItemSender(self._driver, channel)

    def changes(self, cell: Cell[T]) -> CellReceiver[T]:
        """Follow a cell from outside: the newest value not yet seen, the current one first."""
        self._driver.check_edge("changes")
        return CellReceiver(self._driver, cell.changes().next)

    def watch(self, cell: Cell[T]) -> CellReceiver[T]:
        """Get one value of a cell from outside: the current one, or else the next."""
        self._driver.check_edge("watch")
        return CellReceiver(self._driver, Watched(cell).take)

    # --- its end --------------------------------------------------------------------------------

    async def wait(self) -> None:
        """Wait until no spindle runs; a spindle that awaits this waits for itself.

        Cancelling the wait does not touch the page. When a spindle's failure has ended the page of
        an `open_page` block, this does not return: the block's body is cancelled.

        Always a checkpoint.

        Raises:
            ExceptionGroup: a spindle's failure has ended the page, which belongs to a host.
            PageClosed: the page outlives its process, and has left this one.
        """
        await self._driver.waited_for()

    async def cancel(self, reason: str) -> None:
        """Cancel every spindle and wait until nothing of the page is left.

        The first reason given to a page stands. Cancelling the wait does not undo the cancel.

        Raises:
            UsageError: `reason` is not a text.
        """
        await self._driver.end(asked_for(reason, Origin.REQUESTED))

    def cancel_nowait(self, reason: str) -> None:
        """Cancel every spindle. Does not block: `wait` waits until they are gone.

        The first reason given to a page stands.

        Raises:
            UsageError: `reason` is not a text.
        """
        self._driver.leave(asked_for(reason, Origin.REQUESTED))

    async def stop(self, reason: str, *, grace: float) -> None:
        """Bring the page to an end in two phases, and wait until nothing of it is left.

        First every spindle is let know: yields, those that wait and those to come, raise
        `PageClosing`, no event is taken and no spindle starts, not even one that is to be started
        again. What is under way goes on, calls and timers too, and fibers may be started. A spindle
        that lets `PageClosing` through is reported as cancelled, not as failed. What is still there
        after the time of grace is cancelled; when all have ended before, nobody waits for the rest
        of it. Cancelling the wait cancels the page at once. The first reason given stands, and of
        several stops the one that is over first.

        Args:
            reason: told to the spindles and the view.
            grace: how many seconds the spindles have to come to an end of their own.

        Raises:
            UsageError: `reason` is not a text, or `grace` not a number, or below 0.
        """
        await self._driver.stop(reason, check_span("stop", grace))


def seed_of(seed: int | None) -> bytes | Callable[[], bytes]:
    """The seed of a page's chance: drawn, when it is first needed, if none is given."""
    return _drawn if seed is None else seed_from(seed)


def _drawn() -> bytes:
    return secrets.token_bytes(16)


def open_page(
    contract: Declared,
    /,
    *,
    provide: Mapping[type, object] | None = None,
    hosted: bool = False,
    journal: Journal | None = None,
    tracer: Tracer | None = None,
    name: str = "",
    limits: PageLimits = DEFAULT_LIMITS,
    seed: int | None = None,
) -> AbstractAsyncContextManager[PageMachine]:
    """Open a page for the length of an `async with` block.

    Leaving the block, in whatever way, cancels the page and waits until nothing of it is left:
    cleanups have run, within their budgets, also when the program around is being cancelled.

    Args:
        contract: the contract, or a block standing for one.
        provide: what `use` hands out: an implementation for each port, a value for any class.
        hosted: step the spindles as plain coroutines in the task that delivers an event, instead of
            giving each a task. Faster and smaller; spindles then await operations only. For very
            many pages see `open_host`.
        journal: is told all that happens; must not block.
        tracer: is told what begins and ends; one may follow many pages.
        name: what it is called in the log and by the tracer; by default, contract and a number.
        limits: how much the page may take.
        seed: of `random_float` and `unique_id`, any whole number; drawn if none is given.

    Raises:
        ContractError: `contract` is neither a contract nor a block.
        UsageError: `seed` is not a whole number.
        NotProvided: an implementation does not implement its port.
        ExceptionGroup: from the end of the block: the errors of spindles whose policy is to
            escalate, in one flat group; what the body raised stands first in it.
    """
    description = describe(contract)
    given = check_provided(provide)
    chance = seed_of(seed)

    def make(nursery: trio.Nursery) -> tuple[OnTrio, PageMachine]:
        if hosted:
            adopt_generators()
        driver = (Hosted if hosted else Tasks)(
            nursery, given, journal, blocks=description.blocks, limits=limits, seed=chance
        )
        follow(driver.kernel, description.name, name, tracer)
        return driver, PageMachine(description, driver)

    return Opening("page", make)


publish("spindle", [PageMachine])
