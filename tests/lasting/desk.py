"""A page whose story is known: what its spindles have done, turn by turn."""

from __future__ import annotations

from spindle import (
    Cell,
    Contract,
    Event,
    Notify,
    OutcomeUnknown,
    Port,
    Spindle,
    Yield,
    await_all,
    fiber,
    mark,
    once,
    read,
    sleep,
    use,
    write,
)

__all__ = ["EVENTS", "PAGES", "SCRIPTS", "Buyer", "Clerk", "Desk", "Shop", "starts", "words"]


class Desk(Contract):
    class Buyer(Spindle[None]):
        story = Cell[list[str]]()

        class Look(Event):
            turn: int
            seq: int

        class Order(Event):
            turn: int
            seq: int

        class Pay(Event):
            turn: int
            seq: int

        class Both(Event):
            turn: int
            seq: int

        class Nap(Event):
            turn: int
            seq: int

        class Ask(Yield[Look | Order | Pay | Both | Nap]):
            turn: int

        class Told(Notify):
            turn: int
            text: str

    class Clerk(Spindle[None]):
        story = Cell[list[str]]()

        class Note(Event):
            turn: int
            seq: int

        class File(Event):
            turn: int
            seq: int

        class Ask(Yield[Note | File]):
            turn: int

        class Told(Notify):
            turn: int
            text: str

    class Watcher(Spindle[None]):
        class Seen(Notify):
            turns: int


class Shop(Port):
    @read
    async def price(self, page: str, turn: int) -> str: ...
    @write
    async def order(self, page: str, turn: int) -> str: ...
    @once
    async def pay(self, page: str, turn: int) -> str: ...
    @write
    async def file(self, page: str, turn: int) -> str: ...


Buyer, Clerk, Watcher = Desk.Buyer, Desk.Clerk, Desk.Watcher
EVENTS = {
    each.__name__: each
    for each in (Buyer.Look, Buyer.Order, Buyer.Pay, Buyer.Both, Buyer.Nap, Clerk.Note, Clerk.File)
}
SCRIPTS = {
    "Buyer": ["Look", "Order", "Pay", "Nap", "Both", "Pay", "Order", "Look", "Both", "Pay"],
    "Clerk": ["Note", "File", "Note", "File", "Note", "Note", "File", "Note"],
}
"""What each client says, turn by turn."""


async def buys(page: str, marks: bool, story: list[str]) -> None:
    shop = await use(Shop)
    while True:
        if marks:
            await mark(page, marks, story)
        await Buyer.story.put(story)
        turn = len(story)
        match await Buyer.Ask(turn):
            case Buyer.Look(number):
                text = await shop.price(page, number)
            case Buyer.Order(number):
                text = await shop.order(page, number)
            case Buyer.Pay(number):
                try:
                    text = await shop.pay(page, number)
                except OutcomeUnknown:
                    text = f"unknown {number}"
            case Buyer.Both(number):
                looks = await fiber(looks_up, page, number)
                orders = await fiber(puts_in, page, number)
                text = ", ".join(await await_all(looks, orders))
            case Buyer.Nap(number):
                await sleep(0.002)
                text = f"napped {number}"
        await Buyer.Told(turn, text)
        story = [*story, text]


async def looks_up(page: str, turn: int) -> str:
    return await (await use(Shop)).price(page, turn)


async def puts_in(page: str, turn: int) -> str:
    return await (await use(Shop)).order(page, turn)


async def files(page: str, marks: bool, story: list[str]) -> None:
    shop = await use(Shop)
    while True:
        if marks:
            await mark(page, marks, story)
        await Clerk.story.put(story)
        turn = len(story)
        match await Clerk.Ask(turn):
            case Clerk.Note(number):
                text = f"note {number}"
            case Clerk.File(number):
                text = await shop.file(page, number)
        await Clerk.Told(turn, text)
        story = [*story, text]


async def watches() -> None:
    changes = Buyer.story.changes()
    while True:
        await Watcher.Seen(len(await changes.next()))


PAGES = {"marks": True, "long": False}
"""One whose log begins anew at marks, and one whose log is kept from its beginning."""


def starts(page: str) -> list[tuple[type[Spindle[None]], object, tuple[object, ...]]]:
    """What runs on a page: blocks, functions and arguments."""
    begun: list[tuple[type[Spindle[None]], object, tuple[object, ...]]] = [
        (Buyer, buys, (page, PAGES[page], [])),
        (Clerk, files, (page, PAGES[page], [])),
    ]
    if not PAGES[page]:
        begun.append((Watcher, watches, ()))
    return begun


def words(word: str, turn: int) -> str:
    """What a turn comes to if nothing is in doubt."""
    said = {
        "Look": "price {0}",
        "Order": "order {0}",
        "Pay": "pay {0}",
        "Both": "price {0}, order {0}",
        "Nap": "napped {0}",
        "Note": "note {0}",
        "File": "file {0}",
    }
    return said[word].format(turn)
