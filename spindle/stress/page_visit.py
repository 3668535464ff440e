"""One visitor of one page in the process: talks to it by its contract, and ends it."""

from __future__ import annotations

import random
from inspect import isawaitable
from typing import TYPE_CHECKING, Final

import trio

from spindle._core.contracts.contract import describe
from spindle._core.messages import Delivery, Event
from spindle._core.operations.handle import Handle
from spindle._core.states import Errored, Yielded
from spindle.stress.inspector import kernel_of

if TYPE_CHECKING:
    from spindle._core.messages import Ask
    from spindle._core.settlement import Receipt
    from spindle._core.source import Source
    from spindle._core.states import Sent
    from spindle._runtime.page import PageMachine
    from spindle.stress.making.maker import Maker
    from spindle.stress.page_load import PageLoad
    from spindle.stress.patience import Patience
    from spindle.stress.report import Report
    from spindle.stress.storm import Storm

__all__ = ["IN_A_BLOCK", "ON_A_HOST", "PageVisit"]

ON_A_HOST: Final = ("its cancel", "its handles", "its stop")
"""Ways in which a page of a host may end."""
IN_A_BLOCK: Final = (*ON_A_HOST, "a scope around it", "a deadline", "its body")
"""Ways in which the page of a block may end."""

REASON: Final = "the stress run goes on"
GRACE: Final = 0.005
DEADLINE: Final = 0.002
ROUNDS: Final = 8
ANSWERS: Final = 24


class PageVisit:
    """What one visitor does.

    Args:
        load: says what is visited.
        maker: makes answers.
        draw: the chance of this visitor.
        patience: how long the visitor listens before doing something unasked.
        storm: the others, with whom the page is to end at one moment; None for a visitor who comes
            and goes alone. In a storm there is little talk.
    """

    page: PageMachine

    def __init__(
        self,
        load: PageLoad,
        maker: Maker,
        draw: random.Random,
        patience: Patience,
        storm: Storm | None,
        report: Report,
    ) -> None:
        self._load = load
        self._maker = maker
        self._draw = draw
        self._patience = patience
        self._storm = storm
        self._report = report
        self._answers_left = draw.randrange(ANSWERS)
        self._answered: tuple[Event, Source] | None = None
        self._unasked = [
            event
            for event in describe(load.contract).events
            if event.delivery is not Delivery.ANSWER
        ]
        self.receipts: list[Receipt] = []
        self.asked_at: float | None = None
        """When the end of the page was asked for."""

    async def converse(self) -> None:
        """Start the page's spindles and talk to it for a while."""
        await trio.lowlevel.checkpoint()
        started = self._load.start(self.page)
        if isawaitable(started):
            await started
        rounds = self._draw.randrange(1, ROUNDS) if self._storm is None else self._draw.randrange(2)
        for _ in range(rounds):
            self._do_something_unasked()
            try:
                with self._patience.some(self._draw):
                    while True:
                        self._hear(*await self.page.outbox.receive())
            except trio.EndOfChannel:
                return  # the page has ended by itself

    async def end(self, how: str, around: trio.CancelScope) -> None:
        """See that the page ends, in one of the ways there are."""
        if self._storm is not None:
            await self._storm.gather()
        self.asked_at = trio.current_time()
        match how:
            case "its cancel":
                await self.page.cancel(REASON)
            case "its handles":
                for record in list(kernel_of(self.page).live.values()):
                    Handle[object](record).cancel_nowait(REASON)
                await self.page.cancel(REASON)
            case "its stop":
                await self.page.stop(REASON, grace=GRACE * self._draw.random())
            case "a scope around it":
                around.cancel()
            case "a deadline":
                around.deadline = self.asked_at = self.asked_at + DEADLINE * self._draw.random()
                await trio.sleep_forever()
            case _:
                pass
        await trio.lowlevel.checkpoint()

    def break_off(self) -> None:
        """Let the others go on without this visitor."""
        if self._storm is not None and self.asked_at is None:
            self._storm.miss()

    def hear_the_rest(self) -> None:
        """Take what a page that has ended still had to say."""
        while True:
            try:
                _, message = self.page.outbox.receive_nowait()
            except (trio.EndOfChannel, trio.WouldBlock):
                return
            self._note(message)

    # --- the conversation -----------------------------------------------------------------------

    def _hear(self, source: Source, message: Sent) -> None:
        """Answer most questions, some of them twice."""
        self._note(message)
        if isinstance(message, Yielded) and self._answers_left and self._draw.random() < 0.9:
            self._answer(source, message.ask)

    def _note(self, message: Sent) -> None:
        if isinstance(message, Errored):
            self._report.raised(message.error, "said by a page", self._load.expected)

    def _answer(self, source: Source, ask: Ask) -> None:
        events = sorted(
            (each for each in ask.__answers__ if issubclass(each, Event)), key=lambda e: e.__wire__
        )
        if not events:
            return
        event = self._maker.event(self._draw.choice(events))
        self._send(event, source)
        if self._draw.random() < 0.1:
            self._send(event, source)
        self._answered = event, source
        self._answers_left -= 1
        self._report.conversations += 1

    def _do_something_unasked(self) -> None:
        """Now and then: answer what is asked no more, or send what needs no question."""
        if self._answered is not None and self._draw.random() < 0.1:
            self._send(*self._answered)
        if self._unasked and self._draw.random() < 0.5:
            for _ in range(self._draw.randrange(1, 4)):
                event = self._maker.event(self._draw.choice(self._unasked))
                self.receipts.append(self.page.resume(event))

    def _send(self, event: Event, source: Source) -> None:
        self.receipts.append(
            self.page.resume(event, yield_id=source.yield_id, instance=source.instance)
        )
