"""A hosted page at rest: it has no row of those who run next, and borrows one when it has work."""

from __future__ import annotations

from typing import Any

import pytest

from spindle import Notified, Source, Yielded, open_page
from spindle._core.kernel.state import NOBODY, NOTHING
from spindle._runtime import rows
from tests.drivers import on_trio
from tests.talk import Desk, Talk, ask_once


@on_trio(1)
async def test_a_page_has_a_row_while_it_is_at_work() -> None:
    rows: list[object] = []

    async def looks() -> None:
        rows.append(page._driver.kernel.ready)
        await Desk.Ask()

    async with open_page(Talk, hosted=True) as page:
        page.start(Desk, looks)
        rows.append(page._driver.kernel.ready)
        page.start(Desk, looks, instance="second")
    assert rows[0] is rows[2] is not NOBODY
    assert rows[1] is NOBODY


class Raced(list[Any]):
    """Another thread takes the last one between a look at it and its `pop`."""

    def __len__(self) -> int:
        return 1


@on_trio(1)
async def test_a_page_works_when_another_thread_has_taken_the_last_row(monkeypatch) -> None:
    monkeypatch.setattr(rows, "SPARE", Raced())
    async with open_page(Talk, hosted=True) as page:
        page.start(Desk, ask_once)
        assert [type(sent) for _, sent in [page.outbox.receive_nowait()]] == [Yielded]


@on_trio(1)
async def test_whoever_is_woken_outside_of_a_turn_is_not_forgotten_but_named() -> None:
    async with open_page(Talk, hosted=True) as page:
        handle = page.start(Desk, ask_once, instance="left")
        with pytest.raises(AssertionError) as raised:
            page._driver.kernel.ready.append(handle.record)
    assert str(raised.value) == "Talk.Desk['left'] was woken outside of a turn"
    assert not NOBODY


@on_trio(1)
async def test_whatever_is_said_outside_of_a_turn_is_not_lost_but_named() -> None:
    async with open_page(Talk) as page:
        kernel = page._driver.kernel
        with pytest.raises(AssertionError) as raised:
            kernel.tell(Source(Desk), Notified(Desk.Said("news")))
    assert "said Notified(notify=Said(word='news')) outside of a turn" in str(raised.value)
    assert not NOTHING
