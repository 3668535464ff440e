"""Events from JSON: strict at every depth, every fault with its path."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeAlias, TypeGuard
from weakref import WeakKeyDictionary

import msgspec

from spindle._core.contract import describe
from spindle._core.faults import DecodeError
from spindle._core.json_faults import ROOT, faults_in, place_of, said
from spindle._core.json_value import too_deep
from spindle._core.names import bounded, shortened
from spindle._core.shaping import shape_of
from spindle._core.strictness import Check, Strictness

if TYPE_CHECKING:
    from spindle._core.contract import Declared
    from spindle._core.messages import Event

__all__ = ["DecodeError", "decode_event", "find_event"]


def decode_event(contract: Declared, wire_name: str, payload: object) -> Event:
    """Decode what a view sent as JSON.

    Args:
        contract: The contract, or block, whose event it is.
        wire_name: The name of the event, "Checkout.ShippingGiven".
        payload: JSON text (bytes, bytearray, memoryview or msgspec.Raw), or a decoded JSON value.

    Raises:
        DecodeError: there is no such event, or the payload is not one; `faults` has every fault.
        ContractError: `contract` is neither a contract nor a block.
    """
    event = find_event(contract, wire_name)
    decoder = _decoders.get(event)
    if decoder is None:
        decoder = _decoders[event] = _EventDecoder(event)
    if _is_text(payload):
        return decoder.from_text(payload)
    return decoder.from_value(payload)


def find_event(contract: Declared, wire_name: str) -> type[Event]:
    """Return the event of that name.

    Raises:
        DecodeError: there is none.
    """
    event = describe(contract).event_named(wire_name)
    if event is None:
        raise DecodeError(None, {"": _unknown(contract, wire_name)})
    return event


_Text: TypeAlias = bytes | bytearray | memoryview | msgspec.Raw
_UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)


class _EventDecoder:
    """Decodes one event. What msgspec accepts is checked for what it does not look at."""

    __slots__ = ("_check_text", "_check_value", "_decode", "_event", "_shape")

    def __init__(self, event: type[Event]) -> None:
        self._event = event
        self._shape = shape_of(event)
        self._decode = msgspec.json.Decoder(event).decode
        self._check_text = _whole_check(Strictness(self._shape, text=True))
        self._check_value = _whole_check(Strictness(self._shape, text=False))

    def from_text(self, text: _Text) -> Event:
        try:
            event = self._decode(text)
            if self._check_text is None or not self._check_text(msgspec.json.decode(text)):
                return event
            error = None
        except _UNREADABLE as unreadable:
            error = unreadable
        raise DecodeError(self._event, self._faults_in_text(text, error)) from None

    def from_value(self, value: object) -> Event:
        try:
            event = msgspec.convert(value, self._event, str_keys=True)
            if self._check_value is None or not self._check_value(value):
                return event
            error = None
        except _UNREADABLE as unreadable:
            error = unreadable
        raise DecodeError(self._event, self._faults(value, error)) from None

    def _faults_in_text(self, text: _Text, error: Exception | None) -> Mapping[str, str]:
        try:
            value = msgspec.json.decode(text)
        except _UNREADABLE as unreadable:
            return {ROOT: said(unreadable)}
        return self._faults(value, error)

    def _faults(self, value: object, error: Exception | None) -> Mapping[str, str]:
        found = faults_in(self._shape, value)
        return found if found or error is None else {place_of(error): said(error)}


def _is_text(payload: object) -> TypeGuard[_Text]:
    return isinstance(payload, (bytes, bytearray, memoryview, msgspec.Raw))


def _whole_check(strictness: Strictness) -> Check | None:
    check = strictness.check
    if not strictness.bottomless:
        return check
    return lambda value: too_deep(value) or (check is not None and check(value))


_decoders: WeakKeyDictionary[type[Event], _EventDecoder] = WeakKeyDictionary()


def _unknown(contract: Declared, wire_name: str) -> str:
    known = [event.__wire__ for event in describe(contract).events]
    close = get_close_matches(shortened(wire_name), known, n=1)
    if close:
        hint = f"did you mean {close[0]!r}?"
    else:
        hint = f"expected one of {', '.join(known[:8]) or 'none'}"
    return f"unknown event {bounded(wire_name)}, {hint}"
