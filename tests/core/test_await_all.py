"""`await_all`: the outcomes of several handles, in the order given, or the first failure."""

from __future__ import annotations

import pytest

from spindle import (
    Cancelled,
    Channel,
    Completed,
    Errored,
    Handle,
    TooSlow,
    UsageError,
    WasCancelled,
    await_all,
    fiber,
    fork,
    scope,
    sleep,
    timeout,
)
from tests.core.fibers import fail_after, notes_of, return_after, wait_and_fail
from tests.drivers import Stage, under
from tests.talk import Bell, Desk, ring_once


@under("hand", "hosted", "task")
async def test_F5_await_all_keeps_the_given_order(page: Stage) -> None:
    async def waits() -> object:
        slow = await fiber(return_after, 3, "slow")
        fast = await fiber(return_after, 1, "fast")
        bell = await fork(Bell, return_after, 2, "bell")
        first = await await_all(slow, fast, bell, slow)
        return first, await await_all(fast, bell), await await_all()

    page.start(Desk, waits)
    await page.advance(3)
    assert page.said()[-1] == (
        "Desk returned (('slow', 'fast', 'bell', 'slow'), ('fast', 'bell'), ())"
    )


@under("hand", "hosted", "task")
async def test_F5_await_all_fails_with_the_first_and_cancels_the_rest(page: Stage) -> None:
    async def waits() -> None:
        try:
            await await_all(
                await fiber(wait_and_fail, "second"),
                await fiber(fail_after, 1, "first"),
                await fork(Bell, ring_once),
            )
        except LookupError as error:
            seen.append(error)
        await Desk.Ask()

    seen: list[LookupError] = []
    page.start(Desk, waits)
    await page.advance(1)
    assert page.said() == [
        "Bell asks Wait() #1",
        "Bell withdraws Wait() #1",
        "Desk asks Ask(number=1) #1",
        "Bell was cancelled: fail_after of Talk.Desk failed (scope left)",
    ]
    assert seen[0].args == ("first",)
    assert notes_of(seen[0]) == [
        "raised in fail_after of Talk.Desk",
        "wait_and_fail of Talk.Desk failed, too: LookupError('second')",
    ]
    page.resume(Desk.Told())
    assert await page.hears() == ["Desk returned None"], "what await_all named was joined"


@under("hand", "hosted", "task")
async def test_F5_await_all_of_several_that_have_failed_tells_of_each_once(page: Stage) -> None:
    async def waits() -> list[str]:
        handles = [await fiber(fail_after, 1, word) for word in ("one", "two", "three")]
        await sleep(2)
        for _ in range(3):
            with pytest.raises(LookupError, match="one") as raised:
                await await_all(*handles)
        return notes_of(raised.value)

    handle = page.start(Desk, waits)
    await page.advance(2)
    assert handle.outcome == Completed(
        [
            "raised in fail_after of Talk.Desk",
            "fail_after of Talk.Desk failed, too: LookupError('two')",
            "fail_after of Talk.Desk failed, too: LookupError('three')",
        ]
    )


@under("hand", "hosted", "task")
async def test_F5_await_all_of_one_that_was_cancelled_says_so(page: Stage) -> None:
    async def waits() -> str:
        gone, other = await fiber(return_after, 5, 1), await fiber(return_after, 5, 2)
        await gone.cancel("not needed")
        try:
            await await_all(other, gone)
        except WasCancelled as error:
            await sleep(1)
            return f"{error}; {other.outcome}"
        return "no error"

    handle = page.start(Desk, waits)
    await page.advance(1)
    assert isinstance(handle.outcome, Completed)
    assert "return_after of Talk.Desk was cancelled (not needed)" in str(handle.outcome.value)
    assert "Cancelled(reason='return_after of Talk.Desk was cancelled'" in str(handle.outcome.value)


@under("hand", "hosted", "task")
async def test_F5_cancelling_await_all_leaves_them_alone(page: Stage) -> None:
    async def waits() -> object:
        handles = [await fiber(return_after, seconds, seconds) for seconds in (1, 3)]
        try:
            async with timeout(2):
                await await_all(*handles)
        except TooSlow:
            pass
        return await await_all(*handles)

    page.start(Desk, waits)
    await page.advance(3)
    assert page.said() == ["Desk returned (1, 3)"]


def test_await_all_takes_handles() -> None:
    async def fn() -> None: ...

    coroutine = fn()
    for slip, said in (
        (lambda: await_all([1]), "write await_all(*handles)"),
        (lambda: await_all(fiber(fn)), "pass the handle itself, not what it gives"),
        (lambda: await_all(coroutine), "pass the handle itself, not what it gives"),
    ):
        with pytest.raises(UsageError) as raised:
            slip()
        assert said in str(raised.value)
    coroutine.close()


@under("hand", "hosted", "task")
async def test_F5_await_all_fails_with_what_failed_and_not_with_what_ended_for_that(
    page: Stage,
) -> None:
    """Of two in one scope the failure of the first ends the second, which has not begun."""

    channel = Channel[None]()
    handles: list[Handle[object]] = []

    async def waits() -> None:
        await channel.take()
        await await_all(*handles)

    async def starts() -> None:
        await channel.put(None)
        async with scope():
            handles.append(await fiber(return_after, 1, "second"))
            handles.append(await fiber(return_after, 1, "third"))
            handles.insert(0, await fiber(fail_after, 0, "first"))
            handles.append(await fiber(return_after, 1, "not begun"))

    page.start(Bell, waits)
    page.start(Desk, starts)
    await page.settle()
    assert [type(handle.outcome) for handle in handles] == [
        Errored,
        Cancelled,
        Cancelled,
        Cancelled,
    ]
    assert "Bell failed: LookupError" in page.said()


@under("hand", "hosted", "task")
async def test_F5_what_fails_after_one_was_cancelled_is_told_with_the_error_that_was_raised(
    page: Stage,
) -> None:
    seen: list[WasCancelled] = []

    async def waits() -> None:
        cut = await fiber(sleep, 1000)
        other = await fiber(wait_and_fail, "late")
        await fiber(cancels, cut)
        try:
            await await_all(cut, other)
        except WasCancelled as error:
            seen.append(error)

    async def cancels(handle: Handle[None]) -> None:
        await handle.cancel("enough")

    page.start(Desk, waits)
    assert await page.hears() == ["Desk returned None"]
    (error,) = seen
    assert str(error) == "sleep of Talk.Desk was cancelled (enough)"
    assert notes_of(error) == ["wait_and_fail of Talk.Desk failed, too: LookupError('late')"]
