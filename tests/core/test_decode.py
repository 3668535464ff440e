"""Events from JSON."""

from __future__ import annotations

import copy
import pickle

import msgspec
import pytest

from spindle._core.contracts.contract import Contract, Spindle
from spindle._core.decoding.decode import DecodeError, JSONText, decode_event
from spindle._core.errors import ContractError
from spindle._core.messages import Event, Yield
from tests.core.declared import event_of


class Geo(msgspec.Struct, frozen=True):
    lat: float


class Address(msgspec.Struct, frozen=True):
    street: str
    city: str = ""
    geo: Geo | None = None


class Store(Contract):
    class Checkout(Spindle):
        class ShippingGiven(Event):
            shipping: Address
            gift: bool = False

        class Abandoned(Event): ...

        class AskShipping(Yield[ShippingGiven | Abandoned]): ...


def shipping(payload: JSONText) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        decode_event(Store, "Checkout.ShippingGiven", payload)
    return caught.value


def test_an_event_from_json_text() -> None:
    text = b'{"shipping":{"street":"Main St","geo":{"lat":1}},"gift":true}'
    given = Store.Checkout.ShippingGiven(Address("Main St", geo=Geo(1.0)), gift=True)
    for payload in (text, bytearray(text), memoryview(text), text.decode(), msgspec.Raw(text)):
        assert decode_event(Store, "Checkout.ShippingGiven", payload) == given


def test_C2_a_wrong_type_is_refused_with_a_path() -> None:
    error = shipping(b'{"shipping":{"street":3}}')
    assert error.event is Store.Checkout.ShippingGiven
    assert error.faults == {"$.shipping.street": "expected str, got int"}
    assert str(error) == "Checkout.ShippingGiven at $.shipping.street: expected str, got int"


def test_C2_every_fault_is_reported() -> None:
    error = shipping(b'{"shipping":{"street":3,"city":null,"geo":{}},"gift":"yes","price":1}')
    assert error.faults == {
        "$.price": "unknown field, expected one of shipping, gift",
        "$.shipping.street": "expected str, got int",
        "$.shipping.city": "expected str, got null",
        "$.shipping.geo.lat": "missing, expected float",
        "$.gift": "expected bool, got str",
    }
    assert str(error).endswith("at $.gift: expected bool, got str")


def test_C2_an_unknown_field_is_refused_at_every_depth() -> None:
    error = shipping(b'{"shipping":{"street":"Main St","geo":{"lat":1,"height":2}}}')
    assert error.faults == {"$.shipping.geo.height": "unknown field, expected one of lat"}


def test_C2_an_unknown_field_of_an_event_without_fields() -> None:
    with pytest.raises(DecodeError) as caught:
        decode_event(Store, "Checkout.Abandoned", b'{"price":1}')
    assert caught.value.faults == {"$.price": "unknown field, expected none"}


def test_C2_an_unknown_event_name() -> None:
    with pytest.raises(DecodeError) as caught:
        decode_event(Store, "Checkout.ShipingGiven", b"{}")
    assert caught.value.event is None
    assert str(caught.value) == (
        "unknown event 'Checkout.ShipingGiven', did you mean 'Checkout.ShippingGiven'?"
    )
    with pytest.raises(DecodeError) as caught:
        decode_event(Store, "\x00" * 100_000, b"{}")
    assert str(caught.value).endswith("expected one of Checkout.ShippingGiven, Checkout.Abandoned")
    assert len(str(caught.value)) < 500


def test_C2_a_yield_is_no_event() -> None:
    with pytest.raises(DecodeError, match=r"unknown event 'Checkout\.AskShipping'"):
        decode_event(Store, "Checkout.AskShipping", b"{}")


def test_C2_an_event_of_a_contract_without_events() -> None:
    class Quiet(Spindle): ...

    with pytest.raises(DecodeError, match=r"^unknown event 'Given', expected one of none$"):
        decode_event(Quiet, "Given", b"{}")


def test_a_contract_is_wanted() -> None:
    with pytest.raises(ContractError, match="a contract or a block is wanted"):
        decode_event(Address, "Given", b"{}")  # type: ignore[arg-type]  # the mistake under test


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"", "input data was truncated"),
        (b"{", "input data was truncated"),
        (b"{}{}", "JSON is malformed: trailing characters (byte 3)"),
        (b'{"shipping":NaN}', "JSON is malformed: invalid character (byte 12)"),
        (b'{"gift":"\xff"}', "expected text that UTF-8 can carry"),
        (b'{"shipping":"\\ud800"}', "input data was truncated"),
        (b'{"gift":1e999}', "number out of range"),
        (b"[" * 100_000, "nested too deeply, expected at most 64 levels"),
        (b'{"a":' * 100_000, "nested too deeply, expected at most 64 levels"),
        (b"[]", "expected object, got array"),
        (b'"text"', "expected object, got str"),
        (b"3.5", "expected object, got float"),
        (b"3", "expected object, got int"),
        (b"true", "expected object, got bool"),
        (b"null", "expected object, got null"),
        ('"\ud800"', "expected text that UTF-8 can carry"),
    ],
)
def test_P6_what_is_no_json_object(payload: JSONText, said: str) -> None:
    assert shipping(payload).faults == {"$": said}


def test_P6_hostile_names_are_cut_and_quoted() -> None:
    payload = {"shipping": {"street": "a"}, "x" * 10_000: 1, '"]\n': 2}
    error = shipping(msgspec.json.encode(payload))
    assert set(error.faults) == {f"$.{'x' * 79}…", "$['\"]\\n']"}


def test_P6_the_faults_are_bounded() -> None:
    payload = msgspec.json.encode({"field": ["no"] * 5_000})
    with pytest.raises(DecodeError) as caught:
        decode_event(event_of(list[int]), "Checkout.Message", payload)
    assert len(caught.value.faults) == 1_000


def test_an_error_shows_five_faults() -> None:
    with pytest.raises(DecodeError) as caught:
        decode_event(
            event_of(list[int]), "Checkout.Message", b'{"field":["1","2","3","4","5","6","7"]}'
        )
    assert str(caught.value).endswith("at $.field[4]: expected int, got str; and 2 more")


def test_an_error_can_be_copied_and_pickled() -> None:
    error = shipping(b"[]")
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(DecodeError(None, {"": "no"})))):
        assert isinstance(twin, DecodeError)
    assert copy.copy(error).faults == error.faults
    assert copy.copy(error).event is error.event
