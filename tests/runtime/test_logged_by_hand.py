"""W6: what a runner on trio has written is taken up by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import permutations

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import (
    Coroutine,
    Event,
    Log,
    Port,
    ReplayMismatch,
    Restart,
    Spindle,
    Suspended,
    Yield,
    fork,
    once,
    open_coroutine,
    read,
    resume_coroutine,
    sleep,
    use,
    write,
)


class Job(Spindle[None]):
    pass


class Talk(Spindle[str]):
    class Named(Event):
        text: str

    class AskName(Yield[Named]):
        pass


class Bank(Port):
    @read
    async def look(self, number: int) -> str: ...
    @write
    async def charge(self, number: int) -> str: ...
    @once
    async def pay(self, number: int) -> str: ...


@dataclass
class Counted(Bank):
    """Notes what it is asked for; ends calls of a number when it may."""

    calls: list[str] = field(default_factory=list)
    may_end: dict[int, trio.Event] = field(default_factory=dict)

    async def _called(self, what: str, number: int) -> str:
        self.calls.append(f"{what} {number}")
        if self.may_end:
            await self.may_end[number].wait()
        return what

    async def look(self, number: int) -> str:
        return await self._called("look", number)

    async def charge(self, number: int) -> str:
        return await self._called("charge", number)

    async def pay(self, number: int) -> str:
        return await self._called("pay", number)


async def one_order(number: int, how: str) -> None:
    bank = await use(Bank)
    match how:
        case "look":
            await bank.look(number)
        case "charge":
            await bank.charge(number)
        case _:
            await bank.pay(number)


async def orders(how: str) -> str:
    for number in range(3):
        await fork(Job, one_order, number, how, instance=str(number))
    return (await Talk.AskName()).text


async def fails() -> None:
    raise OSError("down")


async def restarts() -> str:
    await fork(Job, fails, policy=Restart(delay=1, intensity=2))
    await sleep(10)
    return (await Talk.AskName()).text


@pytest.mark.parametrize("how", ["look", "charge", "pay"])
@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("ended", range(4))
async def test_W6_calls_that_ended_in_another_order_than_they_began_are_not_made_again(
    ended: int, order: tuple[int, ...], how: str, autojump_clock: MockClock
) -> None:
    """So many had ended; those that were under way are made again, but what is made once."""
    bank, log = Counted(may_end={each: trio.Event() for each in range(3)}), Log()
    async with open_coroutine(orders, how, provide={Bank: bank}, log=log) as runner:
        await runner.run()
        await wait_all_tasks_blocked()
        for number in order[:ended]:
            bank.may_end[number].set()
            await wait_all_tasks_blocked()
        saved = log.dump()
    twin = Counted()
    again = Coroutine.resume(orders, Log.load(saved), provide={Bank: twin})
    assert again.state == Suspended(Talk.AskName())
    left = [] if how == "pay" else sorted(order[ended:])
    assert twin.calls == [f"{how} {number}" for number in left]


async def test_W6_it_is_said_that_a_log_was_written_on_trio(autojump_clock: MockClock) -> None:
    log = Log()
    async with open_coroutine(restarts, log=log) as runner:
        await runner.run()
        saved = log.dump()
    with pytest.raises(ReplayMismatch) as mismatch:
        Coroutine.resume(restarts, Log.load(saved))
    assert mismatch.value.__notes__[0].startswith("This input came in on trio, and is told by hand")
    async with resume_coroutine(restarts, Log.load(saved)) as runner:
        assert runner.state == Suspended(Talk.AskName())


async def test_W6_it_is_said_that_a_log_was_written_by_hand() -> None:
    log = Log()
    Coroutine(restarts, log=log).run()
    with pytest.raises(ReplayMismatch) as mismatch:
        async with resume_coroutine(restarts, Log.load(log.dump())):
            pass
    assert mismatch.value.__notes__[0].startswith("This input came in by hand, and is told on trio")
    assert Coroutine.resume(restarts, log).state == Suspended(Talk.AskName())
