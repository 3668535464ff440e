"""By hand, a coroutine that does operations and never pauses is stopped, and the slip is named."""

from __future__ import annotations

import inspect

import pytest

from spindle import Completed, Coroutine, Event, Notify, Spindle, StillRunning, Yield, fiber, use
from spindle._core.kernel import hand, restless
from spindle.testing import HandPage, Transcript
from tests.talk import Clerk, Desk, Echo

STRETCH = 5_000
"""Here, and not the twentyfold."""


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in hand, restless:
        monkeypatch.setattr(module, "STRETCH", STRETCH)


class Board(Spindle):
    class Chosen(Event): ...

    class Shown(Notify):
        number: int

    class Waiting(Yield[Chosen]): ...


async def forgets_to_wait() -> None:
    while True:
        await Board.Shown(1)
        match Board.Waiting():
            case Board.Chosen():
                return


async def asks_a_port_on_and_on() -> None:
    clerk = await use(Clerk)
    while True:
        await clerk.look("at it")


def line_of(fn: object, code: str) -> str:
    lines, first = inspect.getsourcelines(fn)  # type: ignore[arg-type]
    return f"{__file__}:{first + next(at for at, line in enumerate(lines) if code in line)}"


def test_a_coroutine_that_never_pauses_is_stopped_and_told_where_it_stands() -> None:
    with pytest.raises(StillRunning) as stopped:
        Coroutine(forgets_to_wait).run()
    assert str(stopped.value) == (
        f"Board goes on and on: it did not pause in 5,000 operations, and stands at "
        f"{line_of(forgets_to_wait, 'Shown')} forgets_to_wait. Is an `await` missing, as in "
        f"`match await Board.Waiting(...):`?"
    )


def test_a_transcript_fails_with_the_two_ends_of_the_conversation() -> None:
    with pytest.raises(AssertionError) as failed:
        Transcript(forgets_to_wait)
    text = str(failed.value)
    assert text.startswith("Board goes on and on")
    assert "\n... 4,801 lines more\n" in text
    assert len(text.splitlines()) == 203


def test_a_call_is_no_pause_for_by_hand_it_is_made_at_once() -> None:
    with pytest.raises(StillRunning, match=r"asks_a_port_on_and_on. Is an `await` missing, as in "):
        Coroutine(asks_a_port_on_and_on, provide={Clerk: Echo()}).run()


def test_a_page_is_told_of_a_spindle_and_can_be_left() -> None:
    with HandPage(Board) as page:
        with pytest.raises(StillRunning, match="Board goes on and on"):
            page.start(Board, forgets_to_wait)
        page.cancel("enough")
        assert page.ended


def test_a_fiber_is_named_by_its_function() -> None:
    async def starts() -> None:
        await fiber(forgets_to_wait)
        await Board.Waiting()

    with (
        HandPage(Board) as page,
        pytest.raises(StillRunning, match="forgets_to_wait of Board goes on and on"),
    ):
        page.start(Board, starts)


def test_who_pauses_may_do_as_much_as_it_likes_altogether() -> None:
    most = STRETCH - 2

    async def works() -> str:
        for word in "ab":
            for _ in range(most):
                await Desk.Said(word)
            await Desk.Ask()
        return "done"

    run = Coroutine(works)
    for _ in range(2):
        run.run(Desk.Told() if run.notified else None)
        assert len(run.notified) == most
    assert run.run(Desk.Told()) == Completed("done")


def test_what_many_do_is_not_counted_as_one_of_them_did_it() -> None:
    """A turn is used up by all of them; each has paused, or done little."""

    async def works() -> None:
        for number in range(100):
            await Desk.Said(f"{number}")

    async def starts() -> None:
        for _ in range(1500):
            await fiber(works)

    with HandPage(Desk) as page:
        page.start(Desk, starts)
        page.wait()
