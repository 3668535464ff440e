"""Answers are drawn from what the questions offer, too: else no visitor ever takes a seat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, ClassVar, TypeVar
from uuid import UUID

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec import Meta

from examples.booking import Booking, Desk, Seats, book
from spindle import Ask, Delivery, Event, Spindle, Yield
from spindle.testing.properties import PlayedPage, play
from spindle.testing.properties.drawn import DrawnConversation
from spindle.testing.properties.overrides import Overrides
from spindle.testing.properties.strategies import drawn_events

E = TypeVar("E", bound=Event)
same = settings(derandomize=True, database=None)


class House(Seats):
    """A backend; one that forgets to take a seat away has a fault."""

    def __init__(self, *free: str, forgets: bool = False) -> None:
        self.left = list(free)
        self.forgets = forgets

    async def free(self) -> tuple[str, ...]:
        return tuple(self.left)

    async def hold(self, seat: str) -> bool:
        if seat not in self.left:
            return False
        if not self.forgets:
            self.left.remove(seat)
        return True

    async def release(self, seat: str) -> None:
        self.left.append(seat)


def each_seat_is_there_once(page: PlayedPage) -> None:
    left = page.given(House).left
    assert len(left) == len(set(left))


def two_visitors(page: PlayedPage) -> None:
    page.start(Booking, book, instance="ann")
    page.start(Booking, book, instance="ben")


@pytest.mark.parametrize("seed", range(5))
def test_a_seat_that_stays_free_is_found_and_made_small(seed: int) -> None:
    test = play(
        Desk,
        provide=lambda: {Seats: House(f"{seed}A", f"{seed}B", forgets=True)},
        invariants=[each_seat_is_there_once],
        settings=same,
    )(two_visitors)
    with pytest.raises(AssertionError) as found:
        test()
    told = "\n".join(found.value.__notes__)
    moves = told.partition("as page:\n")[2].partition("\n\n")[0].split("\n")
    assert [move.strip().partition("(")[0] for move in moves] in (
        ["page.resume", "page.advance"],
        ["page.resume", "page.cancel_spindle"],
    )
    assert f'(seat="{seed}A")' in moves[0]


def test_seats_are_held_in_many_conversations_and_not_in_all() -> None:
    held: Counter[bool] = Counter()

    def note(page: PlayedPage) -> None:
        held[len(page.given(House).left) < 2] += 1

    play(Desk, provide=lambda: {Seats: House("1A", "1B")}, invariants=[note], settings=same)(
        two_visitors
    )()
    assert min(held.values()) > 50


NUMBERS = [UUID(int=7), UUID(int=8)]


class Order(msgspec.Struct, frozen=True):
    number: UUID
    amount: int = 0
    gift: bool = False


class Clerk(Spindle):
    class Chosen(Event):
        number: UUID

    class Noted(Event):
        number: UUID
        text: Annotated[str, Meta(max_length=3)]
        gift: bool = False

    class Whole(Event):
        order: Order | None = None

    class Careful(Event):
        number: UUID

        def __post_init__(self) -> None:
            if self.number == NUMBERS[1]:
                raise ValueError("not that one")

    class Called(Event):
        delivery: ClassVar = Delivery.QUEUE
        name: str

    class AskOrder(Yield[Chosen | Noted | Whole | Careful | Called]):
        orders: dict[str, Order]
        names: frozenset[str] = frozenset()


ASK = Clerk.AskOrder({"a": Order(NUMBERS[0], 7), "long name": Order(NUMBERS[1], 11)})


def drawn(kind: type[E], asked: Sequence[Ask], overrides: Overrides | None = None) -> list[E]:
    """Two hundred of them."""
    draws = drawn_events(Clerk, overrides)[kind]
    found: list[E] = []

    @settings(same, max_examples=200, phases=[Phase.generate])
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        event = draws.draw(data.draw, asked)
        assert isinstance(event, kind)
        found.append(event)

    draw()
    return found


def test_what_is_within_a_question_is_picked_about_half_of_the_time() -> None:
    numbers = Counter(event.number for event in drawn(Clerk.Chosen, [ASK]))
    assert min(numbers[each] for each in NUMBERS) > 20
    assert 70 < sum(numbers[each] for each in NUMBERS) < 150


def test_keys_and_whole_structs_are_picked() -> None:
    assert {Order(NUMBERS[0], 7), None} < {each.order for each in drawn(Clerk.Whole, [ASK])}
    noted = {each.text for each in drawn(Clerk.Noted, [ASK])}
    assert "a" in noted
    assert all(len(each) <= 3 for each in noted), "the field keeps its limits"


def test_elements_of_sets_are_picked_in_the_same_order_each_time() -> None:
    names = frozenset({"Ada", "Bob", "Eve"})
    first, second = (drawn(Clerk.Called, [Clerk.AskOrder({}, names)]) for _ in range(2))
    assert first == second
    assert names < {event.name for event in first}


def test_values_that_the_event_itself_refuses_are_not_taken() -> None:
    numbers = {each.number for each in drawn(Clerk.Careful, [ASK])}
    assert NUMBERS[0] in numbers
    assert NUMBERS[1] not in numbers


@pytest.mark.parametrize(
    ("kind", "key", "given"),
    [
        (Clerk.Chosen, "Clerk.Chosen.number", st.just(UUID(int=1))),
        (Clerk.Chosen, UUID, st.just(UUID(int=1))),
        (Clerk.Chosen, Clerk.Chosen, st.just(Clerk.Chosen(UUID(int=1)))),
        (Clerk.Whole, "Clerk.Whole.order.number", st.just(UUID(int=1))),
    ],
)
def test_a_strategy_of_the_tests_own_has_the_last_word(
    kind: type[Event], key: type | str, given: st.SearchStrategy[object]
) -> None:
    numbers = [
        event.order and event.order.number if isinstance(event, Clerk.Whole) else event.number
        for event in drawn(kind, [ASK], {key: given})
        if isinstance(event, (Clerk.Chosen, Clerk.Whole))
    ]
    assert set(numbers) <= {UUID(int=1), None}


def test_without_a_question_values_come_from_their_types() -> None:
    assert not set(NUMBERS) & {event.number for event in drawn(Clerk.Chosen, [])}


class Board(Spindle):
    class Taken(Event):
        delivery: ClassVar = Delivery.QUEUE
        seat: str

    class Ask(Yield[Taken]):
        seats: tuple[str, ...]


@play(Board)
def a_board(page: PlayedPage) -> None:
    async def board() -> None:
        while True:
            _ = await Board.Ask(("1A",))

    page.start(Board, board)


@pytest.mark.parametrize("move", ["says_anything", "floods", "answers", "comes_late", "confuses"])
def test_each_way_to_send_an_event_knows_the_questions(move: str) -> None:
    seats: Counter[str] = Counter()

    @settings(same, max_examples=50, phases=[Phase.generate])
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        with a_board.page() as page:
            conversation = DrawnConversation(data.draw, page, drawn_events(Board, None), ())
            seats[getattr(conversation, move)().args[0].seat] += 1

    draw()
    assert 10 < seats["1A"] < 45
