"""What a spindle that is started again keeps, and what comes between two runs."""

from __future__ import annotations

from contextvars import ContextVar

from spindle import (
    Cell,
    Errored,
    Restart,
    Spindle,
    When,
    cleanup,
    fork,
    sleep,
)
from spindle._core.kernel.snapshot import tree
from tests.drivers import Stage, under
from tests.restarts import Runs, at_once, tell
from tests.talk import Bell, Desk


@under("hand", "hosted", "task")
async def test_E3_the_mailbox_is_kept(page: Stage) -> None:
    taken: list[int] = []

    async def takes() -> None:
        if not taken:
            taken.append((await Desk.Take()).number)
            raise LookupError
        taken.append((await Desk.Take()).number)
        taken.append((await Desk.Take()).number)

    page.start(Desk, takes, policy=Restart(delay=2, jitter=0))
    await page.settle()
    for number in (1, 2):
        page.resume(Desk.Queued(number))
    await page.advance(1)
    # Between two runs it waits in the mailbox; what names a yield, or wants one, is refused.
    late = page.resume(Desk.Queued(3))
    refused = [page.resume(Desk.Told("x")), page.resume(Desk.Queued(9), yield_id=1)]
    await page.settle()
    assert [receipt.reason for receipt in refused] == [
        "not asked: Talk.Desk does not ask for anything now, so not for Talk.Desk.Told",
        "stale: yield 1 of Talk.Desk does not wait any more for Talk.Desk.Queued",
    ]
    await page.advance(1)
    assert taken == [1, 2, 3]
    assert late.settlement.value == "handled"
    assert page.balance() == (5, 2, 2, 1, 0)


@under("hand", "hosted", "task")
async def test_E3_yield_ids_go_on_so_a_click_on_an_old_question_is_stale(page: Stage) -> None:
    runs = Runs()
    page.start(Desk, runs.__call__, policy=at_once())
    assert await page.hears() == ["Desk asks Ask(number=1) #1"]
    assert (await tell(page, "fail", yield_id=1))[-1] == "Desk asks Ask(number=2) #2"
    stale = page.resume(Desk.Told("fail"), yield_id=1)
    assert await page.hears() == []
    assert stale.reason == "stale: yield 1 of Talk.Desk does not wait any more for Talk.Desk.Told"
    assert await tell(page, "bye", yield_id=2) == ["Desk returned 'bye'"]


class Board(Spindle[object]):
    written = Cell[int]()
    never = Cell[int]()


@under("hand", "hosted", "task", contract=Board)
async def test_E3_cells_are_kept_and_not_abandoned(page: Stage) -> None:
    async def counts() -> int:
        count = await Board.written.get(0) + 1
        await Board.written.put(count)
        if count < 3:
            raise LookupError
        return count

    page.start(Board, counts, policy=Restart(delay=1, jitter=0))
    await page.advance(1)
    assert page.kernel.abandoned is None
    await page.advance(2)
    assert page.said() == [
        "Board failed: LookupError",
        "Board failed: LookupError",
        "Board returned 3",
    ]
    assert page.kernel.abandoned is not None


@under("hand", "hosted", "task")
async def test_E3_a_new_run_has_the_context_of_the_first_one(page: Stage) -> None:
    mark = ContextVar("mark", default="fresh")
    seen: list[str] = []

    async def marks() -> None:
        seen.append(mark.get())
        mark.set("used")
        raise LookupError

    page.start(Desk, marks, policy=at_once(intensity=2))
    await page.settle()
    assert seen == ["fresh"] * 3


@under("hand", "hosted", "task")
async def test_E3_cancelled_between_two_runs_it_leaves_no_deadline(page: Stage) -> None:
    runs = Runs()
    page.start(Desk, runs.__call__, policy=Restart(delay=20, jitter=0))
    await page.settle()
    receipt = page.resume(Desk.Queued(1))
    assert (await tell(page, "fail"))[-1] == "Desk failed: LookupError"
    assert str(tree(page.kernel)) == (
        "Talk.Desk: new for its restart at 20, 1 event in its mailbox, restarted 1 time"
    )
    await page.cancel("closing time")
    assert page.said() == ["Desk was cancelled: closing time (requested)"]
    assert page.kernel.timers.next_at() is None
    assert receipt.reason == "Talk.Desk ended before it took the event"
    assert runs.count == 1


@under("hand", "hosted", "task")
async def test_E3_replaced_between_two_runs(page: Stage) -> None:
    async def replaces() -> None:
        await Bell.Wait()
        await fork(Desk, Runs().__call__, replace=True)

    runs = Runs()
    page.start(Desk, runs.__call__, policy=Restart(delay=20, jitter=0))
    page.start(Bell, replaces)
    await page.settle()
    await tell(page, "fail")
    page.resume(Bell.Rung())
    await page.advance(100)
    assert page.said() == [
        "Desk was cancelled: replaced by another one (replaced)",
        "Bell returned None",
        "Desk asks Ask(number=1) #2",
    ]


@under("hand", "hosted", "task")
async def test_E3_one_that_is_being_replaced_makes_way_and_is_not_started_again(
    page: Stage,
) -> None:
    async def fails_slowly() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(5):
                await sleep(1)
            raise LookupError

    async def replaces() -> None:
        await fork(Desk, Runs().__call__, replace=True)

    page.start(Desk, fails_slowly, policy=at_once(When.PERMANENT))
    page.start(Bell, replaces)
    await page.advance(2)
    assert page.said()[-2:] == ["Desk failed: LookupError", "Desk asks Ask(number=1) #2"]


@under("hand", "hosted", "task")
async def test_E3_handles_stay_with_the_run_they_were_given_for(page: Stage) -> None:
    ends: list[object] = []
    runs = Runs()
    handle = page.start(Desk, runs.__call__, policy=at_once())

    async def joins() -> None:
        try:
            await handle.result()
        except LookupError as error:
            ends.append(str(error))

    page.start(Bell, joins)
    await page.settle()
    await tell(page, "fail")
    assert ends == ["run 1"]
    handle.cancel_nowait("of no effect: that run is over")
    assert await tell(page, "bye") == ["Desk returned 'bye'"]
    assert isinstance(handle.outcome, Errored)
