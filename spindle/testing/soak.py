"""The long run: pages are opened, talked to and cancelled, for as long as asked, on the real clock.

`python -m spindle.testing.soak --seconds 60`. Several at a time, as tasks, hosted, and on one host
of many pages; ended in every way there is. After each page nothing may be left of it, after each
wave the tasks are as many as before, and the memory of the process is flat over the run. Needs
trio; importing `spindle.testing` does not load this module.
"""

from __future__ import annotations

import argparse
import gc
import random
import resource
import sys
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import trio

from spindle._core.states import Yielded
from spindle._runtime.host import PageHost, open_host
from spindle._runtime.page import PageMachine, open_page
from spindle.testing.soak_page import RESTART, Books, Clerk, Counter, Flaky, Kiosk, Quick, Screen

__all__ = ["Report", "Soak", "main"]

AT_ONCE: Final = 12
"""How many pages are open at a time."""
PROGRESS: Final = 5.0
"""Seconds between two lines of progress."""
WARM_UP: Final = 0.25
"""The share of the run after which the memory is taken for the first time."""
GROWTH: Final = 0.10
SLACK: Final = 12_000_000
"""How much the memory may have grown after the warm-up: a share of it, and bytes."""
HANGS: Final = 60.0
"""After so many seconds in which no page has ended, the run says what it waits for."""
TICKS: Final = 1000
"""How many times a wave is looked at again before tasks that are left count as left."""


@dataclass
class Report:
    """What a run came to. Prints as one."""

    seconds: float = 0.0
    pages: int = 0
    conversations: int = 0
    """Questions of a page that were answered."""
    cleanups: int = 0
    gone: list[float] = field(default_factory=list)
    """Seconds from asking for the end of a page to when nothing was left of it; some of them."""
    memory_warm: int = 0
    memory_end: int = 0
    """Bytes of the process."""
    violations: list[str] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """Seconds within which that share of the pages was gone."""
        waits = sorted(self.gone)
        return waits[min(int(share * len(waits)), len(waits) - 1)] if waits else 0.0

    def progress(self) -> str:
        """Where the run stands, in one line."""
        rate = self.conversations / max(self.seconds, 1e-9)
        return (
            f"{self.seconds:7.1f} s  {self.pages:7,} pages  {rate:7,.0f} conversations/s  "
            f"{_megabytes(_memory())}  {len(self.violations)} violations"
        )

    def __str__(self) -> str:
        rate = self.conversations / max(self.seconds, 1e-9)
        return "\n".join(
            (
                f"pages               {self.pages:,} in {self.seconds:.1f} s",
                f"conversations       {self.conversations:,}, {rate:,.0f} a second",
                f"cleanups            {self.cleanups:,}",
                f"from cancel to gone {1000 * self.percentile(0.5):.1f} ms (p50), "
                f"{1000 * self.percentile(0.99):.1f} ms (p99)",
                f"memory              {_megabytes(self.memory_warm)} after the warm-up, "
                f"{_megabytes(self.memory_end)} at the end",
                f"violations          {len(self.violations)}",
                *(f"  - {each}" for each in self.violations[:20]),
            )
        )


