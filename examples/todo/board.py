"""What there is to do: the contract, the port, and the one spindle."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, TypeAlias

import msgspec

from spindle import Contract, Delivery, Event, Notify, Port, Spindle, Yield, once, read, use, write

__all__ = ["Board", "Filter", "NotSaved", "Todo", "TodoStore", "Todos", "board", "save"]

Filter: TypeAlias = Literal["all", "open", "done"]
Filled = Annotated[str, msgspec.Meta(pattern=r"\S", extra={"message": "What is to be done?"})]


class Todo(msgspec.Struct, frozen=True):
    """One thing to do."""

    id: int
    text: str
    done: bool = False


class Queued(Event):
    """Waits in the mailbox while the one before it is saved."""

    delivery: ClassVar = Delivery.QUEUE


class Todos(Contract):
    """All that may be said."""

    class Board(Spindle):
        """The list."""

        class Added(Queued):
            """Something more is to be done."""

            text: Filled

        class Ticked(Queued):
            """It is done, or is not after all."""

            id: int
            done: bool

        class Deleted(Queued):
            """It is to be done no more."""

            id: int

        class Filtered(Queued):
            """Those are to be shown."""

            filter: Filter

        class Showing(Yield[Added | Ticked | Deleted | Filtered]):
            """The list as it is; the visitor may do something about it."""

            todos: tuple[Todo, ...]
            filter: Filter = "all"
            left: int = 0

        class Failed(Notify):
            """A change was not saved, and is undone."""

            why: str


Board = Todos.Board


class NotSaved(Exception):
    """The list could not be written down."""


class TodoStore(Port):
    """Where the list is kept. What changes it raises `NotSaved` if that fails."""

    @read
    async def load(self) -> tuple[Todo, ...]:
        """The list as it is now."""

    @once
    async def add(self, text: str) -> None:
        """Add something to do."""

    @write
    async def tick(self, id: int, done: bool) -> None:
        """Say whether it is done."""

    @write
    async def delete(self, id: int) -> None:
        """Forget it."""


async def board() -> None:
    """Show the list, for ever. A change counts once it is saved."""
    store = await use(TodoStore)
    todos = await store.load()
    filter: Filter = "all"
    while True:
        shown = tuple(each for each in todos if filter == "all" or each.done == (filter == "done"))
        match await Board.Showing(shown, filter, sum(not each.done for each in todos)):
            case Board.Filtered(filter):
                pass
            case change:
                try:
                    await save(store, change)
                except NotSaved as error:
                    await Board.Failed(str(error))
                else:
                    todos = await store.load()


async def save(store: TodoStore, change: Board.Added | Board.Ticked | Board.Deleted) -> None:
    """Make a change where the list is kept, one row at a time: others may change it, too."""
    match change:
        case Board.Added(text):
            await store.add(text.strip())
        case Board.Ticked(id, done):
            await store.tick(id, done)
        case Board.Deleted(id):
            await store.delete(id)
