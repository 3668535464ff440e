"""Channels and cells of a page stepped by hand, used from outside."""

from __future__ import annotations

import pytest

from spindle import (
    Cell,
    CellEmpty,
    Channel,
    ChannelClosed,
    Contract,
    Event,
    PageClosed,
    Spindle,
    StillRunning,
    Yield,
)
from spindle.testing import HandPage
from tests.talk import Desk, Talk, ask_once


class Board(Contract):
    class Writer(Spindle[int]):
        count = Cell[int]()

        class More(Event): ...

        class Ask(Yield[More]): ...


Writer = Board.Writer


def test_a_channel_is_used_from_outside() -> None:
    channel = Channel[int]()

    async def doubles() -> None:
        while True:
            await channel.put(2 * await channel.take())

    page = HandPage(Talk)
    page.start(Desk, doubles)
    for number in (1, 2, 3):
        page.put(channel, number)
        assert page.take(channel) == 2 * number
    assert channel.statistics().waiting_to_take == 1


def test_what_would_have_to_wait_outside_is_refused_and_leaves_nothing() -> None:
    channel = Channel[str](1)
    page = HandPage(Talk)
    with pytest.raises(StillRunning) as refused:
        page.take(channel)
    assert str(refused.value) == "take(): nothing to take from <channel 1 of 1, open, 0 items>"
    page.put(channel, "a")
    page.start(Desk, ask_once)
    with pytest.raises(StillRunning) as refused:
        page.put(channel, "b")
    assert str(refused.value) == (
        "put(): no room in <channel 1 of 1, open, 1 items>\n"
        "  Talk.Desk: waiting for yield 1, Talk.Desk.Ask"
    )
    assert channel.statistics().waiting_to_put == channel.statistics().waiting_to_take == 0
    assert page.take(channel) == "a"
    assert page._hand.kernel.coroutines == 1


def test_a_channel_that_was_ended_says_so_outside() -> None:
    closed, failed = Channel[str](1), Channel[str](1)

    async def ends_them() -> None:
        await closed.put("last")
        await closed.close()
        await failed.fail(LookupError("gone"))

    page = HandPage(Talk)
    page.start(Desk, ends_them)
    assert page.take(closed) == "last"
    with pytest.raises(ChannelClosed):
        page.take(closed)
    with pytest.raises(ChannelClosed):
        page.put(closed, "x")
    with pytest.raises(LookupError, match="gone"):
        page.take(failed)


def test_a_cell_is_read_from_outside() -> None:
    async def counts() -> None:
        await Writer.Ask()
        await Writer.count.put(1)

    page = HandPage(Board)
    page.start(Writer, counts)
    with pytest.raises(CellEmpty):
        page.get(Writer.count)
    assert page.get(Writer.count, "nothing") == "nothing"
    page.resume(Writer.More())
    assert page.get(Writer.count) == 1
    assert page.snapshot().cells == {"Board.Writer.count": 1}
    page.cancel()
    with pytest.raises(PageClosed):
        page.get(Writer.count)
