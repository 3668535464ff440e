"""What the assistant needs: somebody who knows what to say next, and a railway."""

from __future__ import annotations

from examples.assistant.talk import Piece, Seat, Ticket, Train, Turn
from spindle import Port, once, read, write

__all__ = ["Model", "ModelUnavailable", "Trains"]


class ModelUnavailable(Exception):
    """The model cannot say anything now."""


class Model(Port):
    """A language model. It keeps nothing: a call brings the whole conversation.

    A stream is many short reads. Between two of them the answer can be stopped, in one of them it
    is cut; and nothing stays open while the visitor thinks about a question.
    """

    @read
    async def next(self, talk: tuple[Turn, ...]) -> Piece:
        """Give the piece that follows.

        Raises:
            ModelUnavailable: there will be none.
        """


class Trains(Port):
    """The trains of tomorrow morning."""

    @once
    async def hold(self, train: Train) -> Seat | None:
        """Take a seat out of sale; None if the train is full."""

    @write
    async def release(self, seat: Seat) -> None:
        """Put a held seat back."""

    @once
    async def buy(self, seat: Seat) -> Ticket:
        """Pay for a seat that is held."""
