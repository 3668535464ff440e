"""W6, D5: what is read in batches stays the same behind marks and snapshots, and after a crash."""

from __future__ import annotations

from collections.abc import Mapping

import trio
from trio.testing import wait_all_tasks_blocked

from spindle import (
    Channel,
    Contract,
    Coroutine,
    Event,
    Log,
    Notify,
    PageMachine,
    Port,
    Spindle,
    Suspended,
    Yield,
    fiber,
    fork,
    many,
    mark,
    open_durable_host,
    read,
    use,
)
from spindle.durable import MemoryStore
from tests.lasting.prefixes import received
from tests.lasting.test_snapshots import same_after


class Shop(Contract):
    class Clerk(Spindle[str]):
        class Go(Event):
            what: str = ""

        class Ask(Yield[Go]):
            turn: int

        class Said(Notify):
            text: str

    class Helper(Spindle[str]):
        class Look(Event):
            sku: str

        class Which(Yield[Look]): ...

        class Found(Notify):
            text: str


Clerk, Helper = Shop.Clerk, Shop.Helper


class Catalogue(Port):
    @read
    async def product(self, sku: str) -> str: ...
    @many(product)
    async def products(self, skus: tuple[str, ...]) -> Mapping[str, str]: ...


class Shelves(Catalogue):
    """Counts what is looked up; of some it brings nothing before it is told to."""

    def __init__(self) -> None:
        self.looked_up: list[str] = []
        self.slow: dict[str, trio.Event] = {}

    async def product(self, sku: str) -> str:
        raise AssertionError("they are read together")

    async def products(self, skus: tuple[str, ...]) -> Mapping[str, str]:
        self.looked_up += skus
        for sku in skus:
            if sku in self.slow:
                await self.slow[sku].wait()
        return {sku: f"{sku} {len(self.looked_up)}" for sku in skus}


async def looks(sku: str) -> str:
    return await (await use(Catalogue)).product(sku)


async def serves(turn: int) -> str:
    catalogue = await use(Catalogue)
    while True:
        await mark(turn)
        what = (await Clerk.Ask(turn)).what
        turn += 1
        if what == "fork":
            await fork(Helper, looks, "tea")
        elif what == "look":
            await Clerk.Said(await catalogue.product("tea"))


async def helps() -> str:
    while True:
        sku = (await Helper.Which()).sku
        await Helper.Found(await looks(sku))


async def say(page: PageMachine, event: Event, instance: str | None = None) -> None:
    page.resume(event, instance=instance)
    await wait_all_tasks_blocked()


async def test_D5_what_another_has_read_since_the_last_mark_puts_a_snapshot_off() -> None:
    store, shelves = MemoryStore(), Shelves()
    async with open_durable_host(
        store, provide={Catalogue: shelves}, snapshot_every=1, wake=None
    ) as host:
        page = await host.create(Shop, "page")
        page.start(Clerk, serves, 0)
        await wait_all_tasks_blocked()
        for what in ("fork", "look", "", "look"):
            await say(page, Clerk.Go(what))
            page = await same_after(store, page, host)
        assert shelves.looked_up == ["tea", "tea"], "the mark before has dropped the first"


async def test_W6_two_batches_have_two_numbers_though_one_marks_between_them() -> None:
    store, shelves = MemoryStore(), Shelves()
    slow = shelves.slow["slow"] = trio.Event()
    async with open_durable_host(
        store, provide={Catalogue: shelves}, snapshot_every=1, wake=None
    ) as host:
        page = await host.create(Shop, "page")
        page.start(Clerk, serves, 0)
        page.start(Helper, helps, instance="a")
        page.start(Helper, helps, instance="b")
        await wait_all_tasks_blocked()
        await say(page, Helper.Look("slow"), "a")
        await say(page, Clerk.Go())
        await say(page, Helper.Look("fast"), "b")
        slow.set()
        await wait_all_tasks_blocked()
        told = [each for each in received(page) if "Found" in each]
        assert ["fast 2" in told[0], "slow 2" in told[1]] == [True, True]
        await same_after(store, page, host)


async def gathers(turn: int) -> str:
    """Marks while a fiber is gathered with nobody."""
    begun = Channel[int](1)
    await mark(turn)

    async def look() -> str:
        await begun.put(1)
        return await looks("tea")

    while True:
        await Clerk.Ask(turn)
        turn += 1
        found = await fiber(look)
        await begun.take()
        await mark(turn)
        await Clerk.Said(await found.result())


def test_D5_a_mark_while_somebody_is_gathered_lets_it_be_read() -> None:
    log, shelves = Log(), Shelves()
    coroutine = Coroutine(gathers, 0, provide={Catalogue: shelves}, log=log)
    coroutine.run()
    for turn in range(1, 4):
        assert coroutine.run(Clerk.Go()) == Suspended(Clerk.Ask(turn))
        log = Log.load(log.dump())
        coroutine = Coroutine.resume(gathers, log, provide={Catalogue: shelves})
        assert coroutine.state == Suspended(Clerk.Ask(turn))
    assert shelves.looked_up == ["tea"] * 2, "of two turns one finds what the other has read"
