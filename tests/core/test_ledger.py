"""The books of a page."""

from __future__ import annotations

import pytest

from spindle import Settlement
from spindle._core.kernel.ledger import Ledger, Letter
from tests.talk import Desk


def letter() -> Letter:
    return Letter(Desk.Told("a"), 3, "left")


@pytest.mark.parametrize(
    ("settle", "settlement", "reason"),
    [
        (lambda books, letter: books.handle(letter), Settlement.HANDLED, ""),
        (lambda books, letter: books.refuse(letter, "no"), Settlement.REFUSED, "no"),
        (lambda books, letter: books.dead_letter(letter, "late"), Settlement.DEAD_LETTERED, "late"),
    ],
)
def test_an_event_is_pending_until_it_is_settled(settle, settlement, reason: str) -> None:
    books, one = Ledger(), letter()
    assert (books.pending, one.settlement, one.reason) == (0, None, "")
    books.accept(one)
    assert books.pending == 1
    settle(books, one)
    assert (books.pending, books.accepted) == (0, 1)
    assert (one.settlement, one.reason) == (settlement, reason)
    assert books.handled + books.refused + books.dead_lettered == 1


def test_nothing_is_settled_twice() -> None:
    books, one = Ledger(), letter()
    books.accept(one)
    books.handle(one)
    for again in (
        lambda: books.handle(one),
        lambda: books.refuse(one, "no"),
        lambda: books.dead_letter(one, "no"),
        lambda: books.accept(one),
    ):
        with pytest.raises(AssertionError):
            again()


def test_a_letter_is_told_once() -> None:
    told: list[Settlement | None] = []

    class Told(Letter):
        def was_settled(self) -> None:
            told.append(self.settlement)

    books, one = Ledger(), Told(Desk.Told("a"), None, None, waiter="somebody")
    books.accept(one)
    assert told == []
    books.refuse(one, "no")
    assert told == [Settlement.REFUSED]
