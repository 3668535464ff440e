"""What forms are read into in tests, and what a visitor is told of their faults."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import msgspec
import pytest
from msgspec import Meta

from spindle._core.decoding.decode import DecodeError
from spindle._core.decoding.forms import decode_form
from tests.core.declared import REQUIRED, event_of

FILL_IN = "Fill in this field."
STRAY = "There is no such field."

Street = Annotated[str, Meta(min_length=1, max_length=20, extra={"message": "Enter a street."})]


class Address(msgspec.Struct, frozen=True):
    street: Street
    city: Annotated[str, Meta(min_length=1)]


class Line(msgspec.Struct, frozen=True):
    sku: str
    count: Annotated[int, Meta(ge=1)] = 1
    wrapped: bool = False


class Color(Enum):
    RED = "red"


class Node(msgspec.Struct):
    name: str
    children: list[Node] = []
    twin: Node | None = None


def all_faults(
    pairs: list[tuple[str, str]], annotation: object, default: object = REQUIRED
) -> dict[str, str]:
    with pytest.raises(DecodeError) as caught:
        decode_form(event_of(annotation, default), "Checkout.Message", pairs)
    return dict(caught.value.faults)


def read(pairs: list[tuple[str, str]], annotation: object, default: object = REQUIRED) -> object:
    event = decode_form(event_of(annotation, default), "Checkout.Message", pairs)
    return getattr(event, "field")  # noqa: B009 - declared by the test
