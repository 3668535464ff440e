"""The spindles that are cancelled at every step they take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import trio

from spindle import cleanup, use
from tests.laboratory.witness import Witness
from tests.talk import Bell, Clerk, Desk

__all__ = ["hosted_desk", "ringer", "task_desk"]


async def task_desk(witness: Witness, who: str) -> str:
    """Everything a spindle that is a task may do: operations, and trio's own waits around them."""
    witness.began.append(who)
    try:
        clerk = await use(Clerk)
        await witness.asks(who, Desk.Ask(1))
        with _noted(witness, trio.CancelScope()):
            await witness.calls(clerk.look, f"{who} look")
            await witness.asks(who, Desk.Take())
            await witness.asks(who, Desk.Read())
        with trio.move_on_after(1):
            await witness.asks(who, Desk.Ask(2))
        await trio.sleep(0.5)
        await Desk.Said("awake")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep_forever)
            with _noted(witness, nursery.cancel_scope):
                await witness.asks(who, Desk.Listen())
                await witness.calls(clerk.note, f"{who} note")
                await witness.asks(who, Desk.Ask(3))
            nursery.cancel_scope.cancel()
        async with cleanup(3):
            await witness.asks(who, Desk.Listen())
        await _listen(witness, who)
        witness.reaches(who)
        return who
    finally:
        await _clean(witness, who)


async def hosted_desk(witness: Witness, who: str) -> str:
    """The same without trio's own things."""
    witness.began.append(who)
    try:
        clerk = await use(Clerk)
        await witness.asks(who, Desk.Ask(1))
        await witness.calls(clerk.look, f"{who} look")
        await witness.asks(who, Desk.Take())
        await Desk.Said("awake")
        await witness.calls(clerk.note, f"{who} note")
        async with cleanup(3):
            await witness.asks(who, Desk.Listen())
        await _listen(witness, who)
        witness.reaches(who)
        return who
    finally:
        await _clean(witness, who)


async def ringer(witness: Witness, who: str) -> str:
    """A neighbour with calls of its own."""
    witness.began.append(who)
    try:
        clerk = await use(Clerk)
        for number in range(4):
            await witness.asks(who, Bell.Wait())
            await Bell.Rang(number)
            await witness.calls(clerk.pay, f"{who} pay {number}")
            await witness.calls(clerk.look, f"{who} look {number}")
        witness.reaches(who)
        return who
    finally:
        await _clean(witness, who)


async def _listen(witness: Witness, who: str) -> None:
    for _ in range(4):
        await witness.asks(who, Desk.Listen())
        await Desk.Said("heard")


async def _clean(witness: Witness, who: str) -> None:
    witness.unwound.append(who)
    async with cleanup(5):
        clerk = await use(Clerk)
        await witness.calls(clerk.note, f"{who} bye")
        witness.cleaned.append(who)


@contextmanager
def _noted(witness: Witness, scope: trio.CancelScope) -> Iterator[None]:
    """Let the laboratory cancel `scope` while it is around something."""
    witness.scopes.append(scope)
    try:
        if scope.cancel_called or _is_open(scope):
            yield
        else:
            with scope:
                yield
    finally:
        witness.scopes.remove(scope)


def _is_open(scope: trio.CancelScope) -> bool:
    return scope._cancel_status is not None
