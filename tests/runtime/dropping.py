"""Spindles that drop an async generator half-way."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from tests.talk import Desk


async def numbers(log: list[str]) -> AsyncGenerator[int]:
    """Counts, and asks when it is closed."""
    try:
        for number in range(10):
            yield number
    finally:
        log.append("closing")
        try:
            await Desk.Ask()
        except BaseException as error:
            log.append(type(error).__name__)
            raise
        finally:
            log.append("closed")


async def break_out(log: list[str]) -> None:
    async for number in numbers(log):
        if number == 2:
            break
    log.append("went on")
    await Desk.Ask()


async def drop_by_name(log: list[str]) -> None:
    counting = numbers(log)
    await anext(counting)
    del counting
    log.append("went on")
    await Desk.Ask()


REFUSED = ["closing", "OutsideSpindle", "closed"]
