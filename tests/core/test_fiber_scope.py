"""`scope()`: fibers held together; the block ends when they have, and fails with the first."""

from __future__ import annotations

import pytest
import trio

from spindle import (
    Errored,
    Handle,
    TooSlow,
    cancel_reason,
    cleanup,
    fiber,
    scope,
    sleep,
    timeout,
)
from spindle._core.states import Origin
from tests.core.fibers import fail_after, say_after, wait_and_fail, wait_and_tidy
from tests.drivers import Stage, under
from tests.talk import Desk


def notes_of(handle: Handle[object]) -> list[str]:
    assert isinstance(handle.outcome, Errored)
    return list(getattr(handle.outcome.error, "__notes__", ()))


@under("hand", "hosted", "task")
async def test_F5_it_ends_when_all_its_fibers_have(page: Stage) -> None:
    async def holds() -> None:
        async with scope():
            await fiber(say_after, 3, "slow")
            await fiber(say_after, 1, "fast")
            await Desk.Said("body")
        await Desk.Said("behind")

    page.start(Desk, holds)
    await page.advance(10)
    assert page.said() == [
        "Desk says Said(word='body')",
        "Desk says Said(word='fast')",
        "Desk says Said(word='slow')",
        "Desk says Said(word='behind')",
        "Desk returned None",
    ]


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
async def test_F5_a_fiber_of_a_scope_may_be_joined_in_its_body(page: Stage) -> None:
    async def holds() -> str:
        async with scope():
            handle = await fiber(say_after, 1, "done")
            return await handle.result()

    page.start(Desk, holds)
    await page.advance(1)
    assert page.said()[-1] == "Desk returned 'done'"


@under("hand", "hosted", "task")
async def test_F5_cancelled_while_the_body_waits(page: Stage) -> None:
    async def holds() -> None:
        try:
            async with scope():
                await fiber(wait_and_tidy, "fiber", 2)
                await Desk.Ask()
        finally:
            async with cleanup(1):
                await Desk.Said("behind")

    handle = page.start(Desk, holds)
    await page.settle()
    handle.cancel_nowait("enough")
    await page.advance(5)
    assert page.said() == [
        "Desk asks Ask(number=1) #1",
        "Desk withdraws Ask(number=1) #1",
        "Desk says Said(word='fiber: enough')",
        "Desk says Said(word='behind')",
        "Desk was cancelled: enough (handle)",
    ]


@under("hand", "hosted", "task")
async def test_F5_cancelled_while_the_body_is_leaving_nothing_behind_it_runs(page: Stage) -> None:
    ran: list[str] = []

    async def holds() -> None:
        async with scope():
            await fiber(wait_and_tidy, "fiber", 2)
        ran.append("behind the block")

    handle = page.start(Desk, holds)
    await page.settle()
    handle.cancel_nowait("enough")
    await page.advance(5)
    assert ran == []
    assert page.said() == [
        "Desk says Said(word='fiber: enough')",
        "Desk was cancelled: enough (handle)",
    ]


@under("hand", "hosted", "task")
async def test_F3_a_timeout_covers_the_fibers_of_a_scope_and_no_others(page: Stage) -> None:
    ran: list[str] = []

    async def holds() -> None:
        try:
            async with timeout(2):
                await fiber(say_after, 4, "not covered")
                async with scope():
                    await fiber(wait_and_tidy, "covered")
                ran.append("behind the scope")
        except TooSlow:
            await Desk.Said("too slow")
        await sleep(5)

    page.start(Desk, holds)
    await page.advance(20)
    assert ran == []
    assert page.said() == [
        "Desk says Said(word='covered: its scope() is being cut')",
        "Desk says Said(word='too slow')",
        "Desk says Said(word='not covered')",
        "Desk returned None",
    ]


@under("hand", "hosted", "task")
async def test_F3_a_timeout_cuts_the_body_of_a_scope_and_its_fibers(page: Stage) -> None:
    async def holds() -> str:
        try:
            async with timeout(2), scope():
                await fiber(wait_and_tidy, "covered", 3)
                await Desk.Ask()
        except TooSlow as slow:
            return str(slow)
        return "in time"

    page.start(Desk, holds)
    await page.advance(20)
    assert page.said() == [
        "Desk asks Ask(number=1) #1",
        "Desk withdraws Ask(number=1) #1",
        "Desk says Said(word='covered: its scope() is being cut')",
        "Desk returned 'timeout(2) passed'",
    ]


@under("hand", "hosted", "task")
async def test_F3_a_timeout_inside_a_scope_leaves_the_fibers_alone(page: Stage) -> None:
    async def holds() -> None:
        async with scope():
            await fiber(say_after, 5, "fiber")
            try:
                async with timeout(1):
                    await Desk.Ask()
            except TooSlow:
                await Desk.Said("too slow")

    page.start(Desk, holds)
    await page.advance(5)
    assert page.said()[2:] == [
        "Desk says Said(word='too slow')",
        "Desk says Said(word='fiber')",
        "Desk returned None",
    ]


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
async def test_F5_scopes_nest_and_each_has_the_fibers_started_in_it(page: Stage) -> None:
    async def holds() -> None:
        async with scope():
            await fiber(say_after, 3, "outer")
            async with scope():
                await fiber(say_after, 1, "inner")
            await Desk.Said("behind the inner")
        await Desk.Said("behind the outer")

    page.start(Desk, holds)
    await page.advance(5)
    assert page.said() == [
        "Desk says Said(word='inner')",
        "Desk says Said(word='behind the inner')",
        "Desk says Said(word='outer')",
        "Desk says Said(word='behind the outer')",
        "Desk returned None",
    ]


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


