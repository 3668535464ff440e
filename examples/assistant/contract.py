"""The contract: what a visitor may say at any time, and what an answer may ask in its middle."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from examples.assistant.talk import Seat, Ticket, Train, Turn
from spindle import Cell, Contract, Delivery, Event, Notify, Spindle, Yield

__all__ = ["Assistant", "Chat"]


class Assistant(Contract):
    """The page on which somebody talks to the assistant."""

    class Chat(Spindle):
        """The conversation; it goes on until the visitor leaves."""

        talk = Cell[tuple[Turn, ...]]()
        """Everything said so far, also what was said of an answer before it was stopped."""

        class Asked(Event):
            """The visitor says something. An answer that is running makes way for it."""

            delivery: ClassVar = Delivery.QUEUE
            text: Annotated[
                str, Meta(pattern=r"\S", max_length=200, extra={"message": "Say a word or two."})
            ]

        class Stopped(Event):
            """Stops the answer that is running. For no question of its own, so it queues."""

            delivery: ClassVar = Delivery.QUEUE

        class Chosen(Event):
            """Carries which train, not what it costs."""

            number: str

        class Decided(Event):
            """Whether the seat is to be bought."""

            yes: bool

        class Listening(Yield[Asked | Stopped]):
            """What now? Asked all the time, also while an answer is running."""

        class AskWhich(Yield[Chosen]):
            """In the middle of an answer: which of these?"""

            trains: tuple[Train, ...]

        class AskApproval(Yield[Decided]):
            """In the middle of an answer: may this be paid? It can take hours."""

            seat: Seat

        class Heard(Notify):
            """What the visitor has said, chosen or decided: the next line of the conversation."""

            text: str

        class Wrote(Notify):
            """The next piece of the answer."""

            text: str

        class Reminded(Notify):
            """The approval is missing for so many hours now."""

            hours: int

        class Bought(Notify):
            """Money was paid. Said whatever happens to the answer."""

            ticket: Ticket

        class Ended(Notify):
            """The answer is over; `problem` says why, unless it came to its end."""

            problem: str = ""


Chat = Assistant.Chat
