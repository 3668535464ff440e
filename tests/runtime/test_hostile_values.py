"""E2: what a spindle hands to its page, and to others, may be as hostile as what it raises."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest
import trio

from spindle import (
    Cancelled,
    Cell,
    Channel,
    Completed,
    Contract,
    Coroutine,
    Errored,
    Event,
    Notify,
    Origin,
    PageMachine,
    Spindle,
    UsageError,
    WasCancelled,
    Yield,
    await_any,
    fiber,
    fork,
    open_page,
    perform,
    timeout,
)
from tests.drivers import HOSTED, Stage, on_trio, under
from tests.runtime.hostile import stolen_cancel, street
from tests.talk import Bell, Desk, ask_once, ring_once


class HostileText(str):
    """A text that fails wherever it is looked at."""

    __slots__ = ()

    def _fails(self, *args: object) -> Any:
        raise ValueError("hostile")

    __str__ = __repr__ = __format__ = __len__ = __bool__ = __eq__ = __hash__ = __getitem__ = _fails


class HostileValue:
    """A value that fails wherever it is looked at."""

    def _fails(self, *args: object) -> Any:
        raise ValueError("hostile")

    __str__ = __repr__ = __format__ = __len__ = __bool__ = __eq__ = __hash__ = _fails  # type: ignore[assignment]

    @property
    def __class__(self) -> type:  # type: ignore[override]
        raise ValueError("hostile")


# --- reasons and names --------------------------------------------------------------------------


@under("hand", "hosted", "task")
async def test_E2_a_hostile_reason_is_a_plain_text_or_refused(page: Stage) -> None:
    async def waits() -> None:
        await Bell.Wait()

    async def cancels() -> str:
        first, second = await fork(Bell, waits), await fiber(cancelled_twice)
        await first.cancel(HostileText("hostile reason"))
        with pytest.raises(UsageError, match="reason takes a text, not <HostileValue, "):
            await second.cancel(HostileValue())  # type: ignore[arg-type]
        with pytest.raises(WasCancelled, match="hostile reason"):
            await first.result()
        await second.cancel("x" * 50_000_000)
        with pytest.raises(WasCancelled) as cut:
            await second.result()
        return str(len(str(cut.value)) < 200)

    async def cancelled_twice() -> None:
        await Desk.Ask()

    handle = page.start(Desk, cancels)
    await page.settle()
    assert handle.outcome == Completed("True")
    assert "Bell was cancelled: hostile reason (handle)" in page.said()


@HOSTED
@on_trio(2)
async def test_E2_a_hostile_instance_is_a_plain_text_or_refused(hosted: bool) -> None:
    class Side(StrEnum):
        LEFT = "left"

    async def forks() -> str:
        with pytest.raises(UsageError, match="instance= takes a text, not <HostileValue"):
            await fork(Bell, ring_once, instance=HostileValue())  # type: ignore[arg-type]
        await fork(Bell, ring_once, instance=HostileText("left"))
        right = await fork(Bell, ring_once, instance="right")
        await right.cancel()
        return "done"

    async with street(hosted) as around:
        assert await around.end_of(around.start(forks)) == Completed("done")
        receipt = around.page.resume(Bell.Rung(), instance=Side.LEFT)
        assert (await receipt.settled()).value == "handled"


def test_E2_a_hostile_name_of_a_cell_is_a_plain_text_or_refused() -> None:
    with pytest.raises(
        UsageError, match=r"of\(\) takes the name of an instance, a str, not <HostileValue"
    ):
        Kept.box.of(HostileValue())  # type: ignore[arg-type]
    assert Kept.box.of(HostileText("left")) is Kept.box.of("left")


@HOSTED
@on_trio(1)
async def test_E2_reasons_from_outside_are_texts_too(hosted: bool) -> None:
    async with open_page(Desk, hosted=hosted) as page:
        for ends in (page.cancel(3), page.stop(3, grace=1)):  # type: ignore[arg-type]
            with pytest.raises(UsageError, match="reason takes a text, not 3"):
                await ends
        with pytest.raises(UsageError, match="reason takes a text, not 3"):
            page.cancel_nowait(3)  # type: ignore[arg-type]
        assert not page.ended


@HOSTED
@on_trio(1)
async def test_E2_an_error_that_leaves_a_timeout_is_not_asked_for_its_traceback(
    hosted: bool,
) -> None:
    class Hostile(Exception):
        @property
        def __traceback__(self) -> None:  # type: ignore[override]
            raise RuntimeError

    async def fails() -> None:
        async with timeout(5):
            raise Hostile

    async with street(hosted) as around:
        outcome = await around.end_of(around.start(fails))
        assert isinstance(outcome, Errored)
        assert type(outcome.error) is Hostile


# --- messages and values ------------------------------------------------------------------------


class Kept(Spindle[object]):
    box = Cell[object]()

    class Given(Event):
        thing: object = None

    class Want(Yield[Given]):
        thing: object = None

    class Told(Notify):
        thing: object = None


class Held(Contract):
    Kept = Kept

    class Reader(Spindle[object]):
        class Told(Notify):
            number: int


@HOSTED
@on_trio(3)
async def test_E2_hostile_values_pass_through_cells_channels_messages_and_results(
    hosted: bool,
) -> None:
    thing = HostileValue()

    async def gives(channel: Channel[object]) -> object:
        changes = Kept.box.changes()
        await Kept.box.put(thing)
        assert (await Kept.box.put(thing)).old is thing
        assert await Kept.box.get(thing) is thing
        await Kept.Told(thing)
        assert (await await_any(Kept.Want(thing), changes.next()))[1] is thing
        await (await fiber(channel.put, thing)).result()  # type: ignore[arg-type]
        return (await Kept.Want(thing)).thing

    async def reads(channel: Channel[object]) -> object:
        assert await channel.take() is thing
        watched = await Kept.box.watch()
        return await watched.take()

    async with open_page(Held, hosted=hosted) as page:
        channel = Channel[object](1)
        giver = page.start(Kept, gives, channel)
        reader = page.start(Held.Reader, reads, channel)
        assert (await reader.wait()).value is thing  # type: ignore[union-attr]
        page.resume(Kept.Given(thing))
        assert (await giver.wait()).value is thing  # type: ignore[union-attr]


@under("hand", "hosted", "task")
async def test_E2_what_cannot_be_printed_is_told_in_a_snapshot(page: Stage) -> None:
    from spindle._core.kernel.snapshot import tree

    class NoName:
        def __call__(self) -> Any:
            return ring_once()

        def __getattribute__(self, name: str) -> Any:
            if name == "__qualname__":
                raise ValueError("no name")
            return object.__getattribute__(self, name)

        def __repr__(self) -> str:
            raise ValueError("no repr")

    page.start(Bell, NoName())  # type: ignore[arg-type]
    await page.settle()
    assert str(tree(page.kernel)).startswith("Talk.Bell: waiting for yield 1")
    assert "<NoName, whose repr fails>" in tree(page.kernel).spindles[0].function
    page.resume(Bell.Rung(2))
    assert (await page.hears())[-1] == "Bell returned 2"


@HOSTED
@on_trio(5)
async def test_E2_what_is_dropped_in_the_middle_of_an_operation_may_use_the_page(
    hosted: bool,
) -> None:
    class Meddler:
        def __del__(self) -> None:
            around.page.resume(Bell.Rung(7))
            handles.append(around.start(ring_again, instance=f"{len(handles)}"))
            handles[0].cancel_nowait("dropped")

    async def ring_again() -> str:
        return "rung"

    async def drops() -> str:
        channel = Channel[object](2)
        await channel.put(Meddler())
        await channel.put(Meddler())
        await channel.fail(LookupError())
        return "dropped"

    handles: list[Any] = []
    async with street(hosted) as around:
        handles.append(around.start(ask_once, instance="first"))
        assert await around.end_of(around.start(drops)) == Completed("dropped")
        assert [await each.wait() for each in handles[1:]] == [Completed("rung")] * 2
        assert await handles[0].wait() == Cancelled("dropped", Origin.HANDLE)


# --- errors that many see -----------------------------------------------------------------------


def length_of_traceback(error: BaseException) -> int:
    length, traceback = 0, error.__traceback__
    while traceback is not None:
        length, traceback = length + 1, traceback.tb_next
    return length


@under("hand", "hosted", "task", seeds=2)
async def test_E2_an_error_that_is_joined_over_and_over_does_not_grow(page: Stage) -> None:
    async def fails() -> None:
        raise LookupError("x")

    async def joins() -> list[int]:
        lengths: list[int] = []
        failed = Channel[int]()
        await failed.fail(ValueError("x"))
        handle = await fork(Bell, fails)
        for _ in range(50):
            try:
                await handle.result()
            except LookupError as error:
                lengths.append(length_of_traceback(error))
            try:
                await failed.take()
            except ValueError as error:
                lengths.append(length_of_traceback(error))
        return lengths

    handle = page.start(Desk, joins)
    await page.settle()
    assert isinstance(handle.outcome, Completed)
    # A join after a rest of the page passes a few frames more than one within a turn.
    assert max(handle.outcome.value) < 50
    page._drained()


def test_E2_by_hand_a_hostile_reason_is_refused() -> None:
    coroutine = Coroutine(ring_once)
    coroutine.run()
    with pytest.raises(UsageError, match="takes a text"):
        coroutine.cancel(3)  # type: ignore[arg-type]
    assert coroutine.cancel(HostileText("gone")) == Cancelled("gone")


# --- exceptions that are not the spindle's own: T3, T9, T10 -------------------------------------


@HOSTED
@on_trio(5)
async def test_E2_T3_a_cancellation_that_was_kept_and_is_raised_later(hosted: bool) -> None:
    kept: list[BaseException] = []

    async def keeps() -> None:
        try:
            await Desk.Ask()
        except BaseException as cancelled:
            kept.append(cancelled)
            raise

    async def raises_it() -> None:
        raise kept[0]

    async def raises_it_in_a_port() -> None:
        await perform(raises_it)

    async def raises_it_in_a_fiber() -> None:
        await (await fiber(raises_it)).result()

    async with street(hosted) as around:
        assert await around.cancelled(around.start(keeps)) == Cancelled("enough", Origin.HANDLE)
        for does in (raises_it, raises_it_in_a_port, raises_it_in_a_fiber):
            outcome = await around.end_of(around.start(does))
            assert isinstance(outcome, Errored)
            assert isinstance(outcome.error, UsageError)
            assert "cancellation that was not its own" in str(outcome.error)


@HOSTED
@on_trio(5)
async def test_E2_T3_trios_cancellation_stolen_from_another_task(hosted: bool) -> None:
    kept = await stolen_cancel()

    async def raises_it() -> None:
        await Desk.Said("x")
        raise kept

    async def raises_it_in_a_port() -> None:
        await perform(raises_kept)

    async def raises_kept() -> None:
        raise kept

    async with street(hosted) as around:
        for does in (raises_it, raises_it_in_a_port):
            outcome = await around.end_of(around.start(does))
            assert isinstance(outcome, Errored)
            assert isinstance(outcome.error, UsageError)


@HOSTED
@on_trio(3)
async def test_E2_T10_ctrl_c_of_a_spindles_own_making_ends_the_program_once(hosted: bool) -> None:
    """As Ctrl-C that hits its code does: nobody can tell them apart."""

    async def interrupts() -> None:
        raise KeyboardInterrupt

    async def opens() -> None:
        async with open_page(Desk, hosted=hosted) as page:
            pages.append(page)
            page.start(Desk, interrupts)
            await trio.sleep_forever()

    pages: list[PageMachine] = []
    with pytest.raises(KeyboardInterrupt):
        await opens()
    assert pages[0].ended
