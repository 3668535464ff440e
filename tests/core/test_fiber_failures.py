"""Fibers that fail: whose failure it is, joined or not."""

from __future__ import annotations

from spindle import Errored, Handle, TooSlow, fiber, fork, sleep, timeout
from tests.core.fibers import fail_after, notes_of, wait_and_fail
from tests.drivers import Stage, under
from tests.talk import Bell, Desk


def error_of(handle: Handle[object]) -> tuple[str, list[str]]:
    assert isinstance(handle.outcome, Errored)
    error = handle.outcome.error
    return repr(error), notes_of(error)


@under("hand", "hosted", "task")
async def test_F3_an_unjoined_failure_fails_the_spindle_when_it_completes(page: Stage) -> None:
    async def starts() -> str:
        await fiber(fail_after, 1)
        await sleep(2)
        await Desk.Said("not touched by it")
        return "done"

    handle = page.start(Desk, starts)
    await page.advance(2)
    assert page.said() == ["Desk says Said(word='not touched by it')", "Desk failed: LookupError"]
    assert error_of(handle) == ("LookupError('failed')", ["raised in fail_after of Talk.Desk"])


@under("hand", "hosted", "task")
async def test_F3_it_is_a_note_when_the_spindle_fails_itself(page: Stage) -> None:
    async def starts() -> None:
        await fiber(fail_after, 1, "one")
        await fiber(wait_and_fail, "two")
        await sleep(2)
        raise ValueError("of its own")

    handle = page.start(Desk, starts)
    await page.advance(2)
    assert error_of(handle) == (
        "ValueError('of its own')",
        [
            "fail_after of Talk.Desk failed, too: LookupError('one')",
            "wait_and_fail of Talk.Desk failed, too: LookupError('two')",
        ],
    )


@under("hand", "hosted", "task")
async def test_F3_it_is_not_masked_by_a_cancellation(page: Stage) -> None:
    async def starts() -> None:
        await fiber(fail_after, 1, "one")
        await fiber(wait_and_fail, "two")
        await Desk.Ask()

    handle = page.start(Desk, starts)
    await page.advance(2)
    await page.cancel("x")
    assert page.said()[-1] == "Desk failed: LookupError"
    assert error_of(handle) == (
        "LookupError('one')",
        [
            "raised in fail_after of Talk.Desk",
            "wait_and_fail of Talk.Desk failed, too: LookupError('two')",
        ],
    )


@under("hand", "hosted", "task")
async def test_F3_a_failure_that_was_joined_is_the_joiners_business(page: Stage) -> None:
    async def starts() -> str:
        handle = await fiber(fail_after, 1)
        try:
            await handle.result()
        except LookupError:
            return "caught"
        return "no error"

    page.start(Desk, starts)
    await page.advance(1)
    assert page.said() == ["Desk returned 'caught'"]


@under("hand", "hosted", "task")
async def test_F3_a_failure_joined_by_another_spindle_is_joined(page: Stage) -> None:
    async def joins(handle: Handle[None]) -> str:
        try:
            await handle.result()
        except LookupError as error:
            return str(error)
        return "no error"

    async def starts() -> str:
        await fork(Bell, joins, await fiber(fail_after, 1))
        await sleep(2)
        return "done"

    page.start(Desk, starts)
    await page.advance(2)
    assert page.said() == ["Bell returned 'failed'", "Desk returned 'done'"]


@under("hand", "hosted", "task")
async def test_F3_a_joiner_that_gave_up_has_not_joined(page: Stage) -> None:
    async def starts() -> str:
        handle = await fiber(fail_after, 2)
        try:
            async with timeout(1):
                await handle.result()
        except TooSlow:
            pass
        await sleep(2)
        return "done"

    page.start(Desk, starts)
    await page.advance(5)
    assert page.said() == ["Desk failed: LookupError"]


@under("hand", "hosted", "task")
async def test_F3_an_error_raised_by_hand_from_an_outcome_tells_nothing_twice(page: Stage) -> None:
    async def starts() -> None:
        handle = await fiber(fail_after, 1)
        await sleep(2)
        assert isinstance(handle.outcome, Errored)
        raise handle.outcome.error

    handle = page.start(Desk, starts)
    await page.advance(2)
    assert error_of(handle) == ("LookupError('failed')", [])


@under("hand", "hosted", "task")
async def test_F3_it_goes_up_through_owners_that_do_not_join(page: Stage) -> None:
    async def nests(depth: int) -> None:
        if depth == 0:
            raise LookupError("at the bottom")
        await fiber(nests, depth - 1)
        await sleep(1)

    handle = page.start(Desk, nests, 4)
    await page.advance(5)
    assert error_of(handle) == ("LookupError('at the bottom')", ["raised in nests of Talk.Desk"])
