"""One page, one script, one injection: played to the end and kept for the checks."""

from __future__ import annotations

import gc
import sys
from typing import Any

import trio
import trio.testing
from trio._core._run import GLOBAL_RUN_CONTEXT

from spindle import PageMachine, open_page
from spindle._core.kernel.ledger import Letter
from spindle._runtime import outbox
from spindle.testing import Recording
from tests.drivers import run_on_trio
from tests.laboratory.injection import INJECTIONS, AtStep, When
from tests.laboratory.spindles import hosted_desk, ringer, task_desk
from tests.laboratory.witness import Witness, Work
from tests.talk import Bell, Clerk, Desk, Talk

__all__ = ["Failure", "Run"]

HANGS_AFTER = 1000.0


class Failure(Exception):
    """What the body of the page raises when it is to fail."""


class Run:
    """A run, and what is left of it afterwards."""

    def __init__(
        self,
        injection: str,
        at: int,
        when: When,
        seed: int,
        *,
        hosted: bool,
        slow_view: bool = False,
    ) -> None:
        self.injection = injection
        self.seed = seed
        self.hosted = hosted
        self.slow_view = slow_view
        self.instrument = AtStep(at, when, lambda: INJECTIONS[injection](self))
        self.witness = Witness()
        self.recording = Recording()
        self.letters: list[Letter] = []
        self.told: list[Any] = []
        self.started: list[tuple[Any, str | None]] = []
        self.desks = ["one", "two"]
        self.fails = self.raised = self.failed = self.ended = self.hung = self.outbox_closed = False
        self.tasks_left = self.scopes_cancelled = 0
        self.host = trio.CancelScope()
        self.script = trio.CancelScope()
        self.page: PageMachine
        self.conversation = ""

    def __str__(self) -> str:
        when = "before" if hasattr(self.instrument, "before_task_step") else "after"
        driver = "hosted" if self.hosted else "task"
        view = ", slow view" if self.slow_view else ""
        return (
            f"{self.injection} {when} step {self.instrument.at}, {driver}{view}, seed {self.seed}"
        )

    def play(self) -> None:
        """Run it to the end, or until it hangs."""
        usual = outbox.HIGH_WATER
        outbox.HIGH_WATER = 2 if self.slow_view else usual
        try:
            run_on_trio(self._main, self.seed, [self.instrument])
        except trio.TrioInternalError:
            if not self.hung:
                raise
        finally:
            outbox.HIGH_WATER = usual
        self.conversation = str(self.recording)

    def forget(self) -> None:
        """Drop what a run that went wrong has left, without the complaints of cut coroutines."""
        hook, sys.unraisablehook = sys.unraisablehook, lambda _: None
        try:
            del self.page
            self.recording.entries.clear()
            self.letters.clear()
            self.told.clear()
            self.witness = Witness()
            self.host = self.script = trio.CancelScope()
            gc.collect()
        finally:
            sys.unraisablehook = hook

    async def _main(self) -> None:
        trio.lowlevel.spawn_system_task(self._watch)
        await trio.testing.wait_all_tasks_blocked()
        before = trio.lowlevel.current_statistics().tasks_living
        self.instrument.armed = True
        with self.host:
            try:
                await self._open()
            except Failure:
                self.failed = True
        self.instrument.armed = False
        self._drain()
        with trio.CancelScope(shield=True):
            await trio.testing.wait_all_tasks_blocked()
            self.tasks_left = trio.lowlevel.current_statistics().tasks_living - before

    async def _open(self) -> None:
        opened = open_page(
            Talk, provide={Clerk: Work()}, hosted=self.hosted, journal=self.recording
        )
        async with opened as self.page:
            with self.script:
                async with trio.open_nursery() as view:
                    view.start_soon(self._read)
                    await self._talk()
                    view.cancel_scope.cancel()
            if self.fails:
                self.raised = True
                raise Failure
        self.ended = self.page.ended

    async def _talk(self) -> None:
        """What the view does: bursts without settling, and pauses."""
        desk = hosted_desk if self.hosted else task_desk
        for name in self.desks:
            self._start(Desk, desk, name, instance=name)
        self._start(Bell, ringer, "bell")
        await trio.testing.wait_all_tasks_blocked()
        for number in range(3):
            for name in self.desks:
                self.send(Desk.Told("a"), instance=name)
                self.send(Desk.Queued(number), instance=name)
            self.send(Bell.Rung(number))
            self.send(Bell.Rung(number))
            await trio.lowlevel.checkpoint()
            self.send(Desk.Typed("t"), instance="one")
            await trio.sleep(0.5 + number)

    def _start(self, block: Any, fn: Any, name: str, instance: str | None = None) -> None:
        # The page may have been cancelled in between: then nothing starts.
        if not self.page._driver.kernel.stopping:
            self.page.start(block, fn, self.witness, name, instance=instance)
            self.started.append((block, instance))

    def send(self, event: Any, instance: str | None = None) -> None:
        """Hand an event to the page and keep its receipt."""
        self.letters.append(self.page.resume(event, instance=instance))

    async def _read(self) -> None:
        try:
            async for item in self.page.outbox:
                self.told.append(item)
                if self.slow_view:
                    await trio.sleep(0.1)
        except trio.ClosedResourceError:
            assert self.outbox_closed

    def _drain(self) -> None:
        """Take what the reader has left, up to the end of the outbox."""
        self.outbox_ended = False
        try:
            while True:
                self.told.append(self.page.outbox.receive_nowait())
        except trio.EndOfChannel:
            self.outbox_ended = True
        except trio.ClosedResourceError:
            self.outbox_ended = self.outbox_closed
        except trio.WouldBlock:
            pass

    async def _watch(self) -> None:
        """The clock jumps when nothing goes on: then the page hangs."""
        await trio.sleep(HANGS_AFTER)
        self.hung = True
        # What is shielded and never woken ends in no other way than with the whole run.
        GLOBAL_RUN_CONTEXT.runner.runq.append(None)
