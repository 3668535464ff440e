"""To which yield an event goes, and which events go to none."""

from __future__ import annotations

from spindle import Settlement
from tests.drivers import Stage, under
from tests.talk import Bell, Desk, ask_once, ask_twice, ring_once

HANDLED, REFUSED = Settlement.HANDLED, Settlement.REFUSED


@under("hand", "hosted", "task")
async def test_Y2_an_event_without_an_id_answers_what_is_asked(page: Stage) -> None:
    page.start(Desk, ask_twice)
    assert await page.hears() == ["Desk asks Ask(number=1) #1"]
    page.resume(Desk.Told("a"))
    assert await page.hears() == ["Desk asks Ask(number=2) #2"]
    page.resume(Desk.Told("b"))
    assert await page.hears() == ["Desk returned ('a', 'b')"]
    assert page.balance() == (2, 2, 0, 0, 0)


@under("hand", "hosted", "task")
async def test_Y2_an_event_with_an_id_answers_that_yield_only(page: Stage) -> None:
    page.start(Desk, ask_twice)
    await page.settle()
    early = page.resume(Desk.Told("early"), yield_id=2)
    page.resume(Desk.Told("a"), yield_id=1)
    await page.settle()
    late = page.resume(Desk.Told("late"), yield_id=1)
    page.resume(Desk.Told("b"), yield_id=2)
    assert (await page.hears())[-1] == "Desk returned ('a', 'b')"
    for receipt, number in ((early, 2), (late, 1)):
        assert receipt.settlement is REFUSED
        assert receipt.reason == (
            f"stale: yield {number} of Talk.Desk does not wait any more for Talk.Desk.Told"
        )


@under("hand", "hosted", "task")
async def test_Y2_instances_are_addressed_apart(page: Stage) -> None:
    for name in ("left", "right"):
        page.start(Desk, ask_once, instance=name)
    assert await page.hears() == [
        "Desk[left] asks Ask(number=1) #1",
        "Desk[right] asks Ask(number=1) #1",
    ]
    page.resume(Desk.Told("r"), instance="right", yield_id=1)
    assert await page.hears() == ["Desk[right] returned 'r'"]
    nobody = page.resume(Desk.Told("x"))
    page.resume(Desk.Told("l"), instance="left")
    assert await page.hears() == ["Desk[left] returned 'l'"]
    assert nobody.reason.startswith("no spindle: Talk.Desk is not running")


@under("hand", "hosted", "task")
async def test_Y5_an_event_for_a_spindle_that_is_not_there(page: Stage) -> None:
    never = page.resume(Desk.Told())
    page.start(Bell, ring_once)
    await page.settle()
    page.resume(Bell.Rung())
    await page.settle()
    ended = page.resume(Bell.Rung())
    kept_by_nobody = page.resume(Desk.Queued(1))
    unknown = page.resume(Bell.Rung(), instance="second")
    await page.settle()
    for receipt, who in (
        (never, "Talk.Desk"),
        (ended, "Talk.Bell"),
        (kept_by_nobody, "Talk.Desk"),
        (unknown, "Talk.Bell['second']"),
    ):
        assert receipt.settlement is REFUSED
        assert receipt.reason == (
            f"no spindle: {who} is not running (it has ended, or was never started)"
        )
    assert page.balance() == (5, 1, 4, 0, 0)


@under("hand", "hosted", "task")
async def test_Y5_an_event_for_a_page_that_has_ended(page: Stage) -> None:
    page.start(Desk, ask_once)
    await page.settle()
    await page.cancel("closing time")
    receipt = page.resume(Desk.Told())
    assert receipt.settlement is REFUSED
    assert receipt.reason == "the page has ended (closing time)"
    assert page.balance() == (1, 0, 1, 0, 0)


@under("hand", "hosted", "task")
async def test_Y6_an_event_the_yield_does_not_accept_never_resumes_it(page: Stage) -> None:
    page.start(Desk, ask_once)
    await page.settle()
    page.said()
    kept = page.resume(Desk.Queued(1))
    assert await page.hears() == []
    assert kept.settlement is None
    wrong = page.resume(Desk.Queued(2), yield_id=1)
    await page.settle()
    assert wrong.settlement is REFUSED
    assert wrong.reason == (
        "not asked: yield 1 of Talk.Desk, Talk.Desk.Ask, takes Talk.Desk.Told, not Talk.Desk.Queued"
    )
    page.resume(Desk.Told("right"))
    assert await page.hears() == ["Desk returned 'right'"]
    assert kept.settlement is Settlement.DEAD_LETTERED
    assert kept.reason == "Talk.Desk ended before it took the event"


@under("hand", "hosted", "task")
async def test_Y6_an_answer_nobody_asked_for_is_refused_by_its_delivery(page: Stage) -> None:
    async def take_then_ask() -> str:
        await Desk.Take()
        return (await Desk.Ask()).word

    page.start(Desk, take_then_ask)
    await page.settle()
    early = page.resume(Desk.Told("too early"))
    await page.settle()
    assert early.settlement is REFUSED
    assert early.reason == (
        "not asked: Talk.Desk asks Talk.Desk.Take (takes Talk.Desk.Queued), "
        "which Talk.Desk.Told does not answer"
    )
    page.resume(Desk.Queued(1))
    page.resume(Desk.Told("now"))
    assert (await page.hears())[-1] == "Desk returned 'now'"


@under("hosted", "task")
async def test_Y7_only_the_resumed_spindle_speaks(page: Stage) -> None:
    async def chatter(name: str) -> None:
        while True:
            told = await Desk.Ask()
            await Desk.Said(f"{name} {told.word}")

    names = [f"s{number}" for number in range(20)]
    for name in names:
        page.start(Desk, chatter, name, instance=name)
    assert len(await page.hears()) == 20
    for name in ("s7", "s0", "s19"):
        page.resume(Desk.Told("hi"), instance=name)
        assert [line.split(" ")[0] for line in await page.hears()] == [f"Desk[{name}]"] * 2
