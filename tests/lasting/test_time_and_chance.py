"""A8: the time and chance of a page that is killed, and taken up when the clock has gone on."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from spindle import (
    Contract,
    Event,
    Notified,
    Notify,
    PageMachine,
    Spindle,
    Yield,
    mark,
    now,
    open_durable_host,
    random_float,
    sleep,
    unique_id,
)
from spindle._lasting.looks import until_kept
from spindle.durable import MemoryStore
from tests.lasting.make_golden import copied
from tests.lasting.test_pages import received


class Dice(Contract):
    class Cup(Spindle[None]):
        class Rolled(Notify):
            round: int
            at: float
            chance: float
            name: str

        class Stop(Event):
            pass

        class Ask(Yield[Stop]):
            pass


Cup = Dice.Cup


async def rolls() -> None:
    for number in range(3):
        await Cup.Rolled(number, await now(), await random_float(), str(await unique_id()))
        await sleep(10)
    await Cup.Ask()


async def rolls_anew(number: int) -> None:
    while number < 3:
        await mark(number)
        await Cup.Rolled(number, await now(), await random_float(), str(await unique_id()))
        await sleep(10)
        number += 1
    await Cup.Ask()


def rolled(page: PageMachine) -> dict[int, tuple[float, float, str]]:
    told = [sent.notify for sent in received(page) if isinstance(sent, Notified)]
    return {each.round: (each.at, each.chance, each.name) for each in told}


@pytest.mark.parametrize("killed_at", [4, 14])
@pytest.mark.parametrize("down", [1, 100])
@pytest.mark.parametrize("fn", [rolls, rolls_anew])
async def test_A8_time_and_chance_are_those_of_a_page_that_was_never_killed(
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    fn: object,
    down: float,
    killed_at: float,
) -> None:
    """What was drawn is given again; sleeps end when they were to, or at once, at their time."""
    monkeypatch.setattr("secrets.randbits", lambda _: 7)
    store, left, other = (MemoryStore(clock=trio.current_time) for _ in range(3))
    hosts = {"wake": None, "wall_clock": trio.current_time, "snapshot_every": 1}
    args = (0,) if fn is rolls_anew else ()
    async with open_durable_host(store, **hosts) as host:
        page = await host.create(Dice, "page")
        page.start(Cup, fn, *args)
        await trio.sleep(killed_at)
        await until_kept(page)
        await copied(await store.look("page"), left)
        before = rolled(page)
        assert len(before) == 1 + killed_at // 10
    await trio.sleep(down)
    async with open_durable_host(left, **hosts) as host:
        page = await host.take_up("page")
        await trio.sleep(max(0, 30 - killed_at - down) + 0.1)
        assert page.pending()
        after = rolled(page)
    async with open_durable_host(other, **hosts) as host:
        page = await host.create(Dice, "page")
        page.start(Cup, fn, *args)
        await trio.sleep(40)
        whole = rolled(page)
    assert [at for at, _, _ in whole.values()] == [0, 10, 20]
    assert len(set(whole.values())) == 3
    assert whole == before | after
    assert after.items() >= {number: whole[number] for number in range(len(before) - 1, 3)}.items()
