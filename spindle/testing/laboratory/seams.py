"""Where the laboratory looks into Spindle: put in for a search, and taken out again."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from spindle._core.kernel.kernel import Kernel
from spindle._core.kernel.ledger import Ledger, Letter
from spindle._core.kernel.record import Record
from spindle._core.messages import Notify, Yield
from spindle._core.operations.await_any import AwaitAny
from spindle._runtime import ontrio, page
from spindle._runtime.outbox import Outbox
from spindle._runtime.page import PageMachine
from spindle.testing.laboratory.witness import Page, Witness

if TYPE_CHECKING:
    from spindle._core.contracts.description import Description
    from spindle._core.source import Source
    from spindle._core.states import Outcome, Sent
    from spindle._runtime.ontrio import OnTrio

__all__ = ["Watcher", "watching"]

Awaits: TypeAlias = Callable[[Any], Generator[object, Any, Any]]

RECORD: Final[ContextVar[Record | None]] = ContextVar("RECORD", default=None)
"""The coroutine whose code runs."""
SEED: Final = b"the same for every page of every run"


class Watcher:
    """Whom the seams tell: the run that goes on now."""

    def __init__(self) -> None:
        self.witness: Witness | None = None
        self.page_was_opened: Callable[[Page], None] = _nobody

    def begin(self, witness: Witness, page_was_opened: Callable[[Page], None]) -> None:
        """A run begins: `witness` is told of what it does."""
        self.witness, self.page_was_opened = witness, page_was_opened

    def end(self) -> None:
        """It is over."""
        self.witness, self.page_was_opened = None, _nobody


def _nobody(page: Page) -> None:
    pass


@contextmanager
def watching() -> Generator[Watcher]:
    """Put the seams in for the length of a block.

    Chance and the time that work takes are the same in every run meanwhile.
    """
    watcher = Watcher()
    with ExitStack() as stack:
        for owner, name, value in (
            (PageMachine, "__init__", _opening(watcher)),
            (Kernel, "admit", _admitting()),
            (Ledger, "accept", _accepting(watcher)),
            (Outbox, "put", _telling(watcher)),
            (Outbox, "receive_nowait", _receiving(watcher)),
            (Record, "end", _ending(watcher)),
            (Yield, "__await__", _asking(watcher)),
            (AwaitAny, "__await__", _racing(watcher)),
            (Notify, "__await__", _notifying(watcher)),
            (page, "_drawn", lambda: SEED),
            (ontrio, "perf_counter", lambda: 0.0),
        ):
            if name in vars(owner):
                stack.callback(setattr, owner, name, vars(owner)[name])
            else:
                stack.callback(delattr, owner, name)
            setattr(owner, name, value)
        yield watcher


def _opening(watcher: Watcher) -> Callable[[PageMachine, Description, OnTrio], None]:
    usual = PageMachine.__init__

    def opens(self: PageMachine, description: Description, driver: OnTrio) -> None:
        usual(self, description, driver)
        if watcher.witness is not None:
            opened = Page(self, driver)
            watcher.witness.pages.append(opened)
            watcher.page_was_opened(opened)

    return opens


def _admitting() -> Callable[[Kernel, Record], None]:
    usual = Kernel.admit

    def admits(self: Kernel, record: Record) -> None:
        usual(self, record)
        record.context.run(RECORD.set, record)

    return admits


def _accepting(watcher: Watcher) -> Callable[[Ledger, Letter], None]:
    usual = Ledger.accept

    def accepts(self: Ledger, letter: Letter) -> None:
        usual(self, letter)
        for each in _pages(watcher):
            if each.kernel.ledger is self:
                each.letters.append(letter)

    return accepts


def _telling(watcher: Watcher) -> Callable[..., int]:
    usual = Outbox.put

    def puts(self: Outbox, *items: tuple[Source, Sent]) -> int:
        for each in _pages(watcher):
            if each.driver.outbox is self:
                each.told.extend(items)
        return usual(self, *items)

    return puts


def _receiving(watcher: Watcher) -> Callable[[Outbox], tuple[Source, Sent]]:
    usual = Outbox.receive_nowait

    def receives(self: Outbox) -> tuple[Source, Sent]:
        item = usual(self)
        for each in _pages(watcher):
            if each.driver.outbox is self:
                each.received.append(item)
        return item

    return receives


def _ending(watcher: Watcher) -> Callable[[Record, Outcome[object]], None]:
    usual = Record.end

    def ends(self: Record, outcome: Outcome[object]) -> None:
        for each in _pages(watcher):
            if each.kernel is self.kernel:
                each.ends(self, outcome)
                if getattr(self.coroutine, "cr_frame", None) is not None:
                    each.unfinished.append(self.name)
        usual(self, outcome)

    return ends


def _asking(watcher: Watcher) -> Awaits:
    usual: Awaits = _awaits(Yield)

    def asks(self: Any) -> Generator[object, Any, Any]:
        _tell(watcher, Witness.asks)
        event: Any = yield from usual(self)
        _tell(watcher, Witness.hears, event)
        return event

    return asks


def _racing(watcher: Watcher) -> Awaits:
    usual: Awaits = _awaits(AwaitAny)

    def races(self: Any) -> Generator[object, Any, Any]:
        if self.asks:
            _tell(watcher, Witness.asks)
        place, won = yield from usual(self)
        if isinstance(self.sources[place], Yield):
            _tell(watcher, Witness.hears, won)
        return place, won

    return races


def _awaits(kind: Any) -> Awaits:
    awaits: Awaits = kind.__await__
    return awaits


def _notifying(watcher: Watcher) -> Callable[[Notify], Generator[object, None, None]]:
    usual = Notify.__await__

    def notifies(self: Notify) -> Generator[object, None, None]:
        yield from usual(self)
        _tell(watcher, Witness.notifies, self)

    return notifies


def _tell(watcher: Watcher, what: Callable[..., None], *told: object) -> None:
    record = RECORD.get()
    if watcher.witness is not None and record is not None:
        what(watcher.witness, record, *told)


def _pages(watcher: Watcher) -> list[Page]:
    return [] if watcher.witness is None else watcher.witness.pages
