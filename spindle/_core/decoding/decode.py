"""Events from JSON: strict at every depth, every fault with its path."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeAlias
from weakref import WeakKeyDictionary

import msgspec

from spindle._core.contracts.contract import describe
from spindle._core.decoding.faults import DecodeError
from spindle._core.decoding.json_faults import ROOT, faults_in, place_of, said
from spindle._core.decoding.json_value import too_deep
from spindle._core.decoding.shaping import shape_of
from spindle._core.decoding.strictness import Strictness
from spindle._core.names import bounded, shortened

if TYPE_CHECKING:
    from spindle._core.contracts.contract import Declared
    from spindle._core.messages import Event

__all__ = ["DecodeError", "JSONText", "decode_event", "find_event"]

JSONText: TypeAlias = bytes | bytearray | memoryview | str | msgspec.Raw


def decode_event(contract: Declared, wire_name: str, payload: JSONText) -> Event:
    """Decode what a view sent as JSON.

    Args:
        contract: The contract, or block, whose event it is.
        wire_name: The name of the event, "Checkout.ShippingGiven".
        payload: JSON text.

    Raises:
        DecodeError: there is no such event, or the payload is not one; `faults` has every fault.
        ContractError: `contract` is neither a contract nor a block.
    """
    event = find_event(contract, wire_name)
    decoder = _decoders.get(event)
    if decoder is None:
        decoder = _decoders[event] = _EventDecoder(event)
    return decoder(payload)


def find_event(contract: Declared, wire_name: str) -> type[Event]:
    """Return the event of that name.

    Raises:
        DecodeError: there is none.
    """
    event = describe(contract).event_named(wire_name)
    if event is None:
        raise DecodeError(None, {"": _unknown(contract, wire_name)})
    return event


_UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)


class _EventDecoder:
    """Decodes one event. What msgspec accepts is checked for what it does not look at."""

    __slots__ = ("_bottomless", "_check", "_decode", "_event", "_shape")

    def __init__(self, event: type[Event]) -> None:
        self._event = event
        self._shape = shape_of(event)
        self._decode = msgspec.json.Decoder(event).decode
        strictness = Strictness(self._shape)
        self._check = strictness.check
        self._bottomless = strictness.bottomless

    def __call__(self, text: JSONText) -> Event:
        try:
            event = self._decode(text)
            sound = self._check is None and not self._bottomless
            if sound or not self._is_wrong(msgspec.json.decode(text)):
                return event
            error = None
        except _UNREADABLE as unreadable:
            error = unreadable
        raise DecodeError(self._event, self._faults(text, error)) from None

    def _is_wrong(self, value: object) -> bool:
        if self._bottomless and too_deep(value):
            return True
        return self._check is not None and self._check(value)

    def _faults(self, text: JSONText, error: Exception | None) -> Mapping[str, str]:
        try:
            value = msgspec.json.decode(text)
        except _UNREADABLE as unreadable:
            return {ROOT: said(unreadable)}
        found = faults_in(self._shape, value)
        return found if found or error is None else {place_of(error): said(error)}


_decoders: WeakKeyDictionary[type[Event], _EventDecoder] = WeakKeyDictionary()


def _unknown(contract: Declared, wire_name: str) -> str:
    known = [event.__wire__ for event in describe(contract).events]
    close = get_close_matches(shortened(wire_name), known, n=1, cutoff=0.8)
    if close:
        hint = f"did you mean {close[0]!r}?"
    else:
        hint = f"expected one of {', '.join(known[:8]) or 'none'}"
    return f"unknown event {bounded(wire_name)}, {hint}"
