"""The page machine: a nursery that supervises the spindles of one page."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import asynccontextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, TypeVar, TypeVarTuple, Unpack, cast

import trio

from spindle._core.contracts.contract import Declared, Spindle, describe
from spindle._core.errors import UsageError
from spindle._core.kernel.edge import check_function
from spindle._core.kernel.groups import leaves
from spindle._core.kernel.mail import deliver
from spindle._core.messages import Ask, Event
from spindle._core.names import name_of, shown
from spindle._core.port import check_provided
from spindle._core.states import Cancelled, Origin
from spindle._runtime.handle import Handle
from spindle._runtime.hosted import Hosted
from spindle._runtime.receipt import PageReceipt
from spindle._runtime.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine, Mapping

    from spindle._core.contracts.description import Description
    from spindle._core.journal import Journal
    from spindle._core.kernel.ledger import Ledger
    from spindle._core.settlement import Receipt
    from spindle._core.source import Source
    from spindle._runtime.ontrio import OnTrio
    from spindle._runtime.outbox import Outbox

__all__ = ["PageMachine", "open_page"]

R = TypeVar("R")
Ts = TypeVarTuple("Ts")
F = TypeVar("F", bound=Callable[..., object])

INPUT_BOUND: Final = 1024
"""How many inputs may queue at a page before further events are refused."""


def _block_first(start: F) -> F:
    """Tell who forgot the block of a function without arguments, too."""

    @wraps(start)
    def checked(self: PageMachine, *args: object, **keywords: object) -> object:
        if len(args) == 1:
            self.check_block(args[0])
            raise UsageError(f"start({name_of(args[0])}) lacks the function to start under it")
        return start(self, *args, **keywords)

    return cast("F", checked)


class PageMachine:
    """Runs the spindles of one page, routes events in and messages out. Made by `open_page`."""

    def __init__(self, description: Description, driver: OnTrio) -> None:
        self._description = description
        self._driver = driver

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
        kernel = self._driver.kernel
        return kernel.stopping is not None and not kernel.live

    def check_block(self, block: object) -> None:
        """Refuse what is not a block of this page.

        Raises:
            UsageError: names the page's blocks.
        """
        known = ", ".join(name_of(each) for each in self._description.blocks)
        if not isinstance(block, type):
            name = name_of(block)
            raise UsageError(
                f"start() takes the block first: write start(SomeBlock, {name}, ...), where the "
                f"block is one of {known}"
            )
        if block not in self._description.blocks:
            raise UsageError(
                f"{name_of(block)} is not a block of this page's contract, which has {known}"
            )

    def pending(self) -> list[tuple[Source, Ask]]:
        """The yields that wait for an answer, with their ids; of each spindle the oldest first."""
        return self._driver.kernel.pending()

    @_block_first
    def start(
        self,
        block: type[Spindle[R]],
        fn: Callable[[Unpack[Ts]], Coroutine[Any, Any, R]],
        /,
        *args: *Ts,
        instance: str | None = None,
        provide: Mapping[type, object] | None = None,
    ) -> Handle[R]:
        """Start `fn(*args)` as the spindle of `block`. Does not block.

        Args:
            block: the block it speaks for; one spindle at a time runs under it, unless named.
            fn: the spindle's async function.
            args: its arguments.
            instance: a name of its own for a further spindle of the same block.
            provide: what `use` hands out to this spindle before the page's own.

        Raises:
            UsageError: `block` is not part of the page's contract, or `fn` is no function.
            SpindleIsLive: a spindle runs under the block and instance already.
            NotProvided: an implementation in `provide` does not implement its port.
            PageClosed: the page has ended.
        """
        self.check_block(block)
        check_function("start", fn)
        driver = self._driver
        given = check_provided(provide)
        record = driver.kernel.register(block, instance, fn, args, given)
        driver.post(driver.kernel.launch, record)
        return Handle(record)

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
            UsageError: `event` is not an event of the page's contract.
        """
        self._check_event(event)
        receipt = PageReceipt(event, yield_id, instance)
        driver = self._driver
        kernel = driver.kernel
        kernel.ledger.accept(receipt)
        if driver.waiting_inputs >= INPUT_BOUND:
            kernel.ledger.refuse(receipt, f"the page is busy ({INPUT_BOUND} inputs wait)")
        else:
            driver.post(deliver, kernel, receipt)
        return receipt

    async def wait(self) -> None:
        """Wait until no spindle runs; a spindle that awaits this waits for itself.

        Cancelling the wait does not touch the page.
        """
        await self._driver.emptied()

    async def cancel(self, reason: str) -> None:
        """Cancel every spindle and wait until nothing of the page is left.

        The first reason given to a page stands. Cancelling the wait does not undo the cancel.
        """
        await self._driver.end(Cancelled(reason, Origin.REQUESTED))

    def _check_event(self, event: object) -> None:
        if not isinstance(event, Event):
            raise UsageError(
                f"resume() takes an event, such as SearchTyped(...), not its class or anything "
                f"else; it was given {shown(event)}"
            )
        if event.__block__ not in self._description.blocks:
            known = ", ".join(name_of(each) for each in self._description.blocks)
            raise UsageError(
                f"{name_of(type(event))} is not an event of this page's contract: its blocks "
                f"are {known}"
            )


@asynccontextmanager
async def open_page(
    contract: Declared,
    /,
    *,
    provide: Mapping[type, object] | None = None,
    hosted: bool = False,
    journal: Journal | None = None,
) -> AsyncGenerator[PageMachine, None]:
    """Open a page for the length of an `async with` block.

    Leaving the block, in whatever way, cancels the page and waits until nothing of it is left:
    cleanups have run, within their budgets, also when the program around is being cancelled.

    Args:
        contract: the contract, or a block standing for one.
        provide: what `use` hands out: an implementation for each port, a value for any class.
        hosted: step the spindles as plain coroutines in the task that delivers an event, instead of
            giving each a task. Faster and smaller; spindles then await operations only.
        journal: is told all that happens; must not block.

    Raises:
        ContractError: `contract` is neither a contract nor a block.
        NotProvided: an implementation does not implement its port.
    """
    description = describe(contract)
    given = check_provided(provide)
    failure: BaseException | None = None
    try:
        async with trio.open_nursery() as nursery:
            driver = (Hosted if hosted else Tasks)(nursery, given, journal)
            reason = Cancelled("the page was left", Origin.BODY_LEFT)
            try:
                yield PageMachine(description, driver)
            except BaseException as raised:  # noqa: ASYNC103 - raised again below
                failure = raised
                reason = _reason(raised)
            finally:
                with trio.CancelScope(shield=True):
                    await driver.end(reason)
    except BaseExceptionGroup as group:
        # Spindles raise nothing into their nursery, but Ctrl-C may hit one that is running.
        if group.subgroup(KeyboardInterrupt) is None:
            raise
        raise KeyboardInterrupt from group
    # What the body raised leaves as it is, not wrapped in the nursery's group.
    try:
        if failure is not None:
            raise failure
    finally:
        del failure


def _reason(raised: BaseException) -> Cancelled:
    if all(isinstance(each, trio.Cancelled) for each in leaves(raised)):
        return Cancelled("the program around the page was cancelled", Origin.HOST_CANCELLED)
    return Cancelled(f"{type(raised).__name__} in the body of the page", Origin.BODY_FAILED)
