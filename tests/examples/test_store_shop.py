"""The store's backend on a real SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
import trio

from examples.checkout.ports import Refusal
from examples.store.assortment import KINDS, assortment
from examples.store.contract import (
    Basket,
    Cart,
    Filters,
    Line,
    Order,
    Search,
    SoldOut,
    Store,
    Suggestions,
    Tea,
)
from examples.store.ports import Catalog, Reservation
from examples.store.shop import SqliteStore, open_store
from examples.store.spindles import cart, search, suggestions
from spindle import Notified, open_page
from tests.examples.store import BAD, GOOD, HOME


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """The whole assortment; for tests that only read."""
    with open_store(tmp_path_factory.mktemp("store") / "store.db") as store:
        yield store


def few() -> Iterator[tuple[Tea, int]]:
    about = "Green tea from Ulm: mint and hay"
    yield Tea("t1", "Tea 1", "Green", "Ulm", about, 500), 5
    yield Tea("t2", "Tea 2", "Green", "Ulm", about, 500), 1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with open_store(path, few) as store:
        yield store


def lines(*pairs: tuple[int, int]) -> Basket:
    teas = {tea.sku: tea for tea, _ in few()}
    return Basket(tuple(Line(teas[f"t{number}"], count) for number, count in pairs))


def stock(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as db:
        return [left for (left,) in db.execute("SELECT stock FROM tea ORDER BY sku")]


async def test_a_few_thousand_teas_the_same_ones_each_time(stocked: SqliteStore) -> None:
    teas = list(assortment())
    assert 3000 < len(teas) == len({tea.sku for tea, _ in teas})
    assert teas == list(assortment())
    assert (await stocked.search(Filters())).total == len(teas)


@pytest.mark.parametrize("kind", KINDS)
async def test_there_are_teas_of_each_kind(kind: str, stocked: SqliteStore) -> None:
    found = await stocked.search(Filters(kind=kind))
    assert found.total > 100
    assert {tea.kind for tea in found.teas} == {kind}


async def test_words_are_found_from_their_beginnings_in_any_order(stocked: SqliteStore) -> None:
    found = await stocked.search(Filters("fengq  YUNN"))
    assert found.total > 0
    assert all("Fengqing" in tea.name and "Yunnan" in tea.about for tea in found.teas)
    assert found == await stocked.search(Filters("yunnan fengqing"))
    assert (await stocked.search(Filters("fengq darj"))).teas == ()


async def test_a_word_said_a_thousand_times_is_looked_for_once(stocked: SqliteStore) -> None:
    """Ranked a thousand times, it would hold up all visitors for half a minute."""
    found = await stocked.search(Filters("tea TEA " * 500))
    assert found == await stocked.search(Filters("tea"))


@pytest.mark.parametrize(
    "typed", ['"', "*", "AND", "name:", "-", "NEAR(", "'; DROP", "^", "é", "\0"]
)
async def test_whatever_is_typed_is_looked_for_and_never_understood(
    typed: str, stocked: SqliteStore
) -> None:
    await stocked.search(Filters(typed))
    await stocked.overview(Filters(typed))


async def test_a_dozen_after_the_other_without_gap_or_repetition(stocked: SqliteStore) -> None:
    filters, seen = Filters("milk"), list[Tea]()
    while found := (await stocked.search(filters, len(seen))).teas:
        assert len(found) <= 12
        seen += found
    assert len(seen) == len(set(seen)) == (await stocked.search(filters)).total


async def test_the_overview_counts_what_the_search_finds(stocked: SqliteStore) -> None:
    filters = Filters("jasmine", "Green", 9)
    found, overview = await stocked.search(filters), await stocked.overview(filters)
    assert overview.total == found.total
    assert overview.cheapest <= min(tea.price for tea in found.teas)
    assert overview.dearest <= 900
    assert overview.in_stock >= overview.total


async def test_what_is_alike_comes_from_elsewhere(stocked: SqliteStore) -> None:
    (tea, *_) = (await stocked.search(Filters("darjeeling apricot"))).teas
    others = [await stocked.tea(sku) for sku in await stocked.alike(tea.sku)]
    assert len(others) == 3
    assert all(each.kind == tea.kind and each.origin != tea.origin for each in others)


async def test_what_is_not_sold_is_an_error_that_names_it(stocked: SqliteStore) -> None:
    with pytest.raises(LookupError, match="forged"):
        await stocked.tea("forged")


def test_the_cart_and_the_suggestions_read_their_teas_in_one_query(path: Path) -> None:
    read: list[tuple[str, ...]] = []

    class Counted(SqliteStore):
        async def teas(self, skus: tuple[str, ...]) -> Mapping[str, Tea]:
            read.append(skus)
            return await super().teas(skus)

    async def main() -> None:
        with open_store(path), closing(sqlite3.connect(path, check_same_thread=False)) as db:
            store = Counted(db)
            async with open_page(Store, provide={Catalog: store}) as page:
                page.start(Suggestions, suggestions)
                page.start(Cart, cart)
                page.start(Search, search, Filters("jungpana"))
                async for _, said in page.outbox:
                    if isinstance(said, Notified) and isinstance(
                        said.notify, Suggestions.Suggested
                    ):
                        break

    trio.run(main)
    assert [len(skus) for skus in read[:1]] == [4]


async def test_a_basket_is_reserved_whole_or_not_at_all(store: SqliteStore) -> None:
    held = await store.reserve(lines((1, 3), (2, 1)))
    assert isinstance(held, Reservation)
    refused = await store.reserve(lines((1, 1), (2, 1)))
    assert isinstance(refused, SoldOut)
    assert refused.tea.sku == "t2"
    assert (await store.overview(Filters())).in_stock == 2
    await store.release(held)
    assert (await store.overview(Filters())).in_stock == 6


async def test_of_many_visitors_one_gets_the_last_bag(store: SqliteStore) -> None:
    held: list[Reservation | SoldOut] = []

    async def visit() -> None:
        held.append(await store.reserve(lines((2, 1))))

    async with trio.open_nursery() as nursery:
        for _ in range(20):
            nursery.start_soon(visit)
    assert sum(isinstance(each, Reservation) for each in held) == 1


async def test_an_order_takes_from_the_shelf_for_good(store: SqliteStore, path: Path) -> None:
    basket = lines((1, 2))
    held = await store.reserve(basket)
    assert isinstance(held, Reservation)
    assert await store.place(held, HOME, GOOD) == Order(1, basket, HOME, "4242")
    await store.release(held)  # what every checkout does in the end: nothing is held any more
    assert stock(path) == [3, 1]
    with pytest.raises(LookupError, match="not held any more"):
        await store.place(held, HOME, GOOD)


async def test_a_refused_card_leaves_everything_as_it_was(store: SqliteStore, path: Path) -> None:
    held = await store.reserve(lines((1, 2)))
    assert isinstance(held, Reservation)
    assert isinstance(await store.place(held, HOME, BAD), Refusal)
    assert stock(path) == [5, 1]
    assert isinstance(await store.place(held, HOME, GOOD), Order)


async def test_what_a_server_that_was_killed_had_reserved_is_free(path: Path) -> None:
    with open_store(path, few) as store:
        await store.reserve(lines((2, 1)))
    with open_store(path, few) as store:
        assert isinstance(await store.reserve(lines((2, 1))), Reservation)
    assert stock(path) == [5, 1]
