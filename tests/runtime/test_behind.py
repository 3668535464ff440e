"""A6: a page that is behind its clock goes through what was due in its order."""

from __future__ import annotations

from contextlib import suppress

import pytest
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import WasCancelled, fork, open_page, sleep
from tests.talk import Desk, Talk

LATE = 100.0


class Done(list[str]):
    """What was done."""

    async def works(self) -> None:
        await sleep(60)
        self.append("works")

    async def cancels(self) -> None:
        other = await fork(Desk, self.works, instance="works")
        await sleep(1)
        other.cancel_nowait("enough")

    async def cancels_many(self) -> None:
        """Post something, wait until it has come, and so on."""
        await sleep(1)
        while not self:
            other = await fork(Desk, self.works, instance="one of many")
            other.cancel_nowait("enough")
            with suppress(WasCancelled):
                await other.result()


async def late(clock: MockClock) -> None:
    """Let time pass in one go, as where something has held up the program."""
    await wait_all_tasks_blocked()
    clock.jump(LATE)
    await wait_all_tasks_blocked()


@pytest.mark.parametrize("hosted", [True, False])
async def test_A6_what_a_spindle_cancels_in_time_is_cancelled_on_a_page_that_is_late(
    hosted: bool, mock_clock: MockClock
) -> None:
    done = Done()
    async with open_page(Talk, hosted=hosted) as page:
        page.start(Desk, done.cancels)
        await late(mock_clock)
        assert page.tree().spindles == ()
    assert done == []


@pytest.mark.parametrize("hosted", [True, False])
async def test_A6_deadlines_come_though_a_page_posts_one_thing_after_the_other(
    hosted: bool, mock_clock: MockClock
) -> None:
    done = Done()
    async with open_page(Talk, hosted=hosted) as page:
        page.start(Desk, done.cancels_many)
        page.start(Desk, done.works, instance="works")
        await late(mock_clock)
        assert page.tree().spindles == ()
    assert done