@under("hand", "hosted", "task")
async def test_F5_in_a_cleanup_a_scope_works_although_the_spindle_is_cancelled(
    page: Stage,
) -> None:
    async def holds() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(10), scope():
                await fiber(say_after, 1, "first")
                await fiber(say_after, 2, "second")

    handle = page.start(Desk, holds)
    await page.settle()
    handle.cancel_nowait("enough")
    await page.advance(5)
    assert page.said()[2:] == [
        "Desk says Said(word='first')",
        "Desk says Said(word='second')",
        "Desk was cancelled: enough (handle)",
    ]


@under("hand", "hosted", "task")
async def test_F5_the_budget_of_a_cleanup_cuts_the_fibers_of_a_scope_in_it(page: Stage) -> None:
    async def holds() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(3), scope():
                await fiber(wait_and_tidy, "fiber")

    handle = page.start(Desk, holds)
    await page.settle()
    handle.cancel_nowait("enough")
    await page.advance(2.5)
    assert page.said()[2:] == []
    await page.advance(2)
    assert page.said() == [
        "Desk says Said(word='fiber: enough')",
        "Desk was cancelled: enough (handle)",
    ]


@under("hand", "hosted", "task")
async def test_F5_fibers_of_fibers_belong_to_those_and_not_to_the_scope(page: Stage) -> None:
    async def fails_inside() -> str:
        await fiber(fail_after, 1)
        await sleep(2)
        return "unjoined"

    async def holds() -> None:
        async with scope():
            await fiber(fails_inside)
            await sleep(1.5)
            await Desk.Said("the failure is not seen yet")
            await Desk.Ask()

    page.start(Desk, holds)
    await page.advance(5)
    assert page.said() == [
        "Desk says Said(word='the failure is not seen yet')",
        "Desk asks Ask(number=1) #1",
        "Desk withdraws Ask(number=1) #1",
        "Desk failed: LookupError",
    ]


@under("hand", "hosted", "task")
async def test_F5_a_cancelled_fiber_is_no_failure(page: Stage) -> None:
    async def holds() -> str:
        async with scope():
            handle = await fiber(say_after, 5, "never")
            await sleep(1)
            await handle.cancel("not needed")
        assert handle.outcome is not None
        return type(handle.outcome).__name__

    page.start(Desk, holds)
    await page.advance(1)
    assert page.said() == ["Desk returned 'Cancelled'"]


@under("hand", "hosted", "task")
async def test_a_scope_without_fibers_changes_nothing(page: Stage) -> None:
    async def holds() -> str:
        async with scope():
            pass
        return "done"

    page.start(Desk, holds)
    assert await page.hears() == ["Desk returned 'done'"]


@under("hand", "hosted", "task")
async def test_a_scope_is_entered_once(page: Stage) -> None:
    async def enters_twice() -> None:
        held = scope()
        async with held:
            pass
        async with held:
            pass

    handle = page.start(Desk, enters_twice)
    assert await page.hears() == ["Desk failed: UsageError"]
    assert isinstance(handle.outcome, Errored)
    assert str(handle.outcome.error) == (
        "this scope was entered before: call scope() again for a new one"
    )


@under("hand", "hosted", "task")
async def test_the_origin_of_a_cut_is_told(page: Stage) -> None:
    seen: list[Origin] = []

    async def looks() -> None:
        try:
            await sleep(1000)
        finally:
            why = await cancel_reason()
            assert why is not None
            assert why.by is not None
            assert why.by.block is Desk
            seen.append(why.origin)

    async def holds() -> None:
        async with timeout(1), scope():
            await fiber(looks)

    page.start(Desk, holds)
    await page.advance(2)
    assert seen == [Origin.SCOPE_LEFT]


@under("task")
async def test_a_native_scope_around_it_cuts_the_fibers_and_is_not_missed(page: Stage) -> None:
    ran: list[str] = []

    async def holds() -> str:
        with trio.move_on_after(2) as native:
            async with scope():
                await fiber(wait_and_tidy, "fiber", 3)
            ran.append("behind the block")
        return f"cut: {native.cancelled_caught}"

    page.start(Desk, holds)
    await page.advance(10)
    assert ran == []
    assert page.said() == [
        "Desk says Said(word='fiber: its scope() is being cut')",
        "Desk returned 'cut: True'",
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


@pytest.mark.parametrize("slip", ["with", "call"])
def test_slips_fail_where_they_are(slip: str) -> None:
    if slip == "with":
        with pytest.raises(TypeError), scope():  # type: ignore[attr-defined]
            pass
    else:
        with pytest.raises(TypeError):
            scope(fail_after)  # type: ignore[call-arg]
