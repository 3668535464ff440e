"""The yields that wait while a view renders: whose ids its forms and buttons carry."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeAlias

import msgspec

from spindle._core.messages import Ask, Delivery, Event
from spindle._core.source import Source

__all__ = ["NOBODY", "Address", "Pending", "address", "rendering"]

Pending: TypeAlias = Sequence[tuple[Source, Ask]]
"""Announced yields that are not answered or withdrawn yet, the oldest first."""

NOBODY: Final = 0
"""The id of a yield that never waits, for ids count from 1: what carries it is refused as stale."""

_pending: ContextVar[Pending | None] = ContextVar("spindle_pending", default=None)


class Address(msgspec.Struct, frozen=True):
    """Where an event goes: to one yield, to one instance, or to whoever accepts it."""

    yield_id: int | None = None
    instance: str | None = None


@contextmanager
def rendering(pending: Pending) -> Generator[None, None, None]:
    """Let `address` see these yields within the block."""
    token = _pending.set(pending)
    try:
        yield
    finally:
        _pending.reset(token)


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
