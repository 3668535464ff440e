"""A page as a scenario sees it, whoever drives its spindles."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from spindle._core.kernel.kernel import Kernel
from spindle._core.kernel.ledger import Ledger, Letter
from spindle._core.kernel.turns import Turns
from spindle._core.operations.handle import Handle
from spindle._core.states import (
    Cancelled,
    Completed,
    Errored,
    Notified,
    Sent,
    Withdrawn,
    Yielded,
)
from spindle._core.supervision import REPORT, Policy
from spindle.testing import HandPage
from tests.talk import Talk

if TYPE_CHECKING:
    from spindle import Event, PageMachine, Source, Spindle
    from spindle.testing import Recording

__all__ = ["HandStage", "Stage", "TrioStage", "plain"]


class Stage(ABC):
    """What the three drivers have in common, and what they said."""

    driver: str

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.transcript: list[str] = []

    @abstractmethod
    def start(
        self,
        block: type[Spindle[Any]],
        fn: Callable[..., Coroutine[Any, Any, object]],
        *args: object,
        instance: str | None = None,
        provide: Mapping[type, object] | None = None,
        policy: Policy = REPORT,
        significant: bool = False,
    ) -> Handle[Any]: ...

    @abstractmethod
    def resume(
        self, event: Event, *, yield_id: int | None = None, instance: str | None = None
    ) -> Letter: ...

    @abstractmethod
    async def settle(self) -> None:
        """Return when nothing goes on by itself any more."""

    @abstractmethod
    async def advance(self, seconds: float) -> None:
        """Let time pass, every deadline on the way firing, then settle."""

    @abstractmethod
    async def cancel(self, reason: str) -> None: ...

    @abstractmethod
    async def stop(self, reason: str, grace: float) -> None: ...

    @property
    @abstractmethod
    def turns(self) -> Turns: ...

    @property
    def kernel(self) -> Kernel:
        return self.turns.kernel

    @property
    @abstractmethod
    def ledger(self) -> Ledger: ...

    @abstractmethod
    def _drained(self) -> list[tuple[Source, Sent]]: ...

    def said(self) -> list[str]:
        """What the page said since this was asked last, a line a message."""
        lines = [plain(*item) for item in self._drained()]
        self.transcript += lines
        return lines

    async def hears(self) -> list[str]:
        """Settle, then `said`."""
        await self.settle()
        return self.said()

    def balance(self) -> tuple[int, int, int, int, int]:
        """Accepted, handled, refused, dead-lettered, pending."""
        books = self.ledger
        return (
            books.accepted,
            books.handled,
            books.refused,
            books.dead_lettered,
            books.pending,
        )


class HandStage(Stage):
    driver = "hand"

    def __init__(
        self, recording: Recording, contract: Any = Talk, page: HandPage | None = None
    ) -> None:
        super().__init__(recording)
        self.page = HandPage(contract, journal=recording) if page is None else page

    def start(self, block, fn, *args, instance=None, provide=None, **supervision):
        return self.page.start(block, fn, *args, instance=instance, provide=provide, **supervision)

    def resume(self, event, *, yield_id=None, instance=None):
        return self.page.resume(event, yield_id=yield_id, instance=instance)

    async def settle(self) -> None:
        pass

    async def advance(self, seconds: float) -> None:
        self.page.advance(seconds)

    async def stop(self, reason: str, grace: float) -> None:
        self.page.stop(reason, grace=grace)

    @property
    def turns(self) -> Turns:
        return self.page._hand

    async def cancel(self, reason: str) -> None:
        self.page.cancel(reason)

    def leave(self) -> None:
        """End the page as leaving the block of `open_page` does."""
        self.page.__exit__(None, None, None)

    @property
    def ledger(self) -> Ledger:
        return self.page.ledger

    def _drained(self) -> list[tuple[Source, Sent]]:
        return self.page.sent()


class TrioStage(Stage):
    def __init__(self, page: PageMachine, driver: str, recording: Recording) -> None:
        super().__init__(recording)
        self.page = page
        self.driver = driver

    def start(self, block, fn, *args, instance=None, provide=None, **supervision):
        return self.page.start(block, fn, *args, instance=instance, provide=provide, **supervision)

    def resume(self, event, *, yield_id=None, instance=None):
        return self.page.resume(event, yield_id=yield_id, instance=instance)

    async def settle(self) -> None:
        import trio.testing

        await trio.testing.wait_all_tasks_blocked()

    async def advance(self, seconds: float) -> None:
        import trio

        await trio.sleep(seconds)
        await self.settle()

    async def stop(self, reason: str, grace: float) -> None:
        await self.page.stop(reason, grace=grace)

    @property
    def turns(self) -> Turns:
        return self.page._driver

    async def cancel(self, reason: str) -> None:
        await self.page.cancel(reason)

    @property
    def ledger(self) -> Ledger:
        return self.page.ledger

    def _drained(self) -> list[tuple[Source, Sent]]:
        import trio

        drained = []
        try:
            while True:
                drained.append(self.page.outbox.receive_nowait())
        except (trio.WouldBlock, trio.EndOfChannel):
            return drained


def plain(source: Source, message: Sent) -> str:
    """One message of a page as a line that can be compared."""
    name = source.block.__name__
    who = name if source.instance is None else f"{name}[{source.instance}]"
    match message:
        case Yielded(ask):
            return f"{who} asks {ask!r} #{source.yield_id}"
        case Withdrawn(ask):
            return f"{who} withdraws {ask!r} #{source.yield_id}"
        case Notified(notify):
            return f"{who} says {notify!r}"
        case Completed(value):
            return f"{who} returned {value!r}"
        case Errored(error):
            return f"{who} failed: {type(error).__name__}"
        case Cancelled(reason, origin):
            return f"{who} was cancelled: {reason} ({origin.value})"
