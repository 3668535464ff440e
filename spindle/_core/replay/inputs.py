"""What comes into a page by hand, as a log keeps it: who was told what, and what came of calls.

Each knows how it is applied again. All that a page does follows from these, in their order.
"""

from __future__ import annotations

from contextvars import Context
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import msgspec

from spindle._core.kernel.closing import close_page
from spindle._core.kernel.ledger import Letter
from spindle._core.kernel.mail import deliver
from spindle._core.kernel.record import SpindleRecord
from spindle._core.kernel.unwinding import Unwinding
from spindle._core.names import name_of
from spindle._core.replay.addresses import Address
from spindle._core.replay.declared import answers_of, parameters_of, result_of
from spindle._core.replay.failures import Failure, revive
from spindle._core.replay.kept import read
from spindle._core.replay.places import found_at
from spindle._core.states import Cancelled, Origin
from spindle._core.supervision import Escalate, Report, Restart

if TYPE_CHECKING:
    from collections.abc import Callable

    from spindle._core.contracts.block import Block
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import Record
    from spindle._core.messages import Event
    from spindle._core.replay.formats import Format

__all__ = ["Applied", "Input", "Misfit"]

Applied: TypeAlias = "tuple[Callable[..., None], tuple[Any, ...]]"
"""What is posted, and with what."""


class Misfit(Exception):
    """An input finds nobody who could take it: the page is not where it was. Says what is amiss."""


class Page(Protocol):
    """What an input needs of the page it is applied to."""

    kernel: Kernel

    @property
    def first(self) -> Record | None:
        """The spindle that it began with, if it began with one."""
        ...

    def arrive(self, at: float) -> None:
        """The clock comes to `at`."""
        ...

    def block_named(self, name: str) -> type[Block] | None:
        """The block of its contract that has this name."""
        ...

    def event_named(self, name: str) -> type[Event] | None:
        """The event of its contract that has this name."""
        ...


class Launched(msgspec.Struct, frozen=True, array_like=True, tag="start"):
    """The spindle was started."""

    who: Address

    def again(self, page: Page, form: Format) -> Applied:
        """How it is applied."""
        return page.kernel.launch, (_found(self.who, page),)


class Begun(msgspec.Struct, frozen=True, array_like=True, tag="begin"):
    """The program started a spindle of the page."""

    block: str
    instance: str | None
    function: str
    """Where it stands, `shop.store:checkout`."""
    args: tuple[msgspec.Raw, ...]
    policy: Report | Escalate | Restart
    significant: bool

    def again(self, page: Page, form: Format) -> Applied:
        """How it is applied."""
        block = page.block_named(self.block)
        if block is None:
            raise Misfit(f"the contract has no block {self.block} any more")
        try:
            fn: Any = found_at(self.function)
        except LookupError as gone:
            raise Misfit(f"the function of {self.block} is not where it was: {gone}") from gone
        kinds = chain(parameters_of(fn), repeat(Any))
        pairs = zip(self.args, kinds, strict=False)
        args = tuple(_as_declared(each, kind, form) for each, kind in pairs)
        record = SpindleRecord(
            block,
            self.instance,
            fn,
            args,
            {},
            Context(),
            page.kernel,
            self.policy,
            significant=self.significant,
        )
        return page.kernel.start, (record,)


class Sent(msgspec.Struct, frozen=True, array_like=True, tag="event"):
    """An event came for a spindle, which it may have reached or not."""

    kind: str
    """Its class, `Checkout.Paid`."""
    value: msgspec.Raw
    number: int | None
    """The question it was for; None if it was for any."""
    instance: str | None

    def again(self, page: Page, form: Format) -> Applied:
        """How it is applied."""
        kind = page.event_named(self.kind)
        if kind is None:
            raise Misfit(f"the contract has no event {self.kind} any more")
        event: Any = _as_declared(self.value, kind, form)
        letter = Letter(event, self.number, self.instance)
        page.kernel.ledger.accept(letter)
        return deliver, (page.kernel, letter)


