"""Who waits at an outbox: served in order, woken sparingly, losing nothing when cancelled."""

from __future__ import annotations

import random
import signal
import sys
from contextlib import asynccontextmanager, suppress
from itertools import count

import pytest
import trio
import trio.testing

from spindle import Notified, Source
from spindle._runtime import outbox as outbox_module
from spindle._runtime.outbox import Outbox
from tests.drivers import NoPage, on_trio, run_on_trio
from tests.talk import Desk

settled = trio.testing.wait_all_tasks_blocked


def item(number: int) -> tuple[Source, Notified]:
    return Source(Desk), Notified(Desk.Said(str(number)))


class Queue:
    """An outbox with tasks that receive once each, in the order they came."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self.nursery = nursery
        self.outbox = Outbox(NoPage())
        self.got: dict[str, object] = {}
        self.scopes: dict[str, trio.CancelScope] = {}

    async def join(self, *names: str) -> None:
        for name in names:
            self.come(name)
            await settled()

    def come(self, name: str) -> None:
        self.scopes[name] = trio.CancelScope()
        self.nursery.start_soon(self._receive, name)

    def put(self, *numbers: int) -> None:
        for number in numbers:
            self.outbox.put(item(number))

    def cancel(self, name: str) -> None:
        self.scopes[name].cancel()

    async def _receive(self, name: str) -> None:
        with self.scopes[name]:
            try:
                _, message = await self.outbox.receive()
                assert isinstance(message, Notified)
                assert isinstance(message.notify, Desk.Said)
                self.got[name] = int(message.notify.word)
            except (trio.EndOfChannel, trio.ClosedResourceError) as error:
                self.got[name] = type(error)

    @property
    def waiting(self) -> tuple[int, int]:
        now = self.outbox.statistics()
        return now.waiting, now.receivers


@asynccontextmanager
async def opened():
    """A queue; whoever still waits in the end is cancelled."""
    async with trio.open_nursery() as nursery:
        yield Queue(nursery)
        nursery.cancel_scope.cancel()


@on_trio(1)
async def test_receive_is_always_a_checkpoint() -> None:
    async with opened() as queue:
        queue.put(1)
        with trio.testing.assert_checkpoints():
            await queue.outbox.receive()
        queue.outbox.end()
        with trio.testing.assert_checkpoints(), pytest.raises(trio.EndOfChannel):
            await queue.outbox.receive()
        queue.outbox.close()
        with trio.testing.assert_checkpoints(), pytest.raises(trio.ClosedResourceError):
            await queue.outbox.receive()


@on_trio(1)
async def test_a_receiver_that_is_cancelled_already_takes_nothing() -> None:
    async with opened() as queue:
        queue.put(1)
        with trio.CancelScope() as scope:
            scope.cancel()
            await queue.outbox.receive()
        assert scope.cancelled_caught
        assert queue.waiting == (1, 0)


@on_trio(1)
async def test_a_message_that_was_taken_is_returned_although_a_cancel_came() -> None:
    async with opened() as queue:
        queue.put(1)
        queue.come("a")
        while queue.outbox.statistics().waiting:
            await trio.lowlevel.cancel_shielded_checkpoint()
        queue.cancel("a")
        await settled()
        assert queue.got == {"a": 1}


@on_trio()
async def test_an_event_then_a_cancel_in_the_same_tick() -> None:
    async with opened() as queue:
        await queue.join("a", "b")
        queue.put(1)
        queue.cancel("a")
        await settled()
        assert queue.got == {"a": 1}
        queue.put(2)
        await settled()
        assert queue.got == {"a": 1, "b": 2}


@on_trio()
async def test_a_cancel_then_an_event_in_the_same_tick() -> None:
    async with opened() as queue:
        await queue.join("a", "b", "c")
        queue.cancel("b")
        queue.cancel("a")
        queue.put(1)
        await settled()
        assert queue.got == {"c": 1}
        await queue.join("d")
        queue.cancel("d")
        queue.put(2)
        await settled()
        assert queue.got == {"c": 1}
        assert queue.waiting == (1, 0)


@on_trio()
async def test_who_waits_longest_is_served_first() -> None:
    async with opened() as queue:
        await queue.join("a", "b", "c", "d")
        queue.put(1, 2, 3)
        await settled()
        assert queue.got == {"a": 1, "b": 2, "c": 3}
        assert queue.waiting == (0, 1)


@on_trio(10)
async def test_who_comes_later_does_not_overtake_who_was_woken() -> None:
    async with opened() as queue:
        await queue.join("a")
        queue.put(1)
        queue.come("b")
        await settled()
        assert queue.got == {"a": 1}


@on_trio()
async def test_who_was_woken_for_nothing_keeps_its_place() -> None:
    async with opened() as queue:
        await queue.join("a", "b")
        queue.put(1)
        assert queue.outbox.receive_nowait() == item(1)
        await settled()
        assert queue.got == {}
        queue.put(2)
        await settled()
        assert queue.got == {"a": 2}


@on_trio()
async def test_who_was_woken_for_nothing_can_be_cancelled() -> None:
    async with opened() as queue:
        await queue.join("a", "b")
        queue.put(1)
        queue.outbox.receive_nowait()
        queue.cancel("a")
        await settled()
        assert queue.waiting == (0, 1)
        queue.put(2)
        await settled()
        assert queue.got == {"b": 2}


class Wakes(trio.abc.Instrument):
    def __init__(self) -> None:
        self.woken: list[trio.lowlevel.Task] = []

    def task_scheduled(self, task: trio.lowlevel.Task) -> None:
        if task is not trio.lowlevel.current_task():
            self.woken.append(task)


@pytest.mark.parametrize("receivers", ["a", "abc"])
@on_trio(1)
async def test_a_batch_wakes_one_task(receivers: str) -> None:
    async with opened() as queue:
        await queue.join(*receivers)
        wakes = Wakes()
        trio.lowlevel.add_instrument(wakes)
        queue.put(*range(10))
        trio.lowlevel.remove_instrument(wakes)
        assert len(wakes.woken) == 1


@on_trio(1)
async def test_nobody_is_woken_for_nothing() -> None:
    async with opened() as queue:
        await queue.join("a", "b", "c")
        wakes = Wakes()
        queue.put(1)
        trio.lowlevel.add_instrument(wakes)
        while "a" not in queue.got:
            await trio.lowlevel.checkpoint()
        trio.lowlevel.remove_instrument(wakes)
        assert wakes.woken == []


@on_trio()
@pytest.mark.parametrize("over", ["end", "close"])
async def test_who_waits_learns_that_nothing_comes(over: str) -> None:
    async with opened() as queue:
        await queue.join("a", "b", "c")
        getattr(queue.outbox, over)()
        await settled()
        error = {"end": trio.EndOfChannel, "close": trio.ClosedResourceError}[over]
        assert queue.got == dict.fromkeys("abc", error)


@on_trio()
async def test_the_end_reaches_everybody_after_the_last_message() -> None:
    async with opened() as queue:
        await queue.join("a", "b", "c")
        queue.put(1)
        queue.outbox.end()
        await settled()
        assert queue.got == {"a": 1, "b": trio.EndOfChannel, "c": trio.EndOfChannel}
        assert queue.waiting == (0, 0)


@on_trio()
async def test_closing_reaches_everybody_and_drops_what_is_there() -> None:
    async with opened() as queue:
        await queue.join("a", "b", "c")
        queue.put(1, 2)
        queue.cancel("b")
        queue.outbox.close()
        queue.put(3)
        await settled()
        assert queue.got == dict.fromkeys("ac", trio.ClosedResourceError)
        assert queue.waiting == (0, 0)
        with pytest.raises(trio.ClosedResourceError):
            queue.outbox.receive_nowait()


@on_trio(30)
async def test_whatever_is_cancelled_when_nothing_is_lost_or_doubled() -> None:
    from trio._core import _run as run

    chance: random.Random = run._r  # seeded like the scheduler
    outbox, got, put = Outbox(NoPage()), [], 0

    async def receives(scope: trio.CancelScope) -> None:
        left = chance.randrange(1, 5)
        with scope, suppress(trio.EndOfChannel):
            while left:
                got.append(await outbox.receive())
                left -= 1

    async with trio.open_nursery() as nursery:
        scopes = []
        for _ in range(200):
            match chance.randrange(6):
                case 0 | 1:
                    scopes.append(trio.CancelScope())
                    nursery.start_soon(receives, scopes[-1])
                case 2 | 3:
                    outbox.put(item(put))
                    put += 1
                case 4 if scopes:
                    chance.choice(scopes).cancel()
                case _:
                    await trio.lowlevel.checkpoint()
            if chance.random() < 0.05:
                with suppress(trio.WouldBlock):
                    got.append(outbox.receive_nowait())
        await settled()
        now = outbox.statistics()
        assert not (now.waiting and now.receivers), "somebody waits beside what is there"
        outbox.end()
    left = [item async for item in outbox]
    assert sorted(int(message.notify.word) for _, message in got + left) == list(range(put))


def test_an_interrupt_of_a_waiting_receiver_is_a_cancellation() -> None:
    outbox = Outbox(NoPage())

    @trio.lowlevel.enable_ki_protection
    async def interrupts() -> None:
        await settled()
        signal.raise_signal(signal.SIGINT)
        while outbox.statistics().receivers:
            await trio.lowlevel.cancel_shielded_checkpoint()
        outbox.put(item(1))

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(interrupts)
            await outbox.receive()

    with pytest.raises((KeyboardInterrupt, BaseExceptionGroup)):
        run_on_trio(main, 0)
    assert outbox.statistics().receivers == 0
    assert outbox.receive_nowait() == item(1)


def interrupted(nth: int, over: str) -> bool:
    """Press Ctrl-C at the nth line of the outbox's that runs; tells whether there was one."""
    outbox, done, got = Outbox(NoPage()), [], []
    lines = count(1)

    def trace(frame, event, arg):
        if frame.f_code.co_filename != outbox_module.__file__:
            return None
        if event == "line" and next(lines) == nth:
            signal.raise_signal(signal.SIGINT)
        return trace

    async def receives(number: int) -> None:
        for _ in range(number):
            got.append(await outbox.receive())

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            sys.settrace(trace)
            nursery.start_soon(receives, 3)
            await settled()
            for number in range(5):
                outbox.put(item(number))
                done.append(item(number))
            await settled()
            got.append(outbox.receive_nowait())
            await receives(1)
            getattr(outbox, over)()
            done.append(over)

    before = sys.gettrace()
    try:
        run_on_trio(main, 0)
    except* KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)
    got += [outbox.receive_nowait() for _ in range(outbox.statistics().waiting)]
    try:
        outbox.receive_nowait()
    except (trio.EndOfChannel, trio.ClosedResourceError):
        got.append(over)
    except trio.WouldBlock:
        pass
    assert got == done
    assert outbox.statistics().receivers == 0
    return next(lines) > nth


@pytest.mark.parametrize("over", ["end", "close"])
def test_an_interrupt_at_any_line_loses_nothing(over: str) -> None:
    lines = next(nth for nth in count(1) if not interrupted(nth, over))
    assert lines > 50
