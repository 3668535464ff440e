"""What type checkers infer of conversations that are taken up again."""

# Assertions are left unused on purpose.
# pyright: reportUnusedCallResult=false

from __future__ import annotations

import sqlite3
from typing import assert_type

from msgspec import Struct
from typing_extensions import override

from spindle import (
    AsyncCoroutine,
    Cancelled,
    Completed,
    Coroutine,
    DurableHost,
    Errored,
    Log,
    PageMachine,
    Port,
    Suspended,
    call_key,
    mark,
    once,
    open_coroutine,
    open_durable_host,
    patched,
    reconciles,
    resume_coroutine,
    upcasts,
    write,
)
from spindle._core.operations.operation import Operation
from spindle.durable import Store
from spindle.sqlite import exactly_once, forget_calls


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

    @reconciles(charge)
    async def charged(self, card: str, cents: int) -> Receipt | None:
        raise NotImplementedError

    @write
    async def block(self, card: str) -> None: ...

    @reconciles(block)
    async def blocked(self) -> bool:
        raise NotImplementedError

    @once
    async def refund(self, number: str, *, cents: int = 0) -> str: ...

    @reconciles(refund)
    async def refunded(self, number: str, *, cents: int = 0) -> str:  # it always can tell
        raise NotImplementedError


class RemoteBank(Bank):
    @override
    async def charge(self, card: str, cents: int) -> Receipt:
        return Receipt(assert_type(call_key(), str), cents)

    @override
    async def charged(self, card: str, cents: int) -> Receipt | None:
        return None

    @override
    async def block(self, card: str) -> None:
        pass

    @override
    async def blocked(self) -> bool:
        return True

    @override
    async def refund(self, number: str, *, cents: int = 0) -> str:
        return number


async def told(bank: RemoteBank, declared: Bank) -> None:
    _ = assert_type(await bank.charged("4242", 1), Receipt | None)
    _ = assert_type(await declared.charged("4242", 1), Receipt | None)
    _ = assert_type(await declared.blocked(), bool)
    _ = assert_type(await declared.refunded("1", cents=3), str | None)


def insert(connection: sqlite3.Connection, card: str, *, cents: int) -> Receipt:
    return Receipt(card, cents)


def places(connection: sqlite3.Connection) -> None:
    _ = assert_type(exactly_once(connection, insert, "4242", cents=3), Receipt)
    _ = assert_type(forget_calls(connection, days=30), int)


async def on_trio(log: Log) -> None:
    async with open_coroutine(counts, 1, log=log) as runner:
        _ = assert_type(runner, AsyncCoroutine[float])
    async with resume_coroutine(counts, log) as again:
        _ = assert_type(again, AsyncCoroutine[float])
        _ = assert_type(again.outcome, Completed[float] | Errored | Cancelled | None)


async def on_a_host(store: Store) -> None:
    async with open_durable_host(store, provide={}, snapshot_every=8) as host:
        _ = assert_type(host, DurableHost)
        _ = assert_type(await host.take_up("one"), PageMachine)


@upcasts(Receipt)
def once_in_euros(old: dict[str, object]) -> dict[str, object]:
    return {"number": old["number"], "cents": 100}


def operations() -> None:
    _ = assert_type(once_in_euros({}), dict[str, object])
    _ = assert_type(mark(1), Operation[None])
    _ = assert_type(patched("greets"), Operation[bool])
