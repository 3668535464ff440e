"""Batched reads on a page: what makes one batch, and whose it is."""

from __future__ import annotations

from spindle import (
    Channel,
    Completed,
    PageLimits,
    fiber,
    fork,
    open_page,
    sleep,
)
from spindle._core.kernel.turns import TURN_BOUND
from tests.drivers import HOSTED, Stage, on_trio, under
from tests.library import Books, Index, Library, ask, ask_all
from tests.talk import Bell, Desk, Talk


def log_of(library: Index) -> list[object]:
    """What the last page has asked for: a scenario is played more than once."""
    log, library.log = library.log, []
    return log


# --- what makes a batch ---------------------------------------------------------------------------


@under("hand", "hosted", "task")
async def test_what_several_spindles_ask_for_in_one_turn_is_one_call(page: Stage) -> None:
    books = Books()

    async def starts() -> None:
        await fork(Bell, ask_all, 1, 2)
        await fork(Bell, ask, 2, 5, instance="second")
        await ask(3, 1)

    page.start(Desk, starts, provide={Library: books})
    assert await page.hears() == [
        "Desk returned None",
        "Bell returned ['1, edition 1', '2, edition 1']",
        "Bell[second] returned ['2, edition 1', '5, edition 1']",
    ]
    assert log_of(books) == [(3, 2, 1), (5,)]


@under("hand", "hosted", "task")
async def test_spindles_that_are_woken_by_one_event_ask_together(page: Stage) -> None:
    books = Books()
    given = {Library: books}

    async def answered(number: int) -> list[str]:
        await Desk.Ask(number)
        return await ask(number)

    async def both() -> list[str]:
        first = await fiber(answered, 1)
        return [*await ask(7), *await first.result()]

    page.start(Desk, both, provide=given)
    assert await page.hears() == ["Desk asks Ask(number=1) #1"]
    page.resume(Desk.Told())
    assert await page.hears() == ["Desk returned ['7, edition 1', '1, edition 1']"]
    assert log_of(books) == [(7,), (1,)]


@under("hand", "hosted", "task")
async def test_a_batch_waits_until_nobody_can_run(page: Stage) -> None:
    """Also for who is woken in the same turn by another one."""
    books = Books()
    passed = Channel[int](0)

    async def asks_what_it_is_told() -> list[str]:
        return await ask(await passed.take())

    async def tells() -> list[str]:
        later = await fiber(asks_what_it_is_told)
        first = await fiber(ask, 1)
        await passed.put(2)
        return [*await first.result(), *await later.result()]

    page.start(Desk, tells, provide={Library: books})
    assert await page.hears() == ["Desk returned ['1, edition 1', '2, edition 1']"]
    assert log_of(books) == [(2, 1)]


@under("hand", "hosted", "task")
async def test_one_that_never_waits_does_not_keep_a_batch_for_ever(page: Stage) -> None:
    """It is sent out when that one's turn is over."""
    books = Books()
    rounds: list[int] = []

    async def spins() -> int:
        reader = await fiber(ask, 1)
        count = 0
        while reader.outcome is None:
            await Desk.Said("") if count % 100 == 0 else await sleep(0)
            count += 1
        rounds.append(count)
        return count // TURN_BOUND

    page.start(Desk, spins, provide={Library: books})
    await page.settle()
    assert log_of(books) == [(1,)]
    if page.driver == "hand":
        assert rounds[0] <= 10 * TURN_BOUND
    page.said()
    page.transcript.clear()  # how long it spins is a matter of the driver


@under("hand", "hosted", "task")
async def test_two_that_wake_each_other_do_not_either(page: Stage) -> None:
    books = Books()
    ball = Channel[int](0)
    back = Channel[int](0)

    async def returns() -> None:
        while True:
            await back.put(await ball.take())

    async def plays() -> bool:
        reader = await fiber(ask, 1)
        await fiber(returns)
        rounds = 0
        while reader.outcome is None and rounds < 10 * TURN_BOUND:
            await ball.put(rounds)
            rounds += 1
            await back.take()
        return reader.outcome is not None

    page.start(Desk, plays, provide={Library: books})
    assert await page.hears() == ["Desk returned True"]
    assert log_of(books) == [(1,)]