class Soak:
    """One run."""

    def __init__(self, seconds: float, seed: int, say: Callable[[str], object] = print) -> None:
        """Prepare a run.

        Args:
            seconds: how long, at least; the pages that are open then are ended first.
            seed: of what the visitors do. The clock is real: a run does not repeat another.
            say: is given lines of progress.
        """
        self._seconds = seconds
        self._draw = random.Random(seed)
        self._say = say
        self._report = Report()
        self._visits: dict[_Visit, PageMachine] = {}

    async def run(self) -> Report:
        """Open, talk to and end pages until the time is up. Cancelling it ends them all."""
        async with trio.open_nursery() as nursery, open_host() as host:
            nursery.start_soon(self._watch)
            await self._go_on(host)
            nursery.cancel_scope.cancel()
        return self._judged()

    async def _go_on(self, host: PageHost) -> None:
        report, began = self._report, trio.current_time()
        spoken = began
        await self._wave(host)  # the host has its timekeeper from now on
        tasks = _tasks()
        while report.seconds < self._seconds:
            await self._wave(host)
            await self._expect_tasks(tasks)
            report.seconds = trio.current_time() - began
            if not report.memory_warm and report.seconds >= WARM_UP * self._seconds:
                report.memory_warm = _memory()
            if trio.current_time() - spoken >= PROGRESS:
                spoken = trio.current_time()
                self._say(report.progress())

    def _judged(self) -> Report:
        report = self._report
        report.memory_end = _memory()
        allowed = report.memory_warm * (1 + GROWTH) + SLACK
        if report.memory_end > allowed:
            report.violations.append(
                f"memory has grown from {_megabytes(report.memory_warm)} to "
                f"{_megabytes(report.memory_end)}"
            )
        return report

    async def _watch(self) -> None:
        """Say what the run waits for when no page ends."""
        while True:
            ended = self._report.pages
            await trio.sleep(HANGS)
            if self._report.pages == ended:
                self._say(f"no page has ended for {HANGS:g} s:")
                for page in self._visits.values():
                    self._say(str(page.snapshot()))

    async def _wave(self, host: PageHost) -> None:
        """Several pages at a time, of each kind."""
        async with trio.open_nursery() as nursery:
            for number in range(AT_ONCE):
                seed = self._draw.random()
                if number % 3 == 2:
                    nursery.start_soon(self._on_host, host, seed)
                else:
                    nursery.start_soon(self._in_block, bool(number % 3), seed)

    async def _expect_tasks(self, before: int) -> None:
        for _ in range(TICKS):
            if _tasks() <= before:
                break
            await trio.lowlevel.checkpoint()
        else:
            self._report.violations.append(f"{_tasks() - before} tasks left after a wave of pages")
        await trio.lowlevel.checkpoint()

    # --- one page -------------------------------------------------------------------------------

    async def _in_block(self, hosted: bool, seed: float) -> None:
        """A page in a block of its own."""
        draw = random.Random(seed)
        how = draw.choice(["page", "handle", "stop", "around", "deadline", "left"])
        around, visit = trio.CancelScope(), _Visit(draw)
        with around:
            async with open_page(Kiosk, hosted=hosted, provide={Clerk: Quick()}) as page:
                self._visits[visit] = visit.page = page
                await visit.converse()
                await visit.end(how, around)
        visit.is_gone()
        self._check(visit, f"{'hosted' if hosted else 'task'} page, {how}")

    async def _on_host(self, host: PageHost, seed: float) -> None:
        """A page of the host."""
        draw = random.Random(seed)
        how = draw.choice(["page", "handle", "stop"])
        visit = _Visit(draw)
        self._visits[visit] = visit.page = host.open(Kiosk, provide={Clerk: Quick()})
        await visit.converse()
        await visit.end(how, trio.CancelScope())
        visit.is_gone()
        self._check(visit, f"page of a host, {how}")

    def _check(self, visit: _Visit, name: str) -> None:
        del self._visits[visit]
        report, books = self._report, visit.page.ledger
        report.pages += 1
        report.conversations += visit.answered
        report.cleanups += visit.books.cleaned
        if len(report.gone) < 100_000:
            report.gone.append(visit.took)
        else:
            report.gone[self._draw.randrange(100_000)] = visit.took
        found = visit.books.left(visit.kernel)
        if not visit.page.ended:
            found.append("the page has not ended")
        if books.accepted != visit.sent:
            found.append(f"{visit.sent} events were sent, {books.accepted} accepted")
        report.violations.extend(f"{name}: {each}" for each in found)


class _Visit:
    """One visitor of one page."""

    page: PageMachine

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.books = Books()
        self.answered = self.sent = 0
        self.took = self._asked_at = 0.0

    @property
    def kernel(self) -> Any:
        return self.page._driver.kernel  # pyright: ignore[reportPrivateUsage] what is left of it

    async def converse(self) -> None:
        """Talk to the page for a while."""
        await trio.lowlevel.checkpoint()
        page = self.page
        self.handles = (
            page.start(Counter, self.books.counter),
            page.start(Flaky, self.books.flaky, policy=RESTART),
        )
        for number in range(self.draw.randrange(1, 8)):
            for _ in range(self.draw.randrange(1, 4)):
                self._send(number)
            if self.draw.random() < 0.3:
                self.page.resume(Screen.Refreshed())
                self.sent += 1
            with trio.move_on_after(0.01 * self.draw.random()):
                while True:
                    self._hear(*await page.outbox.receive())

    def _send(self, number: int) -> None:
        self.page.resume(Counter.Ticket(number))
        self.sent += 1

    def _hear(self, source: Any, message: object) -> None:
        """Answer most questions; some too late, some twice."""
        if not isinstance(message, Yielded) or not isinstance(message.ask, Counter.AskSure):
            return
        if self.draw.random() < 0.9:
            for _ in range(1 if self.draw.random() < 0.9 else 2):
                self.page.resume(Counter.Sure(), yield_id=source.yield_id)
                self.sent += 1
            self.answered += 1

    async def end(self, how: str, around: trio.CancelScope) -> None:
        """See that the page ends."""
        self._asked_at = trio.current_time()
        match how:
            case "page":
                await self.page.cancel("the soak goes on")
            case "handle":
                for handle in self.handles:
                    handle.cancel_nowait("the soak goes on")
                await self.page.cancel("the soak goes on")
            case "stop":
                await self.page.stop("the soak goes on", grace=0.005 * self.draw.random())
            case "around":
                around.cancel()
            case "deadline":
                around.deadline = self._asked_at = trio.current_time() + 0.002 * self.draw.random()
                await trio.sleep_forever()
            case _:
                pass
        await trio.lowlevel.checkpoint()

    def is_gone(self) -> None:
        """Nothing is left of the page, they say."""
        self.took = trio.current_time() - self._asked_at


def _tasks() -> int:
    return trio.lowlevel.current_statistics().tasks_living


def _memory() -> int:
    """Bytes of the process in memory, after a collection."""
    gc.collect()
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"


def main(arguments: Iterable[str] | None = None) -> int:
    """Run from the command line; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m spindle.testing.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long (60)")
    parser.add_argument("--seed", type=int, default=0, help="of what the visitors do (0)")
    given = parser.parse_args(None if arguments is None else list(arguments))
    run: Callable[[], Coroutine[Any, Any, Report]] = Soak(given.seconds, given.seed).run
    report = trio.run(run)
    print(report)
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
