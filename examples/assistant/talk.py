"""What a conversation is made of, for the model and for the page.

What one of several may be carries its name along, so that a log can tell them apart.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

__all__ = [
    "Book",
    "Booked",
    "Choose",
    "Chosen",
    "Done",
    "NotBooked",
    "Piece",
    "Said",
    "Seat",
    "Ticket",
    "Train",
    "Turn",
    "Words",
]


class Train(msgspec.Struct, frozen=True):
    """A train of tomorrow morning. Prices are in cents."""

    number: str
    to: str
    leaves: str
    price: int


class Seat(msgspec.Struct, frozen=True):
    """A seat that is held for one visitor."""

    number: int
    train: Train


class Ticket(msgspec.Struct, frozen=True):
    """A seat that was bought."""

    number: int
    seat: Seat


class Words(msgspec.Struct, frozen=True, tag=True):
    """The answer goes on with these."""

    text: str


class Choose(msgspec.Struct, frozen=True, tag=True):
    """The answer needs to know which."""

    trains: tuple[Train, ...]


class Book(msgspec.Struct, frozen=True, tag=True):
    """The answer wants a ticket to be bought."""

    train: Train


class Done(msgspec.Struct, frozen=True, tag=True):
    """The answer is complete."""


Piece: TypeAlias = Words | Choose | Book | Done
"""What a model says."""


class Said(msgspec.Struct, frozen=True, tag=True):
    """The visitor said this."""

    text: str


class Chosen(msgspec.Struct, frozen=True, tag=True):
    """The visitor chose this, when asked."""

    train: Train


class Booked(msgspec.Struct, frozen=True, tag=True):
    """The visitor approved, and this was bought."""

    ticket: Ticket


class NotBooked(msgspec.Struct, frozen=True, tag=True):
    """Nothing was bought."""

    why: str


Turn: TypeAlias = Piece | Said | Chosen | Booked | NotBooked
"""What a model is told: its own pieces, and what came of them."""
