"""Conversations that are drawn: which moves there are, what must hold, and what fails smallest."""

from __future__ import annotations

from collections import Counter
from time import process_time
from typing import ClassVar

import pytest
from hypothesis import settings

from spindle import (
    Contract,
    Delivery,
    Event,
    Spindle,
    TooSlow,
    Yield,
    await_any,
    sleep,
    timeout,
)
from spindle._core.journal import CancelCame, CloseCame, TimerFired
from spindle.testing.properties import PlayedPage, play
from tests.testing.properties.shop import (
    Basket,
    Offline,
    Shelf,
    Shop,
    Stock,
    backend,
    open_shop,
)

same = settings(derandomize=True, database=None)


def nothing_is_held(page: PlayedPage) -> bool:
    return page.given(Shelf).held == 0


def one_is_held_while_it_runs(page: PlayedPage) -> None:
    assert page.given(Shelf).held == sum(
        each.source.block is Basket for each in page.tree().spindles
    )


@play(
    Shop,
    provide=backend,
    invariants=[one_is_held_while_it_runs],
    at_end=[nothing_is_held],
    failures={Stock.hold: [Offline()]},
    may_wait_for_ever=True,
)
def test_a_shop_that_is_right_holds(page: PlayedPage) -> None:
    open_shop(page)


@pytest.mark.bulk
def test_a_hundred_conversations_take_a_moment() -> None:
    began = process_time()
    test_a_shop_that_is_right_holds()
    assert process_time() - began < 2, "a fourth of a second is usual"


# --- what is done ---------------------------------------------------------------------------------


class Talk(Contract):
    class Clerk(Spindle[str]):
        class Told(Event):
            number: int = 0

        class Queued(Event):
            delivery: ClassVar = Delivery.QUEUE

        class Typed(Event):
            delivery: ClassVar = Delivery.LATEST

        class First(Yield[Told | Typed]): ...

        class Second(Yield[Told | Queued]): ...


Clerk = Talk.Clerk


async def talks() -> str:
    while True:
        place, _ = await await_any(Clerk.First(), sleep(5))
        if place == 1:
            await sleep(1)
        try:
            async with timeout(10):
                await Clerk.Second()
        except TooSlow:
            pass


def test_every_way_an_event_may_go_is_gone() -> None:
    seen: Counter[str] = Counter()

    def is_seen(page: PlayedPage) -> None:
        for receipt in page.receipts:
            assert receipt.settlement is not None
            seen[f"{receipt.settlement.value} {receipt.reason}"] += 1
        for _, entry in page.recording.entries:
            if isinstance(entry, (CancelCame, CloseCame, TimerFired)):
                seen[type(entry).__name__] += 1

    @play(Talk, at_end=[is_seen], settings=settings(same, max_examples=300))
    def plays(page: PlayedPage) -> None:
        page.start(Clerk, talks)
        page.start(Clerk, talks, instance="two")

    plays()
    for reason in (
        "handled ",
        "refused stale: yield 1 of",
        "refused the mailbox of Talk.Clerk",
        "refused not asked",
        "refused the page",
        "refused no spindle",
        "dead-lettered a newer one of its class took its place",
        "dead-lettered Talk.Clerk ended before",
        "CancelCame",
        "CloseCame",
        "TimerFired",
    ):
        often = sum(seen[each] for each in seen if each.startswith(reason))
        assert often > 0, f"{reason}: {often} of {seen.total()}; {seen.most_common(60)}"


def test_what_a_spindle_raised_is_the_cause_of_the_failure() -> None:
    async def broken() -> str:
        return {"tea": "4"}["coffee"]

    @play(Shop, provide=backend, settings=same)
    def played(page: PlayedPage) -> None:
        page.start(Basket, broken)

    with pytest.raises(AssertionError, match="failed: KeyError") as found:
        played()
    assert isinstance(found.value.__cause__, KeyError)
    assert "broken" in str(found.getrepr())
