"""D1: who comes for a page that its host has taken up by itself gets it as it is."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import DurableHost, PageMachine, open_durable_host, sleep, use
from spindle._core.journal import Entry
from spindle._runtime.outbox import HIGH_WATER
from spindle.durable import Busy, MemoryStore
from tests.lasting.counter import Counter, Counting, Shop, Till
from tests.lasting.prefixes import received


async def calls_later(what: str, said: int) -> str:
    """Say something and call when nobody is there."""
    await Counter.Told("early")
    shop = await use(Shop)
    await sleep(60)
    for number in range(said):
        await Counter.Told(str(number))
    match what:
        case "order":
            answer = await shop.order(1)
        case "pay":
            answer = await shop.pay(1)
        case _:
            answer = str(await shop.price())
    await Counter.Told(answer)
    return answer


async def ticks() -> None:
    """Never rest for long, and have news each time."""
    for number in range(10**6):
        await sleep(0.5)
        await Counter.Told(str(number))


class Heard:
    """What a journal is told."""

    def __init__(self) -> None:
        self.kinds: list[str] = []

    def record(self, at: float, entry: Entry) -> None:
        self.kinds.append(type(entry).__name__)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(clock=trio.current_time)


def hosted(store: MemoryStore, till: Till) -> AbstractAsyncContextManager[DurableHost]:
    return open_durable_host(store, provide={Shop: till}, wall_clock=trio.current_time)


async def calling(host: DurableHost, what: str, said: int = 3) -> None:
    """A page with nobody there, whose call is under way."""
    page = await host.create(Counting, "one")
    page.start(Counter, calls_later, what, said)
    await wait_all_tasks_blocked()
    await host.put_away("one")
    await trio.sleep(62)
    assert host.pages == ("one",)


def told(page: PageMachine) -> list[str]:
    """What its view was told."""
    return [each.partition("text='")[2].partition("'")[0] for each in received(page)]


@pytest.mark.parametrize(
    ("what", "called", "answer"),
    [("order", "order 1", "order of 1"), ("pay", "pay 1", "paid 1"), ("read", "price", "3")],
)
async def test_a_call_under_way_goes_on_and_all_that_was_told_is_there(
    what: str, called: str, answer: str, store: MemoryStore, autojump_clock: MockClock
) -> None:
    async with hosted(store, till := Till(slow=True)) as host:
        await calling(host, what)
        before = trio.current_time()
        page = await host.take_up("one")
        assert trio.current_time() == before
        assert told(page) == ["early", "0", "1", "2"]
        await trio.sleep(60)
        assert host.pages == ("one",)
        till.go.set()
        await wait_all_tasks_blocked()
        assert told(page)[0] == answer
        await trio.sleep(60)
    assert till.calls == [called]


async def test_it_is_had_by_one_only(store: MemoryStore, autojump_clock: MockClock) -> None:
    async with hosted(store, till := Till(slow=True)) as host:
        await calling(host, "pay")
        came = list[str]()

        async def comes() -> None:
            try:
                await host.take_up("one")
                came.append("has it")
            except Busy as busy:
                came.extend(busy.__notes__)

        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(comes)
        assert len(came) == 3
        assert sum(each == "has it" for each in came) == 1
        assert sum(each.startswith("It is on this host already") for each in came) == 2
        assert till.calls == ["pay 1"]


async def test_whoever_is_cancelled_leaves_it_to_its_host(
    store: MemoryStore, autojump_clock: MockClock
) -> None:
    async with hosted(store, till := Till(slow=True)) as host:
        await calling(host, "pay")
        with trio.CancelScope() as scope:
            scope.cancel()
            await host.take_up("one")
        assert scope.cancelled_caught
        till.go.set()
        await trio.sleep(2)
        assert host.pages == ()
        assert told(await host.take_up("one"))[-2] == "paid 1"
    assert till.calls == ["pay 1"]


async def test_a_journal_is_told_what_happens_from_then_on(
    store: MemoryStore, autojump_clock: MockClock
) -> None:
    async with hosted(store, till := Till(slow=True)) as host:
        await calling(host, "order")
        await host.take_up("one", journal=(heard := Heard()))
        assert heard.kinds == []
        till.go.set()
        await wait_all_tasks_blocked()
        assert heard.kinds[0] == "CallEnded"


async def test_one_that_rests_again_stays_with_whoever_has_it(
    store: MemoryStore, autojump_clock: MockClock
) -> None:
    async with hosted(store, Till()) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, ticks)
        await wait_all_tasks_blocked()
        await host.put_away("one")
        await trio.sleep(2)
        page = await host.take_up("one")
        for _ in range(20):
            await trio.sleep(10)
            assert len(told(page)) >= 19
        await host.put_away("one")
        await trio.sleep(10)
        assert len(told(await host.take_up("one"))) >= 415


async def test_one_that_says_more_than_anybody_receives_is_put_away_and_taken_up(
    store: MemoryStore, autojump_clock: MockClock
) -> None:
    """Nobody is there to let it go on, so it does not pause; its call has five seconds to end."""
    async with hosted(store, till := Till(slow=True)) as host:
        await calling(host, "order", HIGH_WATER)
        assert till.calls == ["order 1"]
        answer = store.delay(call="release", kept=True)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(host.take_up, "one")
            await trio.sleep(7)
            assert await store.due(trio.current_time()) == ["one"]  # it is not woken beside that
            answer.set()
        await wait_all_tasks_blocked()
        assert host.pages == ("one",)
        assert till.calls == ["order 1"] * 2


async def test_a_call_of_one_that_is_put_away_for_whoever_comes_has_time_to_end(
    store: MemoryStore, autojump_clock: MockClock
) -> None:
    async with hosted(store, till := Till(slow=True)) as host:
        await calling(host, "pay", HIGH_WATER)
        pages = list[PageMachine]()

        async def comes() -> None:
            pages.append(await host.take_up("one"))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(comes)
            await trio.sleep(4)
            till.go.set()
        assert told(pages[0])[-2] == "paid 1"
    assert till.calls == ["pay 1"]


async def test_one_that_says_a_lot_while_its_store_takes_its_time_does_not_pause(
    store: MemoryStore, autojump_clock: MockClock
) -> None:
    async with hosted(store, till := Till()) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, calls_later, "order", HIGH_WATER + 10)
        await wait_all_tasks_blocked()
        await host.put_away("one")
        await trio.sleep(62)
        assert host.pages == ()
        assert till.calls == ["order 1"]


async def test_one_that_is_being_put_away_is_waited_for(
    store: MemoryStore, autojump_clock: MockClock
) -> None:
    async with hosted(store, till := Till(slow=True)) as host:
        await calling(host, "order")
        answer = store.delay()
        till.go.set()
        await wait_all_tasks_blocked()  # it rests, and its last words are on their way
        async with trio.open_nursery() as nursery:
            pages = list[PageMachine]()

            async def comes() -> None:
                pages.append(await host.take_up("one"))

            nursery.start_soon(comes)
            await wait_all_tasks_blocked()
            assert pages == []
            answer.set()
        assert told(pages[0])[-2] == "order of 1"
        assert host.pages == ("one",)
    assert till.calls == ["order 1"]


async def talks_on() -> int:
    """Say more than an outbox holds, and call."""
    shop = await use(Shop)
    for number in range(2 * HIGH_WATER):
        await Counter.Told(str(number))
    await shop.order(1)
    return 1


async def test_one_that_has_paused_goes_on_when_its_host_has_it(
    store: MemoryStore, autojump_clock: MockClock
) -> None:
    async with hosted(store, till := Till()) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, talks_on)
        await wait_all_tasks_blocked()
        assert till.calls == []  # the page pauses, for nobody receives
        await host.put_away("one")
        await trio.sleep(10)
        assert till.calls == ["order 1"]
        assert host.pages == ()
