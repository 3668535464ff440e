"""Order is program order."""

from __future__ import annotations

import pytest
import trio

from spindle import Spindle, cleanup, fiber, open_page, sleep
from spindle._core.states import Notified, Yielded
from spindle._runtime import outbox
from tests.drivers import HOSTED, play, run_on_trio
from tests.promises.fair import Board, Desk, Fair
from tests.stage import Stage

SAID = dict[type[Spindle], list[object]]


class Crowd:
    """Two spindles and their fibers talk all at once, and write down what they say."""

    def __init__(self) -> None:
        self.said: SAID = {Desk: [], Board: []}

    async def desk(self, lines: int) -> None:
        for name in range(3):
            await fiber(self.talks, 100 * name, lines)
        await self.talks(900, lines)
        await sleep(10)

    async def talks(self, base: int, lines: int) -> None:
        try:
            for number in range(base, base + lines):
                await self.says(Desk, Desk.Served(number))
                if number % 3 == 0:
                    await self.says(Desk, Desk.Next())
                if number % 4 == 0:
                    await sleep(1)
        finally:
            async with cleanup(1):
                await self.says(Desk, Desk.Served(-base))

    async def board(self, lines: int) -> None:
        for number in range(lines):
            await self.says(Board, Board.Shows(str(number)))
            if number % 2:
                await sleep(0.5)

    async def says(self, block: type[Spindle], message) -> None:
        self.said[block].append(message)
        await message

    async def play(self, page: Stage) -> None:
        page.start(Desk, self.desk, 9)
        page.start(Board, self.board, 40)
        for number in range(16):
            page.resume(Desk.Ticket(number))
            await page.advance(0.5)


@pytest.mark.parametrize("driver", ["hand", "hosted", "task"])
def test_order_is_program_order(driver: str) -> None:
    for seed in range(1 if driver == "hand" else 8):
        crowd = Crowd()
        stage = play(driver, crowd.play, Fair, seed)
        heard = [line for line in stage.transcript if " says " in line or " asks " in line]
        for block, said in crowd.said.items():
            mine = [line.split(" ", 2)[2] for line in heard if line.startswith(block.__name__)]
            assert [line.partition(" #")[0] for line in mine] == [repr(each) for each in said]
            assert len(said) > 30


@HOSTED
def test_order_is_program_order_for_a_slow_view(
    hosted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "HIGH_WATER", 3)
    crowd = Crowd()
    heard: SAID = {Desk: [], Board: []}

    async def main() -> None:
        async with open_page(Fair, hosted=hosted) as page:
            page.start(Desk, crowd.desk, 9)
            page.start(Board, crowd.board, 40)
            for number in range(16):
                page.resume(Desk.Ticket(number))
            with trio.move_on_after(100):
                async for source, message in page.outbox:
                    await trio.sleep(0.7)
                    if isinstance(message, Notified):
                        heard[source.block].append(message.notify)
                    elif isinstance(message, Yielded):
                        heard[source.block].append(message.ask)

    run_on_trio(main, 0)
    assert len(heard[Desk]) + len(heard[Board]) > 60
    for block, said in crowd.said.items():
        assert said[: len(heard[block])] == heard[block]
