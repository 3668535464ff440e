"""Blocks and contracts that are right."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

import msgspec
import pytest

from spindle._core.contracts.block import Block
from spindle._core.contracts.contract import Contract, Spindle, describe
from spindle._core.contracts.description import Description
from spindle._core.decoding.decode import decode_event
from spindle._core.errors import ContractError
from spindle._core.messages import Delivery, Event, Notify, Yield
from spindle._core.operations.cell import Cell


class Product(msgspec.Struct, frozen=True):
    sku: str
    price: int


class Address(msgspec.Struct, frozen=True):
    street: str


class Order(msgspec.Struct, frozen=True):
    id: str


class Checkout(Spindle[Order | None]):
    class ShippingGiven(Event):
        shipping: Address

    class Abandoned(Event):
        delivery: ClassVar = Delivery.QUEUE

    class AskShipping(Yield[ShippingGiven | Abandoned]):
        product: Product

    class Reserved(Notify):
        conflate: ClassVar = True
        product: Product


class Store(Contract):
    Checkout = Checkout

    class Search(Spindle):
        class QueryTyped(Event):
            delivery: ClassVar = Delivery.LATEST
            query: str

        class Browsing(Yield[QueryTyped]): ...

        class Results(Notify):
            products: tuple[Product, ...]


class Kiosk(Contract):
    """The second contract that the block is in."""

    Buying = Checkout


def test_a_contract_lists_its_blocks_events_yields_and_notifies() -> None:
    described = describe(Store)
    assert described.name == "Store"
    assert described.blocks == (Checkout, Store.Search)
    assert described.events == (
        Checkout.ShippingGiven,
        Checkout.Abandoned,
        Store.Search.QueryTyped,
    )
    assert described.yields == (Checkout.AskShipping, Store.Search.Browsing)
    assert described.notifies == (Checkout.Reserved, Store.Search.Results)


def test_a_contract_lists_its_cells() -> None:
    class Counted(Contract):
        class Left(Spindle):
            count = Cell[int]()
            title = Cell[str]()

        class Middle(Spindle): ...

        class Right(Spindle):
            count = Cell[int]()

    left, right = Counted.Left, Counted.Right
    assert describe(Counted).cells == (left.count, left.title, right.count)
    assert describe(Store).cells == ()


def test_a_description_is_made_once() -> None:
    assert describe(Store) is describe(Store)
    assert isinstance(describe(Store), Description)


def test_events_and_blocks_are_found_by_name() -> None:
    described = describe(Store)
    assert described.event_named("Search.QueryTyped") is Store.Search.QueryTyped
    assert described.event_named("Search.Browsing") is None
    assert described.block_named("Checkout") is Checkout
    assert described.block_named("Nothing") is None


def test_a_message_knows_its_block_and_its_wire_name() -> None:
    assert Checkout.ShippingGiven.__block__ is Checkout
    assert Store.Search.Browsing.__block__ is Store.Search
    assert Checkout.AskShipping.__wire__ == "Checkout.AskShipping"


def test_a_yield_knows_what_may_answer_it() -> None:
    assert Checkout.AskShipping.__answers__ == {Checkout.ShippingGiven, Checkout.Abandoned}


def test_C5_a_lone_block_stands_for_a_contract() -> None:
    described = describe(Checkout)
    assert described.name == "Checkout"
    assert described.blocks == (Checkout,)
    event = decode_event(Checkout, "Checkout.ShippingGiven", b'{"shipping":{"street":"Main St"}}')
    assert event == Checkout.ShippingGiven(Address("Main St"))


def test_C5_one_block_in_two_contracts() -> None:
    for contract in (Store, Kiosk):
        assert describe(contract).block_named("Checkout") is Checkout
        assert decode_event(contract, "Checkout.Abandoned", b"{}") == Checkout.Abandoned()


def test_a_block_that_is_named_twice_counts_once() -> None:
    class Twice(Contract):
        First = Checkout
        Second = Checkout

    assert describe(Twice).blocks == (Checkout,)


def test_a_contract_inherits_the_blocks_of_its_base() -> None:
    class Extended(Store):
        class Help(Spindle):
            class Opened(Notify): ...

    assert describe(Extended).blocks == (Checkout, Store.Search, Extended.Help)


def test_a_pinned_wire_name_stays_when_the_class_is_renamed() -> None:
    class Renamed(Spindle):
        class AddressGiven(Event):
            wire_name: ClassVar[str] = "Checkout.ShippingGiven"

        class Ask(Yield[AddressGiven]): ...

    assert Renamed.AddressGiven.__wire__ == "Checkout.ShippingGiven"
    assert describe(Renamed).event_named("Checkout.ShippingGiven") is Renamed.AddressGiven


def test_a_base_of_several_events_answers_with_any_of_them() -> None:
    class Panel(Spindle):
        class Chosen(Event): ...

        class Bought(Chosen):
            sku: str

        class Dropped(Chosen): ...

        class Ask(Yield[Chosen]): ...

    assert Panel.Ask.__answers__ == {Panel.Chosen, Panel.Bought, Panel.Dropped}
    assert Panel.Bought.__wire__ == "Panel.Bought"


def test_messages_declared_elsewhere_may_be_named_in_a_block() -> None:
    class Given(Event): ...

    class Ask(Yield[Given]): ...

    class Block_(Spindle):
        Given_ = Given
        Ask_ = Ask
        Again = Ask

    assert describe(Block_).messages == (Given, Ask)
    assert Given.__wire__ == "Block_.Given"


def test_a_block_may_hold_what_is_neither_message_nor_code() -> None:
    class Panel(Spindle):
        results = ["a cell, say"]  # noqa: RUF012

        class Size(Enum):
            SMALL = "small"

        class Box(msgspec.Struct): ...

    class Page(Contract):
        limit = 3
        panel = Panel

        class Size(Enum):
            SMALL = "small"

        class Box(msgspec.Struct): ...

    assert describe(Page).blocks == (Panel,)
    assert describe(Page).messages == ()


def test_describe_refuses_what_is_neither_contract_nor_block() -> None:
    cases: list[tuple[object, str]] = [
        (Store(), "an instance of Store: name the class, without parentheses"),
        (Checkout(), "an instance of Checkout: name the class"),
        (Contract, "Contract itself, which declares nothing"),
        (Spindle, "Spindle itself, which declares nothing"),
        (Block, "Block itself, which declares nothing"),
        (Product, "got Product"),
        ("Store", "got a value of type str"),
    ]
    for value, said in cases:
        with pytest.raises(ContractError) as caught:
            describe(value)  # type: ignore[arg-type]  # the mistake under test
        assert str(caught.value).startswith(
            "a contract or a block is wanted, as in describe(Store) or describe(Store.Checkout); "
        )
        assert said in str(caught.value)
