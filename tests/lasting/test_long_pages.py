"""D5: pages of very many effects, or large ones, that mark nowhere, or do."""

from __future__ import annotations

import types
from collections import Counter
from functools import wraps
from typing import Any

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from spindle import Contract, Event, Port, Spindle, Yield, mark, open_durable_host, read, use
from spindle._core.kernel.kernel import Kernel
from spindle._core.replay.retelling import Retelling
from spindle._core.replay.stretches import Stretches
from spindle._lasting import marked
from spindle._lasting.news import News
from spindle._lasting.page import LastingPage
from spindle._lasting.stored_log import StoredLog
from spindle._lasting.writer import Writer
from spindle.durable import Chain, MemoryStore
from tests.lasting.household import House, Main, races
from tests.lasting.test_pages import received

DOING = (*LastingPage.__mro__[:-1], Kernel, Retelling, Stretches, News, StoredLog, Writer, Chain)
"""All that has a part in each input; calls of their methods are counted."""


class Desk(Contract):
    class Till(Spindle[None]):
        class Went(Event):
            number: int

        class Ask(Yield[Went]):
            number: int

    class Aide(Spindle[None]):
        class Sent(Event):
            number: int

        class Ask(Yield[Sent]):
            pass


class Prices(Port):
    @read
    async def price(self, number: int) -> int: ...


class Plain(Prices):
    async def price(self, number: int) -> int:
        return number


Till, Aide = Desk.Till, Desk.Aide


async def goes_on() -> None:
    number = 0
    while True:
        number = (await Till.Ask(number)).number
        assert await (await use(Prices)).price(number) == number


def counted(calls: Counter[str], name: str, fn: Any) -> Any:
    @wraps(fn)
    def counts(*args: Any, **kwargs: Any) -> Any:
        calls[name] += 1
        return fn(*args, **kwargs)

    return counts


async def work(effects: int, calls: Counter[str]) -> tuple[Counter[str], Counter[str]]:
    """What is called while a page makes these, and while it is taken up."""
    calls.clear()
    store = MemoryStore()
    hosts: Any = {"provide": {Prices: Plain()}, "wake": None, "ttl": 1e9, "snapshot_every": 1}
    async with open_durable_host(store, **hosts) as host:
        page = await host.create(Desk, "page")
        page.start(Till, goes_on)
        for number in range(effects // 2):
            await page.resume(Till.Went(number)).settled()
            await wait_all_tasks_blocked()
            assert received(page)
        made = calls.copy()
    assert (await store.look("page")).record.head == effects + 1
    async with open_durable_host(store, **hosts) as host:
        calls.clear()
        page = await host.take_up("page")
        assert [ask for _, ask in page.pending()] == [Till.Ask(effects // 2 - 1)]
        return made, calls.copy()


async def marks() -> None:
    number = 0
    while True:
        await mark()
        number = (await Aide.Ask()).number
        await (await use(Prices)).price(number)


class Slow(Plain):
    async def price(self, number: int) -> int:
        if number == 99:
            await trio.sleep_forever()
        return number


@pytest.mark.parametrize("very_long", range(5, 10))
@pytest.mark.parametrize("busy", [False, True])
async def test_D5_a_long_log_names_who_never_marks(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, very_long: int, busy: bool
) -> None:
    """In whatever it is when the log gets that long; not an event, nor one who marks."""
    monkeypatch.setattr("spindle._lasting.stored_log.VERY_LONG", very_long)
    given = {Prices: Slow()}
    async with open_durable_host(
        MemoryStore(), provide=given, wake=None, snapshot_every=2, grace=0
    ) as host:
        page = await host.create(Desk, "page")
        page.start(Aide, marks)
        page.start(Till, goes_on)
        if busy:
            page.resume(Aide.Sent(99))
        for number in range(8):
            await page.resume(Till.Went(number)).settled()
        await wait_all_tasks_blocked()
    [warning] = caplog.messages
    assert "Desk.Till has gone on from its last mark(), or its start. Let each" in warning
    assert busy or "Desk.Aide" not in warning
    caplog.clear()


@pytest.mark.parametrize(("letters", "every"), [(100_000, 256), (1, 3)])
@pytest.mark.parametrize("away", [False, True])
async def test_D5_a_log_is_as_long_for_whoever_takes_its_page_up(
    letters: int, every: int, away: bool
) -> None:
    """It begins anew after 256 kB, or as many inputs, and what another host has kept counts."""
    store, begins = MemoryStore(), list[int]()
    async with open_durable_host(store, snapshot_every=every, wake=None, ttl=1e9) as host:
        page = await host.create(House, "page")
        page.start(Main, races, 0)
        for number in range(1, 10):
            await page.resume(Main.Go("a" * letters)).settled()
            await wait_all_tasks_blocked()
            assert received(page)
            kept = await store.look("page")
            if kept.snapshot is not None and kept.snapshot.seq == kept.record.head:
                begins.append(number)
            if away:
                await host.put_away("page")
                page = await host.take_up("page")
    assert begins == ([3, 6, 9] if letters > 1 else [2, 5, 8]), "its start was an input, too"


@pytest.mark.slow
async def test_D5_8000_effects_in_one_page_take_eight_times_what_1000_take(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Takes three seconds: all that is called for each effect is counted, live and taken up."""
    calls: Counter[str] = Counter()
    for each in DOING:
        for name, fn in list(vars(each).items()):
            if isinstance(fn, types.FunctionType) and not name.startswith("__"):
                monkeypatch.setattr(each, name, counted(calls, f"{each.__name__}.{name}", fn))
    monkeypatch.setattr(marked, "standing_of", counted(calls, "standing_of", marked.standing_of))
    few = await work(1000, calls)
    many = await work(8000, calls)
    for of_few, of_many in zip(few, many, strict=True):
        assert sum(of_few.values()) > 10_000
        more = {name: (of_few[name], n) for name, n in of_many.items() if n > 9 * of_few[name] + 9}
        assert not more
        assert sum(of_many.values()) < 8.5 * sum(of_few.values())
    caplog.clear()
