"""A page stops within its bound."""

from __future__ import annotations

import pytest
import trio

from spindle import PageLimits, cleanup, fiber, open_page, scope, sleep, use
from spindle.testing import HandPage
from tests.drivers import HOSTED, run_on_trio
from tests.promises.fair import Board, Desk, Fair, Troll
from tests.talk import Clerk, Echo

CLEANUP, CALL, GRACE, DEPTH = 3.0, 4.0, 2.0, 30


class Never(Echo):
    """A clerk who does not come back."""

    async def note(self, what: str) -> None:
        await trio.sleep_forever()


async def clings(depth: int = DEPTH) -> None:
    """A chain of fibers, each of which cleans up for longer than it may."""
    try:
        if depth:
            await fiber(clings, depth - 1)
        async with scope():
            await fiber(sleep, 1e5)
    finally:
        async with cleanup(CLEANUP):
            await sleep(1e5)


async def asks() -> None:
    while True:
        await Board.Looking()


async def insists() -> None:
    """Goes on however often it is cancelled."""
    while True:
        try:
            await sleep(1e5)
        except BaseException:
            continue


async def calls() -> None:
    await (await use(Clerk)).note("for ever")


STARTED = {Desk: clings, Board: asks, Troll: insists}


@HOSTED
@pytest.mark.parametrize("how", ["cancelled", "left", "stopped"])
def test_a_page_stops_within_its_bound(hosted: bool, how: str) -> None:
    """Budgets do not add up, neither with depth nor from spindle to spindle."""

    async def main() -> None:
        limits = PageLimits(call_seconds=CALL)
        async with open_page(Fair, hosted=hosted, limits=limits, provide={Clerk: Never()}) as page:
            for block, fn in STARTED.items():
                page.start(block, fn)
            page.start(Desk, calls, instance="calls")
            await trio.sleep(1)
            began = trio.current_time()
            if how == "cancelled":
                await page.cancel("enough")
            elif how == "stopped":
                await page.stop("closing time", grace=GRACE)
        took = trio.current_time() - began
        assert page.ended
        bound = max(CLEANUP, CALL) + (GRACE if how == "stopped" else 0)
        assert bound - 1 < took <= bound + 0.1

    run_on_trio(main, 0)


def test_a_page_by_hand_stops_within_its_bound() -> None:
    with HandPage(Fair) as page:
        for block, fn in STARTED.items():
            page.start(block, fn)
        page.advance(1)
        page.cancel("enough")
        assert page.ended
        assert page.now == 1 + CLEANUP
