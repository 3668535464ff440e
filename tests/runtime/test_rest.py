"""A page at rest: it has no row of those who run next, and borrows one when it has work."""

from __future__ import annotations

import logging
from collections import deque

import pytest

from spindle import ESCALATE, Notified, Source, open_host, open_page
from spindle._core.kernel.state import NOBODY, NOTHING
from spindle._runtime import rows
from tests.drivers import HOSTED, on_trio
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


@on_trio(1)
async def test_a_page_given_work_while_it_passes_on_what_is_left_lends_no_row_of_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever borrowed that one could wake nobody."""

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            page.cancel_nowait("its failure was logged")

    async def fails() -> None:
        raise ValueError

    monkeypatch.setattr(rows, "SPARE", [])
    logger, handler = logging.getLogger("spindle"), Handler()
    logger.addHandler(handler)
    try:
        async with open_host() as host:
            page, other = host.open(Talk), host.open(Talk)
            page.start(Desk, fails, policy=ESCALATE)
            assert page.ended
            handle = other.start(Desk, ask_once)
            other.resume(Desk.Told("word"))
            assert handle.record.outcome is not None
    finally:
        logger.removeHandler(handler)
    assert not any(row is NOBODY for row, _ in rows.SPARE)


class TakenByAnotherThread(list[tuple[deque[object], list[object]]]):
    """Whoever asks sees a row there, and another thread takes it before they do."""

    def __len__(self) -> int:
        return 1


@HOSTED
@on_trio(1)
async def test_the_last_spare_row_may_be_taken_by_another_thread(
    hosted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "SPARE", TakenByAnotherThread())
    async with open_page(Talk, hosted=hosted) as page:
        page.start(Desk, ask_once)
