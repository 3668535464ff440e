"""What a view renders for: the yields that wait, and where the app is mounted.

The ids of the yields go into its forms and buttons, the place into its links.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeAlias

import msgspec

from spindle._core.messages import Ask, Delivery, Event
from spindle._core.source import Source

__all__ = ["NOBODY", "Address", "Pending", "address", "mounted_at", "rendering"]

Pending: TypeAlias = Sequence[tuple[Source, Ask]]
"""Announced yields that are not answered or withdrawn yet, the oldest first."""

NOBODY: Final = 0
"""The id of a yield that never waits, for ids count from 1: what carries it is refused as stale."""

_pending: ContextVar[Pending | None] = ContextVar("spindle_pending", default=None)
_prefix: ContextVar[str] = ContextVar("spindle_prefix", default="")


class Address(msgspec.Struct, frozen=True):
    """Where an event goes: to one yield, to one instance, or to whoever accepts it."""

    yield_id: int | None = None
    instance: str | None = None


@contextmanager
def rendering(pending: Pending, prefix: str = "") -> Generator[None, None, None]:
    """Let `address` see these yields, and `mounted_at` that prefix, within the block."""
    waiting, mounted = _pending.set(pending), _prefix.set(prefix)
    try:
        yield
    finally:
        _pending.reset(waiting)
        _prefix.reset(mounted)


def mounted_at() -> str:
    """Return the path that what is being rendered is mounted at, percent-encoded; mostly empty."""
    return _prefix.get()


def address(event: type[Event], to: Ask | None, instance: str | None) -> Address:
    """Return where `event` goes if it is sent from what is being rendered.

    An answer names its yield. One that no pending yield accepts names a yield that never waits:
    without an id it would answer whatever the spindle asks next, unseen by the visitor.
    """
    pending = _pending.get()
    answers = event.delivery is Delivery.ANSWER
    if pending is None or not (answers or to):
        return Address(instance=instance)
    for source, ask in pending:
        if _is_meant(source, ask, event, to, instance):
            return Address(source.yield_id if answers else None, source.instance)
    return Address(NOBODY if answers else None, instance)


def _is_meant(
    source: Source, ask: Ask, event: type[Event], to: Ask | None, instance: str | None
) -> bool:
    if to is not None:
        return ask is to
    return event in ask.__answers__ and instance in (None, source.instance)
