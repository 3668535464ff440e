"""When the view hears of an end."""

from __future__ import annotations

from tests.drivers import Stage, under
from tests.talk import Bell, Desk, ask_twice, ring_once


@under("hand", "hosted", "task")
async def test_N3_a_completion_reaches_the_view_while_another_spindle_runs(page: Stage) -> None:
    page.start(Desk, ask_twice)
    page.start(Bell, ring_once)
    assert await page.hears() == ["Desk asks Ask(number=1) #1", "Bell asks Wait() #1"]
    page.resume(Bell.Rung(3))
    assert await page.hears() == ["Bell returned 3"]
    page.resume(Desk.Told("so"))
    assert await page.hears() == ["Desk asks Ask(number=2) #2"]
    page.resume(Desk.Told("on"))
    assert await page.hears() == ["Desk returned ('so', 'on')"]
