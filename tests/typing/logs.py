"""What type checkers infer of conversations that are taken up again."""

# Assertions are left unused on purpose.
# pyright: reportUnusedCallResult=false

from __future__ import annotations

from typing import assert_type

from msgspec import Struct
from typing_extensions import override

from spindle import (
    Cancelled,
    Completed,
    Coroutine,
    Errored,
    Log,
    Port,
    Suspended,
    call_key,
    mark,
    once,
    patched,
)
from spindle._core.operations.operation import Operation


class Receipt(Struct):
    number: str
    cents: int


async def counts(total: int, name: str = "") -> float:
    while total < 3:
        await mark(total, name)
        total += 1 if await patched("by one") else 2
    return total / 2


def taken_up(saved: bytes) -> None:
    log = Log.load(saved)
    assert_type(log, Log)
    conversation = Coroutine.resume(counts, log, provide={})
    assert_type(conversation, Coroutine[float])
    assert_type(conversation.run(), Suspended | Completed[float] | Errored | Cancelled)
    assert_type(log.dump(), bytes)
    assert_type(Coroutine(counts, 1, "a", log=Log(json=True)), Coroutine[float])


class Bank(Port):
    @once
    async def charge(self, card: str, cents: int) -> Receipt: ...


class RemoteBank(Bank):
    @override
    async def charge(self, card: str, cents: int) -> Receipt:
        return Receipt(assert_type(call_key(), str), cents)


def operations() -> None:
    _ = assert_type(mark(1), Operation[None])
    _ = assert_type(patched("greets"), Operation[bool])
