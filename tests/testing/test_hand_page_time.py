"""The clock of a page stepped by hand, and who may move it."""

from __future__ import annotations

from textwrap import dedent

import pytest

from spindle import (
    Channel,
    Settlement,
    StillRunning,
    UsageError,
    now,
    perform,
    random_float,
    sleep,
    timeout,
    unique_id,
)
from spindle.testing import HandPage
from tests.talk import Bell, Desk, Talk, ask_once, naps, ring_once


def test_A8_time_passes_only_when_it_is_moved() -> None:
    page = HandPage(Talk)
    handle = page.start(Desk, naps, 1, 2, 4)
    page.advance(0.5)
    assert (page.now, page.said()) == (0.5, [])
    page.advance(2.5)
    assert page.now == 3
    assert page.said() == ["Desk says Said(word='1')", "Desk says Said(word='3')"]
    with pytest.raises(StillRunning, match=r"Talk.Desk has not ended\n  Talk.Desk: waiting for s"):
        page.result(handle)
    page.wait()
    assert page.now == 7
    assert page.result(handle) == 7


def test_A8_every_deadline_on_the_way_fires_at_its_own_time() -> None:
    async def limited() -> str:
        try:
            async with timeout(2):
                await Bell.Wait()
        except TimeoutError:
            return f"{await now():g}"
        return ""

    page = HandPage(Talk)
    page.start(Desk, naps, 1, 2)
    bell = page.start(Bell, limited)
    page.advance(10)
    assert page.said() == [
        "Bell asks Wait() #1",
        "Desk says Said(word='1')",
        "Bell withdraws Wait() #1",
        "Bell returned '2'",
        "Desk says Said(word='3')",
        "Desk returned 3.0",
    ]
    assert page.now == 10
    assert page.result(bell) == "2"


def test_A8_chance_follows_from_the_seed() -> None:
    async def draws() -> tuple[float, str]:
        return await random_float(), await unique_id()

    def drawn(seed: int) -> tuple[float, str]:
        page = HandPage(Talk, seed=seed)
        return page.result(page.start(Desk, draws))

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert drawn(10**100) != drawn(10**100 + 1), "a long one counts to its last digit"


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), "1"])
def test_time_is_a_number(seconds: float) -> None:
    page = HandPage(Talk)
    with pytest.raises(UsageError, match=r"advance\(\)"):
        page.advance(seconds)
    with pytest.raises(UsageError, match=r"stop\(\)"):
        page.stop("x", grace=seconds)
    assert (page.now, page.ended) == (0, False)


def test_wait_names_the_yields_that_wait_for_an_answer() -> None:
    page = HandPage(Talk)
    page.start(Desk, ask_once, instance="left")
    page.start(Bell, naps_for_the_bell)
    with pytest.raises(StillRunning) as waiting:
        page.wait()
    assert str(waiting.value) == dedent(
        """\
        the page waits for an answer: Desk[left] asks Ask(number=1). Give it with resume(...), or \
let time pass with advance(seconds)
          Talk.Desk['left']: waiting for yield 1, Talk.Desk.Ask
          Talk.Bell: waiting for sleep until 3"""
    )
    assert page.now == 0, "its clock stands still while somebody is asked"
    page.resume(Desk.Told(), instance="left")
    page.wait()
    assert page.now == 3


async def naps_for_the_bell() -> None:
    await sleep(3)


def test_wait_on_a_page_where_nothing_runs() -> None:
    page = HandPage(Talk)
    page.wait()
    page.cancel()
    page.wait()


def test_wait_gives_up_on_a_page_that_ticks_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spindle._core.kernel.hand.DEADLINES", 100)

    async def ticks() -> None:
        while True:
            await sleep(1)

    page = HandPage(Talk)
    page.start(Bell, ticks)
    with pytest.raises(StillRunning, match="100 deadlines have passed and it goes on by itself"):
        page.wait()
    assert page.now == 100


def test_what_is_infinitely_far_off_never_comes() -> None:
    page = HandPage(Talk)
    page.start(Bell, naps, float("inf"))
    page.advance(1e9)
    assert page.said() == []
    page.cancel()
    assert page.now == 1e9


# --- called from inside -----------------------------------------------------------------------


def test_the_clock_is_not_moved_from_inside() -> None:
    refusals: list[str] = []

    def moves() -> None:
        for move in (
            lambda: page.advance(1),
            page.wait,
            page.cancel,
            lambda: page.stop("x", grace=1),
            lambda: page.take(Channel[int]()),
        ):
            with pytest.raises(UsageError) as refused:
                move()
            refusals.append(str(refused.value))

    async def inside() -> None:
        moves()
        await perform(port)

    async def port() -> None:
        moves()

    page = HandPage(Talk)
    page.start(Bell, naps, 1)
    page.start(Desk, inside)
    called = ["advance", "wait", "cancel", "stop", "take"]
    assert refusals == [
        f"{name}() was called from {where}: call it from the test instead"
        for where in ("the code of Talk.Desk", "a port")
        for name in called
    ]


def test_an_event_from_inside_waits_for_its_turn() -> None:
    async def port() -> None:
        receipts.append(page.resume(Bell.Rung(2)))
        assert receipts[0].settlement is None

    async def rings() -> None:
        await perform(port)

    receipts = []
    page = HandPage(Talk)
    bell = page.start(Bell, ring_once)
    page.start(Desk, rings)
    assert page.result(bell) == 2
    assert receipts[0].settlement is Settlement.HANDLED
