"""A coroutine by hand that is answered while deadlines of the same moment are due."""

from __future__ import annotations

from contextlib import suppress

import pytest

from spindle import (
    Channel,
    Completed,
    Coroutine,
    Suspended,
    UnexpectedEvent,
    fiber,
    fork,
    sleep,
    timeout,
)
from tests.talk import Desk, ask_once, ask_twice


def test_what_is_said_at_a_due_deadline_is_told_with_what_follows_the_answer() -> None:
    async def says() -> None:
        await sleep(1)
        await Desk.Said("due")

    async def both() -> None:
        async def asks_then() -> None:
            await sleep(1)
            await ask_once()

        await fiber(asks_then)
        await fiber(says)
        await sleep(5)

    coroutine = Coroutine(both)
    coroutine.run()
    coroutine.run(Desk.Told("x"))
    assert coroutine.notified == (Desk.Said("due"),)


def test_Y9_what_a_due_deadline_withdraws_cannot_be_answered() -> None:
    async def again() -> None:
        await sleep(1)
        await fork(Desk, ask_twice, replace=True)

    async def twice() -> None:
        await fiber(again)
        await fiber(again)
        await sleep(5)

    coroutine = Coroutine(twice)
    assert coroutine.run() == Suspended(Desk.Ask(1))  # the other fiber's second is due as well
    with pytest.raises(UnexpectedEvent, match=r"Ask\(number=1\) is not asked any more: a deadline"):
        coroutine.run(Desk.Told("x"))
    assert coroutine.state == Suspended(Desk.Ask(1))
    assert coroutine.run(Desk.Told("y")) == Suspended(Desk.Ask(2))


def test_Y9_it_goes_on_by_itself_after_what_was_due() -> None:
    async def asks() -> None:
        await sleep(2)
        await Desk.Ask(1)

    async def waits() -> None:
        await fiber(asks)
        await sleep(1)
        with suppress(TimeoutError):
            async with timeout(1):
                await Channel[int]().take()

    async def both() -> str:
        await (await fiber(waits)).result()
        await sleep(2)
        return "over"

    coroutine = Coroutine(both)
    assert coroutine.run() == Suspended(Desk.Ask(1))
    with pytest.raises(UnexpectedEvent, match="a deadline that was due has withdrawn"):
        coroutine.run(Desk.Told("x"))
    assert coroutine.state == Completed("over")
