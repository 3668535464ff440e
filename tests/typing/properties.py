"""What the checkers infer of property-based tests; each line is checked by both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import assert_type

from hypothesis import settings
from hypothesis.strategies import SearchStrategy, just

from spindle import Event
from spindle.testing.properties import (
    PlayedPage,
    PlayedTest,
    events,
    messages,
    play,
    returned_by,
    values,
)
from tests.typing.store import Catalog, Checkout, Found, Product, Store

any_event = assert_type(events(Store), SearchStrategy[Event])
of_block = assert_type(events(Checkout), SearchStrategy[Event])
of_class = assert_type(events(Checkout.ShippingGiven), SearchStrategy[Checkout.ShippingGiven])
asks = assert_type(messages(Checkout.AskShipping), SearchStrategy[Checkout.AskShipping])
found = assert_type(returned_by(Catalog.search), SearchStrategy[Found])
products = assert_type(values(Product), SearchStrategy[Product])
listed = assert_type(values(list[int]), SearchStrategy[list[int]])
mine = events(Store, overrides={Product: products, "Checkout.ShippingGiven.street": just("x")})


class Fake(Catalog): ...


def backend() -> Mapping[type, object]:
    return {}


def holds(page: PlayedPage) -> None:
    _ = assert_type(page.given(Product), Product)
    _ = page.given(Catalog).search


def answers(page: PlayedPage) -> bool:
    return page.now >= 0


@play(
    Store,
    provide=backend,
    invariants=[holds, answers],
    at_end=[lambda page: page.ended],
    failures={Catalog.search: [OSError(), LookupError("gone")]},
    may_raise=(LookupError, OSError),
    settings=settings(max_examples=5),
)
def alone(page: PlayedPage) -> None:
    page.fail_next(Catalog.search, OSError())
    page.cancel_spindle(Checkout, "one")


@play(Checkout)
def with_fixtures(page: PlayedPage, tmp_path: Path, number: int = 1) -> None: ...


test: Callable[[], None] = alone
fixtures: Callable[[Path, int], None] = with_fixtures
played: PlayedTest[[]] = alone
page = assert_type(alone.page(), PlayedPage)
with with_fixtures.page(Path(), number=2) as opened:
    _ = assert_type(opened, PlayedPage)
