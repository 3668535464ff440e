"""A bank that moves no money: it takes any card but one."""

from __future__ import annotations

from examples.checkout.contract import Card
from examples.checkout.ports import Refusal

__all__ = ["REFUSED", "TAKEN", "charge"]

TAKEN = "4242 4242 4242 4242"
REFUSED = "4000 0000 0000 0002"


def charge(card: Card, cents: int) -> Refusal | None:
    """Take `cents` from the account behind a card; answers why not, if not."""
    digits = "".join(filter(str.isdigit, card.number))
    if digits == REFUSED.replace(" ", ""):
        return Refusal(f"there is not enough money for {cents / 100:.2f} euros")
    return None
