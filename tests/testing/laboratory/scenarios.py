"""Scenarios for the laboratory: small pages that together do all that spindles can do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

import trio

from spindle import (
    Cell,
    Channel,
    ChannelClosed,
    Contract,
    Notify,
    PageMachine,
    Restart,
    Spindle,
    WasCancelled,
    await_all,
    await_any,
    cleanup,
    fiber,
    fork,
    open_page,
    scope,
    sleep,
    timeout,
    use,
)
from spindle.testing.laboratory import Trial
from tests.talk import Bell, Clerk, Desk, Talk
from tests.testing.laboratory.endings import escalating, failing, stale, unwinding
from tests.testing.laboratory.reading import reading

__all__ = ["CASES", "MAY_RAISE", "SCENARIOS", "Scenario"]

Scenario = Callable[[Trial], Awaitable[None]]


class Slow(Clerk):
    """Takes its time."""

    async def look(self, what: str) -> str:
        await trio.sleep(0.5)
        return what

    async def note(self, what: str) -> None:
        await trio.sleep(0.5)

    async def pay(self, amount: int, *, currency: str = "EUR") -> str:
        await trio.lowlevel.checkpoint()
        return currency


async def _read(page: PageMachine) -> None:
    async for _ in page.outbox:
        pass


def talk(hosted: bool) -> Scenario:
    """Every kind of event, in bursts, and what comes too late."""

    async def desk() -> None:
        number = 0
        while True:
            number += 1
            await Desk.Ask(number)
            await Desk.Said("told")
            await Desk.Said("and told")
            await sleep(0.25)
            await Desk.Take()
            await Desk.Listen()

    async def bell() -> int:
        while True:
            await Bell.Rang((await Bell.Wait()).times)

    async def scenario(trial: Trial) -> None:
        async with open_page(Talk, hosted=hosted) as page, trio.open_nursery() as view:
            view.start_soon(_read, page)
            page.start(Desk, desk)
            page.start(Bell, bell)
            for number in range(3):
                page.resume(Bell.Rung(number))
                page.resume(Desk.Queued(number))
                page.resume(Desk.Told("a"), yield_id=1 + number)
                page.resume(Desk.Typed("old"))
                await trio.sleep(0.125)
                page.resume(Desk.Typed("new"))
                page.resume(Desk.Told("b"))
                await trio.sleep(0.25)
            view.cancel_scope.cancel()

    return scenario


def native(hosted: bool) -> Scenario:
    """Cancel scopes of trio around operations, which the scenario offers to have cancelled."""
    assert not hosted, "a hosted spindle has no scopes of trio"

    async def desk(scopes: list[trio.CancelScope]) -> None:
        for number in range(3):
            with trio.CancelScope() as around:
                scopes.append(around)
                await Desk.Listen()
                await Desk.Said(str(number))
                await sleep(0.25)
                await Desk.Take()
            scopes.remove(around)

    async def scenario(trial: Trial) -> None:
        scopes: list[trio.CancelScope] = []
        trial.offer("native", lambda: [scope.cancel() for scope in scopes])
        async with open_page(Talk) as page:
            page.start(Desk, desk, scopes)
            for number in range(4):
                await trial.settle()
                page.resume(Desk.Queued(number))
                page.resume(Desk.Typed("a"))
                await trio.sleep(0.25)

    return scenario


def family(hosted: bool) -> Scenario:
    """Fibers, their cleanups, scopes, joins, and one that fails."""

    async def child(seconds: float, log: list[str]) -> str:
        log.append("begins")
        try:
            await sleep(seconds)
            return "slept"
        except BaseException:
            await sleep(0.25)
            log.append("goes on although it is cancelled")
            raise
        finally:
            async with cleanup(2):
                await sleep(0.25)
                log.append("cleaned")

    async def fails() -> None:
        await sleep(0.5)
        raise LookupError("as it should")

    async def desk(log: list[str]) -> str:
        first = await fiber(child, 1.0, log)
        second = await fiber(child, 0.5, log)
        with suppress(LookupError):
            async with scope():
                await fiber(child, 3.0, log)
                await fiber(fails)
                await Desk.Ask()
        with suppress(TimeoutError, WasCancelled):
            async with timeout(1):
                await await_all(first, second)
        last = await fiber(child, 9.0, log)
        await sleep(0.25)
        await last.cancel("no more")
        await last.cancel("no more, again")
        with suppress(WasCancelled):
            await last.result()
        await fiber(child, 9.0, log)
        await sleep(0.25)
        return "returns before its fiber"

    async def scenario(trial: Trial) -> None:
        log: list[str] = []
        trial.at_end(lambda: log.count("begins") == log.count("cleaned"))
        trial.at_end(lambda: "goes on although it is cancelled" not in log)
        async with open_page(Talk, hosted=hosted) as page:
            page.start(Desk, desk, log)
            await page.wait()

    return scenario


class Market(Contract):
    """Two that share a cell and channels."""

    class Maker(Spindle[None]):
        """Writes."""

        stock = Cell[int]()

    class Taker(Spindle[None]):
        """Reads."""

        class Got(Notify):
            """Something."""

            what: int


def sharing(hosted: bool) -> Scenario:
    """Cells that are watched, channels with and without room, and races over them."""

    async def maker(full: Channel[int], direct: Channel[int], put: list[int]) -> None:
        for number in range(5):
            await Market.Maker.stock.put(number)
            if number > 2:
                await sleep(0.5)  # the taker waits
            async with cleanup(5):  # an item that was put is noted
                await full.put(number)
                put.append(number)
            with suppress(TimeoutError):
                async with timeout(0.25):
                    await direct.put(10 + number)
        await full.close()

    async def taker(full: Channel[int], direct: Channel[int], got: list[int]) -> None:
        changes = Market.Maker.stock.changes()
        await (await Market.Maker.stock.watch()).take()
        with suppress(ChannelClosed):
            while True:
                won = await await_any(direct.take(), full.take(), changes.next(), sleep(2))
                if won[0] == 3:
                    return
                if won[0] == 1:
                    got.append(won[1])
                    await Market.Taker.Got(won[1])
                    await sleep(0.125)

    async def scenario(trial: Trial) -> None:
        put: list[int] = []
        got: list[int] = []
        full, direct = Channel[int](1), Channel[int](0)
        trial.always(lambda: len(got) <= len(put) + 1)
        trial.at_end(lambda: sorted([*got, *(full.items or ())]) == put)
        async with open_page(Market, hosted=hosted) as page:
            page.start(Market.Taker, taker, full, direct, got)
            page.start(Market.Maker, maker, full, direct, put)
            await page.wait()

    return scenario


def again(hosted: bool) -> Scenario:
    """One that fails and is restarted, one that is replaced, and one that forks at its end."""

    async def flaky(times: list[int], running: list[str]) -> None:
        running.append("flaky")
        try:
            times.append(1)
            await sleep(0.5)
            if len(times) < 3:
                raise LookupError("once more")
            await Desk.Ask()
        finally:
            async with cleanup(1):
                await sleep(0.125)
            running.remove("flaky")

    async def held(running: list[str]) -> None:
        running.append("bell")
        try:
            await Bell.Wait()
        finally:
            async with cleanup(2):
                await sleep(1)
            running.remove("bell")

    async def forks(running: list[str]) -> None:
        try:
            for _ in range(3):
                await fork(Bell, held, running, instance="one", replace=True)
                await sleep(0.25)
        finally:
            async with cleanup(1):
                with suppress(Exception):
                    await fork(Bell, held, running, instance="late")

    async def scenario(trial: Trial) -> None:
        times: list[int] = []
        running: list[str] = []
        trial.always(lambda: running.count("flaky") < 2)
        async with open_page(Talk, hosted=hosted) as page:
            page.start(Desk, flaky, times, running, policy=Restart(jitter=0))
            page.start(Bell, forks, running)
            await trio.sleep(4)
        assert not running

    return scenario


def calls(hosted: bool) -> Scenario:
    """Calls of every kind in flight, and a deadline around them."""

    async def desk() -> None:
        clerk = await use(Clerk)
        await clerk.look("a")
        with suppress(TimeoutError):
            async with timeout(0.25):
                await clerk.look("b")
        first = await fiber(clerk.look, "c")
        await await_any(first.result(), Desk.Take())
        await clerk.note("d")
        await clerk.pay(1)

    async def scenario(trial: Trial) -> None:
        async with open_page(Talk, hosted=hosted, provide={Clerk: Slow()}) as page:
            page.start(Desk, desk)
            page.resume(Desk.Queued(1))
            await trio.sleep(0.5)
            page.resume(Desk.Queued(2))
            await page.wait()

    return scenario


MAY_RAISE = (LookupError,)
SCENARIOS: dict[str, Callable[[bool], Scenario]] = {
    make.__name__: make
    for make in (
        talk,
        native,
        family,
        sharing,
        again,
        calls,
        reading,
        unwinding,
        stale,
        failing,
        escalating,
    )
}
CASES = [(name, hosted) for name in SCENARIOS for hosted in (True, False) if name != "native"]
CASES.append(("native", False))
