"""How far counts of questions are remembered of spindles that have ended."""

from __future__ import annotations

import pytest

from spindle import Coroutine, Log, fork, mark
from spindle._core.kernel.asked import Asked
from tests.drivers import Stage, under
from tests.talk import Bell, Desk, ring


async def forks(*names: str) -> None:
    for name in names:
        await fork(Bell, ring, 1, instance=name)


@under("hand", "hosted", "task")
async def test_an_answer_to_one_that_is_forgotten_is_stale_for_the_next_of_its_name(
    page: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spindle._core.kernel.asked.ENDED_KEPT", 2)
    page.start(Desk, forks, "a", "b", "c")
    await page.settle()
    for name in "abc":
        page.resume(Bell.Rung(7), instance=name)
        await page.settle()
    page.start(Desk, forks, "a", "d", "b")
    await page.settle()
    late = page.resume(Bell.Rung(7), yield_id=1, instance="a")
    await page.settle()
    assert (
        late.reason == "stale: yield 1 of Talk.Bell['a'] does not wait any more for Talk.Bell.Rung"
    )
    asked = [line for line in page.said() if "asks" in line]
    assert [line.rpartition("#")[2] for line in asked] == ["1", "1", "1", "2", "2", "2"]


@pytest.mark.parametrize("names", range(1, 8))
def test_W6_a_conversation_that_marks_is_the_same_when_it_is_resumed(
    names: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The spindle that marks has asked often, and its own count is not one of those that go."""
    monkeypatch.setattr("spindle._core.kernel.asked.ENDED_KEPT", 2)
    log = Log()
    live = Coroutine(rings_for, 0, names, log=log)
    live.run()
    for _ in range(3):
        live.run(Desk.Told("on"))
    for _ in range(names):
        resumed = Coroutine.resume(rings_for, Log.load(log.dump()))
        assert resumed.pending() == live.pending()
        live.run(Bell.Rung(7))
    resumed = Coroutine.resume(rings_for, Log.load(log.dump()))
    assert resumed.pending() == live.pending()


async def rings_for(turn: int, names: int) -> None:
    while True:
        await mark(turn, names)
        await Desk.Ask(turn)
        turn += 1
        for name in range(names if turn == 3 else 0):
            bell = await fork(Bell, ring, 1, instance=str(name))
            await bell.result()


def test_the_newest_are_known_and_the_greatest_of_the_others() -> None:
    asked = Asked()
    for number in range(3_000):
        key = (Bell, str(number % 2_500))
        asked.take(key)
        asked.ended(key, number)
    known = list(asked.items())
    assert len(known) == 1_000
    assert [key for key, _ in known[-2:]] == [(Bell, "498"), (Bell, "499")]
    assert asked.least == 1_999
    assert asked.take((Bell, "499")) == 2_999
    assert asked.take((Bell, "499")) == asked.take((Bell, "1000")) == asked.take(Desk) == 1_999
    assert repr(Asked(2)) == "Asked({}, least=2)"