@under("hand", "hosted", "task")
async def test_callers_go_on_in_the_order_in_which_they_asked(page: Stage) -> None:

    async def says(number: int) -> None:
        await Desk.Said((await ask(number))[0])

    async def starts() -> None:
        for number in (2, 1, 3, 1):
            await fiber(says, number)
        await sleep(1)

    page.start(Desk, starts, provide={Library: Books()})
    said = [line.partition("word='")[2][0] for line in await page.hears()]
    assert said == ["2", "1", "3", "1"]
    await page.advance(1)
    assert await page.hears() == ["Desk returned None"]


# --- whose it is ----------------------------------------------------------------------------------


@HOSTED
@on_trio(1)
async def test_each_page_has_its_own(hosted: bool) -> None:
    books = Books()
    for _ in range(2):
        async with open_page(Talk, provide={Library: books}, hosted=hosted) as page:
            page.start(Desk, ask, 1, 1)
            await page.wait()
    assert log_of(books) == [(1,), (1,)]


@under("hand", "hosted", "task")
async def test_each_implementation_has_its_own(page: Stage) -> None:
    """A fork may be given another one; spindles that are given the same share it."""
    first, second = Books(), Books()

    async def starts() -> list[str]:
        await ask(1)
        handle = await fork(Bell, ask, 1, 1, provide={Library: second})
        third = await fork(Bell, ask, 1, instance="third")
        await handle.result()
        await third.result()
        return await ask(1)

    page.start(Desk, starts, provide={Library: first})
    assert len(await page.hears()) == 3
    assert log_of(first) == [(1,)]
    assert log_of(second) == [(1,)]


@under("hand", "hosted", "task")
async def test_what_was_given_to_spindles_is_let_go_with_the_last_of_them(page: Stage) -> None:
    books = Books()

    async def stays() -> None:
        await ask(1)
        await Desk.Ask()

    for number in range(3):
        page.start(Desk, stays, instance=str(number), provide={Library: books})
    await page.settle()
    shelves = page.kernel.shelves
    assert shelves is not None
    for number in range(3):
        assert len(shelves) == 1
        page.resume(Desk.Told(), instance=str(number))
        await page.settle()
    assert len(shelves) == 0
    assert log_of(books) == [(1,)]
    page.start(Desk, ask, 1, provide={Library: books})
    await page.settle()
    assert log_of(books) == [(1,)]


@HOSTED
@on_trio(1)
async def test_the_oldest_value_makes_room(hosted: bool) -> None:
    books, limits = Books(), PageLimits(kept_values=2)
    async with open_page(Talk, provide={Library: books}, hosted=hosted, limits=limits) as page:
        page.start(Desk, ask, 1, 2, 3, 3, 2, 1)
        await page.wait()
    assert log_of(books) == [(1,), (2,), (3,), (1,)]


@HOSTED
@on_trio()
async def test_context_variables_are_those_of_the_first_that_asked(hosted: bool) -> None:
    from contextvars import ContextVar

    who: ContextVar[str] = ContextVar("who", default="nobody")
    seen: list[str] = []

    class Looking(Books):
        async def books(self, numbers):
            seen.append(who.get())
            who.set("the batch")
            return await super().books(numbers)

    async def asks(name: str, number: int) -> str:
        who.set(name)
        await ask(number)
        return who.get()

    async def starts() -> list[str]:
        fibers = [await fiber(asks, "first", 1), await fiber(asks, "second", 2)]
        return [await each.result() for each in fibers]

    async with open_page(Talk, provide={Library: Looking()}, hosted=hosted) as page:
        handle = page.start(Desk, starts)
        await page.wait()
        assert handle.outcome == Completed(["first", "second"])
    assert seen == ["first"]
