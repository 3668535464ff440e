"""What an application needs of the passport office."""

from __future__ import annotations

from datetime import date

from examples.passport.contract import Application, Offer, Receipt
from spindle import Port, once, read

__all__ = ["Office"]


class Office(Port):
    """The passport office."""

    @read
    async def today(self) -> date:
        """The day it is there."""

    @read
    async def issued(self, number: str) -> bool:
        """Whether there is a passport of this number."""

    @read
    async def offers(self) -> tuple[Offer, ...]:
        """How soon, and for how much, passports are made at present: one for each speed."""

    @once
    async def submit(self, application: Application) -> Receipt | None:
        """Take an application; None if its price is not that of today."""

    @read
    async def received(self, application: Application) -> Receipt | None:
        """The receipt of an application, if it has arrived."""
