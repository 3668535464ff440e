"""Mistakes in a declaration: each is found where the class is defined, with its fix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import msgspec
import pytest

from spindle._core.contracts.contract import Contract, Spindle
from spindle._core.errors import ContractError
from spindle._core.messages import Ask, Delivery, Event, Message, Notify, Yield


class Elsewhere(Spindle):
    class Pressed(Event): ...

    class Browsing(Yield[Pressed]): ...


class Loose(Event): ...


def refused(declare: Callable[[], object]) -> str:
    with pytest.raises(ContractError) as caught:
        declare()
    return str(caught.value)


def test_C1_a_bare_yield() -> None:
    def declare() -> None:
        class AskShipping(Yield): ...  # type: ignore[type-arg]  # the mistake under test

    assert refused(declare) == (
        "AskShipping derives a bare Yield, so nothing says what may answer it. Name its event, or "
        "a union of events: class AskShipping(Yield[SomethingGiven]): ..."
    )


def test_C1_an_answer_in_quotes() -> None:
    def declare() -> None:
        class Search(Spindle):
            class Browsing(Yield["Typed"]): ...  # type: ignore[name-defined]

    assert refused(declare) == (
        "Search.Browsing names what answers it in quotes ('Typed'), which is not looked up. "
        "Declare the events above the yield and write them without quotes."
    )


def test_C1_an_answer_from_another_block() -> None:
    def declare() -> None:
        class Checkout(Spindle):
            class AskShipping(Yield[Elsewhere.Pressed]): ...

    assert refused(declare) == (
        "Checkout.AskShipping cannot be answered by Elsewhere.Pressed, which belongs to Elsewhere. "
        "Events are routed by their block, so only events declared in Checkout ever arrive there. "
        "Declare the answer above the yield: class Given(Event): ..."
    )


def test_C1_an_answer_from_no_block() -> None:
    def declare() -> None:
        class Checkout(Spindle):
            class AskShipping(Yield[Loose]): ...

    assert "answered by Loose, which belongs to no block. Events are routed" in refused(declare)


def test_C1_an_answer_that_is_no_event() -> None:
    def of_builtin() -> None:
        class Checkout(Spindle):
            class AskName(Yield[str]): ...

    def of_yield() -> None:
        class Checkout(Spindle):
            class AskName(Yield[Elsewhere.Browsing]): ...

    assert "cannot be answered by str, which is no event. Events are" in refused(of_builtin)
    assert "which is no event and belongs to Elsewhere. Events are" in refused(of_yield)


def test_C1_an_event_that_no_yield_accepts() -> None:
    def declare() -> None:
        class Checkout(Spindle):
            class ShippingGiven(Event): ...

            class Abandoned(Event): ...

            class AskShipping(Yield[ShippingGiven]): ...

    assert refused(declare) == (
        "no yield of Checkout accepts Checkout.Abandoned, so it could only ever be refused. "
        "Name it in one, class Ask(Yield[Abandoned]): ..., or remove it."
    )


def test_C1_a_duplicate_wire_name_in_a_block() -> None:
    def declare() -> None:
        class Checkout(Spindle):
            class Paid(Notify): ...

            class Settled(Notify):
                wire_name: ClassVar[str] = "Checkout.Paid"

    assert refused(declare) == (
        "Checkout has two messages of the wire name 'Checkout.Paid': Checkout.Paid and "
        "Checkout.Settled. Rename one, or pin another name in it: "
        'wire_name: ClassVar[str] = "...".'
    )


def test_C1_a_duplicate_wire_name_in_a_contract() -> None:
    def declare() -> None:
        class Store(Contract):
            class Checkout(Spindle):
                class Paid(Notify): ...

            class Search(Spindle):
                class Found(Notify):
                    wire_name: ClassVar[str] = "Checkout.Paid"

    assert refused(declare).startswith(
        "Store has two messages of the wire name 'Checkout.Paid': Store.Checkout.Paid and "
        "Store.Search.Found."
    )


def test_C1_two_blocks_of_one_name() -> None:
    class First(Contract):
        class Checkout(Spindle): ...

    class Second(Contract):
        class Checkout(Spindle): ...

    def declare() -> None:
        class Both(Contract):
            one = First.Checkout
            other = Second.Checkout

    assert refused(declare) == (
        "Both has two blocks named Checkout: First.Checkout and Second.Checkout. "
        "The name is how logs and the wire know a block: rename one."
    )


@pytest.mark.parametrize("name", ["", "with blank", "x" * 201, "tab\t", "no\u2028break", 3])
def test_C1_a_wire_name_that_cannot_be_one(name: object) -> None:
    def declare() -> None:
        class Checkout(Spindle):
            class Paid(Notify):
                wire_name: ClassVar = name

    assert refused(declare) == (
        f"Checkout.Paid pins the wire name {name!r}; expected text without blanks, of at most 200 "
        f"characters, such as 'Checkout.ShippingGiven'."
    )


def test_C1_a_setting_that_is_a_field() -> None:
    def delivery() -> None:
        class Checkout(Spindle):
            class Paid(Event):
                delivery: Delivery = Delivery.QUEUE  # type: ignore[misc]

    def conflate() -> None:
        class Checkout(Spindle):
            class Paid(Notify):
                conflate: bool = True  # type: ignore[misc]

    def wire_name() -> None:
        class Checkout(Spindle):
            class Paid(Notify):
                wire_name: str = "Paid"  # type: ignore[misc]

    assert refused(delivery) == (
        "Checkout.Paid has a field delivery, but delivery is a setting. "
        "Write `delivery: ClassVar = Delivery.QUEUE`, or give the field another name."
    )
    assert "Write `conflate: ClassVar = True`, or" in refused(conflate)
    assert 'Write `wire_name: ClassVar[str] = "..."`, or' in refused(wire_name)


def test_a_setting_of_another_kind_of_message_is_a_field_name_like_any_other() -> None:
    class Checkout(Spindle):
        class Paid(Notify):
            delivery: str

        class Sent(Event):
            conflate: bool

        class Ask(Yield[Sent]):
            delivery: str
            conflate: str

    assert Checkout.Paid("by post").delivery == "by post"


def test_C1_settings_of_the_wrong_type() -> None:
    def delivery() -> None:
        class Checkout(Spindle):
            class Paid(Event):
                delivery: ClassVar = "queue"

    def conflate() -> None:
        class Checkout(Spindle):
            class Paid(Notify):
                conflate: ClassVar = "yes"

    assert refused(delivery) == (
        "Checkout.Paid sets delivery to 'queue'; expected Delivery.ANSWER, .QUEUE or .LATEST."
    )
    assert refused(conflate) == "Checkout.Paid sets conflate to 'yes'; expected True or False."


def test_C1_a_message_of_no_kind_or_of_two() -> None:
    def plain() -> None:
        class Checkout(Spindle):
            class Paid(Message): ...

    def ask() -> None:
        class Checkout(Spindle):
            class AskShipping(Ask): ...

    def both() -> None:
        class Checkout(Spindle):
            class Paid(Event, Notify): ...

    kinds = "A message is one of Event, Yield[...] and Notify."
    assert refused(plain) == f"Checkout.Paid derives Message. {kinds}"
    assert refused(ask) == f"Checkout.AskShipping derives Ask. {kinds}"
    assert refused(both) == f"Checkout.Paid derives Event and Notify. {kinds}"


def test_C1_a_message_that_can_change() -> None:
    def declare() -> None:
        class Checkout(Spindle):
            class Paid(Notify, frozen=False): ...

    assert refused(declare) == (
        "Checkout.Paid is not frozen, and a message never changes. Leave out frozen=False."
    )


def test_C1_a_message_inside_a_message() -> None:
    def declare() -> None:
        class Checkout(Spindle):
            class Paid(Notify):
                class Given(Event): ...

    assert refused(declare) == (
        "Checkout.Paid holds the message Given. Declare it beside, in the block itself."
    )


def test_C1_a_message_of_another_block() -> None:
    def declare() -> None:
        class Checkout(Spindle):
            Pressed = Elsewhere.Pressed

    assert refused(declare) == (
        "Checkout names Elsewhere.Pressed, which belongs to Elsewhere: a message has one block, by "
        "which it is routed. Declare a message of its own."
    )


def test_a_message_derived_from_another_blocks_message_is_its_own() -> None:
    class Checkout(Spindle):
        class Pressed(Elsewhere.Pressed):
            sku: str

        class Ask(Yield[Pressed]): ...

    assert Checkout.Pressed.__block__ is Checkout
    assert Elsewhere.Pressed.__block__ is Elsewhere


def test_C1_a_message_outside_any_block() -> None:
    def declare() -> None:
        class Store(Contract):
            class ShippingGiven(Event): ...

    assert refused(declare) == (
        "Store holds the message ShippingGiven, but a message belongs to a block. "
        "Put it into one: class Checkout(Spindle): class ShippingGiven(...): ..."
    )


def test_a_body_inside_a_block() -> None:
    def coroutine() -> None:
        class Checkout(Spindle):
            async def checkout(self) -> None: ...

    def method() -> None:
        class Checkout(Spindle):
            @staticmethod
            def total() -> int: ...  # type: ignore[empty-body]

    assert refused(coroutine) == (
        "Checkout.checkout has a body, but a block only declares messages. Write the spindle at "
        "module level, async def checkout(...), and start it under the block: "
        "page.start(Checkout, checkout, ...)."
    )
    assert refused(method).startswith("Checkout.total has a body, but a block only declares")


def test_a_body_inside_a_contract() -> None:
    def declare() -> None:
        class Store(Contract):
            async def checkout(self) -> None: ...

    assert refused(declare) == (
        "Store.checkout has a body, but a contract only declares blocks. "
        "Write checkout at module level."
    )


def test_a_class_in_a_block_that_is_no_message() -> None:
    def declare() -> None:
        class Checkout(Spindle):
            @dataclass
            class Total:
                amount: int

    assert refused(declare) == (
        "Checkout.Total is a class, but no message. Derive it from Event, Yield[...] or Notify; "
        "if it is the type of a field, declare it at module level."
    )


def test_a_class_in_a_contract_that_is_no_block() -> None:
    def declare() -> None:
        class Store(Contract):
            class Checkout:
                class Paid(Notify): ...

    assert refused(declare) == (
        "Store.Checkout is a class, but no block. Derive it from Spindle; if it is the type of a "
        "field, declare it at module level."
    )


def test_blocks_and_contracts_do_not_nest() -> None:
    def block_in_block() -> None:
        class Checkout(Spindle):
            Inner = Elsewhere

    def contract_in_block() -> None:
        class Checkout(Spindle):
            class Inner(Contract): ...

    def contract_in_contract() -> None:
        class Store(Contract):
            class Inner(Contract): ...

    assert refused(block_in_block) == (
        "Checkout holds Elsewhere: blocks do not nest. Let them stand side by side in a Contract."
    )
    assert refused(contract_in_block).startswith("Checkout holds Checkout.Inner: blocks do not")
    assert refused(contract_in_contract) == (
        "Store holds the contract Store.Inner: contracts do not nest. "
        "Name its blocks one by one: Checkout = Store.Inner.Checkout"
    )


def test_a_block_derived_from_a_block() -> None:
    def declare() -> None:
        class Guest(Elsewhere): ...

    assert refused(declare) == (
        "Guest derives the block Elsewhere, but events are routed by the one block that declares "
        "them. Derive Spindle and declare its own messages."
    )


def test_an_error_is_the_same_when_the_definition_is_tried_again() -> None:
    class Given(Event):
        moment: Callable[[], None]

    def declare() -> None:
        class Checkout(Spindle):
            Given_ = Given

            class Ask(Yield[Given]): ...

    first = refused(declare)
    assert first == refused(declare)
    assert issubclass(ContractError, TypeError)
    assert msgspec.json.encode(Loose()) == b"{}"
