"""W6, D5: what comes into a long turn whose log begins at a mark comes there again."""

from __future__ import annotations

import trio

from spindle import (
    AsyncCoroutine,
    Log,
    Suspended,
    Yield,
    fiber,
    mark,
    now,
    open_coroutine,
    resume_coroutine,
)


class Ask(Yield[int]):
    pass


class Count(Yield[int]):
    steps: int


async def asks(answers: list[int]) -> None:
    answers.append(await Ask())


async def counts(total: int) -> None:
    """Ask after how many steps an answer came; make some before the mark, which come only once."""
    for _ in range(700):
        await now()
    while True:
        await mark(total)
        answers: list[int] = []
        await fiber(asks, answers)
        steps = 0
        while not answers:
            await now()
            steps += 1
        total += await Count(steps)


async def asked(runner: AsyncCoroutine[None], kind: type[Yield[int]]) -> Yield[int]:
    while not (isinstance(runner.state, Suspended) and isinstance(runner.state.ask, kind)):
        await trio.lowlevel.checkpoint()
    return runner.state.ask


async def test_W6_D5_an_answer_that_came_into_a_long_turn_behind_a_mark_comes_there_again() -> None:
    log = Log()
    async with open_coroutine(counts, 1, log=log) as runner:
        runner.run_nowait()
        ask = await asked(runner, Ask)
        for _ in range(5):  # it rests
            await trio.lowlevel.checkpoint()
        runner.resume_nowait(ask, 7)
        count = await asked(runner, Count)
        assert log.frames[1].early > 0
        saved = log.dump()
    async with resume_coroutine(counts, Log.load(saved)) as runner:
        assert await asked(runner, Count) == count
