"""What random pages have found, each as small as it could be made."""

from __future__ import annotations

from spindle import ESCALATE, Restart, Settlement, When, fork, sleep
from tests.drivers import Stage, under
from tests.laboratory.programs.comparison import check_equal
from tests.laboratory.programs.script import Script, Start
from tests.laboratory.programs.statement import Ask, Body, Fork, Program, Raise
from tests.talk import Bell, Desk, ask_once, ring_once

LEFT = ("Left", None)


def page(*bodies: Body) -> Script:
    """A page where one spindle after the other is started."""
    return Script(tuple((Start(LEFT, Program(body)),) for body in bodies))


def test_F2_a_spindle_that_replaces_one_which_has_not_run_yet_starts_once() -> None:
    """The one before it was over in the same breath, and both it and the fork let this one run."""
    other = ("Left", "x")
    check_equal(
        page((Fork(other, Program((Raise(),))), Fork(other, Program((Ask(),)), replace=True)))
    )


@under("hand", "hosted", "task")
async def test_Y2_a_spindle_that_replaces_another_takes_none_of_its_numbers(page: Stage) -> None:
    """An answer to what the old one asked would have been taken for one to the new one."""

    async def replaces() -> None:
        await fork(Desk, ask_once, replace=True)

    page.start(Desk, ask_once)
    await page.settle()
    page.start(Bell, replaces)
    await page.settle()
    late = page.resume(Desk.Told("too late"), yield_id=1)
    assert await page.hears() == [
        "Desk asks Ask(number=1) #1",
        "Desk withdraws Ask(number=1) #1",
        "Bell returned None",
        "Desk was cancelled: replaced by another one (replaced)",
        "Desk asks Ask(number=1) #2",
    ]
    assert late.settlement is Settlement.REFUSED


def test_K1_spindles_end_in_the_order_of_their_starts() -> None:
    """Where starts come in a burst, the first of them may have forked before the second's turn."""
    forks = Program((Fork(("Left", "x"), Program((Ask(),))),))
    check_equal(Script(((Start(LEFT, forks), Start(LEFT, Program((Ask(),)))),)))


@under("hand", "hosted", "task")
async def test_Y5_an_event_does_not_overtake_the_start_of_its_spindle(page: Stage) -> None:
    """Where it was sent first: nobody was there yet, even if both are applied in one burst."""

    async def takes() -> int:
        return (await Desk.Take()).number

    page.start(Bell, ring_once)
    early = page.resume(Desk.Queued(1))
    page.start(Desk, takes)
    page.resume(Desk.Queued(2))
    await page.settle()
    assert early.settlement is Settlement.REFUSED
    assert page.said()[-1] == "Desk returned 2"


@under("hand", "hosted", "task")
async def test_E3_a_spindle_that_fails_in_the_time_of_grace_leaves_no_event_behind(
    page: Stage,
) -> None:
    """It is not started again then, and nobody else will take what its mailbox holds."""

    async def fails() -> None:
        await sleep(1)
        raise LookupError

    page.start(Desk, fails, policy=Restart(spent=ESCALATE))
    queued = page.resume(Desk.Queued(1))
    await page.settle()
    await page.stop("closing soon", 5)
    assert queued.settlement is Settlement.DEAD_LETTERED
    assert page.said() == ["Desk failed: LookupError"]
    assert page.kernel.escalated is None, "its restarts are not spent"


@under("hand", "hosted", "task")
async def test_E3_a_spindle_that_is_never_started_again_does_not_spend_its_restarts(
    page: Stage,
) -> None:
    async def fails() -> None:
        raise LookupError

    page.start(Desk, fails, policy=Restart(when=When.TEMPORARY, spent=ESCALATE))
    await page.settle()
    assert page.said() == ["Desk failed: LookupError"]
    assert page.kernel.stopping is None
