"""Failures in a `scope()`: the first cancels the others and is the one seen."""

from __future__ import annotations

import trio

from spindle import Errored, Handle, cleanup, fiber, scope, sleep
from tests.core.fibers import fail_after, say_after, wait_and_fail, wait_and_tidy
from tests.drivers import Stage, under
from tests.talk import Desk


def notes_of(handle: Handle[object]) -> list[str]:
    assert isinstance(handle.outcome, Errored)
    return list(getattr(handle.outcome.error, "__notes__", ()))


@under("hand", "hosted", "task")
async def test_F5_a_fiber_fails_while_the_body_waits(page: Stage) -> None:
    async def holds() -> None:
        try:
            async with scope():
                await fiber(wait_and_tidy, "other")
                await fiber(fail_after, 1)
                await Desk.Ask()
        except LookupError as error:
            await Desk.Said(str(error))
            raise

    handle = page.start(Desk, holds)
    await page.advance(1)
    assert page.said() == ["Desk asks Ask(number=1) #1", "Desk withdraws Ask(number=1) #1"]
    await page.advance(1)
    assert page.said() == [
        "Desk says Said(word='other: fail_after of Talk.Desk failed')",
        "Desk says Said(word='failed')",
        "Desk failed: LookupError",
    ]
    assert notes_of(handle) == ["raised in fail_after of Talk.Desk"]


@under("hand", "hosted", "task")
async def test_F5_a_fiber_fails_while_the_body_is_leaving(page: Stage) -> None:
    async def holds() -> None:
        async with scope():
            await fiber(wait_and_tidy, "other")
            await fiber(fail_after, 1)
        await Desk.Said("never")

    page.start(Desk, holds)
    await page.advance(5)
    assert page.said() == [
        "Desk says Said(word='other: fail_after of Talk.Desk failed')",
        "Desk failed: LookupError",
    ]


@under("hand", "hosted", "task")
async def test_F5_the_first_failure_is_the_one_seen_and_tells_of_the_others(page: Stage) -> None:
    async def holds() -> None:
        async with scope():
            await fiber(wait_and_fail, "second")
            await fiber(wait_and_fail, "third")
            await fiber(fail_after, 1, "first")
            try:
                await Desk.Ask()
            finally:
                raise ValueError("of the body")

    handle = page.start(Desk, holds)
    await page.advance(5)
    assert isinstance(handle.outcome, Errored)
    assert handle.outcome.error.args == ("first",)
    assert notes_of(handle) == [
        "raised in fail_after of Talk.Desk",
        "wait_and_fail of Talk.Desk failed, too: LookupError('third')",
        "wait_and_fail of Talk.Desk failed, too: LookupError('second')",
        "the body of its scope() failed, too: ValueError('of the body')",
    ]


@under("hand", "hosted", "task")
async def test_F5_an_error_of_the_body_cancels_the_fibers_and_tells_of_theirs(page: Stage) -> None:
    async def holds() -> None:
        async with scope():
            await fiber(wait_and_tidy, "tidy")
            await fiber(wait_and_fail, "second")
            await fiber(wait_and_fail, "third")
            await sleep(1)
            raise ValueError("of the body")

    handle = page.start(Desk, holds)
    await page.advance(5)
    assert page.said() == [
        "Desk says Said(word=\"tidy: its scope() was left by ValueError('of the body')\")",
        "Desk failed: ValueError",
    ]
    assert notes_of(handle) == [
        "wait_and_fail of Talk.Desk failed, too: LookupError('third')",
        "wait_and_fail of Talk.Desk failed, too: LookupError('second')",
    ]


@under("hand", "hosted", "task")
async def test_F5_what_a_fiber_was_raised_from_is_kept(page: Stage) -> None:
    async def fails() -> None:
        try:
            await fail_after(1, "the cause")
        except LookupError:
            raise ValueError("the effect")  # noqa: B904 - its context is looked at

    async def holds() -> None:
        async with scope():
            await fiber(fails)
            await Desk.Ask()

    handle = page.start(Desk, holds)
    await page.advance(1)
    assert isinstance(handle.outcome, Errored)
    assert repr(handle.outcome.error.__context__) == "LookupError('the cause')"


@under("hand", "hosted", "task")
async def test_F5_a_body_that_raises_the_error_of_its_fiber_says_so_once(page: Stage) -> None:
    async def holds() -> None:
        async with scope():
            handle = await fiber(fail_after, 1)
            try:
                await Desk.Ask()
            finally:
                assert isinstance(handle.outcome, Errored)
                raise handle.outcome.error

    handle = page.start(Desk, holds)
    await page.advance(1)
    assert notes_of(handle) == ["raised in fail_after of Talk.Desk"]


@under("hand", "hosted", "task")
async def test_F5_a_failure_wins_over_what_cancels_at_the_same_time(page: Stage) -> None:
    """Who cancels knows that it did; that something is broken has to be heard."""

    async def holds() -> None:
        async with scope():
            await fiber(wait_and_fail, "in the cleanup")
            await Desk.Ask()

    handle = page.start(Desk, holds)
    await page.settle()
    await page.cancel("x")
    assert page.said()[-1] == "Desk failed: LookupError"
    assert notes_of(handle) == ["raised in wait_and_fail of Talk.Desk"]


@under("hand", "hosted", "task")
async def test_F5_a_failure_in_the_outer_scope_cuts_the_inner_while_it_is_left(page: Stage) -> None:
    ran: list[str] = []

    async def holds() -> None:
        async with scope():
            await fiber(fail_after, 1)
            async with scope():
                await fiber(wait_and_tidy, "inner", 2)
            ran.append("between the two")

    page.start(Desk, holds)
    await page.advance(5)
    assert ran == []
    assert page.said() == [
        "Desk says Said(word='inner: its scope() is being cut')",
        "Desk failed: LookupError",
    ]


@under("hand", "hosted", "task")
async def test_F5_a_failure_in_the_inner_scope_caught_leaves_the_outer_alone(page: Stage) -> None:
    async def holds() -> None:
        async with scope():
            await fiber(say_after, 2, "outer")
            try:
                async with scope():
                    await fiber(fail_after, 1)
                    await Desk.Ask()
            except LookupError:
                await Desk.Said("caught")
            await Desk.Ask(2)

    page.start(Desk, holds)
    await page.advance(5)
    page.resume(Desk.Told())
    assert (await page.hears())[2:] == [
        "Desk says Said(word='caught')",
        "Desk asks Ask(number=2) #2",
        "Desk says Said(word='outer')",
        "Desk returned None",
    ]


@under("hand", "hosted", "task")
async def test_F5_a_body_in_a_cleanup_learns_of_a_failure_behind_it(page: Stage) -> None:
    async def holds() -> None:
        async with scope():
            await fiber(fail_after, 1)
            async with cleanup(10):
                await sleep(5)
                await Desk.Said("still in the cleanup")
            await Desk.Said("never")

    page.start(Desk, holds)
    await page.advance(10)
    assert page.said() == [
        "Desk says Said(word='still in the cleanup')",
        "Desk failed: LookupError",
    ]


@under("task")
async def test_a_fiber_fails_while_the_body_awaits_something_of_trio(page: Stage) -> None:
    async def holds() -> None:
        async with scope():
            await fiber(fail_after, 1)
            await trio.sleep_forever()

    page.start(Desk, holds)
    await page.advance(2)
    assert page.said() == ["Desk failed: LookupError"]
