"""What is wrong with data that came from a visitor, and where."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from spindle._core.errors import SpindleError
from spindle._core.public import publish

if TYPE_CHECKING:
    from spindle._core.messages import Event

__all__ = ["DecodeError", "Faults"]

_SHOWN = 5


class Faults(dict[str, str]):
    """The faults found so far, by path: the first one of each path, and at most 1,000 paths."""

    MOST = 1_000

    def __init__(self) -> None:
        super().__init__()
        self.noted = 0
        """How often a fault was noted, kept or not."""

    def add(self, path: str, problem: str) -> None:
        """Note a fault."""
        self.noted += 1
        if len(self) < self.MOST:
            self.setdefault(path, problem)


class DecodeError(SpindleError):
    """The sender is wrong: what came in is no event of the contract. No state has changed.

    Attributes:
        event: the class that the data was meant for; None if there is no such event.
        faults: what is wrong, by place. JSON: `$.shipping.street`, for a developer. A form:
            `shipping.street`, the field's name, in words for the visitor; the empty name stands
            for the form as a whole.
    """

    def __init__(self, event: type[Event] | None, faults: Mapping[str, str]) -> None:
        super().__init__(_sentence(event, faults))
        self.event = event
        self.faults: Mapping[str, str] = MappingProxyType(dict(faults))

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Copy and pickle by what the error is made of."""
        return type(self), (self.event, dict(self.faults))


def _sentence(event: type[Event] | None, faults: Mapping[str, str]) -> str:
    shown = [f"at {path}: {problem}" if path else problem for path, problem in faults.items()]
    more = len(shown) - _SHOWN
    tail = f"; and {more} more" if more > 0 else ""
    said = "; ".join(shown[:_SHOWN]) + tail
    return said if event is None else f"{event.__wire__} {said}"


publish("spindle", [DecodeError])
