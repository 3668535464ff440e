"""Whose messages a spindle may speak, and which blocks a page has."""

from __future__ import annotations

import pytest

from spindle import (
    Completed,
    Contract,
    ContractError,
    Coroutine,
    Errored,
    Event,
    Notify,
    Spindle,
    Suspended,
    UsageError,
    WrongBlock,
    Yield,
    open_page,
)
from tests.drivers import Stage, on_trio, under
from tests.talk import Bell, Desk, ask_once, ring_once


@under("hand", "hosted", "task")
async def test_C4_a_message_of_another_block_is_refused_at_its_await(page: Stage) -> None:
    seen: list[str] = []

    async def strays() -> str:
        for message in (Bell.Wait(), Bell.Rang(3)):
            try:
                await message
            except WrongBlock as error:
                seen.append(str(error))
        return (await Desk.Ask()).word

    page.start(Desk, strays)
    # Nothing of it reached the view, and the spindle goes on.
    assert await page.hears() == ["Desk asks Ask(number=1) #1"]
    page.resume(Desk.Told("on"))
    assert await page.hears() == ["Desk returned 'on'"]
    for error, message in zip(seen, ("Talk.Bell.Wait", "Talk.Bell.Rang"), strict=True):
        assert error.startswith(f"Talk.Desk awaited {message}, which belongs to Talk.Bell:")
        assert "start this function as Talk.Bell" in error


@under("hand", "hosted", "task")
async def test_C4_a_message_of_no_block_is_refused_too(page: Stage) -> None:
    class Stray(Notify): ...

    async def says_it() -> None:
        await Stray()

    handle = page.start(Desk, says_it)
    assert await page.hears() == ["Desk failed: WrongBlock"]
    assert str(handle.outcome.error).startswith("Talk.Desk awaited ")
    assert "which belongs to no block: declare it inside Talk.Desk" in str(handle.outcome.error)


@under("hand", "hosted", "task")
async def test_C4_the_event_in_hand_goes_down_with_its_spindle(page: Stage) -> None:
    async def strays() -> None:
        await Desk.Ask()
        await Bell.Wait()

    page.start(Desk, strays)
    await page.settle()
    receipt = page.resume(Desk.Told("on"))
    await page.settle()
    assert receipt.reason == "Talk.Desk failed with WrongBlock while it handled the event"
    assert page.balance() == (1, 0, 0, 1, 0)


class Lamp(Spindle[str]):
    """A block that belongs to no contract."""

    class Switched(Event):
        on: bool = True

    class Wait(Yield[Switched]): ...


async def light() -> str:
    return "bright" if (await Lamp.Wait()).on else "dark"


def test_C5_a_lone_block_by_hand() -> None:
    fiber = Coroutine(light)
    assert fiber.run() == Suspended(Lamp.Wait())
    assert fiber.run(Lamp.Switched()) == Completed("bright")


@under("hand", "hosted", "task", contract=Lamp)
async def test_C5_a_lone_block_is_a_contract(page: Stage) -> None:
    page.start(Lamp, light)
    assert await page.hears() == ["Lamp asks Wait() #1"]
    page.resume(Lamp.Switched(on=False))
    assert await page.hears() == ["Lamp returned 'dark'"]


class Hall(Contract):
    Lamp = Lamp


class Stairs(Contract):
    Lamp = Lamp

    class Step(Spindle[None]):
        class Taken(Event): ...

        class Wait(Yield[Taken]): ...


@under("hosted", "task", contract=Hall)
async def test_C5_one_block_in_two_contracts(page: Stage) -> None:
    async with open_page(Stairs, hosted=page.driver == "hosted") as other:
        page.start(Lamp, light)
        handle = other.start(Lamp, light)
        await page.settle()
        other.resume(Lamp.Switched())
        await page.settle()
        assert handle.outcome == Completed("bright")
        assert page.said() == ["Lamp asks Wait() #1"]
        page.resume(Lamp.Switched(on=False))
        assert await page.hears() == ["Lamp returned 'dark'"]


@on_trio(1)
async def test_a_page_takes_blocks_and_events_of_its_contract_only() -> None:
    async with open_page(Hall) as page:
        with pytest.raises(UsageError, match=r"Desk is not a block of this page's contract.*Lamp"):
            page.start(Desk, ask_once)
        with pytest.raises(UsageError, match=r"Told is not an event of this page's contract.*Lamp"):
            page.resume(Desk.Told())
        for no_event in (Lamp.Switched, "on", Lamp.Wait()):
            with pytest.raises(UsageError, match=r"resume\(\) takes an event"):
                page.resume(no_event)
        assert page.ledger.accepted == 0
        assert page.pending() == []


@on_trio(1)
async def test_a_start_without_its_block_says_what_is_missing() -> None:
    async with open_page(Hall) as page:
        with pytest.raises(UsageError, match=r"write start\(SomeBlock, light, \.\.\.\).*Lamp"):
            page.start(light, 1)
        with pytest.raises(UsageError, match="start"):
            page.start(light)
        with pytest.raises(UsageError, match="start"):
            page.start(Lamp)


@on_trio()
async def test_a_page_is_opened_with_a_contract_or_a_block() -> None:
    for nothing in (Spindle, Contract, int, Desk.Told, "Talk"):
        with pytest.raises(ContractError):
            async with open_page(nothing):
                pass


@under("hand", "hosted", "task")
async def test_two_blocks_do_not_hear_each_others_events(page: Stage) -> None:
    page.start(Desk, ask_once)
    page.start(Bell, ring_once)
    await page.settle()
    page.resume(Bell.Rung(2))
    assert (await page.hears())[-1] == "Bell returned 2"
    page.resume(Desk.Told("one"))
    assert await page.hears() == ["Desk returned 'one'"]


def test_a_coroutine_by_hand_speaks_for_the_block_of_its_first_message() -> None:
    async def strays() -> None:
        await Desk.Said("a")
        await Bell.Wait()

    fiber = Coroutine(strays)
    ended = fiber.run()
    assert isinstance(ended, Errored)
    assert isinstance(ended.error, WrongBlock)
    assert fiber.notified == (Desk.Said("a"),)


def test_a_coroutine_by_hand_may_say_what_belongs_to_no_block() -> None:
    class Loose(Notify): ...

    class Answer(Event): ...

    class Question(Yield[Answer]): ...

    async def talks() -> None:
        await Loose()
        await Question()

    fiber = Coroutine(talks)
    assert fiber.run() == Suspended(Question())
    assert fiber.notified == (Loose(),)
    assert fiber.run(Answer()) == Completed(None)
