"""What is left of a page, in words: shown on one that lives."""

from __future__ import annotations

from spindle import (
    Cell,
    Contract,
    Delivery,
    Event,
    Spindle,
    Yield,
    await_any,
    fiber,
    open_page,
    sleep,
)
from spindle.stress.inspector import Inspector, kernel_of, left_in
from spindle.stress.report import Report


class Shop(Contract):
    class Till(Spindle):
        open = Cell[bool]()

        class Rung(Event):
            delivery = Delivery.QUEUE

        class Ask(Yield[Rung]):
            pass


async def till() -> None:
    await fiber(sleep, 1000)
    await await_any(Shop.Till.open.changes().next(), sleep(1000))


async def test_everything_that_lives_would_be_left() -> None:
    async with open_page(Shop, hosted=True) as page:
        page.start(Shop.Till, till)
        page.resume(Shop.Till.Rung())
        left = left_in(kernel_of(page))
        assert left == [
            "1 live spindles left",
            "2 coroutines left",
            "1 timers left",
            "1 waits for cells left",
            "1 events pending left",
        ]
        report = Report("a test", 0)
        inspector = Inspector(report, None)
        inspector.opened(page, "page here")
        assert "Shop.Till: waiting" in next(inspector.snapshots())
        inspector.has_ended(page, opened="here", took=None, receipts=[])
        assert "page here: 1 live spindles left" in report.violations
        assert "page here: 0 events were sent, 1 accepted" in report.violations
        assert list(inspector.snapshots()) == []
    assert left_in(kernel_of(page)) == []
