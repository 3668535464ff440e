"""100 examples of Hypothesis: purchases in the store played by hand, and an empty test.

Both draw from one strategy, which a new seed lets go another way in every round.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from benchmarks.figure import Figure, Target
from benchmarks.measure import stopwatch
from examples.checkout.contract import Address, Card
from examples.checkout.ports import Refusal
from examples.store.contract import Basket, Checkout, Line, Order, SoldOut, Tea
from examples.store.ports import Inventory, Orders, Reservation
from examples.store.spindles.checkout import checkout
from spindle import Coroutine, Suspended

__all__ = ["figure"]

EXAMPLES = 100
figure = Figure("property_examples", "us", n=EXAMPLES, rounds=10)

TEA = Tea("sencha", "Sencha", "Green tea", "Japan", "Fresh.", 1250)
words = st.text(min_size=1, max_size=20)
visits = st.tuples(
    st.integers(min_value=0, max_value=3),
    st.builds(Address, words, words, words, words),
    st.lists(st.builds(Card, words), min_size=1, max_size=3),
    st.integers(min_value=0, max_value=3),
)
"""Bags on the shelf, where to send one, the cards that are tried, how many of them are refused."""


class Shelf(Inventory):
    """So many bags of tea."""

    def __init__(self, bags: int) -> None:
        self.bags = bags
        self.held = 0

    async def reserve(self, basket: Basket) -> Reservation | SoldOut:
        if not self.bags:
            return SoldOut(TEA)
        self.bags -= 1
        self.held += 1
        return Reservation(1, basket)

    async def release(self, reservation: Reservation) -> None:
        self.bags += self.held
        self.held = 0


class Bank(Orders):
    """Refuses so many cards, then takes one."""

    def __init__(self, shelf: Shelf, refusals: int) -> None:
        self.shelf, self.refusals = shelf, refusals

    async def place(
        self, reservation: Reservation, shipping: Address, card: Card
    ) -> Order | Refusal:
        if self.refusals:
            self.refusals -= 1
            return Refusal("not covered")
        self.shelf.held = 0
        return Order(1, reservation.basket, shipping, card.number)


def play(bags: int, shipping: Address, cards: list[Card], refusals: int) -> None:
    """A visitor who pays with one card after the other, and leaves when none is left."""
    shelf = Shelf(bags)
    provide = {Inventory: shelf, Orders: Bank(shelf, refusals)}
    purchase = Coroutine(checkout, Basket((Line(TEA, 1),)), provide=provide)
    if isinstance(purchase.run(), Suspended):
        state = purchase.run(Checkout.ShippingGiven(shipping))
        for card in cards:
            if not isinstance(state, Suspended):
                break
            state = purchase.run(Checkout.PaymentGiven(card))
        else:
            purchase.cancel("the visitor has left")
    assert shelf.held == 0
    assert shelf.bags in (bags, bags - 1)


def nothing(bags: int, shipping: Address, cards: list[Card], refusals: int) -> None:
    """What is drawn is enough."""


def _examples(test: Callable[[int, Address, list[Card], int], None]) -> Callable[[int], float]:
    def run(n: int) -> float:
        @seed(random.randrange(1 << 32))
        @settings(
            max_examples=n,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(visits)
        def tested(visit: tuple[int, Address, list[Card], int]) -> None:
            test(*visit)

        elapsed = stopwatch(n)
        tested()
        return elapsed()

    return run


empty = figure.case("an empty test", symbol="empty")(_examples(nothing))
figure.case("the store's checkout", floor=empty, target=Target(2, 2))(_examples(play))
