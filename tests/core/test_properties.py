"""What holds of decoding for every event type and whatever is sent."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spindle._core.decoding.decode import DecodeError, decode_event
from spindle._core.decoding.forms import decode_form
from tests.core.declared import event_of
from tests.core.event_types import Case, Typed, cases, posted, texts, types

NAME = "Checkout.Message"

# Each example declares a block of its own, which takes a millisecond or, on a busy machine, many.
sampled = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
field_names = st.sampled_from(
    ["field", "field.field_0", "field.field_1", "field.0", "field.0.field_0", "field.a", "a", "x"]
)
form_texts = st.sampled_from(["", "on", "1", "-1.5", "1e999", "2024-01-31", "red", "\ud800"])


def checked(error: DecodeError) -> None:
    assert error.faults
    assert all(problem for problem in error.faults.values())
    assert str(error)


@sampled
@given(cases())
def test_what_is_encoded_is_decoded(case: Case) -> None:
    assert decode_event(case.block, NAME, msgspec.json.encode(case.event)) == case.event


@sampled
@given(cases())
def test_what_a_form_posts_is_decoded(case: Case) -> None:
    assert decode_form(case.block, NAME, list(posted(case.event))) == case.event


@sampled
@given(types, json_values)
def test_P6_arbitrary_json_is_an_event_or_a_decode_error(drawn: Typed, value: object) -> None:
    for payload in ({"field": value}, value):
        try:
            event = decode_event(event_of(drawn.annotation), NAME, msgspec.json.encode(payload))
        except DecodeError as error:
            checked(error)
        else:
            assert msgspec.json.encode(event)


@sampled
@given(types, st.binary())
def test_P6_arbitrary_bytes_are_a_decode_error(drawn: Typed, payload: bytes) -> None:
    try:
        decode_event(event_of(drawn.annotation), NAME, payload)
    except DecodeError as error:
        checked(error)


@sampled
@given(cases(), st.data())
def test_C2_one_field_too_many_is_found_wherever_it_stands(case: Case, data: st.DataObject) -> None:
    payload = msgspec.to_builtins(case.event)
    objects = list(records(payload, case.event))
    data.draw(st.sampled_from(objects))["stranger"] = None
    with pytest.raises(DecodeError) as caught:
        decode_event(case.block, NAME, msgspec.json.encode(payload))
    checked(caught.value)
    assert any(path.endswith(".stranger") for path in caught.value.faults)


def records(payload: Any, value: object) -> list[dict[str, object]]:
    """Return the JSON objects that stand for structs."""
    if isinstance(value, msgspec.Struct):
        fields = value.__struct_fields__
        inner = [records(payload[field], getattr(value, field)) for field in fields]
        return [payload, *(each for found in inner for each in found)]
    if isinstance(value, dict):
        found = [records(payload[key], each) for key, each in value.items()]
    elif isinstance(value, (list, tuple)):
        found = [records(part, each) for part, each in zip(payload, value, strict=True)]
    else:
        found = []
    return [each for some in found for each in some]


@sampled
@given(types, st.lists(st.tuples(field_names | texts, form_texts | texts), max_size=8))
def test_P6_an_arbitrary_form_is_an_event_or_a_decode_error(
    drawn: Typed, pairs: list[tuple[str, str]]
) -> None:
    block = event_of(drawn.annotation)
    try:
        event = decode_form(block, NAME, pairs)
    except DecodeError as error:
        checked(error)
    else:
        assert decode_event(block, NAME, msgspec.json.encode(event)) == event
