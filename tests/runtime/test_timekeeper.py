"""The page's deadlines on trio's clock."""

from __future__ import annotations

import random

import pytest
import trio

from spindle import Completed, open_page, sleep
from tests.drivers import HOSTED, on_trio
from tests.talk import Desk, Talk


@HOSTED
@pytest.mark.timeout(10)
@on_trio(1)
async def test_a_deadline_is_due_on_the_page_when_it_is_due_on_trios_clock(hosted: bool) -> None:
    """Whatever rounding does: on a clock that jumps, the page would look at it for ever."""
    draw = random.Random(1)
    for _ in range(100):
        await trio.sleep(draw.random())
        async with open_page(Talk, hosted=hosted) as page:
            handle = page.start(Desk, sleep, 0.01 * draw.random())
            assert await handle.wait() == Completed(None)
