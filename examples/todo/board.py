"""What there is to do: the contract, the port, and the one spindle."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from spindle import Contract, Delivery, Event, Notify, Port, Spindle, Yield, read, use, write

__all__ = ["Board", "Filter", "NotSaved", "Todo", "TodoStore", "Todos", "board", "changed"]

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
    """Where the list is kept."""

    @read
    async def load(self) -> tuple[Todo, ...]:
        """The list as it was saved last."""

    @write
    async def save(self, todos: tuple[Todo, ...]) -> None:
        """Keep it; raises `NotSaved`."""


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
                after = changed(todos, change)
                try:
                    await store.save(after)
                except NotSaved as error:
                    await Board.Failed(str(error))
                else:
                    todos = after


def changed(
    todos: tuple[Todo, ...], change: Board.Added | Board.Ticked | Board.Deleted
) -> tuple[Todo, ...]:
    """Make the list that comes of a change."""
    match change:
        case Board.Added(text):
            number = max((each.id for each in todos), default=0) + 1
            return (*todos, Todo(number, text.strip()))
        case Board.Ticked(id, done):
            return tuple(replace(each, done=done) if each.id == id else each for each in todos)
        case Board.Deleted(id):
            return tuple(each for each in todos if each.id != id)
