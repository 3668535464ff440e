"""What `@play` makes of a function, what its page offers, and what is said of slips."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, settings

from spindle import ContractError, Port, Settlement, UsageError, many, read, use, write
from spindle.testing.properties import PlayedPage, play
from tests.store import CARD, HOME, TEA, Bank, Checkout, Inventory, Orders, Stock, Store, checkout

same = settings(derandomize=True, database=None, max_examples=20)


class Offline(Exception):
    def __init__(self, *, since: int) -> None:
        super().__init__(f"since {since}")


def backend() -> Mapping[type, object]:
    return {Inventory: Stock(tea=1), Orders: Bank()}


played: list[tuple[str, int]] = []


@pytest.fixture(scope="module")
def visitor() -> str:
    return "ann"


@play(Store, provide=backend, settings=same)
def test_fixtures_of_pytest_are_filled_in(page: PlayedPage, visitor: str) -> None:
    played.append((visitor, len(played)))
    page.start(Checkout, checkout, TEA, instance=visitor)


def test_it_was_played_with_them() -> None:
    test_fixtures_of_pytest_are_filled_in(visitor="ben")
    assert played[-1][0] == "ben"
    assert list(inspect.signature(test_fixtures_of_pytest_are_filled_in).parameters) == ["visitor"]


def test_a_page_for_a_conversation_of_ones_own() -> None:
    with test_fixtures_of_pytest_are_filled_in.page("eve") as page:
        page.resume(Checkout.ShippingGiven(HOME), instance="eve")
        page.resume(Checkout.PaymentGiven(CARD), yield_id=2, instance="eve")
        assert [each.settlement for each in page.receipts] == [Settlement.HANDLED] * 2
        assert page.given(Bank).charged == [4]
        assert page.given(Orders) is page.given(Bank)


conversations: list[list[int]] = []


def pays_twice(page: PlayedPage) -> None:
    page.resume(Checkout.ShippingGiven(HOME))
    for _ in range(2):
        page.resume(Checkout.PaymentGiven(CARD))
    conversations.append(page.given(Bank).charged)


@example(moves=pays_twice)
@play(Store, provide=backend, settings=same)
def test_an_example_is_played_first(page: PlayedPage) -> None:
    page.start(Checkout, checkout, TEA)


def test_it_was() -> None:
    conversations.clear()
    test_an_example_is_played_first()
    assert conversations == [[4]]


def test_an_example_that_does_not_hold_fails() -> None:
    @example(moves=pays_twice)
    @play(Store, provide=backend, at_end=[lambda page: not page.given(Bank).charged], settings=same)
    def plays(page: PlayedPage) -> None:
        page.start(Checkout, checkout, TEA)

    with pytest.raises(AssertionError, match="<lambda> does not hold"):
        plays()


def test_the_deadline_is_off_and_other_settings_stand() -> None:
    @play(Store, provide=backend, settings=settings(max_examples=7, deadline=1, database=None))
    def plays(page: PlayedPage) -> None:
        page.start(Checkout, checkout, TEA)
        opened.append(page.now)

    opened: list[float] = []
    plays()
    assert len(opened) == 7
    chosen = getattr(plays, "_hypothesis_internal_use_settings")  # noqa: B009
    assert chosen.deadline is None


# --- the start ------------------------------------------------------------------------------------


def cannot_start(page: PlayedPage) -> None:
    page.start(Checkout, checkout, TEA)
    raise LookupError("no such shop")


def test_a_failure_of_the_start_is_told_with_its_story() -> None:
    plays = play(Store, provide=backend, settings=same)(cannot_start)
    with pytest.raises(LookupError, match="no such shop") as failed:
        plays()
    (told,) = [each for each in failed.value.__notes__ if "What happened" in each]
    assert "def cannot_start_again() -> None:\n    with cannot_start.page() as page:" in told
    assert "started as checkout" in told
    assert "AskShipping" in told


def test_what_does_not_hold_at_the_start_is_told_and_fails_when_pasted() -> None:
    plays = play(Store, provide=backend, invariants=[lambda page: False], settings=same)(start)
    with pytest.raises(AssertionError, match="<lambda> does not hold") as failed:
        plays()
    assert "AskShipping" in "\n".join(failed.value.__notes__)
    with pytest.raises(AssertionError, match="<lambda> does not hold"), plays.page():
        pass


def test_a_page_whose_start_fails_has_ended() -> None:
    def leaves(page: PlayedPage) -> None:
        opened.append(page)
        cannot_start(page)

    opened: list[PlayedPage] = []
    with pytest.raises(LookupError):
        play(Store, provide=backend)(leaves).page()
    assert opened[0].ended


def test_an_example_whose_start_fails_tells_its_story_too() -> None:
    plays = play(Store, provide=backend, settings=same)(cannot_start)
    with pytest.raises(LookupError) as failed:
        example(moves=pays_twice)(plays)()
    assert "AskShipping" in "\n".join(failed.value.__notes__)


def starts_nothing(page: PlayedPage) -> None:
    assert page.now == 0


async def says_nothing() -> str:
    return "closed"


def ends_at_once(page: PlayedPage) -> None:
    page.start(Checkout, says_nothing)


@pytest.mark.parametrize("opens", [False, True])
@pytest.mark.parametrize(
    ("start", "said"),
    [
        (
            starts_nothing,
            r"starts_nothing starts nothing on its page, .*call page.start\(...\) in it",
        ),
        (ends_at_once, r"all that ends_at_once starts has ended .*: may_end_at_once=True"),
    ],
)
def test_there_has_to_be_something_to_play(
    start: Callable[[PlayedPage], None], said: str, opens: bool
) -> None:
    plays = play(Store, settings=same)(start)
    with pytest.raises(UsageError, match=said) as failed:
        plays.page() if opens else plays()
    if start is ends_at_once and not opens:
        assert "completed: 'closed'" in "\n".join(failed.value.__notes__)


def test_a_page_may_end_at_once_if_that_is_said() -> None:
    plays = play(
        Store,
        at_end=[lambda page: bool(asked.append(page.now)) or None],
        may_end_at_once=True,
        settings=same,
    )(ends_at_once)
    asked: list[float] = []
    plays()
    assert asked


@pytest.mark.parametrize(
    "plays",
    [
        lambda page: page.advance(2),
        lambda page: page.resume(Checkout.ShippingGiven(HOME)),
        lambda page: page.cancel_spindle(Checkout),
    ],
)
def test_what_pytest_shows_of_a_conversation_is_the_line_of_the_test(
    plays: Callable[[PlayedPage], None],
) -> None:
    def nothing_was_done(page: PlayedPage) -> bool:
        return page.now == 0 and not page.receipts and bool(page.pending())

    tests = play(Store, provide=backend, invariants=[nothing_was_done])(start)
    with pytest.raises(AssertionError) as failed, tests.page() as page:
        plays(page)
    assert Path(failed.traceback.filter(failed)[-1].path) == Path(__file__)


# --- ports that fail ------------------------------------------------------------------------------


class Prices(Port):
    @read
    async def price(self, sku: str) -> int: ...

    @many(price)
    async def prices(self, skus: tuple[str, ...]) -> Mapping[str, int]:
        raise NotImplementedError

    @write
    async def change(self, sku: str, *, to: int) -> int: ...


class OneByOne(Prices):
    def __init__(self) -> None:
        self.asked: list[object] = []

    async def price(self, sku: str) -> int:
        self.asked.append(sku)
        return 4

    async def change(self, sku: str, *, to: int) -> int:
        self.asked.append((sku, to))
        return to


class AllAtOnce(OneByOne):
    async def prices(self, skus: tuple[str, ...]) -> Mapping[str, int]:
        self.asked.append(skus)
        return dict.fromkeys(skus, 5)


seen: list[object] = []


async def looks() -> None:
    prices = await use(Prices)
    for _ in range(2):
        for ask in (lambda: prices.price("tea"), lambda: prices.change("tea", to=6)):
            try:
                seen.append(await ask())
            except Exception as error:
                seen.append(error)


def prices_test(given: Prices) -> Any:
    def start(page: PlayedPage) -> None:
        page.fail_next(Prices.change, Offline(since=3), done=True)
        page.fail_next(prices, LookupError("gone"))
        page.start(Store.Browse, looks)

    prices = Prices.prices if isinstance(given, AllAtOnce) else Prices.price
    lost = {Prices.change: [Offline(since=3)]}
    return play(
        Store,
        provide=lambda: {Prices: given},
        failures={prices: [LookupError()]},
        lost=lost,
        may_end_at_once=True,
    )(start)


@pytest.mark.parametrize("given", [OneByOne(), AllAtOnce()])
def test_a_call_fails_before_it_is_made_or_after(given: OneByOne) -> None:
    seen.clear()
    with prices_test(given).page() as page:
        assert page.given(Prices) is given
    at_once = isinstance(given, AllAtOnce)
    said = ["LookupError('gone')", "Offline('since 3')", "5" if at_once else "4", "6"]
    assert [repr(each) for each in seen] == said
    read_as = ("tea",) if at_once else "tea"
    assert given.asked == [("tea", 6), read_as, ("tea", 6)]


# --- slips ----------------------------------------------------------------------------------------


def start(page: PlayedPage) -> None:
    page.start(Checkout, checkout, TEA)


async def never(page: PlayedPage) -> None:
    pass


def nothing() -> None:
    pass


def method(self: PlayedPage) -> None:
    pass


def give_nothing() -> None:
    with play(Store)(start).page():
        pass


def in_a_page(do: Callable[[PlayedPage], object], **how: Any) -> Callable[[], None]:
    def slip() -> None:
        with play(Store, provide=backend, **how)(start).page() as page:
            do(page)

    return slip


SLIPS: list[tuple[Callable[[], object], type[Exception], str]] = [
    (lambda: play(start), UsageError, r"parentheses: write @play\(Store\) above start"),  # type: ignore[arg-type]
    (lambda: play(int), ContractError, "a contract or a block is wanted"),  # type: ignore[arg-type]
    (
        lambda: play(Store)(never),
        UsageError,
        "by hand, without a loop: never has to be a plain def",
    ),
    (lambda: play(Store)(nothing), UsageError, "first parameter is the page; nothing is not"),  # type: ignore[arg-type]
    (lambda: play(Store)(method), UsageError, r"write `def method\(page: PlayedPage\)`"),
    (lambda: play(Store)(3), UsageError, "a function, not of 3"),  # type: ignore[arg-type, var-annotated]
    (lambda: play(Store, provide=backend()), UsageError, "provide= takes a function that makes"),  # type: ignore[arg-type]
    (lambda: play(Store, invariants=nothing), UsageError, "invariants= takes a list of functions"),  # type: ignore[arg-type]
    (lambda: play(Store, at_end=[3]), UsageError, "at_end= takes a list of functions of a page"),  # type: ignore[list-item]
    (lambda: play(Store, may_raise=[Offline]), UsageError, "may_raise= takes a tuple of classes"),  # type: ignore[arg-type]
    (lambda: play(Store, may_raise=(3,)), UsageError, "may_raise= takes a tuple of classes"),  # type: ignore[arg-type]
    (lambda: play(Store, bound=-1), UsageError, "bound= takes seconds, 0 or more, not -1"),
    (lambda: play(Store, failures=[1]), UsageError, "failures= takes the errors of methods"),  # type: ignore[arg-type]
    (
        lambda: play(Store, lost={Bank.place: [Offline(since=1)]}),
        UsageError,
        "lost= goes by the methods of ports, .* not by Bank.place",
    ),
    (
        lambda: play(Store, failures={Orders.place: [Offline]}),  # type: ignore[list-item]
        UsageError,
        "failures= gives Orders.place a list of errors as they are raised",
    ),
    (give_nothing, AssertionError, r"if it may, say may_raise=\(NotProvided,\)"),
    (
        in_a_page(lambda page: page.given(int)),
        UsageError,
        r"given\(int\): nothing of that kind was provided, of Stock, Bank",
    ),
    (in_a_page(lambda page: page.given(3)), UsageError, r"given\(\) takes a class, .* not 3"),  # type: ignore[arg-type]
    (
        in_a_page(lambda page: page.given(Port)),
        UsageError,
        r"given\(Port\): 2 things of that kind was provided",
    ),
    (
        in_a_page(lambda page: page.fail_next(Orders.place, Offline(since=1))),
        UsageError,
        "Orders.place cannot fail here: name it in failures= or lost=",
    ),
    (
        in_a_page(lambda page: page.advance(1), invariants=[lambda page: 3]),
        UsageError,
        "answers 3: assert, or answer True or False",
    ),
]


@pytest.mark.parametrize(("slip", "error", "said"), SLIPS)
def test_slips_are_named(slip: Callable[[], object], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        slip()


def test_without_hypothesis_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "import spindle.testing\n"
        "import spindle.testing.properties"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "needs Hypothesis: pip install 'trio-spindle[hypothesis]'" in done.stderr
