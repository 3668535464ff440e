"""A `scope()` that is cut from further out, by a cancellation or a limit, with its fibers."""

from __future__ import annotations

import trio

from spindle import TooSlow, cancel_reason, cleanup, fiber, scope, sleep, timeout
from spindle._core.states import Origin
from tests.core.fibers import say_after, wait_and_tidy
from tests.drivers import Stage, under
from tests.talk import Desk


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
