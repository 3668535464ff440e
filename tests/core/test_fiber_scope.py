"""`scope()`: fibers held together; the block ends when they have."""

from __future__ import annotations

import pytest

from spindle import Errored, fiber, scope, sleep
from tests.core.fibers import fail_after, say_after
from tests.drivers import Stage, under
from tests.talk import Desk


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
async def test_F5_a_fiber_of_a_scope_may_be_joined_in_its_body(page: Stage) -> None:
    async def holds() -> str:
        async with scope():
            handle = await fiber(say_after, 1, "done")
            return await handle.result()

    page.start(Desk, holds)
    await page.advance(1)
    assert page.said()[-1] == "Desk returned 'done'"


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


@pytest.mark.parametrize("slip", ["with", "call"])
def test_slips_fail_where_they_are(slip: str) -> None:
    if slip == "with":
        with pytest.raises(TypeError), scope():  # type: ignore[attr-defined]
            pass
    else:
        with pytest.raises(TypeError):
            scope(fail_after)  # type: ignore[call-arg]
