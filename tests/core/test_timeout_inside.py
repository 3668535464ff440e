"""`timeout` with cleanups, fibers, calls and scopes of trio around it and inside."""

from __future__ import annotations

import pytest
import trio

from spindle import (
    Cancelled,
    Completed,
    TooSlow,
    cleanup,
    fiber,
    once,
    open_page,
    sleep,
    timeout,
    use,
)
from spindle._core.operations.port import Port
from tests.board import Board, Reader, says, told
from tests.drivers import Stage, on_trio, under


@under("hand", "hosted", "task", contract=Board)
async def test_a_limit_inside_a_cleanup_cuts_it(page: Stage) -> None:
    async def asks() -> None:
        try:
            await Reader.Ask()
        finally:
            async with cleanup(10):
                try:
                    async with timeout(2):
                        await Reader.Ask(2)
                except TooSlow:
                    await says("cut, and still shielded")
                await sleep(1)
                await says("and on")
            await says("never")

    handle = page.start(Reader, asks)
    await page.settle()
    handle.cancel_nowait("x")
    await page.settle()
    await page.advance(20)
    assert told(page.said()) == ["2: cut, and still shielded", "3: and on"]
    assert isinstance(handle.outcome, Cancelled)


@under("hand", "hosted", "task", contract=Board)
async def test_a_cleanup_inside_a_limit_is_shielded_from_it(page: Stage) -> None:
    async def asks() -> None:
        try:
            async with timeout(2):
                async with cleanup(10):
                    await sleep(5)
                    await says("not cut")
                await says("never")
        except TooSlow:
            await says("too slow")

    page.start(Reader, asks)
    await page.settle()
    await page.advance(20)
    assert told(page.said()) == ["5: not cut", "5: too slow"]


@under("hand", "hosted", "task", contract=Board)
async def test_a_budget_and_a_limit_that_end_together(page: Stage) -> None:
    """The outer one by position; the overrun of the cleanup ends with it."""

    async def outer_limit() -> None:
        try:
            async with timeout(2):
                async with cleanup(2):
                    await sleep(5)
                await says("behind the cleanup")
        except TooSlow:
            await says("too slow")

    async def outer_cleanup() -> None:
        async with cleanup(2):
            try:
                async with timeout(2):
                    await sleep(5)
            except TooSlow:
                await says("never")
        await says("behind")

    page.start(Reader, outer_limit)
    page.start(Reader, outer_cleanup, instance="other")
    await page.settle()
    await page.advance(20)
    assert told(page.said()) == ["2: too slow", "2: behind"]


@under("hand", "hosted", "task", contract=Board)
async def test_fibers_started_inside_a_limit_are_not_limited(page: Stage) -> None:
    async def works() -> str:
        await sleep(5)
        return "worked"

    async def asks() -> str:
        try:
            async with timeout(2):
                call = await fiber(works)
                return await call.result()
        except TooSlow:
            return f"late, it {await call.result()}"

    handle = page.start(Reader, asks)
    await page.settle()
    await page.advance(5)
    assert handle.outcome == Completed("late, it worked")


class Bank(Port):
    @once
    async def pay(self) -> str: ...


class Slow(Bank):
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    async def pay(self) -> str:
        await trio.sleep(self.seconds)
        return "paid"


@under("hosted", "task", contract=Board)
async def test_E7_a_once_call_inside_a_limit_runs_on(page: Stage) -> None:
    """Its value is received; the limit shows at the next operation, or not at all."""

    async def pays(goes_on: bool) -> None:
        bank = await use(Bank)
        try:
            async with timeout(1):
                paid = await bank.pay()
                if goes_on:
                    await says("never")
            await says(paid)
        except TooSlow:
            await says(f"{paid}, too late")

    for goes_on in (False, True):
        page.start(Reader, pays, goes_on, provide={Bank: Slow(3)})
        await page.settle()
        await page.advance(3)
    assert told(page.said()) == ["3: paid", "6: paid, too late"]


@on_trio()
async def test_A6_with_scopes_of_trio_around_and_inside() -> None:
    """In task spindles both kinds nest in any order; each tells only its own expiry."""
    log: list[str] = []

    async def limit_outside() -> None:
        try:
            async with timeout(2):
                with trio.move_on_after(5):
                    await Reader.Ask()
                log.append("never")
        except TooSlow:
            log.append(f"{trio.current_time():g}: limit outside")

    async def limit_inside() -> None:
        with trio.move_on_after(2) as scope:
            try:
                async with timeout(5):
                    await Reader.Ask()
            except TooSlow:
                log.append("never")
        log.append(f"{trio.current_time():g}: scope outside {scope.cancelled_caught}")

    async def native_wait() -> None:
        with pytest.raises(TooSlow):
            async with timeout(2):
                await trio.sleep_forever()
        log.append(f"{trio.current_time():g}: native wait")

    async def both_at_once() -> None:
        with trio.move_on_after(2) as scope:
            try:
                async with timeout(2):
                    await Reader.Ask()
            except TooSlow:
                log.append("never: the outer one wins")
        log.append(f"{trio.current_time():g}: both {scope.cancelled_caught}")

    async def shielded() -> None:
        try:
            async with timeout(2):
                with trio.CancelScope(shield=True):
                    await trio.sleep(3)
                await Reader.Ask()
        except TooSlow:
            log.append(f"{trio.current_time():g}: shielded")

    async with open_page(Board) as page:
        for spindle in (limit_outside, limit_inside, native_wait, both_at_once, shielded):
            handle = page.start(Reader, spindle)
            await page.wait()
            assert handle.outcome == Completed(None)
    assert log == [
        "2: limit outside",
        "4: scope outside True",
        "6: native wait",
        "8: both True",
        "11: shielded",
    ]
