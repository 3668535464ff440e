"""Ports on a page: whose implementation answers, and what happens to a call that is cancelled."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from spindle import Cancelled, NotProvided, Origin, cleanup, open_page, perform, use
from tests.drivers import HOSTED, Stage, on_trio, under
from tests.talk import Clerk, Desk, Echo, Talk


class Shy(Echo):
    async def look(self, what: str) -> str:
        return f"not seen {what}"


async def look(what: str) -> str:
    clerk = await use(Clerk)
    return await clerk.look(what)


@HOSTED
@on_trio()
async def test_what_a_start_provides_goes_before_what_the_page_provides(hosted: bool) -> None:
    async with open_page(Talk, provide={Clerk: Echo(), str: "page"}, hosted=hosted) as page:
        inner = {Clerk: Shy()}
        handles = [
            page.start(Desk, look, "tea", instance="page"),
            page.start(Desk, look, "tea", instance="own", provide=inner),
        ]

        async def word() -> str:
            return await use(str)

        handles.append(page.start(Desk, word, instance="word", provide=inner))
        await page.wait()
        assert [handle.outcome.value for handle in handles] == ["seen tea", "not seen tea", "page"]


@under("hand", "hosted", "task")
async def test_what_was_not_provided_is_named_with_what_was(page: Stage) -> None:
    handle = page.start(Desk, look, "tea", provide={int: 3, str: "s"})
    assert await page.hears() == ["Desk failed: NotProvided"]
    assert str(handle.outcome.error) == (
        "use(Clerk): nothing was provided under Clerk (provided: int, str). "
        "Give it where the page is opened: provide={Clerk: ...}"
    )


@HOSTED
@on_trio(1)
async def test_what_is_provided_is_checked_when_the_page_opens_or_the_spindle_starts(
    hosted: bool,
) -> None:
    with pytest.raises(NotProvided, match="which does not subclass Clerk"):
        async with open_page(Talk, provide={Clerk: "no clerk"}, hosted=hosted):
            pass
    async with open_page(Talk, provide={Clerk: Echo()}, hosted=hosted) as page:
        with pytest.raises(NotProvided, match="which does not subclass Clerk"):
            page.start(Desk, look, "tea", provide={Clerk: "no clerk"})
        # The key was not taken.
        page.start(Desk, look, "tea")


@under("hand", "hosted", "task")
async def test_calls_take_keywords_and_return_or_raise(page: Stage) -> None:
    class Poor(Echo):
        async def note(self, what: str) -> None:
            raise LookupError(what)

    async def calls() -> list[str]:
        clerk = await use(Clerk)
        said = [await clerk.look("a"), await clerk.pay(3), await clerk.pay(3, currency="USD")]
        try:
            await clerk.note("b")
        except LookupError as error:
            said.append(f"lost {error}")
        return said

    page.start(Desk, calls, provide={Clerk: Poor()})
    assert await page.hears() == ["Desk returned ['seen a', '3 EUR', '3 USD', 'lost b']"]


@under("hand", "hosted", "task")
async def test_a_wrong_call_is_the_spindles_own_error(page: Stage) -> None:
    async def calls() -> None:
        clerk = await use(Clerk)
        await clerk.look()

    handle = page.start(Desk, calls, provide={Clerk: Echo()})
    assert await page.hears() == ["Desk failed: TypeError"]
    assert "missing 1 required positional argument: 'what'" in str(handle.outcome.error)


@HOSTED
@on_trio()
async def test_a_cancelled_call_ends_before_its_spindle_goes_on(hosted: bool) -> None:
    log: list[str] = []

    async def slow() -> None:
        try:
            await trio.sleep_forever()
        finally:
            with trio.CancelScope(shield=True):
                await trio.sleep(1)
            log.append("call over")

    async def calls() -> None:
        try:
            await perform(slow)
        finally:
            log.append("spindle unwinds")

    async with open_page(Talk, hosted=hosted) as page:
        handle = page.start(Desk, calls)
        await trio.testing.wait_all_tasks_blocked()
        await page.cancel("x")
    assert log == ["call over", "spindle unwinds"]
    assert handle.outcome == Cancelled("x", Origin.REQUESTED)


@HOSTED
@on_trio()
async def test_a_call_that_returns_although_cancelled_is_received(hosted: bool) -> None:
    got: list[str] = []

    async def stubborn() -> str:
        with trio.CancelScope(shield=True):
            await trio.sleep(1)
        return "value"

    async def calls() -> None:
        got.append(await perform(stubborn))
        await Desk.Said("not any more")

    async with open_page(Talk, hosted=hosted) as page:
        handle = page.start(Desk, calls)
        await trio.testing.wait_all_tasks_blocked()
        await page.cancel("x")
    assert got == ["value"]
    assert handle.outcome == Cancelled("x", Origin.REQUESTED)
    assert [message async for _, message in page.outbox] == [Cancelled("x", Origin.REQUESTED)]


@HOSTED
@on_trio()
async def test_a_call_that_raises_although_cancelled_is_heard(hosted: bool) -> None:
    async def stubborn() -> None:
        try:
            await trio.sleep_forever()
        finally:
            raise LookupError("while it was cancelled")

    async def calls() -> None:
        await perform(stubborn)

    async with open_page(Talk, hosted=hosted) as page:
        handle = page.start(Desk, calls)
        await trio.testing.wait_all_tasks_blocked()
        await page.cancel("x")
    assert type(handle.outcome.error) is LookupError


@HOSTED
@on_trio()
async def test_a_call_in_a_cleanup_is_cut_when_the_budget_is_spent(hosted: bool) -> None:
    log: list[str] = []

    async def endless() -> None:
        try:
            await trio.sleep_forever()
        finally:
            log.append(f"call over at {trio.current_time() - began:g}")

    async def calls() -> None:
        try:
            await perform(trio.sleep_forever)
        finally:
            async with cleanup(2):
                await perform(endless)
                log.append("never")
            log.append("goes on behind the cleanup")

    async with open_page(Talk, hosted=hosted) as page:
        handle = page.start(Desk, calls)
        await trio.testing.wait_all_tasks_blocked()
        began = trio.current_time()
        await page.cancel("x")
        assert trio.current_time() - began == 2
    assert log == ["call over at 2", "goes on behind the cleanup"]
    assert handle.outcome == Cancelled("x", Origin.REQUESTED)


@HOSTED
@on_trio()
async def test_calls_of_several_spindles_run_at_the_same_time(hosted: bool) -> None:
    async def nap() -> float:
        await perform(trio.sleep, 5)
        return trio.current_time()

    async with open_page(Talk, hosted=hosted) as page:
        handles = [page.start(Desk, nap, instance=str(number)) for number in range(10)]
        began = trio.current_time()
        await page.wait()
        assert {handle.outcome.value for handle in handles} == {began + 5}
