"""A language model that is none: it says what is written here, the same each time."""

from __future__ import annotations

from collections.abc import Generator, Iterable

import trio
from typing_extensions import override

from examples.assistant.ports import Model
from examples.assistant.talk import (
    Book,
    Booked,
    Choose,
    Chosen,
    Done,
    NotBooked,
    Piece,
    Said,
    Train,
    Turn,
    Words,
)

__all__ = ["ScriptedModel"]


class ScriptedModel(Model):
    """Answers from a script about these trains, a piece every `pace` seconds."""

    def __init__(self, trains: Iterable[Train], pace: float = 0) -> None:
        self._trains = tuple(trains)
        self._pace = pace

    @override
    async def next(self, talk: tuple[Turn, ...]) -> Piece:
        if self._pace:
            await trio.sleep(self._pace)
        begin = max(at for at, turn in enumerate(talk) if isinstance(turn, Said))
        said, *since = talk[begin:]
        assert isinstance(said, Said)
        return _follow(_script(said.text, self._trains), since)


def _follow(script: Generator[Piece, Turn | None], since: list[Turn]) -> Piece:
    """Run through what was said already, and give what comes next."""
    piece = next(script)
    for turn in since:
        match turn:
            case Chosen() | Booked() | NotBooked():
                piece = script.send(turn)
            case Words():
                piece = script.send(None)
            case _:
                pass  # the script waits for what comes of it
    return piece


def _script(text: str, trains: tuple[Train, ...]) -> Generator[Piece, Turn | None]:
    wanted = [train for train in trains if train.to.lower() in text.lower()]
    if not wanted:
        towns = ", ".join(sorted({train.to for train in trains}))
        yield from _words(f"I can find trains for tomorrow morning. I know these towns: {towns}.")
        yield Done()
        return
    town = wanted[0].to
    yield from _words(f"Let me see. There are {len(wanted)} trains to {town} tomorrow morning.")
    chosen = yield Choose(tuple(wanted))
    assert isinstance(chosen, Chosen)
    yield from _words("Good choice. I will hold a seat for you, and buy it if you approve.")
    match (yield Book(chosen.train)):
        case Booked(ticket):
            yield from _words(
                f"Here is your ticket. The train leaves at {ticket.seat.train.leaves}, "
                "be there five minutes earlier. Have a good journey!"
            )
        case NotBooked(why):
            yield from _words(f"I have bought nothing: {why}. Ask me again whenever you like.")
        case _:
            raise AssertionError("a booking ends in one of these")
    yield Done()


def _words(text: str) -> Generator[Piece, Turn | None]:
    for word in text.split():
        yield Words(f"{word} ")