class Answered(msgspec.Struct, frozen=True, array_like=True, tag="answer"):
    """A question was answered."""

    who: Address
    number: int
    """The question's, of its spindle."""
    kind: str
    """The class of the event; empty if what was declared is no event."""
    value: msgspec.Raw

    def again(self, page: Page, form: Format) -> Applied:
        """How it is applied."""
        record = _found(self.who, page)
        wait = record.root.pending.get(self.number)
        if wait is None:
            raise Misfit(f"question {self.number} of {record.root.name} is not asked")
        declared = answers_of(wait.ask)
        if self.kind not in declared:
            raise Misfit(f"{name_of(type(wait.ask))} is not answered by {self.kind}")
        value = _as_declared(self.value, declared[self.kind], form)
        return page.kernel.answer, (wait.record, self.number, value)


class Ended(msgspec.Struct, frozen=True, array_like=True, tag="end"):
    """A call has ended."""

    who: Address
    call: str
    value: msgspec.Raw
    error: Failure | None
    cut: bool = False
    """Whether it was cut short, for the coroutine was cancelled."""

    def again(self, page: Page, form: Format) -> Applied:
        """How it is applied."""
        record = _found(self.who, page)
        call = record.call
        if call is None or call.name != self.call:
            raise Misfit(f"{record.name} does not call {self.call}")
        value: object = None
        error: BaseException | None = None
        if self.cut:
            error = Unwinding(record.cancelled() or record)
        elif self.error is None:
            value = _as_declared(self.value, result_of(call), form)
        else:
            error = _revived(self.error, form)
        return page.kernel.call_ended, (record, call, value, error)


class Passed(msgspec.Struct, frozen=True, array_like=True, tag="time"):
    """The clock came to this second."""

    at: float

    def again(self, page: Page, form: Format) -> Applied:
        """How it is applied."""
        return page.arrive, (self.at,)


class Cut(msgspec.Struct, frozen=True, array_like=True, tag="cut"):
    """A handle has cancelled a coroutine."""

    who: Address | None
    """None if it was over."""
    reason: str

    def again(self, page: Page, form: Format) -> Applied:
        """How it is applied."""
        if self.who is None:
            return _nothing, ()
        cancelled = Cancelled(self.reason, Origin.HANDLE)
        return page.kernel.cancel, (_found(self.who, page), cancelled)


class Left(msgspec.Struct, frozen=True, array_like=True, tag="cancel"):
    """The page was cancelled."""

    reason: str
    origin: Origin

    def again(self, page: Page, form: Format) -> Applied:
        """How it is applied."""
        return page.kernel.cancel_page, (Cancelled(self.reason, self.origin),)


class Closed(msgspec.Struct, frozen=True, array_like=True, tag="stop"):
    """The page was asked to come to an end of its own."""

    reason: str
    until: float | None = None
    """When what is left then is cancelled; None if that is an input of its own."""

    def again(self, page: Page, form: Format) -> Applied:
        """How it is applied."""
        cancelled = Cancelled(self.reason, Origin.STOPPED)
        return close_page, (page.kernel, cancelled, self.until)


class Longer(msgspec.Struct, frozen=True, array_like=True, tag="more"):
    """Nothing: what a turn did that was too long for one frame."""

    def again(self, page: Page, form: Format) -> Applied:
        """How it is applied."""
        return _nothing, ()


Input: TypeAlias = (
    Begun | Sent | Launched | Answered | Ended | Passed | Cut | Left | Closed | Longer
)


def _nothing() -> None:
    pass


def _found(address: Address, page: Page) -> Record:
    record = address.find(page.kernel, page.first)
    if record is None:
        raise Misfit(f"{address} is not there")
    return record


def _as_declared(written: msgspec.Raw, kind: object, form: Format) -> object:
    try:
        return read(written, kind, form)
    except Exception as error:  # of a class of the application's, too
        raise Misfit(f"what was kept is of another type than is declared now: {error}") from error


def _revived(failure: Failure, form: Format) -> Exception:
    try:
        return revive(failure, form)
    except Exception as error:
        raise Misfit(f"what a call raised cannot be made anew: {error}") from error
