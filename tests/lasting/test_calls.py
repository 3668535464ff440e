"""Calls of a page that outlives its process: their keys, and what became of those under way."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import (
    Contract,
    Event,
    Notify,
    Port,
    Spindle,
    Yield,
    call_key,
    mark,
    once,
    open_durable_host,
    reconciles,
    use,
    write,
)
from spindle.durable import MemoryStore


class Buying(Contract):
    class Buyer(Spindle[None]):
        class Paid(Event):
            amount: int

        class Ordered(Event):
            pass

        class Ask(Yield[Paid | Ordered]):
            turn: int

        class Told(Notify):
            text: str


class Bank(Port):
    @write
    async def order(self) -> str: ...

    @once
    async def pay(self, amount: int) -> str: ...

    @reconciles(pay)
    async def paid(self, amount: int) -> str | None:
        raise NotImplementedError


class Desk(Bank):
    """Notes keys; does what it is asked at once, and says so when it is let."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.done: dict[str, str] = {}
        self.go = trio.Event()
        self.go.set()

    async def _called(self, what: str) -> str:
        key = call_key()
        self.calls.append((what, key))
        return key

    async def order(self) -> str:
        await self._called("order")
        await self.go.wait()
        return "ordered"

    async def pay(self, amount: int) -> str:
        self.done[await self._called("pay")] = f"receipt for {amount}"
        await self.go.wait()
        return f"receipt for {amount}"


class TellingDesk(Desk):
    async def paid(self, amount: int) -> str | None:
        return self.done.get(await self._called("paid"))


Buyer = Buying.Buyer


async def buys(turn: int) -> None:
    bank = await use(Bank)
    while True:
        await mark(turn)
        match await Buyer.Ask(turn):
            case Buyer.Paid(amount):
                try:
                    await Buyer.Told(await bank.pay(amount))
                except Exception as error:
                    await Buyer.Told(type(error).__name__)
            case _:
                await Buyer.Told(await bank.order())
        turn += 1


async def said(page: Any) -> list[str]:
    await wait_all_tasks_blocked()
    told: list[str] = []
    while True:
        try:
            message = page.outbox.receive_nowait()[1]
        except trio.WouldBlock:
            return told
        if isinstance(getattr(message, "notify", None), Buyer.Told):
            told.append(message.notify.text)


@pytest.mark.parametrize("every", [1, 256])
async def test_keys_go_on_where_a_page_is_taken_up(autojump_clock: MockClock, every: int) -> None:
    store, desk = MemoryStore(), Desk()
    for turn in range(5):
        async with open_durable_host(store, provide={Bank: desk}, snapshot_every=every) as host:
            for name in ("one", "two"):
                if turn:
                    page = await host.take_up(name)
                else:
                    page = await host.create(Buying, name)
                    page.start(Buyer, buys, 0)
                await page.resume(Buyer.Ordered()).settled()
                await said(page)
    keys = [key for _, key in desk.calls]
    assert len(set(keys)) == len(keys) == 10


async def under_way(desk: Desk, event: Event) -> tuple[list[tuple[str, str]], list[str]]:
    """A page is put away while its call is under way, and taken up: all calls, and what it says."""
    store = MemoryStore()
    async with open_durable_host(store, provide={Bank: desk}) as host:
        page = await host.create(Buying, "one")
        page.start(Buyer, buys, 0)
        await wait_all_tasks_blocked()
        desk.go = trio.Event()
        page.resume(event)
        await wait_all_tasks_blocked()
    desk.go.set()
    async with open_durable_host(store, provide={Bank: desk}) as host:
        return desk.calls, await said(await host.take_up("one"))


async def test_a_write_is_made_again_with_its_key(autojump_clock: MockClock) -> None:
    calls, told = await under_way(Desk(), Buyer.Ordered())
    assert [what for what, _ in calls] == ["order", "order"]
    assert len(set(calls)) == 1
    assert told == ["ordered"]


async def test_who_can_tell_is_asked(autojump_clock: MockClock) -> None:
    calls, told = await under_way(TellingDesk(), Buyer.Paid(7))
    assert [what for what, _ in calls] == ["pay", "paid"]
    assert len({key for _, key in calls}) == 1
    assert told == ["receipt for 7"]


async def test_where_nobody_can_tell_it_is_unknown(autojump_clock: MockClock) -> None:
    calls, told = await under_way(Desk(), Buyer.Paid(7))
    assert [what for what, _ in calls] == ["pay"]
    assert told == ["OutcomeUnknown"]
