"""Declare messages of one field, whatever its type."""

from __future__ import annotations

from types import new_class

import msgspec

from spindle._core.contracts.contract import Spindle
from spindle._core.messages import Event, Message, Yield

__all__ = ["REQUIRED", "block_of", "event_of"]

REQUIRED = msgspec.NODEFAULT


def block_of(kind: type[Message], annotation: object, default: object = REQUIRED) -> type[Spindle]:
    """Return the block Checkout, with a message Message of that kind and its one field."""

    def fill(namespace: dict[str, object]) -> None:
        namespace["__module__"] = __name__
        namespace["__qualname__"] = "Checkout.Message"
        namespace["__annotations__"] = {"field": annotation}
        if default is not REQUIRED:
            namespace["field"] = default

    message = new_class("Message", (kind,), exec_body=fill)
    body: dict[str, object] = {"Message": message}
    if kind is Event:
        body["Ask"] = new_class("Ask", (Yield[message],))  # type: ignore[valid-type]
    return new_class("Checkout", (Spindle,), exec_body=lambda names: names.update(body))


def event_of(annotation: object, default: object = REQUIRED) -> type[Spindle]:
    """Return the block Checkout, with the event Checkout.Message and its one field."""
    return block_of(Event, annotation, default)
