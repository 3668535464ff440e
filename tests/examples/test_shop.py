"""The shop's ports on a real SQLite file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import trio

from examples.checkout.bank import REFUSED, TAKEN
from examples.checkout.contract import Address, Card, Offer, Order, Product
from examples.checkout.ports import Refusal, Reservation
from examples.checkout.shop import TEAS, SqliteShop, open_shop

RARE = Product("gyokuro", "Gyokuro", "Green tea", 2400)
HOME = Address("Ada Smith", "Main St 1", "89073", "Ulm")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.db"


@pytest.fixture
def shop(path: Path) -> Iterator[SqliteShop]:
    with open_shop(path, [Offer(RARE, 3)]) as shop:
        yield shop


async def left(shop: SqliteShop) -> int:
    (offer,) = await shop.offers()
    return offer.left


async def held(shop: SqliteShop) -> Reservation:
    reservation = await shop.reserve(RARE)
    assert reservation is not None
    return reservation


async def test_a_new_shop_sells_teas_the_last_of_one(path: Path) -> None:
    with open_shop(path) as shop:
        assert await shop.offers() == TEAS
        assert min(offer.left for offer in TEAS) == 1


async def test_a_product_is_found_by_its_sku_or_not_at_all(shop: SqliteShop) -> None:
    assert await shop.product("gyokuro") == RARE
    assert await shop.product("coffee") is None


async def test_a_reserved_unit_is_off_the_shelf_until_it_is_released(shop: SqliteShop) -> None:
    reservation = await held(shop)
    assert await left(shop) == 2
    await shop.release(reservation)
    assert await left(shop) == 3


async def test_a_release_done_twice_is_the_same_as_done_once(shop: SqliteShop) -> None:
    reservation = await held(shop)
    await held(shop)
    await shop.release(reservation)
    await shop.release(reservation)
    assert await left(shop) == 2


async def test_nothing_is_reserved_of_an_empty_shelf(shop: SqliteShop) -> None:
    for _ in range(3):
        await held(shop)
    assert await shop.reserve(RARE) is None
    assert await left(shop) == 0


async def test_nothing_is_reserved_of_what_is_not_sold(shop: SqliteShop) -> None:
    assert await shop.reserve(Product("coffee", "Coffee", "", 1)) is None


async def test_an_order_uses_its_reservation_up(shop: SqliteShop) -> None:
    reservation = await held(shop)
    order = await shop.place(reservation, HOME, Card(TAKEN))
    assert order == Order(1, RARE, HOME, "4242")
    await shop.release(reservation)
    assert await left(shop) == 2


async def test_a_refused_card_changes_nothing(shop: SqliteShop) -> None:
    reservation = await held(shop)
    refused = await shop.place(reservation, HOME, Card(REFUSED))
    assert isinstance(refused, Refusal)
    assert await left(shop) == 2
    assert isinstance(await shop.place(reservation, HOME, Card(TAKEN)), Order)


async def test_nothing_is_sold_on_a_reservation_that_is_gone(shop: SqliteShop) -> None:
    reservation = await held(shop)
    await shop.release(reservation)
    with pytest.raises(LookupError, match="not held any more"):
        await shop.place(reservation, HOME, Card(TAKEN))
    assert await left(shop) == 3


async def test_concurrent_visitors_never_oversell(path: Path, shop: SqliteShop) -> None:
    reserved: list[Reservation | None] = []

    async def visit(where: SqliteShop) -> None:
        reserved.append(await where.reserve(RARE))

    # A second connection to the same file: what one process does, another must see.
    with open_shop(path, [Offer(RARE, 3)]) as other:
        async with trio.open_nursery() as nursery:
            for where in (shop, other) * 10:
                nursery.start_soon(visit, where)
    numbers = [each.number for each in reserved if each is not None]
    assert len(reserved) == 20
    assert len(set(numbers)) == len(numbers) == 3
    assert await left(shop) == 0


async def test_a_cancelled_reservation_is_finished_or_never_begun(shop: SqliteShop) -> None:
    outcome: list[Reservation | None] = []
    with trio.CancelScope() as scope:
        scope.cancel()
        outcome.append(await shop.reserve(RARE))
    assert await left(shop) == 3 - len(outcome)


async def test_a_shop_opened_again_keeps_orders_and_drops_reservations(path: Path) -> None:
    with open_shop(path, [Offer(RARE, 3)]) as shop:
        await shop.place(await held(shop), HOME, Card(TAKEN))
        await held(shop)
        assert await left(shop) == 1
    with open_shop(path, [Offer(RARE, 3)]) as shop:
        assert await left(shop) == 2
