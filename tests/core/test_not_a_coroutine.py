"""A function that is to run as a spindle, and holds a `yield`: that makes a generator of it."""

from __future__ import annotations

import pytest

from spindle import Coroutine, Errored, Event, Spindle, UsageError, Yield
from tests.drivers import Stage, under


class Board(Spindle):
    class Chosen(Event): ...

    class Waiting(Yield[Chosen]): ...


async def board():
    yield Board.Waiting()


def plain_board():
    yield Board.Waiting()


REMEDY = "write `await Board.Waiting(...)` instead of `yield Board.Waiting(...)`"
SLIPS = {board: REMEDY, plain_board: f"{REMEDY}, and `async def`"}


def told(fn, remedy: str) -> str:
    return (
        f"{fn.__name__} at {__file__}:{fn.__code__.co_firstlineno} contains `yield`, which makes a "
        f"generator of it, not a spindle: {remedy}"
    )


@under("hand", "hosted", "task", contract=Board)
async def test_a_spindle_with_a_yield_is_told_what_to_write(page: Stage) -> None:
    for fn, remedy in SLIPS.items():
        handle = page.start(Board, fn)
        await page.settle()
        outcome = handle.outcome
        assert isinstance(outcome, Errored)
        assert isinstance(outcome.error, UsageError)
        assert str(outcome.error) == told(fn, remedy)


@pytest.mark.parametrize("fn", SLIPS, ids=lambda fn: fn.__name__)
def test_a_coroutine_by_itself_that_has_not_said_for_which_block_it_speaks(fn) -> None:
    ended = Coroutine(fn).run()
    assert isinstance(ended, Errored)
    assert str(ended.error) == told(fn, SLIPS[fn].replace("Waiting(...)", "Waiting()"))
