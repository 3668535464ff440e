"""A bank that moves no money: it takes any card but one."""

from __future__ import annotations

from examples.checkout.contract import Card
from examples.checkout.ports import Refusal

__all__ = ["REFUSED", "TAKEN", "charge"]

TAKEN = "4242 4242 4242 4242"
REFUSED = "4000 0000 0000 0002"


def charge(card: Card, cents: int) -> Refusal | None:
    """Take `cents` from the account behind a card; answers why not, if not."""
    covered = _digits(card.number) != _digits(REFUSED)
    return None if covered else Refusal("the account does not hold enough money")


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
