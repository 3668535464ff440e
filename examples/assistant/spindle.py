"""The conversation: it listens at all times; what it answers runs beside that, as a fiber."""

from __future__ import annotations

from contextlib import suppress

from examples.assistant.contract import Chat
from examples.assistant.ports import Model, ModelUnavailable, Trains
from examples.assistant.talk import (
    Book,
    Booked,
    Choose,
    Chosen,
    Done,
    NotBooked,
    Said,
    Seat,
    Train,
    Turn,
    Words,
)
from spindle import Handle, TooSlow, WasCancelled, cleanup, fiber, sleep, timeout, use

__all__ = ["HELD_FOR", "HOUR", "converse"]

HOUR = 3600
HELD_FOR = 8 * HOUR


async def converse() -> None:
    """Listen, and answer. Whatever is said while an answer is running stops it first."""
    running: Handle[None] | None = None
    while True:
        heard = await Chat.Listening()
        if running is not None:
            await stop(running)
        match heard:
            case Chat.Asked(text):
                await remember(Said(text))
                await Chat.Heard(text)
                running = await fiber(answer)
            case Chat.Stopped():
                running = None


async def stop(running: Handle[None]) -> None:
    """Stop an answer, unless it is over, and wait for its cleanup."""
    await running.cancel("the visitor went on")
    with suppress(WasCancelled):
        await running.result()


async def answer() -> None:
    """Say one answer, piece by piece."""
    model = await use(Model)
    problem = "Stopped."
    try:
        while True:
            match await model.next(await Chat.talk.get(())):
                case Words(text) as piece:
                    await remember(piece)
                    await Chat.Wrote(text)
                case Choose(trains) as piece:
                    await remember(piece)
                    train = await which(trains)
                    await remember(Chosen(train))
                    await Chat.Heard(f"The {train.leaves}")
                case Book(train) as piece:
                    await remember(piece)
                    await book(train)
                case Done():
                    problem = ""
                    return
    except ModelUnavailable:
        problem = "The assistant cannot be reached. Please ask again later."
    finally:
        async with cleanup(seconds=1):
            await Chat.Ended(problem)


async def which(trains: tuple[Train, ...]) -> Train:
    """Ask until it is one of these: what a page sends may be anything."""
    while True:
        number = (await Chat.AskWhich(trains)).number
        for train in trains:
            if train.number == number:
                return train


async def book(train: Train) -> None:
    """Hold a seat until it is decided; buy it, or give it back."""
    trains = await use(Trains)
    seat = await trains.hold(train)
    if seat is None:
        await remember(NotBooked("the train is full"))
        return
    ticket = None
    try:
        if await approved(seat):
            ticket = await trains.buy(seat)
        else:
            await remember(NotBooked("you did not want it"))
    except TooSlow:
        await remember(NotBooked("nobody approved it in time"))
    finally:
        async with cleanup(seconds=2):
            if ticket is None:
                await trains.release(seat)
            else:  # it is paid, even if the visitor has stopped the answer meanwhile
                await remember(Booked(ticket))
                await Chat.Bought(ticket)


async def approved(seat: Seat) -> bool:
    """Ask whether it may be paid, and wait as long as the seat is held.

    Raises:
        TooSlow: that is over.
    """
    reminding = await fiber(remind)
    try:
        async with timeout(HELD_FOR):
            yes = (await Chat.AskApproval(seat)).yes
            await Chat.Heard("Yes, buy it" if yes else "No, leave it")
            return yes
    finally:
        await reminding.cancel("it is decided")


async def remind() -> None:
    """Say every hour that somebody is waited for."""
    hours = 0
    while True:
        await sleep(HOUR)
        hours += 1
        await Chat.Reminded(hours)


async def remember(turn: Turn) -> None:
    """Add to what the model is told."""
    _ = await Chat.talk.put((*await Chat.talk.get(()), turn))
